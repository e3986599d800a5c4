"""Immutable values that all other packages share. Pure: no input or output."""
