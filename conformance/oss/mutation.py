"""Every known answer with one part of it changed: requests that the verifier must refuse.

Floor 2. A verifier that accepts everything reproduces every known answer; only what it refuses
shows that each part counts. What is not signed (in V1 a query parameter that is no sub-resource,
in both a header that is neither listed nor one of OSS) is not changed: that must be accepted.
"""

from collections.abc import Iterator

from conformance.oss import mutation_v1, mutation_v4
from conformance.oss.known import KnownAnswer
from conformance.oss.known_form import Answer
from conformance.oss.mutant import Mutation


def mutations(answer: Answer) -> Iterator[Mutation]:
    """All mutations of one known answer whose request is accepted as it stands."""
    if isinstance(answer, KnownAnswer):
        return mutation_v4.mutations(answer)
    return mutation_v1.mutations(answer)
