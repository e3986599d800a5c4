"""Which object a request addresses."""

from judge.notation import case, transcript
from judge.rule_examples import exchange, lane, request

from conformance.judge import judge

TARGET = {"about": "a case", "expect": {"required": {"target": "as-asked"}}}


def path_style(bucket: str) -> list[str]:
    lines = request(host="oss-cn-hangzhou.aliyuncs.com", bucket=bucket)
    return [f"GET /{bucket}/example.jpg?x-oss-process=image%2Fbodies%2Csen_50 HTTP/1.1", *lines[1:]]


def test_another_bucket_in_the_path_is_another_object() -> None:
    trial = lane(exchange(path_style("somebody-else")))
    (finding,) = judge(case(TARGET), transcript(trial)).findings
    assert finding.rule == "naming.target"
    assert (finding.expected, finding.got) == ("'image-demo'", "'somebody-else'")


def test_path_style_addresses_the_same_object() -> None:
    trial = lane(exchange(path_style("image-demo")))
    assert judge(case(TARGET), transcript(trial)).findings == ()
