"""What people see of a run: the terminal matrix, the summary page, the report."""
