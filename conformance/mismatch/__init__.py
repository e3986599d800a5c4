"""Explains signature mismatches by the mistakes that clients are known to make. Pure."""
