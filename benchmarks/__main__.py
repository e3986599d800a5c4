"""`python -m benchmarks`: all of them, one after the other."""

import sys

from benchmarks import fuzz_rate, judging, mock_throughput, service_rate, trial_cost, whole_run


def main() -> int:
    """Run each; 1 if any goal was missed."""
    missed = [
        trial_cost.main([]),
        whole_run.main([]),
        judging.main([]),
        mock_throughput.main([]),
        service_rate.main([]),
        fuzz_rate.main([]),
    ]
    return int(any(missed))


if __name__ == "__main__":
    sys.exit(main())
