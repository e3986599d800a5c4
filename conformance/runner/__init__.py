"""Runners: their protocol, processes, containers and builds."""
