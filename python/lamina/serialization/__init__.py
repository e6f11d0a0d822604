"""Objects as configs, plain dicts that JSON can hold, and back; names of classes and functions."""
