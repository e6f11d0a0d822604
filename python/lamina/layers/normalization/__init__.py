"""Layers that bring their input to a mean of 0 and a variance of 1, or to a length of 1."""
