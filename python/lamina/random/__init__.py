"""Random streams and seeds."""

from lamina.random.seed_generator import SeedGenerator, make_default_seed, set_random_seed

__all__ = ["SeedGenerator", "make_default_seed", "set_random_seed"]
