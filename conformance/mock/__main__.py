"""Run the mock with `python -m conformance.mock`; the package docstring describes its protocol."""

import sys

from conformance.mock.control import main

if __name__ == "__main__":
    sys.exit(main())
