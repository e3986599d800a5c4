"""`python -m conformance.mock`: the mock as a program; the package describes its protocol."""

import sys

from conformance.mock.control import main

if __name__ == "__main__":
    sys.exit(main())
