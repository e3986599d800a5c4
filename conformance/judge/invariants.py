"""The table of invariants: rules that apply to every case, each with its source.

An expectation has the source of its case. No case states an invariant, so its source is given here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.judge.rules import (
    auth,
    fields,
    leaks,
    naming,
    ports,
    process,
    program_end,
    program_output,
    proxies,
    service_answer,
    transport,
)
from conformance.judge.view import TurnView, Violation
from conformance.model.case import Case, Provenance, Source
from conformance.model.verdict import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """One rule that every turn must comply with."""

    rule: str  # the rule id of its violations; several invariants may share one
    check: Callable[[TurnView], Iterator[Violation]]  # yields the violations
    source: Provenance
    of_script: bool = False  # not checked when a refusal by the mock replaced the script's reply


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialInvariant:
    """One rule that every trial as a whole must comply with."""

    rule: str  # the rule id of its violations
    check: Callable[[Case, Transcript], Iterator[Violation]]  # yields the violations
    source: Provenance


def _invariant(  # noqa: PLR0913 - the columns of the table below
    rule: str,
    check: Callable[[TurnView], Iterator[Violation]],
    source: Source,
    reference: str | None,
    note: str,
    *,
    of_script: bool = False,
) -> Invariant:
    provenance = Provenance(source=source, note=note, reference=reference)
    return Invariant(rule=rule, check=check, source=provenance, of_script=of_script)


_BODIES = "Object Storage Service: Human body detection"
_ERRORS = "https://www.alibabacloud.com/help/en/document_detail/32005.html"
_PROCESS = "https://alibabacloud.com/help/doc-detail/44686.htm"
_URL_SIGNATURE = "https://help.aliyun.com/en/oss/user-guide/0002-00000074"
_URL_VALIDITY = (
    "https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls"
)
_VIRTUAL = "https://help.aliyun.com/en/oss/developer-reference/overview-24"
_SIGNATURE_V4 = (
    "https://www.alibabacloud.com/help/en/oss/developer-reference/"
    "recommend-to-use-signature-version-4"
)

INVARIANTS = (
    _invariant(
        program_end.STATE, program_end.state, Source.DERIVED, None,
        "Rule 4 of the runner protocol: when a case begins, the runner closes what it has kept.",
    ),
    _invariant(
        "program.crash", program_end.crash, Source.DERIVED, None, program_end.SOURCE.note,
    ),
    _invariant(
        "transport.malformed", transport.malformed, Source.STANDARD, "RFC 9112 2.2",
        "A server answers 400 to a request that does not match the grammar of HTTP/1.1.",
    ),
    _invariant(
        "transport.malformed", transport.connect_target, Source.STANDARD,
        "RFC 9112 3.2.3 and RFC 3986 3.2.2",
        "The target of CONNECT is a host and a port; an IPv6 address is in brackets.",
    ),
    _invariant(
        "transport.stray", transport.stray, Source.DERIVED, _BODIES,
        "Each GET and each detection is billed, so a call that has returned sends nothing more.",
    ),
    _invariant(
        "transport.endless", transport.endless, Source.DERIVED, _BODIES,
        "Each GET and each detection is billed, so a call limits its retries and redirects.",
    ),
    _invariant(
        "transport.unasked-field", fields.unasked, Source.DERIVED, _BODIES,
        "The documented call asks for the whole object, without a range or a condition.",
    ),
    _invariant(
        "transport.user-agent", fields.user_agent, Source.STANDARD, "RFC 9110 10.1.5",
        "User-Agent is a list of product tokens and comments, without anything beyond ASCII.",
    ),
    _invariant(
        "transport.absolute-form", fields.absolute_form, Source.STANDARD, "RFC 9112 3.2.1",
        "A client that makes a request directly to a server must send only the path and the query.",
    ),
    _invariant(
        "transport.proxy", proxies.unused, Source.DERIVED, None,
        "A proxy is set because it is the only way out of a network, or has to see everything.",
    ),
    _invariant(
        "transport.certificate", transport.certificate, Source.STANDARD, "RFC 9110 4.3.4",
        "A client must verify the identity of an https server.",
    ),
    _invariant(
        "transport.fault-unused", transport.fault_unused, Source.DERIVED, None,
        "A case about a fault proves nothing if no request met the fault.", of_script=True,
    ),
    _invariant(
        "naming.unasked", naming.of_no_call, Source.DERIVED, None,
        "Each of several calls at once names an object; nobody asked for any other.",
    ),
    _invariant(
        "process.duplicate", process.duplicate, Source.DERIVED, _BODIES,
        "The documented request has the parameter once; no page says which of several counts.",
    ),
    _invariant(
        "process.place", process.place, Source.DOCUMENTATION, _PROCESS,
        "The processing string is the value of the query parameter x-oss-process.",
    ),
    _invariant(
        "auth.bare-plus", auth.bare_plus, Source.DOCUMENTATION, _URL_SIGNATURE,
        "The signature in a URL is urlencode(base64(hmac)).",
    ),
    _invariant(
        "auth.expires", auth.expires, Source.DERIVED, _URL_VALIDITY,
        "A URL is good for x-oss-expires seconds from x-oss-date, one of V1 until Expires; rule 6 "
        "of the runner protocol asks for 3,600 seconds.",
    ),
    _invariant(
        "naming.path-style", naming.path_style, Source.DOCUMENTATION, _VIRTUAL,
        "The service takes virtual-hosted requests only, and refuses path style.",
    ),
    _invariant(
        "naming.port", ports.port, Source.STANDARD, "RFC 9110 4.2 and 7.2",
        "The port of a URI is a part of its authority, which the Host field repeats.",
    ),
    _invariant(
        "auth.secret-leak", leaks.secret, Source.DOCUMENTATION, _SIGNATURE_V4,
        "The access key secret is the key of the signature and no part of the request.",
    ),
    _invariant(
        "auth.secret-leak", leaks.token, Source.DOCUMENTATION, _SIGNATURE_V4,
        "A security token is sent in x-oss-security-token and in no other part of the request.",
    ),
    _invariant(
        "auth.secret-leak", leaks.other_host, Source.STANDARD, "RFC 9110 15.4 and 17.16",
        "A client that follows a redirect should drop Authorization and consider dropping other "
        "credentials; a host that nobody named must not get any.",
    ),
    _invariant(
        "auth.clear-text", leaks.clear_text, Source.STANDARD, "RFC 9110 4.2.2 and 17.16",
        "A client must secure its requests for an https resource; otherwise anyone on the network "
        "path can read the credentials.",
    ),
    _invariant(
        "auth.clear-text", proxies.clear_text, Source.STANDARD, "RFC 9110 9.3.6 and 17.16",
        "For https a client asks a proxy for a tunnel, in which the proxy cannot read the request.",
    ),
    _invariant(
        "auth.proxy-authorization", proxies.password, Source.STANDARD, "RFC 9110 11.7.2",
        "Proxy-Authorization applies only to the next proxy that asked for authentication.",
    ),
    _invariant(
        "bodies.schema", service_answer.body, Source.DOCUMENTATION, _BODIES,
        "The page describes the members of the response; only a live run can compare the service.",
    ),
    _invariant(
        "errors.shape", service_answer.error, Source.DOCUMENTATION, _ERRORS,
        "An error body has Code, Message, RequestId and HostId.",
    ),
)  # fmt: skip

TRIAL_INVARIANTS = (
    TrialInvariant(
        rule="auth.secret-leak",
        check=leaks.printed,
        source=Provenance(
            source=Source.STANDARD,
            reference="CWE-532",
            note="Credentials must not be written to logs, which others read and keep.",
        ),
    ),
    TrialInvariant(
        rule="program.output",
        check=program_output.output,
        source=Provenance(
            source=Source.DERIVED,
            note="Standard output and standard error belong to the program; a library returns or "
            "reports what it has to say, or logs it where the program has asked for that.",
        ),
    ),
    TrialInvariant(
        rule="program.end",
        check=program_end.outlives,
        source=Provenance(
            source=Source.DERIVED,
            note="A program ends when its last statement has run; `stop` asks the runner to exit "
            "(runners/README.md).",
        ),
    ),
)
