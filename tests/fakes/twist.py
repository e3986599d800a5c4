"""A twist: the one thing that a fake does otherwise than the reference runner.

The reference calls its own functions by name, so a twist replaces those it concerns, in the module
that it is given. A stage that a twist does not name stays as the reference has it.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Reply = tuple[int, Any, bytes]
Send = Callable[[Any, Message], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twist:
    """One deviation, in the order of the flow.

    does: what, as the rest of "a runner that ...". rule: of the finding that must name it; None
    for what must not be a finding. advised: the rule rests on a SHOULD, so that the finding is no
    failure. cases: patterns of cases of the corpus that show it.
    given: fields of the command with which it shows; then: those that differ after the first call;
    replies: what the server has to answer to each call for that: a name (`bodies`: two at least,
    `error`, or another of replies.py), or bytes, the body of a 200. certificate: what it has to
    show, `trusted` or `untrusted`. environment: variables with which it shows.
    command: the command read otherwise. unsigned, sent: change the request before and after it is
    signed. sign: signs instead. send: sends instead; gets the reference's way as first argument.
    answer: changes the answer. memory: makes such a change that lives as long as its runner.
    client: the same, given the command too, that lives as long as a case: of clients that are kept.
    can: capabilities that the reference does not have. alone: whether it shows in calls that are
    made one after the other, by what the endpoint gets and they answer.
    """

    does: str
    rule: str | None = None
    advised: bool = False
    cases: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)
    replies: tuple[str | bytes, ...] = ("bodies",)
    certificate: str = "trusted"
    environment: Mapping[str, str] = field(default_factory=dict)
    command: Callable[[Message], Message] | None = None
    unsigned: Callable[[Any, Message], None] | None = None
    sign: Callable[[Any, Message], None] | None = None
    sent: Callable[[Any, Message], None] | None = None
    send: Callable[[Send, Any, Message], Reply] | None = None
    answer: Callable[[Message], Message] | None = None
    memory: Callable[[], Callable[[Message], Message]] | None = None
    client: Callable[[], Callable[[Message, Message], Message]] | None = None
    can: tuple[str, ...] = ()
    alone: bool = True


_REPLACED = ("call", "request_of", "sign", "send", "new_case")  # by `install`


@contextmanager
def swapped(owner: Any, name: str, value: object) -> Iterator[None]:
    """Another value for an attribute of a module or class meanwhile.

    Hundreds of fakes are started, and loading unittest.mock takes longer than all else they do.
    """
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def install(twist: Twist, runner: Any) -> None:
    """Give the functions of a reference runner's module the twist."""
    call, request_of, sign, send = runner.call, runner.request_of, runner.sign, runner.send
    change = twist.memory() if twist.memory else twist.answer
    recall = twist.client() if twist.client else None

    def twisted_case() -> None:
        nonlocal recall
        recall = twist.client() if twist.client else None

    def twisted_call(command: Message) -> Message:
        answer: Message = call(twist.command(command) if twist.command else command)
        if recall and answer["kind"] != "unsupported":
            answer = recall(command, answer)
        return change(answer) if change and answer["kind"] != "unsupported" else answer

    def twisted_request(command: Message) -> Any:
        request = request_of(command)
        if twist.unsigned:
            twist.unsigned(request, command)
        return request

    def twisted_send(request: Any, command: Message) -> Reply:
        if twist.sent:
            twist.sent(request, command)
        result: Reply = twist.send(send, request, command) if twist.send else send(request, command)
        return result

    runner.call, runner.request_of = twisted_call, twisted_request
    runner.sign, runner.send = twist.sign or sign, twisted_send
    runner.new_case = twisted_case


def take_turns(twists: Mapping[str, Twist], cases: Mapping[str, int], runner: Any) -> None:
    """Give a reference runner's module each twist for as many cases as begin, then the next.

    Before the first case it has none. What has begun is counted in a file of the lane, so that a
    process that is started again goes on there.
    """
    begun = Path(os.environ["HOME"]) / "begun"
    order = [name for name, count in cases.items() for _ in range(count)]
    usual = {name: getattr(runner, name) for name in _REPLACED}
    current, begin = "", runner.new_case

    def new_case() -> None:
        nonlocal current, begin
        before = int(begun.read_text()) if begun.is_file() else 0
        begun.write_text(str(before + 1))
        if order[before] != current:
            current = order[before]
            for name, function in usual.items():
                setattr(runner, name, function)
            install(twists[current], runner)
            begin, runner.new_case = runner.new_case, new_case
        begin()

    runner.new_case = new_case


def main(twists: Mapping[str, Twist], runner: Any) -> None:
    """Be the twisted runner that the command line names, or several that take turns."""
    options = argparse.ArgumentParser()
    options.add_argument("--name", required=True, help="of the lane, and of its only twist")
    options.add_argument("--turn", nargs=2, action="append", help="a twist and its cases")
    given = options.parse_args()
    can: tuple[str, ...] = ()
    if given.turn:
        take_turns(twists, {name: int(cases) for name, cases in given.turn}, runner)
    else:
        install(twists[given.name], runner)
        can = twists[given.name].can
    started = runner.started()
    capabilities = [*started["capabilities"], *can]
    runner.started = lambda: started | {"runner": given.name, "capabilities": capabilities}
    runner.main()
