"""Which object a request addresses."""

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import HOST, exchange, lane, refused, request

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


def ports(endpoint: str, trial: Json) -> list[str]:
    data = {**TARGET, "input": {"endpoint": endpoint}}
    findings = judge(case(data), transcript(trial)).findings
    assert {finding.rule for finding in findings} <= {"naming.port"}
    return [finding.where for finding in findings]


PORT = "https://oss-cn-hangzhou.aliyuncs.com:8443"


@pytest.mark.parametrize(
    ("endpoint", "host", "seen", "wrong"),
    [
        (PORT, f"{HOST}:8443", {"authority": f"{HOST}:8443"}, []),
        (PORT, f"{HOST}:8443", {"authority": f"{HOST}:443"}, ["CONNECT"]),
        (PORT, f"{HOST}:8443", {"port": 8443}, []),
        (PORT, f"{HOST}:8443", {"port": 443}, ["connection"]),
        (PORT, HOST, {"port": 443}, ["connection", "Host"]),
        (PORT.removesuffix(":8443"), f"{HOST}:443", {"port": 443}, []),
        (PORT.removesuffix(":8443"), HOST, {"authority": f"{HOST}:443"}, []),
        (PORT.removesuffix(":8443"), HOST, {"authority": f"{HOST}:80"}, ["CONNECT"]),
        (PORT.removeprefix("https://"), f"{HOST}:8443", {"port": 8443}, []),
    ],
)
def test_the_port_is_that_of_the_endpoint(
    endpoint: str, host: str, seen: Json, wrong: list[str]
) -> None:
    found = ports(endpoint, lane(exchange(request(host=host), **seen)))
    assert found == [f"request 1: {part}" for part in wrong]


def test_a_request_in_absolute_form_names_its_port() -> None:
    lines = request(host=f"{HOST}:8080")
    target = lines[0].split(" ")[1]
    for port, wrong in ((":8080", []), ("", ["request 1: request target"])):
        lines[0] = f"GET http://{HOST}{port}{target} HTTP/1.1"
        trial = lane(exchange(lines, scheme="http"))
        assert ports("http://oss-cn-hangzhou.aliyuncs.com:8080", trial) == wrong


def test_a_redirect_may_lead_to_another_port() -> None:
    moved = exchange()
    moved["response"] = ["HTTP/1.1 307 Temporary Redirect", f"Location: https://{HOST}:8443/"]
    assert ports(PORT.removesuffix(":8443"), lane(moved, exchange(port=8443))) == []
