"""How wide a text will be, without a font at hand."""

from __future__ import annotations

# In parts of the size: what a wide sans-serif (DejaVu Sans) takes.  In a narrower one the texts,
# which are centred or stand alone on their line, only have more room around them.
_WIDTHS = dict.fromkeys("il.,:;'|!jI", 0.31) | dict.fromkeys(' ftr()[]{}/-"', 0.40)
_WIDTHS |= dict.fromkeys("mwMW%@×", 0.92) | dict.fromkeys("0123456789", 0.637)
_CAPITAL, _OTHER, _BOLD = 0.72, 0.615, 1.1


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in a sans-serif font."""
    width = sum(_WIDTHS.get(c, _CAPITAL if c.isupper() else _OTHER) for c in text)
    return width * size * (_BOLD if bold else 1.0)
