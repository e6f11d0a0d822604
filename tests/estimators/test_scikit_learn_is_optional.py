"""scikit-learn is imported with the first estimator, and its absence is said in one line."""

from __future__ import annotations

import subprocess
import sys

import pytest


def last_line(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().rpartition("\n")[2]


def test_naming_the_packages_imports_nothing_heavy() -> None:
    code = (
        "import sys, lamina; lamina.sklearn, lamina.wrappers, dir(lamina.sklearn); "
        "print({'sklearn', 'scipy', 'numpy', 'lamina.models'} & set(sys.modules))"
    )
    assert last_line(code) == "set()"


def test_training_a_model_does_not_import_it() -> None:
    code = (
        "import sys, lamina; m = lamina.Sequential([lamina.layers.Dense(1)]); "
        "m.compile('sgd', 'mse'); m.fit([[1.0]], [[1.0]], verbose=0); "
        "print({'sklearn', 'scipy'} & set(sys.modules))"
    )
    assert last_line(code) == "set()"


@pytest.mark.parametrize(
    "name", ["lamina.sklearn.MLPClassifier", "lamina.wrappers.SKLearnRegressor"]
)
@pytest.mark.parametrize(
    ("found", "said"), [("None", ""), ("types.SimpleNamespace(__version__='1.5.2')", "1.5.2")]
)
def test_without_it(name: str, found: str, said: str) -> None:
    module, _, attribute = name.rpartition(".")
    code = f"import sys, types; sys.modules['sklearn'] = {found}; from {module} import {attribute}"
    line = last_line(code)
    assert line.startswith("ImportError: lamina's estimators need scikit-learn >= 1.6: ")
    assert "pip install lamina[sklearn]" in line
    assert line.endswith(said)
