"""Models for use elsewhere: without training, and without lamina."""
