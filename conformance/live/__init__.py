"""Runs against the live service: the cases for it, what it costs, and what must stay secret."""
