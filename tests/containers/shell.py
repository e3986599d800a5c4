"""A program for the probe lane that does what a test asks."""

from conformance.model.manifest import Program

SHELL = Program(name="does.sh", text='eval "$PROBE"\n')
