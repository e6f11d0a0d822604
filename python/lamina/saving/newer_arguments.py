"""Arguments that earlier releases of Keras 3 do not know, left out of files where they say nothing.

Keras refuses an argument that it does not know, whatever its value, and fills in one that is missing.
"""

from __future__ import annotations

from typing import Any

# With the value that each has when it is not given.
_NEWER = {
    "quantization_config": None,
    "input_axes": None,
    "output_axes": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
}


def without_newer_arguments(config: Any) -> Any:
    """The config of an object, where those of Keras's own classes have no such argument left."""
    if isinstance(config, list):
        return [without_newer_arguments(item) for item in config]
    if not isinstance(config, dict):
        return config
    kept = {key: without_newer_arguments(value) for key, value in config.items()}
    arguments = kept.get("config")
    if str(kept.get("module")).startswith("keras.") and isinstance(arguments, dict):
        kept["config"] = {
            key: value
            for key, value in arguments.items()
            if key not in _NEWER or value != _NEWER[key]
        }
    return kept
