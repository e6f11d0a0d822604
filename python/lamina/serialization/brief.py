"""Configs in the texts of errors."""

from __future__ import annotations

import reprlib

# A config may have megabytes, and an error at each of its levels shows it.
_text = reprlib.Repr()
_text.maxlevel, _text.maxdict, _text.maxlist, _text.maxstring, _text.maxother = 5, 20, 10, 200, 200
_text.maxlong = 100

brief = _text.repr
