"""Layers that prepare data: scaling, categories, bins, vocabularies, hashes.

`Normalization`, `Discretization`, `CategoryEncoding` and `IntegerLookup` work on arrays and inside of
models; the others on arrays alone, since strings and 64-bit integers cannot enter a program.
"""
