"""The pictures of docs/examples.md, as the examples make them, with fewer colours.

    python tools/pictures.py [mnist tabular ...]

Needs matplotlib.  All six take about two minutes on two cores.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
COLOURS = 48

# The argument for --output, and the picture that is there then.
PICTURES = {
    "mnist": (".", "history.png"),
    "tabular": ("tabular.png", "tabular.png"),
    "multi_input": ("multi_input.svg", "multi_input.svg"),
    "imbalanced": ("imbalanced.png", "imbalanced.png"),
    "autoencoder": ("autoencoder.png", "autoencoder.png"),
    "vae": ("vae.png", "vae.png"),
}


def make(example: str) -> None:
    """Runs an example whole, and keeps its picture."""
    output, picture = PICTURES[example]
    program = ROOT / "examples" / f"{example}.py"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(program), "--output", output]
        subprocess.run(command, cwd=folder, check=True)
        made, kept = pathlib.Path(folder, picture), IMAGES / picture
        if kept.suffix == ".svg":
            kept.write_bytes(made.read_bytes())
        else:
            reduce(made, kept)
    print(f"{kept.relative_to(ROOT)}: {kept.stat().st_size / 1000:.0f} kB")


def reduce(made: pathlib.Path, kept: pathlib.Path) -> None:
    from PIL import Image  # comes with matplotlib

    with Image.open(made) as image:
        image.convert("RGB").quantize(COLOURS).save(kept, optimize=True)


if __name__ == "__main__":
    for example in sys.argv[1:] or PICTURES:
        make(example)
