"""Models as C headers."""

from lamina.export.c_header.header import export as export
