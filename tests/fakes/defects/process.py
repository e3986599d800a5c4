"""Defects of the processing string: another one arrives than was asked for."""

import unicodedata
from urllib.parse import unquote

from fakes import changes, keeping
from fakes.twist import Twist

SEN = {"parameters": {"sen": 50}}
VALUES = ("process/sen/*",)

_SEN: dict[str, Twist] = {
    "sen-dropped": Twist(
        does="leaves sen out", rule="process.string", cases=VALUES,
        given=SEN, command=lambda command: command | {"parameters": {}},
    ),
    "sen-0-dropped": Twist(
        does="takes 0 for no sen", rule="process.string", cases=VALUES,
        given={"parameters": {"sen": 0}}, command=changes.sen(0, None),
    ),
    "sen-1-as-true": Twist(
        does="takes 1 for true", rule="process.string", cases=VALUES,
        given={"parameters": {"sen": 1}},
        command=changes.written(lambda text: text[:-1] + "true" if text[-4:] == "en_1" else text),
    ),
    "sen-as-fraction": Twist(
        does="keeps sen as a fraction and cuts what it multiplies back: 29 is 28", cases=VALUES,
        rule="process.string", given={"parameters": {"sen": 29}},
        command=changes.each_sen(lambda value: int(value / 100 * 100)),
    ),
    "sen-60-dropped": Twist(
        does="leaves out a sen that is the default's", rule="process.string", cases=VALUES,
        given={"parameters": {"sen": 60}}, command=changes.sen(60, None),
    ),
    "sen-64-and-more-as-63": Twist(
        does="takes no sen beyond 63", rule="process.string", cases=VALUES,
        given={"parameters": {"sen": 99}}, command=changes.each_sen(lambda value: min(value, 63)),
    ),
    "sen-100-as-99": Twist(
        does="takes 100 for one past the end", rule="process.string", cases=VALUES,
        given={"parameters": {"sen": 100}}, command=changes.sen(100, 99),
    ),
    "sen-in-two-digits": Twist(
        does="has room for two digits of sen", rule="process.string", cases=VALUES,
        given={"parameters": {"sen": 100}}, command=changes.sen(100, 10),
    ),
    "sen-default-written": Twist(
        does="writes the default when no sen is asked for", rule="process.string", cases=VALUES,
        given={"parameters": {}}, command=changes.sen(None, 60),
    ),
    "sen-as-real": Twist(
        does="writes sen_50.0", rule="process.string", cases=VALUES,
        given=SEN, command=changes.written(lambda text: text + ".0" if "sen_" in text else text),
    ),
    "sen-of-the-first-call": Twist(
        does="asks with the sen of the first call on one client", rule="process.string",
        cases=("transport/reuse/other-object", "transport/reuse/ten-calls"),
        given={"client": "kept", "parameters": {"sen": 10}}, then={"parameters": {"sen": 20}},
        replies=("bodies",) * 2, command=keeping.stays("parameters"),
    ),
    "string-of-the-first-call": Twist(
        does="sends the string that a program wrote itself with the next calls too",
        rule="process.string", cases=("transport/reuse/string-then-parameters",),
        given={"client": "kept", "process": "image/bodies,sen_10"}, then={"process": None},
        replies=("bodies",) * 2, command=keeping.stays("process"),
    ),
}  # fmt: skip

