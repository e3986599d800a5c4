"""Frozen values that every floor above shares; pure, no input or output."""
