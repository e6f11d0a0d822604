"""Where the channels of images are, as far as layers ask for it."""

from __future__ import annotations

from typing import Any

FORMATS = ("channels_last", "channels_first")
_image_data_format = "channels_last"


def image_data_format() -> str:
    """What `data_format=None` means: "channels_last" unless set."""
    return _image_data_format


def set_image_data_format(data_format: str) -> None:
    """Sets what `image_data_format` gives, for layers that are made from now on.

    Args:
        data_format: "channels_last" or "channels_first", in letters of any case.

    Errors: ValueError for anything else.
    """
    global _image_data_format
    _image_data_format = checked_data_format(str(data_format))


def checked_data_format(data_format: Any) -> str:
    """The format by name, in letters of any case; None is `image_data_format()`."""
    if data_format is None:
        return _image_data_format
    if isinstance(data_format, str):
        data_format = data_format.lower()
    if data_format not in FORMATS:
        raise ValueError(
            "`data_format` must be 'channels_last' or 'channels_first'. "
            f"Received: data_format={data_format!r}"
        )
    return data_format
