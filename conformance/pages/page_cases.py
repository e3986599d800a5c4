"""The cases of a page: each of its programs in each situation of the corpus's own sample programs.

The situations (success, a refused key pair, a missing object, broken content, no credentials) are
those of `vectors/samples/program.json`. A case of a page differs in what the text of its program
says: the endpoint, region, bucket, key and processing string that it asks for, and what it catches.
What a text does not say is taken from the rest of the page. How a program ends after an error is
recommended, because a script that calls it needs the exit code; that the clause for the SDK's
errors catches them is required, because it is there for that.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.model.manifest import Program
from conformance.operation.definition import Operation
from conformance.pages.printed_exchange import PrintedMessage
from conformance.pages.sample_page import PrintedProgram, SamplePage
from conformance.pages.source_text import Asked, catches, uses_v4

Json = Any
TOPIC = "samples/page"
# Situations in which the SDK reports an error of the types that it documents.
_SERVICE_ERRORS = ("denied", "no-such-key", "percent-in-message")


def page_document(
    page: SamplePage,
    programs: Sequence[tuple[PrintedProgram, tuple[str, ...]]],
    corpus: Json,
    operations: Sequence[Operation],
) -> Json:
    """The vector document of a page.

    programs: those to run, each with the documented error types of its SDK. corpus: the document of
    `vectors/samples/program.json`.
    """
    cases = [
        _case({**corpus["defaults"], **case}, page, program, types, operations)
        for program, types in programs
        for case in corpus["cases"]
    ]
    return {
        "$schema": "../../schemas/vectors.schema.json",
        "topic": TOPIC,
        "about": f"The programs that the page {page.title!r} prints, run as they are printed.",
        "cases": cases,
    }


def program_of_lane(program: PrintedProgram) -> Program:
    """What a lane compiles and runs: the text as it is printed."""
    return Program(name=program.name, text=program.text, id=program.id, entry=program.entry)


def asked_on(page: SamplePage, program: PrintedProgram) -> Asked:
    """What a program asks for, with what only the rest of the page says."""
    others = [one.asked for one in page.programs]
    others += [_of_request(one.request) for one in page.exchanges if one.request is not None]
    values = {field.name: getattr(program.asked, field.name) for field in fields(Asked)}
    for name, value in values.items():
        found = (getattr(other, name) for other in others)
        values[name] = value or next((one for one in found if one), None)
    return replace(program.asked, **values)


def _of_request(request: PrintedMessage) -> Asked:
    bucket, _, endpoint = (request.header("Host") or "").partition(".")
    return Asked(
        endpoint=f"https://{endpoint}" if endpoint else None,
        bucket=bucket or None,
        key=unquote(urlsplit(request.target).path.removeprefix("/")) or None,
        process=request.process,
    )


def _case(
    case: Json,
    page: SamplePage,
    program: PrintedProgram,
    types: tuple[str, ...],
    operations: Sequence[Operation],
) -> Json:
    situation, reason = case["id"].rpartition("/")[2], case["provenance"]["note"]
    wanted = asked_on(page, program)
    home = _region(wanted.endpoint)  # a program that signs for another region is refused
    given = _without_nothing(
        endpoint=_with_scheme(wanted.endpoint),
        region=wanted.region or home,
        bucket=wanted.bucket,
        key=wanted.key,
        process=wanted.process,
    )
    script = _script(
        case.get("script", {}),
        home or wanted.region,
        _content(page, wanted.process, operations),
    )
    return {
        "id": f"{TOPIC}/{program.id.removeprefix('page/')}/{situation}",
        "title": f"{program.language.name} program, line {program.line}: {case['title']}",
        "provenance": {
            "source": "derived",
            "note": f"{reason} The program is the page's, SHA-256 {program.sha256}.",
            "reference": page.title,
        },
        "input": {**case.get("input", {}), "program": program.id, **given},
        **({"script": script} if script else {}),
        "expect": _expect(case["expect"], situation, program, types),
    }


def _without_nothing(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _with_scheme(endpoint: str | None) -> str | None:
    return endpoint if endpoint is None or "://" in endpoint else f"https://{endpoint}"


def _region(endpoint: str | None) -> str | None:
    """The region in the name of a public endpoint."""
    host = (endpoint or "").rpartition("//")[2].partition(".")[0]
    return host.removeprefix("oss-").removesuffix("-internal") if host[:4] == "oss-" else None


def _content(page: SamplePage, process: str | None, operations: Sequence[Operation]) -> str | None:
    """The content that the page prints for a processing string, compact; or any that is known."""
    printed = [
        (one.request.process if one.request is not None else None, one.response.body)
        for one in page.exchanges
        if one.response is not None and one.response.status == 200
    ]
    printed.sort(key=lambda pair: pair[0] != process)
    for _, body in printed:
        try:
            return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))
        except ValueError:
            continue
    action = (process or "").partition(",")[0]
    answers = (answer for one in operations if one.action == action for answer in one.answers)
    return next((answer.body.decode() for answer in answers), None)


def _script(script: Json, region: str | None, content: str | None) -> Json:
    changed = dict(script)
    if region is not None:
        changed["region"] = region
    if content is None:
        return changed
    replies = script.get("replies", [{"status": 200, "body": {}}])
    changed["replies"] = [
        {**reply, "body": {"text": content}} if "body" in reply else reply for reply in replies
    ]
    return changed


def _expect(expect: Json, situation: str, program: PrintedProgram, types: tuple[str, ...]) -> Json:
    required = {"compiles": list(program.unusual), **expect["required"]}
    recommended = dict(expect.get("recommended", {}))
    observed = [name for name in expect.get("observed", ()) if name != "exit"]
    if not uses_v4(program.text):
        required.pop("auth", None)
        observed.append("auth")
    if program.asked.endpoint is None or "://" not in program.asked.endpoint:
        required.pop("scheme", None)
    elif program.asked.endpoint.startswith("http://") and "scheme" in required:
        required["scheme"] = "http"
    if program.asked.bucket is None or program.asked.key is None:
        required.pop("target", None)  # the rest of the page may be about another object
    if program.asked.process is None:
        required.pop("process", None)
    elif "process" in required:
        required["process"] = program.asked.process
    if situation != "success":
        recommended["exit"] = "nonzero"
        if situation in _SERVICE_ERRORS and catches(program.text, program.language, types):
            required["handled"] = True
        else:
            observed.append("handled")
    parts: Iterable[tuple[str, Json]] = (
        ("required", required), ("recommended", recommended), ("observed", observed),
    )  # fmt: skip
    return {name: part for name, part in parts if part}
