"""The live form of a case: the user's object in place of the documented one, and no script.

The credentials stay those of the corpus, which are labels (oss/secret_labels.py). Pure; whoever has
the case and the target that a run recorded gets the same live case, and can judge it again.
"""

from collections.abc import Iterable
from dataclasses import replace

from conformance.judge.expectations import EXPECTATIONS
from conformance.model.case import Case, Expectation, Input, Level, Script, Turn
from conformance.model.live_target import LiveTarget
from conformance.oss.secret_labels import OBJECT, REGION, TOKEN


def endpoint_of(region: str) -> str:
    """The public endpoint of a region: `https://oss-cn-hangzhou.aliyuncs.com`."""
    return f"https://oss-{region}.aliyuncs.com"


def chosen(cases: Iterable[Case], *, explore: bool) -> tuple[Case, ...]:
    """The cases that run live. explore: also those whose answer is not documented."""
    return tuple(case for case in cases if case.live and (explore or not case.explore))


def as_live(case: Case, target: LiveTarget) -> Case:
    """The live form of a live case."""
    return replace(case, turns=tuple(_turn(case, turn, target) for turn in case.turns))


def _turn(case: Case, turn: Turn, target: LiveTarget) -> Turn:
    keys = turn.script.keys
    if target.token:
        keys = tuple(replace(key, token=TOKEN) for key in keys)
    given = _input(turn.input, target, {key.id for key in keys})
    return replace(
        turn,
        input=given,
        script=Script(keys=keys, replies=(), region=target.region, live=True),
        expect=tuple(_expectation(one, target, explore=case.explore) for one in turn.expect),
    )


def _input(given: Input, target: LiveTarget, known: set[str]) -> Input:
    credentials = given.credentials
    if credentials is not None and target.token and credentials.access_key_id in known:
        credentials = replace(credentials, security_token=TOKEN)
    return replace(
        given,
        endpoint=endpoint_of(target.region),
        region=target.region,
        bucket=target.bucket,
        key=target.key if given.key == OBJECT else given.key,
        credentials=credentials,
    )


def _expectation(one: Expectation, target: LiveTarget, *, explore: bool) -> Expectation:
    values = [
        (name, target.region if (name, value) == ("signing_region", REGION) else value)
        for name, value in one.values
        if not (explore and one.claim is not Level.OBSERVED and _of_answer(name))
    ]
    return replace(one, values=tuple(values))


def _of_answer(name: str) -> bool:
    return name in ("answer", "requests") or EXPECTATIONS[name].about == "answer"
