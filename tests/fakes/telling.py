"""Ways to quote a request where people read it: in the text of an error, on standard error."""

import http.client
import sys
from typing import Any

from fakes.reference import runner
from fakes.twist import Message, Reply, Send

_BROKEN = (OSError, http.client.HTTPException)


def url_of_what_broke(send: Send, request: Any, command: Message) -> Reply:
    """Quotes the URL in the text of an error of the transport."""
    try:
        return send(request, command)
    except _BROKEN as error:
        raise ConnectionError(f"GET {request.path}?{request.query}: {error}") from error


def headers_of_what_broke(send: Send, request: Any, command: Message) -> Reply:
    """Prints the header fields of a request that met an error of the transport."""
    try:
        return send(request, command)
    except _BROKEN:
        sys.stderr.write(f"GET {request.path} {request.headers}\n")
        raise


def url_of_refusal(command: Message, answer: Message) -> Message:
    """Quotes the URL in the text of an error of the service."""
    if answer["kind"] != "error" or answer["error"]["status"] is None:
        return answer
    request = runner.request_of(command)
    runner.sign(request, command)
    text = f"{answer['error']['text']} for {request.path}?{request.query}"
    return answer | {"error": answer["error"] | {"text": text}}
