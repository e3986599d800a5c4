"""Runners as programs: their protocol, their processes and containers, their builds."""
