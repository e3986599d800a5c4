"""What is read from the text of a program, in the ways in which programs write it."""

import pytest

from conformance.assets import RUNNERS
from conformance.pages.languages import Language, named
from conformance.pages.source_text import asked, catches, placeholders, unusual, uses_v4

TYPES = ("OSS\\Core\\OssException", "com.aliyun.oss.OSSException", "oss2.exceptions.OssError")


def language(name: str) -> Language:
    found = named(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("java", 'new GetObjectRequest("examplebucket", "example.jpg").setProcess("image/bodies")'),
        ("java", 'String bucketName = "examplebucket"; String objectName = "example.jpg";'
                 ' String style = "image/bodies";'),
        ("php", "$bucket= \"examplebucket\";\n$object = \"example.jpg\";\n"
                "$options = array(OssClient::OSS_PROCESS => \"image/bodies\");"),
        ("python", "b = oss2.Bucket(auth, endpoint, 'examplebucket', region=r)\n"
                   "key = 'example.jpg'\nb.get_object(key, process='image/bodies')"),
        ("go", 'bucket, err := client.Bucket("examplebucket")\n'
               'bucket.GetObject("example.jpg", oss.Process("image/bodies"))'),
        ("c#", 'var bucketName = "examplebucket";\nvar objectName = "example.jpg";\n'
               'var process = "image/bodies";'),
        ("js", "new OSS({ bucket: 'examplebucket' });\n"
               "client.get('example.jpg', {process: 'image/bodies'});"),
    ],
)  # fmt: skip
def test_bucket_key_and_processing_string_are_found(name: str, text: str) -> None:
    found = asked(text, language(name), ())
    assert (found.bucket, found.key, found.process) == (
        "examplebucket",
        "example.jpg",
        "image/bodies",
    )


@pytest.mark.parametrize("runner", ["go", "java", "php", "python"])
def test_the_samples_of_the_runners_ask_for_the_documented_object(runner: str) -> None:
    (path,) = RUNNERS.glob(f"{runner}/*[!t]/sample/*") if runner != "python" else (
        RUNNERS / "python" / "oss2" / "sample" / "bodies.py",
    )  # fmt: skip
    found = asked(path.read_text(encoding="utf-8"), language(runner), ())
    assert (found.endpoint, found.region, found.bucket, found.key, found.process) == (
        "https://oss-cn-hangzhou.aliyuncs.com",
        "cn-hangzhou",
        "examplebucket",
        "example.jpg",
        "image/bodies",
    )


def test_comments_and_secrets_say_nothing_about_the_request() -> None:
    text = "# bucket = 'other-bucket'\naccess_key = 'example-id'\nsecret_key = 'example-secret'\n"
    found = asked(text, language("python"), ())
    assert (found.bucket, found.key) == (None, None)


def test_a_media_type_is_no_processing_string() -> None:
    text = "headers = {'Content-Type': 'image/jpeg'}\nprocess = 'image/faces'"
    assert asked(text, language("python"), ()).process == "image/faces"


def test_the_processing_string_is_the_one_that_the_page_prints() -> None:
    text = "a = 'image/resize,w_100'\nb = 'image/cars'"
    assert asked(text, language("python"), ("image/cars",)).process == "image/cars"


@pytest.mark.parametrize(
    ("name", "text", "does"),
    [
        ("php", "try {} catch (OssException $e) {}", True),
        ("php", "try {} catch (\\OSS\\Core\\OssException $e) {}", True),
        ("php", "try {} catch (\\Exception $e) {}", True),
        ("php", "try {} catch (RuntimeException $e) {}", False),
        ("java", "try {} catch (IOException e) {}", False),
        ("java", "try {} catch (IOException | OSSException e) {}", True),
        ("python", "try: x\nexcept oss2.exceptions.OssError as e: y", True),
        ("python", "try: x\nexcept: y", True),
        ("python", "try: x\nexcept ValueError: y", False),
        ("python", "# except oss2.exceptions.OssError: as usual\nx = 1", False),
        ("js", "try { } catch (e) { }", True),
        ("js", "try { } catch { }", True),
    ],
)
def test_a_clause_is_for_the_sdk_if_it_names_one_of_its_errors(
    name: str, text: str, does: bool
) -> None:
    assert catches(text, language(name), TYPES) is does


def test_a_go_program_handles_errors_by_comparing_them() -> None:
    assert catches("if err != nil {", language("go"), ("error",))
    assert not catches("data, _ := f()", language("go"), ("error",))


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("oss2.ProviderAuthV4(p)", True),
        ("oss.AuthVersion(oss.AuthV4)", True),
        ("OSS_SIGNATURE_VERSION_V4", True),
        ("oss2.Auth(a, b)", False),
        ("useIPv4 = true", False),
    ],
)
def test_a_program_asks_for_signature_v4_or_does_not(text: str, does: bool) -> None:
    assert uses_v4(text) is does


def test_characters_that_look_like_others_are_named_with_their_place() -> None:
    assert unusual("a = 1\nb\u00a0= “x”", language("python")) == (
        "line 2, column 2: U+00A0 NO-BREAK SPACE",
        "line 2, column 5: U+201C LEFT DOUBLE QUOTATION MARK",
        "line 2, column 7: U+201D RIGHT DOUBLE QUOTATION MARK",
    )


def test_literals_and_comments_may_hold_any_character() -> None:
    assert unusual("a = '“\u00a0”'  # “\u00a0”，。", language("python")) == ()


def test_many_such_characters_are_counted() -> None:
    assert unusual("，" * 9, language("go"))[-1] == "and 4 more"


def test_words_of_other_scripts_are_no_such_characters() -> None:
    assert unusual("名字 = 1", language("python")) == ()


def test_tabs_and_spaces_are_named_where_the_language_cares() -> None:
    text = "if a:\n\tb\n    c\n"
    assert unusual(text, language("python")) == (
        "some lines are indented with tabs, others with spaces",
    )
    assert unusual(text, language("go")) == ()


def test_placeholders_are_literals_that_a_reader_replaces() -> None:
    text = "a = '<yourBucketName>'\nb = 'yourEndpoint'\nc = 'yours'\nd = 'your'"
    assert placeholders(text, language("python")) == ("<yourBucketName>", "yourEndpoint")
