"""Hypothesis strategies for the parts of an example; public, for use in other tests.

Pure. Each strategy shrinks towards the default call, so a shrunk example differs from it only in
what makes it fail. Not drawn, because SDKs may differ there or because it takes time: control
characters, 5xx statuses and throttling (SDKs retry), broken connections.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.fuzz.example import Call, Example, Served
from conformance.model.case import Credentials
from conformance.operation.definition import Arguments, Operation, Parameter
from conformance.operation.reading import bodies

T = TypeVar("T")

# The reserved characters of RFC 3986 2.2, other characters that must be percent-encoded, characters
# of two, three and four bytes in UTF-8, right-to-left and zero-width ones; slashes and dots give
# paths that clients tend to normalize.
KEY_ALPHABET = "abcXYZ019-_.~/ +%?#&=:;,@!$'()*[]\"<>`^{}|\\éß中文日本😀א\u200d\u0301"
# ASCII, Arabic-Indic, full-width and mathematical digits; some integer parsers accept all of them.
DIGITS = "0123456789٠١٥０５９𝟓"
SPACES = " \t\u00a0\u3000"
# Token characters of RFC 9110, without the separators of a credential scope.
ID_ALPHABET = "abcdefXYZ0123456789.-_"
SECRET_ALPHABET = ID_ALPHABET + "+/=!$&*()"
TOKEN_ALPHABET = "abcXYZ0123456789+/="
# No SDK is known to act on these codes or to retry these statuses.
CODES = ("NoSuchKey", "AccessDenied", "InvalidArgument", "NotImplemented", "ImageTooLarge")
STATUSES = (400, 403, 404, 405, 409, 411, 412, 415)
TEXT_ALPHABET = "abc XYZ019.,:&<>'\"/%é中😀"
WHOLE = (0, 1, 115, 4096, 65536, 2**31 - 1, 2**31, 2**53 - 1)
CONFIDENCES = (
    *("0.733", "0", "1", "0.0", "1.0", "0.5", "0.7330", "7.33e-1", "733E-3", "1e0", "0.1"),
    *("0.30000000000000004", "0.1234567890123456", "5e-324", "0.000001"),
)
# Near the limits of one byte, 32 bits, binary64 and 64 bits.
EDGES = (255, 256, 2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**53 + 1, 2**63 - 1)


def valid_values(parameter: Parameter) -> SearchStrategy[int | None]:
    """A documented value, or None to omit the parameter."""
    return st.none() | st.integers(parameter.minimum, parameter.maximum)


def other_values(parameter: Parameter) -> SearchStrategy[int]:
    """Integers out of range, near the limits of machine integers, and any of 64 bits."""
    edges = (parameter.minimum - 1, parameter.maximum + 1, *EDGES)
    near = st.integers(parameter.maximum + 1, parameter.maximum + 899)
    return st.one_of(near, st.sampled_from(edges), st.integers(-(2**63), 2**63 - 1))


def values(parameter: Parameter) -> SearchStrategy[int | None]:
    """None and integers in and out of range."""
    return st.one_of(valid_values(parameter), other_values(parameter))


def arguments(
    operation: Operation | None = None,
    values_of: Callable[[Parameter], SearchStrategy[int | None]] = values,
) -> SearchStrategy[Arguments]:
    """Arguments of an operation. values_of: gives the strategy for the values of a parameter."""
    parameters = (operation or bodies()).parameters
    names = [parameter.name for parameter in parameters]
    return st.tuples(*map(values_of, parameters)).map(
        lambda drawn: tuple(
            (name, value) for name, value in zip(names, drawn, strict=True) if value is not None
        )
    )


def spellings(operation: Operation | None = None) -> SearchStrategy[str]:
    """Processing strings as a user may write them: documented ones and similar ones."""
    operation = operation or bodies()
    action = operation.action
    names = [parameter.name for parameter in operation.parameters]
    joints = [
        joint.format(name=name, capitals=name.upper())
        for name in names
        for joint in ("{name}_", ",{name}_", ",{capitals}_", ",{name}=", ",{name}", "/{name}_",
                      ";{name}_")
    ]  # fmt: skip
    second = [text for name in names for text in (f",{name}_50", f",{name}_60,{name}_70")]
    return st.one_of(
        *(_documented(operation, parameter) for parameter in operation.parameters),
        st.builds(
            "{0}{1}{2}{3}{4}".format,
            st.sampled_from((action, f"{action},", action.title(), action.replace("/", "%2F"))),
            st.sampled_from((*joints, "")),
            st.sampled_from(("", "-", "+", "0", "00", " ", "\t", "\u3000")),
            st.text(DIGITS, max_size=4),
            st.sampled_from(
                ("", ".0", ".5", "e1", ",", " ", *second, "/resize,w_100",
                 "|image/info", "&x-oss-process=image/info", "#", "%", "\u00a0")
            ),
        ),
        st.text(f"{action},{'_'.join(names)}_059{SPACES}", max_size=12),
    )  # fmt: skip


def _documented(operation: Operation, parameter: Parameter) -> SearchStrategy[str]:
    return valid_values(parameter).map(
        lambda value: operation.string(() if value is None else ((parameter.name, value),))
    )


def keys() -> SearchStrategy[str | None]:
    """Keys of up to 1023 bytes without a leading slash or backslash; None is the default key."""
    return st.one_of(st.none(), other_keys())


def other_keys() -> SearchStrategy[str | None]:
    """Keys other than the default one, a quarter of them long."""
    short = st.text(KEY_ALPHABET, min_size=1, max_size=12)
    long = st.builds(lambda text, times: (text * times)[:300], short, st.integers(20, 60))
    return _chosen((short, short, short, long)).map(lambda key: key.lstrip("/\\") or None)


def credentials() -> SearchStrategy[Credentials | None]:
    """None for the default key pair, and other invented pairs with or without a token."""
    return st.none() | st.builds(
        Credentials,
        access_key_id=st.text(ID_ALPHABET, max_size=12).map("ExampleId{}".format),
        access_key_secret=st.text(SECRET_ALPHABET, max_size=24).map("ExampleSecret{}".format),
        security_token=st.none()
        | st.text(TOKEN_ALPHABET, max_size=40).map("ExampleToken{}".format),
    )


def documents() -> SearchStrategy[str]:
    """Responses that schemas/bodies.schema.json accepts, with numbers in various formats."""
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
    boundary = f'"Left":{left},"Top":{top},"Height":{height},"Width":{width}'
    return f'{{"Confidence":{confidence},"Boundary":{{{boundary}}}}}'


def _document(bodies: list[str], space: str, request_id: str) -> str:
    listed = f",{space}".join(bodies)
    return f'{{"RequestId":{space}"{request_id}",{space}"Bodies":{space}[{listed}]{space}}}{space}'


def errors() -> SearchStrategy[Served]:
    """XML errors: a 4xx status with code, message and EC."""
    message = st.text(TEXT_ALPHABET, max_size=20).map(lambda text: f"The {text}.")
    return st.builds(
        lambda status, code, text: Served(status=status, error=(code, text, "0000-00000000")),
        st.sampled_from(STATUSES),
        st.sampled_from(CODES),
        message,
    )


def contents() -> SearchStrategy[Served]:
    """Successes: documents of various sizes, framings, content codings, responses in pieces."""
    # A long document takes a lane as much time as thirty short ones.
    sizes = st.sampled_from((None, *(0, 1, 3, 10) * 9, 100, 100, 500))
    framings = st.sampled_from(("length", "chunked", "close"))
    plain = st.builds(Served, count=sizes, framing=framings)
    formatted = st.builds(Served, text=documents(), framing=framings)
    coded = st.builds(Served, count=sizes, encoding=st.sampled_from(("gzip", "deflate")))
    split = st.builds(Served, framing=framings, pieces=st.integers(16, 600))
    return st.one_of(plain, formatted, coded, split)


def served() -> SearchStrategy[Served]:
    """The answer of the server: mostly the default one."""
    return _mostly(st.just(Served()), st.one_of(contents(), errors()))


def calls(operation: Operation | None = None) -> SearchStrategy[Call]:
    """One call of any kind."""
    by_arguments = st.builds(Call, arguments=arguments(operation), key=keys(), served=served())
    by_string = st.builds(Call, process=spellings(operation), key=keys(), served=served())
    return _mostly(by_arguments, by_string)


def examples(operation: Operation | None = None) -> SearchStrategy[Example]:
    """Examples with one part varied, with all parts varied, and with several calls."""
    operation = operation or bodies()
    variants = (
        st.builds(Call, arguments=arguments(operation, other_values)),
        st.builds(Call, key=other_keys()),
        st.builds(Call, process=spellings(operation)),
        st.builds(Call, served=contents()),
        st.builds(Call, served=errors()),
        st.builds(Call, arguments=arguments(operation, valid_values), key=other_keys()),
        calls(operation),
    )
    fixed = st.just(operation)
    single = [st.builds(Example, operation=fixed, calls=st.tuples(call)) for call in variants]
    turns = st.lists(calls(operation), min_size=2, max_size=5).map(tuple)
    several = st.builds(Example, operation=fixed, calls=turns)
    key_pair = st.builds(
        Example, operation=fixed, calls=st.tuples(calls(operation)), credentials=credentials()
    )
    # Several calls and another key pair need a new client, and so a handshake on every lane: each
    # is one example in thirty. Examples with one part varied are drawn most often. Valid values
    # alone are not drawn, since a search runs all of them first.
    return _chosen((*single * 4, several, key_pair))


def _mostly(first: SearchStrategy[T], second: SearchStrategy[T]) -> SearchStrategy[T]:
    """The first strategy in two of three draws."""
    return _chosen((first, first, second))


def _chosen(choices: Sequence[SearchStrategy[T]]) -> SearchStrategy[T]:
    """Any of these; unlike with `one_of`, a strategy listed twice is drawn twice as often."""

    @st.composite
    def choose(draw: st.DrawFn) -> T:
        return draw(choices[draw(st.integers(0, len(choices) - 1))])

    return choose()
