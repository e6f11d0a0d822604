"""scikit-learn, which only its estimators need."""

from __future__ import annotations

LEAST = (1, 6)


def require_scikit_learn() -> None:
    """Errors: ImportError where scikit-learn is missing, or older than 1.6."""
    needs = f"lamina's estimators need scikit-learn >= {'.'.join(map(str, LEAST))}"
    try:
        import sklearn
    except ImportError as error:
        raise ImportError(f"{needs}: pip install lamina[sklearn]") from error
    if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < LEAST:
        raise ImportError(f"{needs}: pip install lamina[sklearn]. Found: {sklearn.__version__}")
