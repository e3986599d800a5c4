"""A page with a program for the fake lanes, and pages on which one thing is wrong on purpose.

The program calls `get_object`, which is all of an SDK that it needs. `PROGRAMS` are wrong programs
and `EXCHANGES` wrong exchanges, each as the change of the right page that makes it; a finding of
its `rule` must name it.
"""

import base64
import os
from dataclasses import dataclass

from fakes.reference import runner
from fakes.sample import CALL, VARIABLES

PAGE = """# Find people

Python SDK 1.0.0 or later is needed.

```python
import sys
from fakes import printed as sdk

endpoint = 'https://oss-cn-shanghai.aliyuncs.com'
bucket = 'photo-archive'
key = 'people/street.jpg'
try:
    found = sdk.get_object(endpoint, bucket, key, region='cn-shanghai', process='image/bodies')
    print('People:', found)
except sdk.ServiceError as refused:
    print('Refused:', refused)
    sys.exit(1)
```

```http
GET /people/street.jpg?x-oss-process=image/bodies HTTP/1.1
Host: photo-archive.oss-cn-shanghai.aliyuncs.com
Date: Mon, 02 Mar 2026 10:00:00 GMT
Authorization: SignatureValue
```

```http
HTTP/1.1 200 OK
Date: Mon, 02 Mar 2026 10:00:01 GMT
Content-Type: application/json
Content-Length: 137
ETag: "2CE2EA370531B7CC1D23BE6015CF5DA5"
x-oss-request-id: 69A55E9100000000000000AA

{"RequestId":"0E1C5D1A-0000-4000-8000-000000000001",
"Bodies":[{"Confidence":0.9,"Boundary":{"Left":10,"Top":20,"Height":90,"Width":40}}]}
```
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """A page on which one thing is wrong. does: what, as the rest of "a page that ..."."""

    does: str
    rule: str
    changes: tuple[tuple[str, str], ...]  # old and new text, each old one occurs once
    advised: bool = False  # the rule is based on a SHOULD
    cases: str = "*"  # pattern of the cases that show it

    @property
    def text(self) -> str:
        text = PAGE
        for old, new in self.changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return text


PROGRAMS: dict[str, Spoiled] = {
    "catches-nothing": Spoiled(
        does="catches a class of the same name, which nothing raises",
        rule="samples.handled", cases="*/denied",
        changes=(
            ("import sys\n", "import sys\nclass ServiceError(Exception): pass\n"),
            ("except sdk.", "except "),
        ),
    ),
    "smart-quotes": Spoiled(
        does="has quotation marks of a text processor",
        rule="samples.compile", changes=(("'photo-archive'", "‘photo-archive’"),),
    ),
    "no-break-space": Spoiled(
        does="is indented with no-break spaces", rule="samples.compile",
        changes=(("    print('People:", "\u00a0\u00a0\u00a0\u00a0print('People:"),),
    ),
    "tabs-among-spaces": Spoiled(
        does="is indented with a tab in one line of a block", rule="samples.compile",
        changes=(("    print('People:", "\tprint('People:"),),
    ),
    "prints-nothing": Spoiled(
        does="keeps what it got to itself", rule="samples.output", cases="*/success",
        changes=(("    print('People:', found)\n", ""),),
    ),
    "hides-the-error": Spoiled(
        does="does not print what the error was", rule="samples.output", cases="*/no-such-key",
        changes=(("print('Refused:', refused)", "print('Refused')"),),
    ),
    "ends-well": Spoiled(
        does="ends with 0 after an error", rule="samples.exit", advised=True, cases="*/denied",
        changes=(("    sys.exit(1)\n", ""),),
    ),
    "fails-always": Spoiled(
        does="ends with 1 in any case", rule="samples.exit", cases="*/success",
        changes=(("'People:', found)", "'People:', found)\n    sys.exit(1)"),),
    ),
    "signs-for-another-region": Spoiled(
        does="signs for another region than its endpoint's", rule="auth.region", cases="*/success",
        changes=(("region='cn-shanghai'", "region='cn-beijing'"),),
    ),
}  # fmt: skip
EXCHANGES: dict[str, Spoiled] = {
    "length": Spoiled(
        does="prints the length of other content", rule="page.content-length",
        changes=(("Content-Length: 137", "Content-Length: 145"),),
    ),
    "member": Spoiled(
        does="misspells a member", rule="page.content", changes=(("Confidence", "Confidense"),)
    ),
    "json": Spoiled(
        does="prints content that is no JSON", rule="page.content", changes=(("}}]}", "}}]"),)
    ),
    "before": Spoiled(
        does="has a response that is older than its request", rule="page.pair",
        changes=(("10:00:01 GMT", "09:00:01 GMT"),),
    ),
    "weekday": Spoiled(
        does="has the wrong day of the week", rule="page.headers",
        changes=(("Mon, 02 Mar 2026 10:00:00", "Tue, 02 Mar 2026 10:00:00"),),
    ),
    "host": Spoiled(
        does="has a request without Host", rule="page.headers",
        changes=(("Host: photo-archive.oss-cn-shanghai.aliyuncs.com\n", ""),),
    ),
    "unsigned": Spoiled(
        does="has an anonymous request", rule="page.headers",
        changes=(("Authorization: SignatureValue\n", ""),),
    ),
    "twice": Spoiled(
        does="has a field twice", rule="page.headers",
        changes=(("Content-Type: application/json\n", "Content-Type: text/json\n" * 2),),
    ),
    "name": Spoiled(
        does="has a field name that is none", rule="page.headers",
        changes=(("x-oss-request-id:", "x-oss-request‑id:"),),
    ),
    "number": Spoiled(
        does="has a length in words", rule="page.headers", changes=(("h: 137", "h: many"),)
    ),
    "tag": Spoiled(
        does="has an entity tag without quotation marks", rule="page.headers",
        changes=(('"2CE2EA370531B7CC1D23BE6015CF5DA5"', "2CE2EA370531B7CC1D23BE6015CF5DA5"),),
    ),
    "both": Spoiled(
        does="has a length and a transfer coding", rule="page.headers",
        changes=(("h: 137", "h: 137\nTransfer-Encoding: chunked"),),
    ),
    "copy": Spoiled(
        does="prints a response twice", rule="page.pair",
        changes=((PAGE[PAGE.index("```http\nHTTP") :], PAGE[PAGE.index("```http\nHTTP") :] * 2),),
    ),
    "alone": Spoiled(
        does="prints a response without a request", rule="page.pair", advised=True,
        changes=((PAGE[PAGE.index("```http\nGET") : PAGE.index("```http\nHTTP")], ""),),
    ),
    "undated": Spoiled(
        does="has a response without Date", rule="page.headers", advised=True,
        changes=(("Date: Mon, 02 Mar 2026 10:00:01 GMT\n", ""),),
    ),
    "timeless": Spoiled(
        does="has a request without a time", rule="page.headers", advised=True,
        changes=(("Date: Mon, 02 Mar 2026 10:00:00 GMT\n", ""),),
    ),
}  # fmt: skip


class ServiceError(Exception):
    """The service refused."""


def get_object(endpoint: str, bucket: str, key: str, *, region: str, process: str) -> str:
    """The content of a processed object."""
    keys = {name: os.environ.get(variable) for name, variable in VARIABLES.items()}
    asked = {"endpoint": endpoint, "bucket": bucket, "key": key, "region": region}
    if not keys["access_key_id"]:
        raise ValueError("no credentials")
    proxy = os.environ.get("HTTPS_PROXY")
    more = {"process": process, "proxy": proxy, "credentials": keys}
    answer = runner.call(CALL | asked | more)
    if answer["kind"] == "error":
        error = answer["error"]
        raise ServiceError(f"{error['code']}: {error['message']} {error['text']}")
    return base64.b64decode(answer["content"]["base64"]).decode()
