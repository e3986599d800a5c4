"""`python -m conformance.mock`: the mock as a program. Floor 4; the protocol is the package's."""

import sys

from conformance.mock.control import main

if __name__ == "__main__":
    sys.exit(main())
