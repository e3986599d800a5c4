"""The live form of a case, what it costs, and the values that a runner gets."""

from conformance.corpus.load import load
from conformance.live.live_case import as_live, chosen
from conformance.live.live_service import LiveService, costs
from conformance.model.case import Case, Credentials
from conformance.model.live_target import LiveTarget

TARGET = LiveTarget(bucket="mine", key="people.png", region="cn-beijing", token=True)
USER = Credentials(
    access_key_id="LTAI5tIdOfTheUser", access_key_secret="secret-of-the-user", security_token="sts"
)
SERVICE = LiveService(
    endpoint="https://h", bucket="mine", key="people.png", region="cn-beijing", credentials=USER
)
CASES = {case.id: case for case in load().cases if case.live}


def live(name: str) -> Case:
    return as_live(CASES[name], TARGET)


def test_a_live_case_asks_for_the_object_of_the_user() -> None:
    (turn,) = live("process/sen/50").turns
    given = turn.input
    assert (given.bucket, given.key, given.region) == ("mine", "people.png", "cn-beijing")
    assert given.endpoint == "https://oss-cn-beijing.aliyuncs.com"
    assert (turn.script.live, turn.script.replies, turn.script.region) == (True, (), "cn-beijing")


def test_a_key_of_the_case_is_not_replaced() -> None:
    (turn,) = live("errors/missing-object/bodies").turns
    assert turn.input.key == "oss-bodies-conformance/no-such-object.jpg"


def test_the_signing_region_that_is_expected_is_that_of_the_user() -> None:
    (turn,) = live("process/presigned/bodies").turns
    assert ("signing_region", "cn-beijing") in turn.expect[0].values


def test_nothing_is_expected_of_an_answer_that_is_not_documented() -> None:
    (turn,) = live("process/outside/hundred-and-one").turns
    names = {name for one in turn.expect if one.claim == "required" for name, _ in one.values}
    assert "process" in names
    assert not names & {"answer", "status", "code"}


def test_only_explore_chooses_what_is_not_documented() -> None:
    cases = tuple(CASES.values())
    more = {case.id for case in chosen(cases, explore=True)}
    assert more - {case.id for case in chosen(cases, explore=False)} == {
        "process/outside/minus-one", "process/outside/hundred-and-one",
    }  # fmt: skip


def test_the_runner_gets_the_values_of_the_user_and_those_of_the_case() -> None:
    (usual,) = live("process/sen/50").turns
    assert SERVICE.real(usual).input.credentials == USER
    (wrong,) = live("auth/signature/wrong-secret").turns
    given = SERVICE.real(wrong).input.credentials
    assert given is not None
    assert (given.access_key_id, given.access_key_secret, given.security_token) == (
        "LTAI5tIdOfTheUser", "ExampleSecretThatIsWrong000001", "sts",
    )  # fmt: skip
    (unknown,) = live("auth/signature/unknown-key").turns
    given = SERVICE.real(unknown).input.credentials
    assert given is not None
    assert given.access_key_id == "LTAI5tExampleKeyUnknown1"
    (anonymous,) = live("auth/anonymous/bodies").turns
    assert SERVICE.real(anonymous).input.credentials is None


def test_refused_calls_cost_nothing_and_unknown_answers_count_as_billed() -> None:
    names = ("process/sen/50", "auth/anonymous/bodies", "process/outside/minus-one")
    found = costs([CASES[name] for name in names], lanes=4)
    assert (found.billed, found.refused) == (8, 4)


def test_the_service_shows_no_secret() -> None:
    assert "secret-of-the-user" not in repr(SERVICE)
