# Each command does all its own set-up in .venv.  Needs Python >= 3.10, a C++17 compiler and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt $(shell find cpp python -name '*.cpp' -o -name '*.h' -o -name '*.py' -o -name '*.pyi')
CXX_FILES := $(shell find cpp bench python -name '*.cpp' -o -name '*.h')
BENCH_BUILD := build/bench

.PHONY: demo test docs bench lint format clean

demo: $(VENV)/.plot
	$(BIN)/python examples/mnist.py

test: lint $(VENV)/.test
	$(BIN)/python -m pytest -n 2

docs: $(VENV)/.docs
	$(BIN)/python tools/coverage.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/.installed
	$(BIN)/python bench/seed_job.py
	$(BIN)/python bench/small_calls.py
	$(BIN)/python bench/c_header.py
	$(BIN)/python bench/start.py
	$(BIN)/python bench/threads.py busy callers after
	$(BIN)/python bench/objects.py
	$(BIN)/python bench/float64.py
	$(BIN)/pip install --quiet pybind11 cmake 'scikit-learn>=1.6'
	$(BIN)/python bench/estimators.py
	$(BIN)/cmake -S . -B $(BENCH_BUILD) -DLAMINA_BENCH=ON -DLAMINA_PYTHON=OFF
	$(BIN)/cmake --build $(BENCH_BUILD) --parallel 2
	$(BENCH_BUILD)/bench/cpp/lamina_bench

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run --Werror $(CXX_FILES)

format: $(VENV)/.lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(CXX_FILES)

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	touch $@

# Warnings of our own code are errors here; a user's `pip install` does not stop at them.  Where the
# CPU lacks AVX-512, level v4 is compiled with AVX2 instructions, so that its code is tested too.
SETTINGS := --config-settings=cmake.define.LAMINA_WERROR=ON
SETTINGS += $(shell grep -q avx512dq /proc/cpuinfo || echo --config-settings=cmake.define.LAMINA_EMULATE_V4=ON)

$(VENV)/.installed: $(VENV)/.created $(SOURCES)
	$(BIN)/pip install --quiet . $(SETTINGS)
	touch $@

$(VENV)/.plot: $(VENV)/.installed
	$(BIN)/pip install --quiet 'matplotlib>=3.6'
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(BIN)/pip install --quiet --group test
	touch $@

# lamina is there already, so pip only adds what its extra names.
$(VENV)/.docs: $(VENV)/.installed
	timeout 300 $(BIN)/pip install --quiet --retries 1 --timeout 15 'lamina[docs]' || \
		{ echo "make docs: pip cannot install the extra 'docs' of pyproject.toml (mkdocs)" >&2; exit 1; }
	touch $@

$(VENV)/.lint: $(VENV)/.installed
	$(BIN)/pip install --quiet --group lint
	touch $@

clean:
	rm -rf $(VENV) build dist
