"""Paths of the vectors, schemas and runners, in a wheel and in a checkout.

In a wheel the three folders are in `conformance/_data`, in a checkout they are beside the package.
Both are real folders, because Docker needs real paths.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_DATA = PACKAGE / "_data"
_ROOT = _DATA if _DATA.is_dir() else PACKAGE.parent

VECTORS = _ROOT / "vectors"
SCHEMAS = _ROOT / "schemas"
RUNNERS = _ROOT / "runners"
