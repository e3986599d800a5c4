"""Defects of signing: who a request says it is, whether that is proved, and what leaks."""

from pathlib import Path
from urllib.parse import unquote

from fakes import answers, changes, clocks, keeping, lines, telling
from fakes.twist import Twist

TOKEN = {
    "access_key_id": "STS.NUexample",
    "access_key_secret": "anotherSecretOf30Characters000",
    "security_token": "CAISexample/token+of=some/length==",
}
ANOTHER_PAIR = {
    "access_key_id": "LTAI5tExampleSecondKey",
    "access_key_secret": "aSecretOf30CharactersForTests0",
    "security_token": None,
}
NEW_SECRET = ANOTHER_PAIR | {"access_key_secret": "itsNextSecretOf30Characters000"}
REGION = "cn-shanghai"
SIGNED = {"credentials": TOKEN}
PLAIN = ("auth/signature/accepted",)
TEMPORARY = ("auth/token/accepted",)

_KEYS: dict[str, Twist] = {
    "v1-for-v4": Twist(
        does="signs with V1 when asked for V4", rule="auth.scheme", cases=PLAIN,
        sign=changes.sign_v1,
    ),
    "version-of-the-newest-client": Twist(
        does="signs with the version of the client that was made last", rule="auth.scheme",
        cases=("auth/v1/client-beside-v4",), command=keeping.newest_version(),
        sign=changes.sign_version, can=("v1",), alone=False,
    ),
    "unsigned": Twist(
        does="sends nothing of the credentials it was given", rule="auth.scheme", cases=PLAIN,
        command=lambda command: command | {"credentials": None},
    ),
    "signed-though-anonymous": Twist(
        does="signs what was to be anonymous with the credentials of the call before",
        rule="auth.scheme", cases=("auth/anonymous-between/then-anonymous",),
        given={"client": "kept"}, then={"credentials": None}, replies=("bodies",) * 2,
        command=keeping.stays("credentials"),
    ),
    "scheme-of-another-service": Twist(
        does="names the scheme of another service in Authorization", rule="auth.scheme",
        cases=PLAIN, sent=changes.swap_header("Authorization", "OSS4-", "AWS4-"),
    ),
    "header-signed-and-not-sent": Twist(
        does="signs a header for a URL that it does not send", rule="auth.signature",
        cases=("process/presigned/bodies",), given={"sign": "url"},
        sign=changes.sign_unsent("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
    ),
    "secret-with-newline": Twist(
        does="signs with a secret that kept the newline of its file", rule="auth.signature",
        cases=PLAIN, command=changes.credential("access_key_secret", lambda secret: secret + "\n"),
    ),
    "secret-in-64-characters": Twist(
        does="cuts a secret at the 64 bytes of a block", rule="auth.signature",
        cases=("auth/secret-characters/long", "auth/secret-characters/hmac-block"),
        given={"credentials": TOKEN | {"security_token": None, "access_key_secret": "s" * 80}},
        command=changes.credential("access_key_secret", lambda secret: secret[:64]),
    ),
    "secret-percent-decoded": Twist(
        does="decodes %-escapes in a secret", rule="auth.signature",
        cases=("auth/secret-characters/percent",),
        given={"credentials": TOKEN | {"security_token": None, "access_key_secret": "a%2F" * 8}},
        command=changes.credential("access_key_secret", unquote),
    ),
    "key-of-other-tools": Twist(
        does="takes the access key id that other tools use", rule="auth.access-key",
        cases=("auth/program-environment/other-tools-v4",),
        environment={"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIofAnotherTool"},
        command=changes.key_of_other_tools,
    ),
    "netrc-for-the-signature": Twist(
        does="sends the login of .netrc in place of the signature", rule="auth.scheme",
        cases=("auth/program-environment/netrc-v4", "auth/program-environment/netrc-anonymous"),
        environment={"HOME": str(Path(__file__).parent / "home")}, sent=changes.netrc_instead,
    ),
    "access-key-changed": Twist(
        does="changes the access key id", rule="auth.access-key", cases=PLAIN,
        command=changes.credential("access_key_id", lambda name: name + "x"),
    ),
    "wrong-region": Twist(
        does="signs for a region of its own choice", rule="auth.region", cases=PLAIN,
        command=lambda command: command | {"region": command["region"] and REGION},
    ),
    "key-pair-of-the-first-call": Twist(
        does="goes on with the key pair that the program's provider gave first",
        rule="auth.access-key", cases=("auth/provider/another-key-pair",),
        given={"client": "kept", "provider": "program"}, then={"credentials": ANOTHER_PAIR},
        replies=("bodies",) * 2, command=keeping.stays("credentials"),
    ),
    "token-outlives-its-pair": Twist(
        does="goes on with a token that the program's provider no longer gives",
        rule="auth.token", cases=("auth/provider/token-goes", "auth/provider/token-renewed"),
        given=SIGNED | {"client": "kept", "provider": "program"},
        then={"credentials": ANOTHER_PAIR}, replies=("bodies",) * 2, command=keeping.token_stays(),
    ),
    "signing-key-of-the-same-id": Twist(
        does="keeps a signing key by the access key id, though its secret has changed",
        rule="auth.signature", cases=("auth/provider/new-secret", "auth/provider/new-secret-url"),
        given={"client": "kept", "provider": "program", "credentials": ANOTHER_PAIR},
        then={"credentials": NEW_SECRET}, replies=("bodies",) * 2,
        command=keeping.first_of_its_id("access_key_secret"),
    ),
    "token-of-the-same-id": Twist(
        does="keeps a token by the access key id, though it has been renewed", rule="auth.token",
        cases=("auth/provider/new-token", "auth/provider/new-token-url"),
        given=SIGNED | {"client": "kept", "provider": "program"},
        then={"credentials": TOKEN | {"security_token": "CAISanother/token=="}},
        replies=("bodies",) * 2, command=keeping.first_of_its_id("security_token"),
    ),
    "url-of-the-first-call": Twist(
        does="signs URLs for as long as its first call did", rule="auth.scheme",
        cases=("transport/reuse/url-between",), given={"client": "kept", "sign": "url"},
        then={"sign": "header"}, replies=("bodies",) * 2, command=keeping.stays("sign"),
    ),
    "region-of-the-first-call": Twist(
        does="signs for the region of the first call on one client", rule="auth.region",
        cases=("auth/region/wrong-then-right",), given={"client": "kept"},
        then={"region": REGION}, replies=("bodies",) * 2, command=keeping.stays("region"),
    ),
    "key-signed-undecorated": Twist(
        does="signs the key in small letters", rule="auth.signature",
        cases=("naming/keys/upper-case",), given={"key": "EXAMPLE.JPG"},
        sign=changes.signed_as(changes.key(str.lower)),
    ),
    "key-signed-with-plus-as-space": Twist(
        does="signs a + in the key as a space", rule="auth.signature",
        cases=("naming/reserved/plus",), given={"key": "a+b.jpg"},
        sign=changes.signed_as(changes.key(lambda key: key.replace("+", " "))),
    ),
}  # fmt: skip

_ANY_DATE = clocks.Learning(lambda _: True)

_CLOCK: dict[str, Twist] = {
    "time-of-china": Twist(
        does="signs with the local time of China", rule="auth.signature", cases=PLAIN,
        sign=clocks.ahead(8 * clocks.HOUR),
    ),
    "clock-16-minutes-slow": Twist(
        does="has a clock that is 16 minutes slow", rule="auth.signature", cases=PLAIN,
        sign=clocks.ahead(-16 * 60),
    ),
    "day-of-the-local-calendar": Twist(
        does="dates the scope by the local calendar, which near midnight is another day",
        rule="auth.signature", cases=PLAIN, sign=clocks.local_day,
    ),
    "day-of-the-zone": Twist(
        does="dates the scope by the calendar of the program's time zone", rule="auth.signature",
        cases=("auth/program-clock/far-*-v4",), environment={"TZ": clocks.elsewhere()},
        sign=clocks.day_of_the_zone,
    ),
    "time-of-the-zone": Twist(
        does="signs by the clock of the program's time zone", rule="auth.signature",
        cases=("auth/program-clock/far-*-v4",), environment={"TZ": clocks.elsewhere()},
        sign=clocks.time_of_the_zone,
    ),
    "standard-time-of-the-zone": Twist(
        does="forgets summer time when it turns local time into UTC", rule="auth.signature",
        cases=("auth/program-clock/far-east-v4", "auth/program-clock/new-york-v4"),
        environment={"TZ": "EST5EDT,0/0,J365/25"}, sign=clocks.standard_time_of_the_zone,
    ),
    "hours-of-twelve": Twist(
        does="writes the hours of a 12-hour clock", rule="auth.signature", alone=False,
        cases=("auth/program-clock/last-evening-v4", "auth/program-clock/first-night-v4"),
        sign=clocks.hours_of_twelve,
    ),
    "year-of-the-week": Twist(
        does="writes the year that the week belongs to", rule="auth.signature", alone=False,
        cases=("auth/program-clock/last-evening-v4",), sign=clocks.year_of_the_week,
    ),
    "clock-of-any-answer": Twist(
        does="sets its clock by the Date of any answer", rule="auth.signature",
        cases=("auth/clock/refusal-with-odd-date", "auth/clock/content-with-odd-date"),
        given={"client": "kept"}, replies=("dated", "bodies"),
        sign=_ANY_DATE.sign, send=_ANY_DATE.send, alone=False,
    ),
    "time-of-the-first-call": Twist(
        does="signs every call of a client with the time of the first", rule="auth.time",
        cases=("auth/moving-clock/second-call-v4",), alone=False, sign=clocks.stopped(),
    ),
    "url-from-the-first-call-on": Twist(
        does="counts the validity of a client's URLs from its first call on", rule="auth.expires",
        cases=("auth/moving-clock/over-midnight",), alone=False, sign=clocks.stopped(sign="url"),
    ),
    "key-of-the-first-day": Twist(
        does="derives the signing key of a client once", rule="auth.signature",
        cases=("auth/moving-clock/over-midnight",), alone=False,
        sign=clocks.key_of_the_first_day(),
    ),
    "url-for-a-week": Twist(
        does="signs URLs for a week whatever it is asked for", rule="auth.expires",
        cases=("process/presigned/bodies", "auth/presigned/nearly-over"),
        given={"sign": "url"}, sign=clocks.valid_for(7 * clocks.DAY),
    ),
    "url-for-a-minute": Twist(
        does="signs URLs for 60 seconds, as if it had been asked for minutes", rule="auth.expires",
        cases=("process/presigned/bodies",), given={"sign": "url"}, sign=clocks.valid_for(60),
    ),
    "key-of-yesterday": Twist(
        does="keeps the signing key of a day over midnight", rule="auth.signature",
        cases=("transport/reuse/after-success",), given={"client": "kept"},
        replies=("bodies",) * 2, sign=clocks.key_of_yesterday(),
    ),
}  # fmt: skip

_TOKEN: dict[str, Twist] = {
    "token-unsigned": Twist(
        does="adds the STS token after it has signed", rule="auth.token", cases=TEMPORARY,
        given=SIGNED, command=changes.hold_token_back, sent=changes.token_after_all,
    ),
    "token-missing": Twist(
        does="forgets the STS token", rule="auth.token", cases=TEMPORARY,
        given=SIGNED, command=changes.forget_token,
    ),
    "token-under-another-name": Twist(
        does="sends the STS token in a header of another name", rule="auth.token",
        cases=TEMPORARY, given=SIGNED, command=changes.hold_token_back,
        sent=changes.token_under("x-oss-token"),
    ),
    "plus-of-a-token-bare-in-urls": Twist(
        does="writes the + of a token into a URL as it is", rule="auth.bare-plus",
        cases=("process/presigned/token",),
        given=SIGNED | {"sign": "url", "credentials": TOKEN | {"security_token": "a+b/c=12345"}},
        sent=changes.swap("query", "%2B", "+"),
    ),
    "token-missing-in-urls": Twist(
        does="forgets the STS token when it signs a URL", rule="auth.token",
        cases=("process/presigned/token",), given=SIGNED | {"sign": "url"},
        command=lambda c: changes.forget_token(c) if c["sign"] == "url" else c,
    ),
    "token-of-the-first-call": Twist(
        does="sends the first token that came in later calls too", rule="auth.token",
        cases=("auth/token-forms/then-*",), given=SIGNED | {"client": "kept"},
        then={"credentials": TOKEN | {"security_token": None}}, replies=("bodies",) * 2,
        command=keeping.token_stays(),
    ),
    "token-cut-at-512": Twist(
        does="has room for 512 characters of a token", rule="auth.token",
        cases=("auth/token-forms/long",),
        given={"credentials": TOKEN | {"security_token": "t" * 600}},
        command=changes.credential("security_token", lambda token: token[:512]),
    ),
    "token-in-query": Twist(
        does="writes the token into the query too", rule="auth.secret-leak", cases=TEMPORARY,
        given=SIGNED, unsigned=changes.token_in_query,
    ),
    "token-in-user-agent": Twist(
        does="sends the token in the User-Agent", rule="auth.secret-leak", cases=TEMPORARY,
        given=SIGNED, sent=changes.tell("security_token"),
    ),
}  # fmt: skip

_LEAKS: dict[str, Twist] = {
    "secret-in-user-agent": Twist(
        does="sends the access key secret in the User-Agent", rule="auth.secret-leak", cases=PLAIN,
        sent=changes.tell("access_key_secret"),
    ),
    "secret-in-base64": Twist(
        does="sends id and secret as Basic credentials to a proxy", rule="auth.secret-leak",
        cases=PLAIN, sent=changes.basic,
    ),
    "secret-on-stderr": Twist(
        does="prints the secret on standard error", rule="auth.secret-leak", cases=PLAIN,
        sent=changes.printed("access_key_secret"),
    ),
    "secret-on-stderr-at-its-end": Twist(
        does="prints the secret on standard error when its process ends", rule="auth.secret-leak",
        cases=PLAIN, alone=False, sent=changes.printed_at_exit,
    ),
    "secret-on-stderr-percent-encoded": Twist(
        does="prints the secret percent-encoded", rule="auth.secret-leak", cases=PLAIN,
        sent=changes.printed("access_key_secret", spelling=1),
    ),
    "token-on-stderr-in-base64": Twist(
        does="prints the token in base64", rule="auth.secret-leak", cases=TEMPORARY, given=SIGNED,
        sent=changes.printed("security_token", spelling=2),
    ),
    "secret-on-stderr-in-hex": Twist(
        does="prints the secret in hexadecimal", rule="auth.secret-leak", cases=PLAIN,
        sent=changes.printed("access_key_secret", spelling=3),
    ),
    "secret-in-an-error-text": Twist(
        does="names the secret in the text of an error", rule="auth.secret-leak",
        cases=("errors/service/no-such-key",), replies=("error",),
        client=lambda: answers.secret_in_text,
    ),
    "signing-key-in-an-error-text": Twist(
        does="names the signing key in the text of an error", rule="auth.secret-leak",
        cases=("auth/refusals/secret-with-sen",), replies=("error",),
        client=lambda: answers.signing_key_in_text,
    ),
    "url-in-the-text-of-a-broken-call": Twist(
        does="quotes a presigned URL in the error of a call that broke", rule="auth.secret-leak",
        cases=(
            *(f"auth/token-in-errors/{fault}-url" for fault in ("reset", "cut", "time-out")),
            "auth/token-in-errors/certificate-url",
        ),
        given=SIGNED | {"sign": "url"}, replies=("hung-up",), send=telling.url_of_what_broke,
    ),
    "url-in-the-text-of-a-refusal": Twist(
        does="quotes a presigned URL in the error of a refusal", rule="auth.secret-leak",
        cases=("auth/token-in-errors/denied-url", "auth/token-in-errors/unavailable-url"),
        given=SIGNED | {"sign": "url"}, replies=("error",), client=lambda: telling.url_of_refusal,
    ),
    "headers-of-a-broken-call-printed": Twist(
        does="prints all header fields when a connection breaks", rule="auth.secret-leak",
        cases=("auth/token-in-errors/reset",), given=SIGNED, replies=("hung-up",),
        send=telling.headers_of_what_broke,
    ),
    "secret-everywhere": Twist(
        does="prints and sends secret and token in every spelling", rule="auth.secret-leak",
        cases=TEMPORARY, given=SIGNED, replies=("error",), sent=changes.told_everywhere,
        client=lambda: answers.secret_in_text,
    ),
    "plain-http": Twist(
        does="talks plain http to an https endpoint", rule="auth.clear-text", cases=PLAIN,
        unsigned=changes.put(scheme="http"),
    ),
    "plain-http-for-a-scheme-in-capitals": Twist(
        does="knows https in lower case only and talks plain http else", rule="auth.clear-text",
        cases=("naming/endpoint-forms/scheme-in-capitals",),
        given={"endpoint": "HTTPS://oss-cn-hangzhou.aliyuncs.com"},
        unsigned=changes.clear_for_capitals,
    ),
    "redirect-with-everything": Twist(
        does="follows a redirect to another host with all it has", rule="auth.secret-leak",
        advised=True, cases=("transport/redirect/other-host-3*",), replies=("elsewhere",),
        send=lines.follow(dict),
    ),
    "redirect-with-token": Twist(
        does="takes the token along to another host, though not Authorization", advised=True,
        rule="auth.secret-leak", cases=("transport/redirect/other-host-token",),
        given=SIGNED, replies=("elsewhere",), send=lines.follow(lines.without("Authorization")),
    ),
    "redirect-into-clear-text": Twist(
        does="follows a redirect from https to http with all it has", rule="auth.clear-text",
        cases=("transport/redirect/https-to-http-30*",), replies=("to-http",),
        send=lines.follow(dict),
    ),
}  # fmt: skip

DEFECTS = _KEYS | _CLOCK | _TOKEN | _LEAKS
