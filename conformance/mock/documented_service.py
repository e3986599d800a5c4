"""Answers requests as the service does, from a folder of objects.

`service` decides; this module verifies, reads files and runs the detector. An answer is given at
once, unless it has to wait for a long object or for the detector: then others are served meanwhile.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from conformance.mock import invented_bodies, service
from conformance.mock.answer import PreparedReply, answer, of_error, prepare, refusal
from conformance.mock.detector import Detector, DetectorError
from conformance.mock.mock_errors import malformed
from conformance.mock.object_folder import ObjectFolder, UnreadObject
from conformance.mock.object_reply import detection_playback, object_reply
from conformance.mock.service import Plan
from conformance.mock.steps import Arrival, Playback
from conformance.mock.stored_object import StoredObject
from conformance.model.case import KnownKey
from conformance.oss.naming import region_of
from conformance.oss.service_error import ServiceError, render
from conformance.oss.verification import Verification, verify

# Bytes. A longer object is read in a thread: its checksum takes more than 10 ms.
_LONG = 256 * 1024


class Answered(NamedTuple):
    """An answer, and the error in it, if it is one."""

    playback: Playback
    error: ServiceError | None = None


# Makes an answer that has to be waited for. Not a coroutine, which would warn if the connection
# ends before it is awaited.
Later = Callable[[], Awaitable[Answered]]


class DocumentedService:
    """The service with one region, some key pairs and the objects of a folder.

    detector: of the user; None: bodies are invented. log: called with a line about each failure
    that is not the client's.
    """

    def __init__(
        self,
        objects: ObjectFolder,
        *,
        region: str,
        keys: tuple[KnownKey, ...],
        detector: Detector | None,
        log: Callable[[str], None],
    ) -> None:
        service.documented(*service.EXAMPLE)  # reads the operation, which the first client need not
        self._objects = objects
        self._region = region
        self._keys = keys
        self._detector = detector
        self._log = log

    def region(self, arrival: Arrival) -> str:
        """The region that has to be signed: that of the endpoint, else that of the buckets."""
        request = arrival.request
        host = (request.header("host") if request else None) or ""
        return region_of(host) or self._region

    def verify(self, arrival: Arrival) -> Verification | None:
        """The request authenticated; None if it is malformed."""
        if arrival.request is None:
            return None
        return verify(
            arrival.request, keys=self._keys, region=self.region(arrival), clock=arrival.clock
        )

    def answer(
        self, arrival: Arrival, verification: Verification | None, request_id: str
    ) -> Answered | Later:
        """The answer to a request, or what makes it."""
        request = arrival.request
        if request is None or verification is None:
            return _refused(malformed(arrival.problem), arrival, request_id)
        hosts = len(request.values("host"))
        if hosts != 1 and request.version != "HTTP/1.0":  # RFC 9112 3.2
            error = malformed(f"it has {hosts} Host fields, not one")
            return _refused(error, arrival, request_id)
        if verification.error is not None:
            error = service.denied(verification.resource, verification.error)
            return _refused(error, arrival, request_id)
        asked = service.plan(request, verification.resource, region=self._region)
        if isinstance(asked, ServiceError):
            return _refused(asked, arrival, request_id)
        return self._look_up(_Asked(asked, arrival, verification, request_id))

    def _look_up(self, asked: "_Asked") -> Answered | Later:
        plan = asked.plan
        found = self._objects.find(plan.bucket, plan.key)
        if isinstance(found, UnreadObject) and found.state.st_size > _LONG:
            return partial(self._read_long, asked, found)
        if isinstance(found, UnreadObject):
            try:
                read = self._objects.read(found)
            except OSError as problem:
                return self._unreadable(asked, problem)
            self._objects.keep(found, read)
            found = read
        if found is None:
            exists = self._objects.has_bucket(plan.bucket)
            error = service.missing(plan, bucket_exists=exists)
            return _refused(error, asked.arrival, asked.request_id)
        return self._answer_from(asked, found)

    async def _read_long(self, asked: "_Asked", unread: UnreadObject) -> Answered:
        try:
            read = await asyncio.to_thread(self._objects.read, unread)
        except OSError as error:
            return self._unreadable(asked, error)
        self._objects.keep(unread, read)
        answered = self._answer_from(asked, read)
        return answered if isinstance(answered, Answered) else await answered()

    def _unreadable(self, asked: "_Asked", error: OSError) -> Answered:
        self._log(f"cannot read {asked.plan.bucket}/{asked.plan.key}: {error.strerror or error}")
        return _refused(service.UNREADABLE, asked.arrival, asked.request_id)

    def _answer_from(self, asked: "_Asked", found: StoredObject) -> Answered | Later:
        request, resource, sen = asked.arrival.request, asked.verification.resource, asked.plan.sen
        assert request is not None
        if sen is None:
            reply = object_reply(request, resource, found)
            if isinstance(reply, ServiceError):
                return _refused(reply, asked.arrival, asked.request_id)
            return _played(prepare(reply), asked)
        if self._detector is not None:
            return partial(self._detected, asked, found, self._detector)
        shown = service.documented(asked.plan.bucket, asked.plan.key, sen)
        if shown is not None:
            return _with_document(asked, found, shown, exchange=True)
        if found.size is None:
            return _refused(service.NOT_AN_IMAGE, asked.arrival, asked.request_id)
        return _with_bodies(asked, found, invented_bodies.bodies(found.digest, found.size, sen))

    async def _detected(self, asked: "_Asked", found: StoredObject, detector: Detector) -> Answered:
        try:
            bodies = await detector.bodies(found.content, asked.plan.sen or 0)
        except DetectorError as error:
            self._log(f"the detector failed for {asked.plan.bucket}/{asked.plan.key}: {error}")
            return _refused(service.DETECTOR_FAILED, asked.arrival, asked.request_id)
        return _with_bodies(asked, found, bodies)


class _Asked(NamedTuple):
    plan: Plan
    arrival: Arrival
    verification: Verification
    request_id: str


def _with_bodies(asked: _Asked, found: StoredObject, bodies: bytes) -> Answered:
    """The answer with this list of bodies, and the id of a detection in the form of the service."""
    digits = hashlib.md5(asked.request_id.encode(), usedforsecurity=False).hexdigest().upper()
    identity = f"{digits[:8]}-{digits[8:12]}-5{digits[12:15]}-9{digits[15:18]}-{digits[18:30]}"
    body = b'{"RequestId":"%b","Bodies":%b}' % (identity.encode(), bodies)
    return _with_document(asked, found, body, exchange=False)


def _with_document(asked: _Asked, found: StoredObject, body: bytes, *, exchange: bool) -> Answered:
    return Answered(
        detection_playback(
            asked.arrival, found, body, exchange=exchange, request_id=asked.request_id
        )
    )


def _played(prepared: PreparedReply, asked: _Asked) -> Answered:
    return Answered(answer(prepared, asked.arrival, asked.request_id))


def _refused(error: ServiceError, arrival: Arrival, request_id: str) -> Answered:
    """The answer with an error; to HEAD its document is in a field, as SDKs expect it there.

    Source: `x-oss-err` in oss2/exceptions.py and in the tests of alibabacloud-oss-go-sdk-v2.
    """
    request = arrival.request
    if request is None or request.method != "HEAD":
        return Answered(answer(refusal(error), arrival, request_id), error)
    host = request.header("host") or ""
    document = render(error, request_id=request_id, host_id=host)
    field = ("x-oss-err", base64.b64encode(document).decode())
    prepared = prepare(replace(of_error(error), headers=(field,)), refusal=error.code)
    return Answered(answer(prepared, arrival, request_id), error)
