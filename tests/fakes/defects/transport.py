"""Defects of HTTP: needless requests, another method, no HTTP at all."""

from fakes import answers, changes, lines
from fakes.twist import Twist

PLAIN = ("process/sen/50",)

DEFECTS: dict[str, Twist] = {
    "prints-each-request": Twist(
        does="prints a line for each request", rule="program.output", advised=True, cases=PLAIN,
        sent=changes.prints_target,
    ),
    "prints-errors": Twist(
        does="prints each error that it reports", rule="program.output", advised=True,
        cases=("errors/service/no-such-key",), replies=("error",), answer=answers.prints_error,
    ),
    "thread-left-behind": Twist(
        does="leaves a thread behind that keeps the program from ending", rule="program.end",
        advised=True, cases=PLAIN, sent=changes.thread_stays, alone=False,
    ),
    "head-first": Twist(
        does="asks with HEAD before it gets", rule="transport.requests", cases=PLAIN,
        send=changes.head_first,
    ),
    "every-request-twice": Twist(
        does="sends every request twice", rule="transport.requests", cases=PLAIN,
        send=changes.twice,
    ),
    "second-call-twice": Twist(
        does="sends the second request of a client twice", rule="transport.requests",
        cases=("transport/reuse/after-success",), given={"client": "kept"},
        replies=("bodies",) * 2, send=lines.second_kept_twice(),
    ),
    "connection-left-open": Twist(
        does="never gives back the connection of a refusal", rule="transport.open-connections",
        cases=("transport/connections/after-refusals",), send=lines.refusal_left_open, alone=False,
    ),
    "refusal-asked-again": Twist(
        does="sends three times what is refused", rule="transport.requests", advised=True,
        cases=("errors/image/no-such-style",), replies=("error",),
        send=lines.again(3, lambda status: 400 <= status < 500),
    ),
    "waits-as-long-as-asked": Twist(
        does="waits for as long as a response asks for", rule="program.silence", advised=True,
        cases=("transport/retry/after-503-retry-after-an-hour",), send=lines.after_the_wait,
        alone=False,
    ),
    "retries-without-end": Twist(
        does="sends again for as long as the server is busy", rule="transport.endless",
        cases=("transport/trouble/throttled",), replies=("busy-long",),
        send=lines.again(1_000_000, lambda status: status >= 500),
    ),
    "redirects-without-end": Twist(
        does="follows redirects without a limit", rule="transport.endless",
        cases=("transport/redirect/loop",), replies=("moved-long",), send=lines.follow_on,
    ),
    "sent-without-keys": Twist(
        does="sends anonymously when a part of the credentials is missing", cases=(
            "auth/credentials/id-unset", "auth/credentials/secret-unset",
        ),
        rule="transport.requests",
        given={"credentials": {"access_key_id": None, "access_key_secret": "anExampleSecret",
                               "security_token": None}},
        command=changes.anonymous_without_keys,
    ),
    "proxy-password-to-origin": Twist(
        does="sends the password for the proxy to the server too",
        rule="auth.proxy-authorization", cases=("transport/proxies/password-not-asked",),
        sent=changes.login_of_proxy, alone=False,
    ),
    "proxy-refusal-as-content": Twist(
        does="takes the page of a proxy for the object", rule="errors.kind",
        cases=("transport/proxies/refused-403",), send=lines.page_of_proxy, alone=False,
    ),
    "proxy-ignored": Twist(
        does="sends to the server directly though a proxy is set", rule="transport.proxy",
        cases=("transport/proxies/password-http",), send=lines.without_proxy, alone=False,
    ),
    "signature-to-proxy": Twist(
        does="shows the proxy the signature for https", rule="auth.clear-text",
        cases=("transport/proxies/no-password",), send=lines.shown_to_proxy, alone=False,
    ),
    "idle-connection-error": Twist(
        does="fails when the server has closed its idle connection", rule="errors.kind",
        advised=True, cases=("transport/idle/unannounced",), send=lines.on_kept_connection(),
        alone=False,
    ),
    "range-unasked": Twist(
        does="asks for a range that is the whole object", rule="transport.unasked-field",
        cases=PLAIN, sent=changes.headers(Range="bytes=0-"),
    ),
    "condition-unasked": Twist(
        does="asks for the object only if it has changed", rule="transport.unasked-field",
        cases=PLAIN, sent=changes.headers(If_None_Match='"64BA"'),
    ),
    "host-twice": Twist(
        does="sends two Host fields", rule="transport.malformed", cases=PLAIN,
        sent=changes.headers(host="examplebucket.oss-cn-hangzhou.aliyuncs.com"),
    ),
    "user-agent-in-quotation-marks": Twist(
        does="puts its User-Agent into quotation marks", rule="transport.user-agent", cases=PLAIN,
        sent=changes.headers(User_Agent='"reference"'),
    ),
    "user-agent-beyond-ascii": Twist(
        does="writes its name into the User-Agent as it is spelt", rule="transport.user-agent",
        cases=PLAIN, sent=changes.headers(User_Agent="référence"),
    ),
    "absolute-form-in-a-tunnel": Twist(
        does="sends a whole URL to the server", rule="transport.absolute-form", cases=PLAIN,
        sent=changes.whole_url,
    ),
    "post-for-get": Twist(
        does="uses POST", rule="transport.method", cases=PLAIN, unsigned=changes.put(method="POST"),
    ),
    "anonymous-over-http": Twist(
        does="talks plain http when there is nothing to sign", rule="transport.scheme",
        cases=("auth/anonymous/bodies",), given={"credentials": None},
        unsigned=changes.clear_when_anonymous,
    ),
    "body-broken-off": Twist(
        does="breaks off a request within its body", rule="transport.malformed", cases=PLAIN,
        send=lines.broken_off_first,
    ),
    "blank-in-a-header-name": Twist(
        does="sends a header whose name has a blank in it", rule="transport.malformed",
        cases=PLAIN, sent=changes.odd_header,
    ),
}  # fmt: skip
