"""The rules of the judge, one module for each family of cases."""
