"""Which object a request addresses."""

from judge.notation import case, transcript
from judge.rule_examples import exchange, lane, refused, request

from conformance.judge import judge

TARGET = {"about": "a case", "expect": {"required": {"target": "as-asked"}}}


def path_style(bucket: str, host: str = "oss-cn-hangzhou.aliyuncs.com") -> list[str]:
    lines = request(host=host, bucket=bucket)
    return [f"GET /{bucket}/example.jpg?x-oss-process=image%2Fbodies%2Csen_50 HTTP/1.1", *lines[1:]]


def test_another_bucket_in_the_path_is_another_object() -> None:
    trial = lane(refused("SecondLevelDomainForbidden", path_style("somebody-else")))
    (finding,) = judge(case(TARGET), transcript(trial)).findings
    assert finding.rule == "naming.target"
    assert (finding.expected, finding.got) == ("'image-demo'", "'somebody-else'")


PATH = {"addressing": "path"}


def test_path_style_at_an_endpoint_of_the_service_is_one_finding() -> None:
    data = {**TARGET, "expect": {"required": {"target": "as-asked", "verified": "accepted"}}}
    trial = lane(refused("SecondLevelDomainForbidden", path_style("image-demo")))
    (finding,) = judge(case(data), transcript(trial)).findings
    assert finding.rule == "naming.path-style"
    assert finding.source is not None


def test_path_style_that_the_program_set_is_not_the_sdks_fault() -> None:
    data = {**TARGET, "input": PATH}
    trial = lane(refused("SecondLevelDomainForbidden", path_style("image-demo")))
    assert judge(case(data), transcript(trial)).findings == ()


def test_a_client_may_keep_the_bucket_in_the_host_where_path_style_is_refused() -> None:
    assert judge(case({**TARGET, "input": PATH}), transcript(lane(exchange()))).findings == ()


def test_path_style_addresses_the_same_object_at_a_private_name() -> None:
    data = {**TARGET, "input": {"endpoint": "https://oss.gateway.example"}}
    trial = lane(exchange(path_style("image-demo", "oss.gateway.example")))
    assert judge(case(data), transcript(trial)).findings == ()


def test_below_a_private_name_there_are_no_buckets_if_path_style_is_set() -> None:
    data = {**TARGET, "input": {"endpoint": "https://oss.gateway.example", **PATH}}
    trial = lane(exchange(path_style("image-demo", "image-demo.oss.gateway.example")))
    (finding,) = judge(case(data), transcript(trial)).findings
    assert finding.rule == "transport.target-host"
