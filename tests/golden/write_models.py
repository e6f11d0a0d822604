"""Write the models of cases/functional.py as texts, which the other library reads.

python tests/golden/write_models.py lamina
KERAS_BACKEND=numpy python tests/golden/write_models.py keras
"""

from __future__ import annotations

import importlib
import json
import sys

from cases.functional import MODELS, written_by


def main(library: str) -> None:
    keras = importlib.import_module(library)
    texts = {}
    for name, make in MODELS.items():
        keras.utils.clear_session()
        texts[name] = make(keras).to_json()
    text = json.dumps(texts, indent=1) + "\n"
    written_by(library).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
