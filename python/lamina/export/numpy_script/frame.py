"""What all scripts share, around the operations of one."""

from __future__ import annotations

# What `predict` and `_outputs` use, beside operations: names that no tensor may have there.
OWN_NAMES = (
    "_check_rows",
    "_outputs",
    "_samples",
    "_weights",
    "batch",
    "float32",
    "len",
    "np",
    "w",
)

FRAME = '''"""{title}, written by lamina {version}: it needs NumPy alone.

    python predict.py {usage}

or `from predict import predict`.  Inputs (numbers, a row for each sample):

{described}

Results:

{results}
"""

{imports}

import numpy as np
from numpy import float32


def predict({arguments}):
    """The results for arrays of samples."""
    y = _outputs({arguments})
    return {packed}


@np.errstate(all="ignore")
def _outputs({arguments}):
{checks}
    _check_rows({arguments})
{batch}{computed}
    return [np.ascontiguousarray(y, t) for y, t in zip(({ends},), ({dtypes},))]


# --- weights and inputs ---

_SHAPES = {{
{shapes}
}}


@functools.cache
def _weights():
    """The weights by name, from the text at the end."""
    numbers, weights, start = np.frombuffer(base64.b64decode(_NUMBERS), "<f4"), {{}}, 0
    for name, shape in _SHAPES.items():
        end = start + int(np.prod(shape))
        weights[name] = numbers[start:end].reshape(shape)
        start = end
    return weights


def _samples(name, x, shape):
    """Numbers as float32, of that shape for each sample; a last axis of 1 may be there or not."""
    x = np.asarray(x)
    own = x.shape[1:]
    fits = x.ndim > 0 and (own in (shape, (*shape, 1)) or (*own, 1) == shape)
    if x.dtype.kind not in "biuf" or not fits:
        raise ValueError(
            f"{{name}}: expected numbers of shape (samples, *{{shape}}). "
            f"Received: shape {{x.shape}}, dtype {{x.dtype}}"
        )
    return x.astype(float32).reshape(len(x), *shape)


def _check_rows(*inputs):
    rows = [len(x) for x in inputs]
    if len(set(rows)) > 1:
        raise ValueError(f"expected as many samples of each input. Received: {{rows}}")


# --- operations ---{definitions}

def main(arguments):
    """Reads .npy files, one for each input, and writes the results."""
    if len(arguments) != {count} + 1:
        sys.exit("usage: python predict.py {usage}")
    *inputs, output = arguments
    results = _outputs(*map(np.load, inputs))
    if len(results) == 1:
        np.save(output, results[0])
    else:
        np.savez(output, **dict(zip([{output_names}], results)))


_NUMBERS = """
{data}
"""

if __name__ == "__main__":
    main(sys.argv[1:])
'''
