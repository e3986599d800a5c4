"""Reads vector files into cases, checks them, and selects the trials of a run."""
