"""Which bucket and object a request names."""

import pytest

from conformance.oss.naming import bare_host, hosts, is_misdirected, is_unreachable, resolve

HOST = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
ENDPOINTS = [
    "oss-cn-hangzhou.aliyuncs.com",
    "oss-cn-hangzhou-internal.aliyuncs.com",
    "oss-accelerate.aliyuncs.com",
    "oss-accelerate-overseas.aliyuncs.com",
    "cn-hangzhou.oss.aliyuncs.com",
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_bucket_before_the_endpoint_is_virtual_hosted(endpoint: str) -> None:
    found = resolve(host=f"examplebucket.{endpoint}", target="/example.jpg")
    assert (found.bucket, found.key, found.addressing) == (
        "examplebucket",
        "example.jpg",
        "virtual",
    )


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_under_the_bare_endpoint_the_bucket_stands_in_the_path(endpoint: str) -> None:
    found = resolve(host=endpoint, target="/examplebucket/example.jpg")
    assert (found.bucket, found.key, found.addressing) == ("examplebucket", "example.jpg", "path")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8443", "[::1]:8443", "localhost", "img.example.com", "", "aliyuncs.com"]
)
def test_any_other_host_has_the_bucket_in_the_path(host: str) -> None:
    found = resolve(host=host, target="/examplebucket/a/b")
    assert (found.bucket, found.key, found.addressing) == ("examplebucket", "a/b", "path")


def test_a_cname_stands_for_the_bucket_it_is_bound_to() -> None:
    bound = (("img.example.com", "examplebucket"),)
    found = resolve(host="IMG.example.com:443", target="/a/b", bound=bound)
    assert (found.bucket, found.key, found.addressing) == ("examplebucket", "a/b", "virtual")


def test_a_host_in_upper_case_names_the_same_bucket() -> None:
    assert resolve(host=HOST.upper(), target="/k").bucket == "examplebucket"


def test_a_port_is_no_part_of_the_name() -> None:
    assert resolve(host=f"{HOST}:8443", target="/k").bucket == "examplebucket"


def test_a_name_that_only_ends_like_an_endpoint_is_none() -> None:
    assert resolve(host="b.oss-cn-hangzhou.aliyuncs.com.example.com", target="/x/k").bucket == "x"


def test_an_absolute_target_brings_its_own_host() -> None:
    found = resolve(host="other.example.com", target=f"http://{HOST}/a%2Fb?x=%2C")
    assert (found.bucket, found.key, found.raw_path) == ("examplebucket", "a/b", "/a%2Fb")
    assert found.query == (("x", ","),)


def test_an_absolute_target_without_a_path_names_the_bucket_itself() -> None:
    found = resolve(host="", target=f"https://{HOST}?acl")
    assert (found.bucket, found.key, found.query) == ("examplebucket", "", (("acl", ""),))


@pytest.mark.parametrize(
    ("path", "key"),
    [("//a", "/a"), ("/a/../b", "a/../b"), ("/a%2Fb", "a/b"), ("/a+b", "a+b"),
     ("/a%2520b", "a%20b"), ("/%E7%8C%AB", "猫"), ("/a#b", "a#b"), ("/", "")],
)  # fmt: skip
def test_the_key_is_decoded_once_and_nothing_is_normalised(path: str, key: str) -> None:
    assert resolve(host=HOST, target=path).key == key


def test_in_path_style_an_escaped_slash_belongs_to_the_key() -> None:
    found = resolve(host="127.0.0.1", target="/bucket/a%2Fb")
    assert (found.bucket, found.key) == ("bucket", "a/b")


@pytest.mark.parametrize("target", ["/", "*", "", "/?acl", "oss-cn-hangzhou.aliyuncs.com:443"])
def test_a_request_to_the_endpoint_itself_names_no_bucket(target: str) -> None:
    found = resolve(host=ENDPOINTS[0], target=target)
    assert (found.bucket, found.key, found.addressing) == (None, "", "none")


def test_raw_path_and_query_are_as_they_were_sent() -> None:
    found = resolve(host=HOST, target="/a%2fb?x=%2c&y?z")
    assert (found.raw_path, found.raw_query) == ("/a%2fb", "x=%2c&y?z")


@pytest.mark.parametrize(
    "endpoint",
    ["https://OSS-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com:443",
     "http://oss-cn-hangzhou.aliyuncs.com/"],
)  # fmt: skip
def test_a_client_may_contact_the_bucket_s_host_and_the_endpoint(endpoint: str) -> None:
    assert hosts(endpoint, "examplebucket") == (HOST, "oss-cn-hangzhou.aliyuncs.com")


@pytest.mark.parametrize(("endpoint", "name"), [("http://127.0.0.1:1", "127.0.0.1"),
                                                ("https://[::1]:1", "::1")])  # fmt: skip
def test_no_bucket_goes_before_an_address(endpoint: str, name: str) -> None:
    assert hosts(endpoint, "examplebucket") == (name,)


@pytest.mark.parametrize("endpoint", ["", "https://", "http://[::1"])
def test_an_endpoint_without_a_host_has_no_names(endpoint: str) -> None:
    assert hosts(endpoint, "examplebucket") == ()


@pytest.mark.parametrize("host", ["H:1", "u@h", "h.", " h "])
def test_a_bare_host_has_nothing_around_it(host: str) -> None:
    assert bare_host(host) == "h"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://oss-cn-hangzhou.aliyuncs.com",
        "http://oss-cn-hangzhou.aliyuncs.com:80/path?from=https://192.0.2.7",
        "OSS-CN-Hangzhou.aliyuncs.com",
        " https://img.example.com\n",
        "https://[not an address",
    ],
)
def test_a_name_as_it_is_usually_written_is_looked_up(endpoint: str) -> None:
    assert not is_misdirected(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://",
        "https://192.0.2.7",
        "192.0.2.7:8443",
        "https://192.7",
        "https://[2001:db8::7]:443/",
        "http://localhost:8080",
        "https://oss-cn-hangzhou.aliyuncs.com.",
        "HTTPS://oss-cn-hangzhou.aliyuncs.com",
    ],
)
def test_what_no_table_of_names_leads_to_is_not_looked_up(endpoint: str) -> None:
    assert is_misdirected(endpoint)


@pytest.mark.parametrize(
    ("endpoint", "unreachable"),
    [
        ("https://oss-cn-hangzhou.aliyuncs.com:9", True),
        ("oss-cn-hangzhou.invalid", True),
        ("https://invalid.example.com:90", False),
        ("https://oss-cn-hangzhou.aliyuncs.com:port", False),
    ],
)
def test_an_endpoint_where_nobody_can_listen_is_unreachable_and_not_misdirected(
    endpoint: str, unreachable: bool
) -> None:
    assert is_unreachable(endpoint) == unreachable
    assert not (unreachable and is_misdirected(endpoint))
