"""`python -m lamina` says what is installed and what it runs on."""

from __future__ import annotations

import lamina
from lamina import config


def main() -> None:
    print(f"lamina {lamina.__version__}")
    print(f"backend  {config.backend()} (of native, numpy)")
    if config.backend() == "native":
        print(f"level    {config.level()} (of {', '.join(config.available_levels())})")
        print(f"threads  {config.num_threads()}")


if __name__ == "__main__":
    main()
