"""Every known answer with one part of it changed: requests that the verifier must refuse.

A verifier that accepts everything reproduces every known answer; only what it refuses
shows that each part counts. What is not signed (in V1 a query parameter that is no sub-resource,
in both a header that is neither listed nor one of OSS) is not changed: that must be accepted.
"""

from collections.abc import Iterator

from conformance.calibration import mutation_v1, mutation_v4
from conformance.calibration.known_answer import KnownAnswer
from conformance.calibration.known_form import Answer
from conformance.calibration.mutant import Mutation


def mutations(answer: Answer) -> Iterator[Mutation]:
    """All mutations of one known answer whose request is accepted as it stands."""
    if isinstance(answer, KnownAnswer):
        return mutation_v4.mutations(answer)
    return mutation_v1.mutations(answer)
