# Says every line again, and ends with its input: as much of a runner as these tests need.
exec cat
