"""Hypothesis strategies for everything that an example is made of; public, for anybody's tests.

Pure. Each strategy shrinks to the plain documented call, so what is left in a shrunk
example is what matters. Not drawn, because programs differ in it by design or because it waits:
control characters, statuses of 5xx and throttling (SDKs retry), connections that break.
"""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.fuzz.example import PLAIN, Call, Example, Served
from conformance.model.case import Credentials

T = TypeVar("T")

# Reserved characters of RFC 3986 2.2, the unsafe ones, and characters of two, three and four
# bytes of UTF-8, of right-to-left text and of no width; slashes and dots make paths that clients
# like to tidy up.
KEY_ALPHABET = "abcXYZ019-_.~/ +%?#&=:;,@!$'()*[]\"<>`^{}|\\éß中文日本😀א\u200d\u0301"
# ASCII, Arabic-Indic, full-width and mathematical digits: int() of several languages takes all.
DIGITS = "0123456789٠١٥０５９𝟓"
SPACES = " \t\u00a0\u3000"
# RFC 7230 token characters that no credential scope splits at.
ID_ALPHABET = "abcdefXYZ0123456789.-_"
SECRET_ALPHABET = ID_ALPHABET + "+/=!$&*()"
TOKEN_ALPHABET = "abcXYZ0123456789+/="
# Codes that no SDK is known to act upon by itself; statuses that no SDK is known to repeat.
CODES = ("NoSuchKey", "AccessDenied", "InvalidArgument", "NotImplemented", "ImageTooLarge")
STATUSES = (400, 403, 404, 405, 409, 411, 412, 415)
TEXT_ALPHABET = "abc XYZ019.,:&<>'\"/%é中😀"
WHOLE = (0, 1, 115, 4096, 65536, 2**31 - 1, 2**31, 2**53 - 1)
CONFIDENCES = (
    *("0.733", "0", "1", "0.0", "1.0", "0.5", "0.7330", "7.33e-1", "733E-3", "1e0", "0.1"),
    *("0.30000000000000004", "0.1234567890123456", "5e-324", "0.000001"),
)


def valid_sens() -> SearchStrategy[int | None]:
    """None, or a sen that the documentation allows: 0 to 100."""
    return st.none() | st.integers(0, 100)


def sens() -> SearchStrategy[int | None]:
    """None and integers in and out of range, those around the edges of 32 and 64 bits too."""
    return st.one_of(valid_sens(), other_sens())


def other_sens() -> SearchStrategy[int]:
    """Integers out of range, those around the edges of 32 and 64 bits among them."""
    edges = (-1, 101, 255, 256, 2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**53 + 1, 2**63 - 1)
    near = st.integers(101, 999)
    return st.one_of(near, st.sampled_from(edges), st.integers(-(2**63), 2**63 - 1))


def spellings() -> SearchStrategy[str]:
    """Processing strings as a user may write them: documented ones and near misses."""
    return st.one_of(
        valid_sens().map(lambda sen: Call(sen=sen).string),
        st.builds(
            "{0}{1}{2}{3}{4}".format,
            st.sampled_from(("image/bodies", "image/bodies,", "Image/Bodies", "image%2Fbodies")),
            st.sampled_from(("sen_", ",sen_", ",SEN_", ",sen=", ",sen", "/sen_", ";sen_", "")),
            st.sampled_from(("", "-", "+", "0", "00", " ", "\t", "\u3000")),
            st.text(DIGITS, max_size=4),
            st.sampled_from(
                ("", ".0", ".5", "e1", ",", " ", ",sen_50", ",sen_60,sen_70", "/resize,w_100",
                 "|image/info", "&x-oss-process=image/info", "#", "%", "\u00a0")
            ),
        ),
        st.text("image/bodies,sen_059" + SPACES, max_size=12),
    )  # fmt: skip


def keys() -> SearchStrategy[str]:
    """Object keys of 1 to 1023 bytes that begin neither with a slash nor with a backslash."""
    return st.one_of(st.just(PLAIN.key), other_keys())


def other_keys() -> SearchStrategy[str]:
    """Keys that are not the plain one: a quarter of them long."""
    short = st.text(KEY_ALPHABET, min_size=1, max_size=12)
    long = st.builds(lambda text, times: (text * times)[:300], short, st.integers(20, 60))
    return _chosen((short, short, short, long)).map(_allowed)


def _allowed(key: str) -> str:
    return key.lstrip("/\\") or PLAIN.key


