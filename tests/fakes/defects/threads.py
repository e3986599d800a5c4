"""Defects of clients that several threads use at once: what one call leaves there meets another."""

from fakes import meeting
from fakes.twist import Twist

DEFECTS: dict[str, Twist] = {
    "string-of-another-call": Twist(
        does="sends the processing string that another thread has left in the client",
        rule="process.string", cases=("transport/threads/eight-kept",), alone=False,
        command=meeting.string,
    ),
    "object-of-another-call": Twist(
        does="gets the object that another thread has left in the client",
        rule="transport.requests", cases=("transport/threads/thirty-two-fresh",), alone=False,
        command=lambda command: command | {"key": meeting.last(command["key"])},
    ),
    "bucket-of-another-call": Twist(
        does="goes to the bucket that another thread has left in the client",
        rule="transport.target-host", cases=("transport/threads/two-buckets",), alone=False,
        command=lambda command: command | {"bucket": meeting.last(command["bucket"])},
    ),
    "authorization-of-another-call": Twist(
        does="proves its request with the signature of another thread's",
        rule="auth.signature", cases=("transport/threads/eight-fresh",), alone=False,
        sent=meeting.authorization,
    ),
    "query-of-another-url": Twist(
        does="puts the string and the signature of another thread's URL into its own",
        rule="process.string", cases=("transport/threads/presigned",), alone=False,
        sent=meeting.signed_query,
    ),
    "answer-of-another-call": Twist(
        does="returns the answer that another thread got", rule="bodies.bytes",
        cases=("transport/threads/https-kept", "transport/threads/slowest-first"), alone=False,
        answer=meeting.last,
    ),
    "one-request-for-an-object": Twist(
        does="lets calls for an object share one request, whatever their strings are",
        rule="transport.requests",
        cases=("transport/threads/same-object", "transport/threads/same-object-presigned"),
        alone=False, send=meeting.shared,
    ),
    "error-of-another-call": Twist(
        does="reports an error that another thread got", rule="errors.status",
        cases=("transport/threads/some-refused",), alone=False, answer=meeting.error,
    ),
}  # fmt: skip
