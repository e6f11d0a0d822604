"""Ways to misuse the library, and which of them real Keras takes without a word."""

from .case import Misuse
from .construct import CONSTRUCT
from .training import TRAINING

MISUSES: dict[str, Misuse] = {m.id: m for m in [*CONSTRUCT, *TRAINING]}

KERAS_ACCEPTS: list[str] = []