def credentials() -> SearchStrategy[Credentials | None]:
    """None for the suite's invented pair, or another invented pair, with or without a token."""
    return st.none() | st.builds(
        Credentials,
        access_key_id=st.text(ID_ALPHABET, max_size=12).map("ExampleId{}".format),
        access_key_secret=st.text(SECRET_ALPHABET, max_size=24).map("ExampleSecret{}".format),
        security_token=st.none()
        | st.text(TOKEN_ALPHABET, max_size=40).map("ExampleToken{}".format),
    )


def documents() -> SearchStrategy[str]:
    """Responses that schemas/bodies.schema.json accepts, numbers spelled in many ways."""
    box = st.tuples(*(st.sampled_from(WHOLE) for _ in range(4)))
    body = st.builds(_body, st.sampled_from(CONFIDENCES), box)
    return st.builds(
        _document,
        st.lists(body, max_size=4),
        st.sampled_from(("", " ", "\n  ", "\t")),
        st.sampled_from(("", "0A2F", "E9BDE106-1436-5077-9F6E-65D81DC6FEC8")),
    )


def _body(confidence: str, box: tuple[int, ...]) -> str:
    left, top, height, width = box
    place = f'"Left":{left},"Top":{top},"Height":{height},"Width":{width}'
    return f'{{"Confidence":{confidence},"Boundary":{{{place}}}}}'


def _document(bodies: list[str], space: str, request_id: str) -> str:
    listed = f",{space}".join(bodies)
    return f'{{"RequestId":{space}"{request_id}",{space}"Bodies":{space}[{listed}]{space}}}{space}'


def errors() -> SearchStrategy[Served]:
    """XML errors of the service: 4xx with code, message and EC."""
    message = st.text(TEXT_ALPHABET, max_size=20).map(lambda text: f"The {text}.")
    return st.builds(
        lambda status, code, said: Served(status=status, error=(code, said, "0000-00000000")),
        st.sampled_from(STATUSES),
        st.sampled_from(CODES),
        message,
    )


def contents() -> SearchStrategy[Served]:
    """Successes: documents and sizes, framings, codings, the places where the bytes are split."""
    # A long one costs every lane as much as thirty short ones.
    sizes = st.sampled_from((None, *(0, 1, 3, 10) * 9, 100, 100, 500))
    framings = st.sampled_from(("length", "chunked", "close"))
    plain = st.builds(Served, count=sizes, framing=framings)
    spelled = st.builds(Served, text=documents(), framing=framings)
    coded = st.builds(Served, count=sizes, encoding=st.sampled_from(("gzip", "deflate")))
    split = st.builds(Served, framing=framings, pieces=st.integers(16, 600))
    return st.one_of(plain, spelled, coded, split)


def served() -> SearchStrategy[Served]:
    """What the server answers: mostly the plain document."""
    return _mostly(st.just(Served()), st.one_of(contents(), errors()))


def calls() -> SearchStrategy[Call]:
    """One call of any kind."""
    by_sen = st.builds(Call, sen=sens(), key=keys(), served=served())
    by_text = st.builds(Call, process=spellings(), key=keys(), served=served())
    return _mostly(by_sen, by_text)


def examples() -> SearchStrategy[Example]:
    """Examples: one thing varied, all things varied, and several calls on one client."""
    one = (
        st.builds(Call, sen=other_sens()),
        st.builds(Call, key=other_keys()),
        st.builds(Call, process=spellings()),
        st.builds(Call, served=contents()),
        st.builds(Call, served=errors()),
        st.builds(Call, sen=valid_sens(), key=other_keys()),
        calls(),
    )
    single = [st.builds(Example, calls=st.tuples(call)) for call in one]
    several = st.builds(
        Example,
        calls=st.lists(calls(), min_size=2, max_size=5).map(tuple),
    )
    other = st.builds(Example, calls=st.tuples(calls()), credentials=credentials())
    # Another key pair or several calls take a client of their own, which costs every lane a
    # handshake: one example in thirty each. What one thing alone does is drawn most often; valid
    # values of sen alone are not drawn at all, as a search puts every one of them first.
    return _chosen((*single * 4, several, other))


def _mostly(first: SearchStrategy[T], second: SearchStrategy[T]) -> SearchStrategy[T]:
    """The first two times out of three."""
    return _chosen((first, first, second))


def _chosen(choices: Sequence[SearchStrategy[T]]) -> SearchStrategy[T]:
    """Any of these, the same one as often as it stands there, which `one_of` would not do."""

    @st.composite
    def choose(draw: st.DrawFn) -> T:
        return draw(choices[draw(st.integers(0, len(choices) - 1))])

    return choose()
