"""Runners that are wrong on purpose: one defect each, seen before in SDKs or easily imagined.

The test of the judge runs every one of them and asks for a finding of the rule that names it.
"""

import json

from fakes import changes
from fakes.reference import runner
from fakes.twist import Twist, main

TOKEN = {
    "access_key_id": "STS.NUexample",
    "access_key_secret": "anotherSecretOf30Characters000",
    "security_token": "CAISexample/token+of=some/length==",
}

EMPTY = json.dumps({"RequestId": "", "Bodies": []}).encode()
REGION = "cn-shanghai"
SEN = {"sen": 50}
SIGNED = {"credentials": TOKEN}

DEFECTS: dict[str, Twist] = {
    "comma-encoded-twice": Twist(
        does="percent-encodes the comma of the processing string twice", rule="process.string",
        given=SEN, unsigned=changes.swap("query", "%2C", "%252C"),
    ),
    "sen-dropped": Twist(
        does="leaves sen out", rule="process.string",
        given=SEN, command=lambda command: command | {"sen": None},
    ),
    "sen-100-as-99": Twist(
        does="takes 100 for one past the end", rule="process.string",
        given={"sen": 100}, command=changes.sen(100, 99),
    ),
    "sen-0-dropped": Twist(
        does="takes 0 for no sen", rule="process.string",
        given={"sen": 0}, command=changes.sen(0, None),
    ),
    "sen-default-written": Twist(
        does="writes the default when no sen is asked for", rule="process.string",
        given={"sen": None}, command=changes.sen(None, 60),
    ),
    "sen-as-real": Twist(
        does="writes sen_50.0", rule="process.string",
        given=SEN, command=changes.written(lambda text: text + ".0" if "sen_" in text else text),
    ),
    "process-upper-cased": Twist(
        does="writes the processing string in capitals", rule="process.string",
        command=changes.written(str.upper),
    ),
    "parameter-renamed": Twist(
        does="calls the parameter X-Oss-Process", rule="process.place",
        unsigned=changes.swap("query", "x-oss-process", "X-Oss-Process"),
    ),
    "parameter-twice": Twist(
        does="sends the parameter twice", rule="process.duplicate", unsigned=changes.query_twice,
    ),
    "process-in-header": Twist(
        does="sends the processing string as a header", rule="process.place",
        unsigned=changes.into_header,
    ),
    "process-not-signed": Twist(
        does="appends the query after it has signed", rule="process.canonical",
        unsigned=changes.put(query=""), sent=changes.query_again,
    ),
    "token-unsigned": Twist(
        does="adds the STS token after it has signed", rule="auth.token",
        given=SIGNED, command=changes.hold_token_back, sent=changes.token_after_all,
    ),
    "token-missing": Twist(
        does="forgets the STS token", rule="auth.token",
        given=SIGNED, command=changes.forget_token,
    ),
    "v1-for-v4": Twist(
        does="signs with V1 when asked for V4", rule="auth.scheme", sign=changes.sign_v1,
    ),
    "unsigned": Twist(
        does="sends nothing of the credentials it was given", rule="auth.scheme",
        command=lambda command: command | {"credentials": None},
    ),
    "secret-with-newline": Twist(
        does="signs with a secret that kept the newline of its file", rule="auth.signature",
        command=changes.credential("access_key_secret", lambda secret: secret + "\n"),
    ),
    "access-key-changed": Twist(
        does="changes the access key id", rule="auth.access-key",
        command=changes.credential("access_key_id", lambda name: name + "x"),
    ),
    "wrong-region": Twist(
        does="signs for a region of its own choice", rule="auth.region",
        command=lambda command: command | {"region": command["region"] and REGION},
    ),
    "secret-in-user-agent": Twist(
        does="sends the access key secret in the User-Agent", rule="auth.secret-leak",
        sent=changes.tell_secret,
    ),
    "plain-http": Twist(
        does="talks plain http to an https endpoint", rule="auth.clear-text",
        unsigned=changes.put(scheme="http"),
    ),
    "head-first": Twist(
        does="asks with HEAD before it gets", rule="transport.requests", send=changes.head_first,
    ),
    "every-request-twice": Twist(
        does="sends every request twice", rule="transport.requests", send=changes.twice,
    ),
    "post-for-get": Twist(
        does="uses POST", rule="transport.method", unsigned=changes.put(method="POST"),
    ),
    "key-space-as-plus": Twist(
        does="writes + for a space in the key", rule="naming.target",
        given={"key": "two words.jpg"}, sent=changes.swap("path", "%20", "+"),
    ),
    "key-not-encoded": Twist(
        does="does not encode reserved characters of the key", rule="naming.target",
        given={"key": "50%25?#.jpg"}, sent=changes.raw_key,
    ),
    "key-encoded-twice": Twist(
        does="percent-encodes the key twice", rule="naming.target",
        given={"key": "two words.jpg"}, sent=changes.swap("path", "%", "%25"),
    ),
    "bucket-left-out": Twist(
        does="leaves the bucket out", rule="naming.target", sent=changes.no_bucket,
    ),
    "body-cut": Twist(
        does="loses the last byte of the content", rule="bodies.bytes", answer=changes.cut,
    ),
    "answer-of-the-call-before": Twist(
        does="hands out the content of the call before", rule="bodies.bytes",
        calls=2, memory=changes.cache,
    ),
    "confidence-as-float32": Twist(
        does="keeps Confidence in 32 bits", rule="bodies.parsed",
        answer=changes.each_number("$real", changes.float32),
    ),
    "integers-as-reals": Twist(
        does="makes reals of pixels", rule="bodies.parsed",
        answer=changes.each_number("$int", lambda text: f"{text}.0"),
    ),
    "bodies-reversed": Twist(
        does="changes the order of the bodies", rule="bodies.parsed",
        answer=changes.parsed(lambda bodies: bodies[::-1]),
    ),
    "first-body-dropped": Twist(
        does="loses the first body", rule="bodies.parsed",
        answer=changes.parsed(lambda bodies: bodies[1:]),
    ),
    "error-as-empty-success": Twist(
        does="makes an answer without bodies of an error", rule="errors.kind",
        reply="error", answer=changes.swallow(EMPTY),
    ),
    "success-as-error": Twist(
        does="reports an error when there is content", rule="errors.kind", answer=changes.alarm,
    ),
    "origin-wrong": Twist(
        does="takes an error of the service for one of the transport", rule="errors.origin",
        reply="error", answer=changes.error(origin="transport"),
    ),
    "status-wrong": Twist(
        does="reports status 400 for every error", rule="errors.status",
        reply="error", answer=changes.error(status=400),
    ),
    "code-lost": Twist(
        does="loses the error code", rule="errors.code",
        reply="error", answer=changes.error(code=None),
    ),
    "message-lost": Twist(
        does="loses the error message", rule="errors.message",
        reply="error", answer=changes.error(message=None),
    ),
    "message-for-code": Twist(
        does="reports the code where the message belongs", rule="errors.message",
        reply="error", answer=changes.error(message=lambda error: error["code"]),
    ),
    "request-id-swapped": Twist(
        does="reports the host id as the request id", rule="errors.request-id",
        reply="error", answer=changes.error(request_id=lambda error: error["host_id"]),
    ),
    "host-id-lost": Twist(
        does="loses the host id", rule="errors.host-id",
        reply="error", answer=changes.error(host_id=None),
    ),
    "ec-lost": Twist(
        does="loses the EC", rule="errors.ec", reply="error", answer=changes.error(ec=None),
    ),
}  # fmt: skip

if __name__ == "__main__":
    main(DEFECTS, runner)
