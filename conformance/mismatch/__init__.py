"""Explains a signature that does not match by what clients are known to sign instead. Pure."""