_TEXT: dict[str, Twist] = {
    "process-upper-cased": Twist(
        does="writes the processing string in capitals", rule="process.string", cases=VALUES,
        command=changes.written(str.upper),
    ),
    "process-lower-cased": Twist(
        does="writes a given string small", rule="process.string",
        cases=("process/strings/upper-case",),
        given={"process": "IMAGE/BODIES"}, command=changes.written(str.lower),
    ),
    "process-trimmed": Twist(
        does="takes blanks off a given string", rule="process.string",
        advised=True, cases=("process/strings/space-before", "process/strings/line-feed"),
        given={"process": " image/bodies"}, command=changes.written(str.strip),
    ),
    "process-decoded-first": Twist(
        does="decodes a given string that looks encoded", rule="process.string",
        cases=("process/strings/looks-encoded",),
        given={"process": "image%2Fbodies"}, command=changes.written(unquote),
    ),
    "process-plus-as-space": Twist(
        does="reads a + as a space", rule="process.string", cases=("process/strings/plus-sign",),
        given={"process": "image/bodies,note_a+b"},
        command=changes.written(lambda text: text.replace("+", " ")),
    ),
    "process-full-width-folded": Twist(
        does="makes ASCII of full-width digits", rule="process.string",
        cases=("process/strings/sen-full-width",), given={"process": "image/bodies,sen_５０"},
        command=changes.written(lambda text: unicodedata.normalize("NFKC", text)),
    ),
    "process-beyond-ascii-lost": Twist(
        does="writes ? for what is not ASCII", rule="process.string",
        cases=("process/strings/chinese",), given={"process": "image/bodies,note_行人"},
        command=changes.written(lambda text: text.encode("ascii", "replace").decode()),
    ),
    "process-slashes-joined": Twist(
        does="makes one slash of two", rule="process.string",
        cases=("process/strings/two-slashes",), given={"process": "image//bodies"},
        command=changes.written(lambda text: text.replace("//", "/")),
    ),
    "process-cut-at-255": Twist(
        does="has room for 255 characters", rule="process.string",
        cases=("process/strings/two-thousand-characters",),
        given={"process": "image/bodies,note_" + "n" * 300},
        command=changes.written(lambda text: text[:255]),
    ),
    "process-cut-at-semicolon": Twist(
        does="ends a given string at a semicolon", rule="process.string",
        cases=("process/strings/semicolon",), given={"process": "image/bodies;sen_50"},
        command=changes.written(lambda text: text.partition(";")[0]),
    ),
    "process-cut-at-pipe": Twist(
        does="drops what is piped on", rule="process.string",
        cases=("process/strings/save-as",), given={"process": "image/bodies|sys/saveas,o_YQ"},
        command=changes.written(lambda text: text.partition("|")[0]),
    ),
    "unknown-parameter-dropped": Twist(
        does="drops a parameter that it does not know", rule="process.string",
        cases=("process/strings/sen-and-unknown",), given={"process": "image/bodies,limit_10"},
        command=changes.written(
            lambda text: ",".join(p for p in text.split(",") if not p.startswith("limit_"))
        ),
    ),
    "parameters-sorted": Twist(
        does="puts parameters in its own order", rule="process.string",
        cases=("process/strings/sen-and-unknown",),
        given={"process": "image/bodies,sen_50,limit_10"},
        command=changes.written(lambda text: ",".join(sorted(text.split(",")))),
    ),
}  # fmt: skip

_PLACE: dict[str, Twist] = {
    "comma-encoded-twice": Twist(
        does="percent-encodes the comma of the processing string twice", rule="process.string",
        cases=VALUES, given=SEN, unsigned=changes.swap("query", "%2C", "%252C"),
    ),
    "percent-encoded-twice": Twist(
        does="percent-encodes a percent sign twice", rule="process.string",
        cases=("process/strings/percent",), given={"process": "image/bodies,note_100%"},
        unsigned=changes.swap("query", "%25", "%2525"),
    ),
    "ampersand-bare": Twist(
        does="leaves & of a given string as it is", rule="process.string",
        cases=("process/strings/ampersand",), given={"process": "image/bodies,sen_50&z"},
        unsigned=changes.swap("query", "%26", "&"),
    ),
    "parameter-renamed": Twist(
        does="calls the parameter X-Oss-Process", rule="process.place", cases=VALUES,
        unsigned=changes.swap("query", "x-oss-process", "X-Oss-Process"),
    ),
    "parameter-twice": Twist(
        does="sends the parameter twice", rule="process.duplicate", cases=VALUES,
        unsigned=changes.query_twice,
    ),
    "process-in-header": Twist(
        does="sends the processing string as a header", rule="process.place", cases=VALUES,
        unsigned=changes.into_header,
    ),
    "process-not-signed": Twist(
        does="appends the query after it has signed", rule="process.canonical", cases=VALUES,
        unsigned=changes.put(query=""), sent=changes.query_again,
    ),
}  # fmt: skip

DEFECTS = _SEN | _TEXT | _PLACE
