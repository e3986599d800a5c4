"""Where the vectors, schemas and runners lie: the one place that knows a checkout from a wheel.

In a wheel the three folders lie below `conformance/_data`, in a checkout beside the
package. They are real folders in both, because Docker needs real paths.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_DATA = PACKAGE / "_data"
_ROOT = _DATA if _DATA.is_dir() else PACKAGE.parent

VECTORS = _ROOT / "vectors"
SCHEMAS = _ROOT / "schemas"
RUNNERS = _ROOT / "runners"
