"""How findings quote values."""

import pytest

from conformance.judge.quote import clip, ends, pair, timeless


def test_a_long_text_that_ends_early_says_where() -> None:
    expected, got = pair("a" * 300, "a" * 200)
    assert "at offset 200: its end" in got
    assert "at offset 200" in expected


def test_texts_that_look_alike_are_distinguishable() -> None:
    assert pair("caf\u00e9", "cafe\u0301") == ("'caf\u00e9'", "'cafe\\u0301'")


def test_half_of_a_surrogate_pair_is_shown_escaped() -> None:
    assert clip("a\ud800b").encode() == b"a\\ud800b"


def test_times_and_signatures_are_not_quoted() -> None:
    sent = (
        "x-oss-date: 20261123T024026Z\r\nDate: Mon, 23 Nov 2026 02:40:26 GMT\r\nAuthorization: "
        f"OSS4-HMAC-SHA256 Credential=id/20261123/cn-hangzhou/oss/x,Signature={'0a' * 32}"
    )
    later = sent.replace("024026", "024027").replace(":26 GMT", ":27 GMT").replace("0a", "1b")
    assert sent != later
    assert timeless(sent) == timeless(later)
    assert "cn-hangzhou" in timeless(sent)


@pytest.mark.parametrize("end", ["\n", "\\n"])
def test_a_string_to_sign_is_quoted_without_times_and_hashes(end: str) -> None:
    def said(day: str, second: str, digest: str) -> str:
        lines = [
            "OSS4-HMAC-SHA256",
            f"{day}T0734{second}Z",
            f"{day}/cn-hangzhou/oss/aliyun_v4_request",
        ]
        signed = end.join([*lines, digest * 32])
        spelt = " ".join(f"{byte:02X}" for byte in signed.encode())
        return f"'SignatureProvided': '{digest * 32}', {{'StringToSign': '{signed}', '{spelt}'}}"

    one, two = said("20261123", "18", "0a"), said("20261124", "19", "1b")
    assert timeless(one) == timeless(two)
    assert "/cn-hangzhou/oss/aliyun_v4_request" in timeless(one)


def test_the_day_of_a_url_and_the_end_of_its_validity_are_not_quoted() -> None:
    said = "x-oss-credential=id%2F{}%2Fcn, id%252F{}%252Fcn, ?Expires={}&, GET\n\n\n{}\n/, \\n{}\\n"
    one = said.format("20261123", "20261123", *["1689932947"] * 3)
    two = said.format("20261124", "20261124", *["1689932948"] * 3)
    assert timeless(one) == timeless(two) != one
    assert timeless("1234567890 n1234567890\n") == "1234567890 n1234567890\n"


def test_the_text_of_an_error_is_quoted_without_ids_addresses_and_ports() -> None:
    said = "[RequestId]: {} <Connection object at {}> 127.0.0.1:{}"
    one = said.format("FB2D3AB177DEFBF9415454A5", "0x7f8a9c1587c0", 40001)
    two = said.format("E7CA5DEE95A0521334283A40", "0x7f8a9c1587d0", 40002)
    assert timeless(one) == timeless(two) != one


def test_the_text_of_an_error_is_quoted_with_its_end() -> None:
    text = f"Max retries exceeded with url: /{'a' * 300} (Caused by SSLError)"
    assert ends(text).startswith("'Max retries exceeded")
    assert "(Caused by SSLError)'" in ends(text)
    assert ends("short") == "'short'"


def test_of_a_text_of_megabytes_only_the_ends_are_searched() -> None:
    time, filler = "20261123T073418Z", "-" * 2**20
    assert timeless(time + filler + time) == f"<time>{filler}<time>"
    long = time + filler + time + filler + time
    assert timeless(long) == f"<time>{filler}{time}{filler}<time>"
