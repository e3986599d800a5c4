"""`python -m conformance` is `oss-bodies`."""

import sys

from conformance.cli import main

if __name__ == "__main__":
    sys.exit(main())
