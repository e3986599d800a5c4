"""Runners that are wrong so seldom that no case of the corpus need show it: fuzzing has to.

What `tests/fuzz` asks is that each is found and shrunk to the smallest input that shows it.
"""

from fakes import answers, changes
from fakes.reference import runner
from fakes.twist import Twist, main

SUBTLE: dict[str, Twist] = {
    "sen-37-as-36": Twist(
        does="is wrong about one value of sen only", rule="process.string",
        given={"parameters": {"sen": 37}}, command=changes.sen(37, 36),
    ),
    "sen-37-as-36-once": Twist(
        does="is wrong about one value of sen, and the first time only", rule="process.string",
        given={"parameters": {"sen": 37}}, command=changes.sen_once(37, 36),
    ),
    "sen-in-six-bits": Twist(
        does="keeps the low six bits of sen", rule="process.string",
        given={"parameters": {"sen": 64}}, command=changes.each_sen(lambda value: value & 63),
    ),
    "key-plus-as-space": Twist(
        does="reads a + in the key as a space", rule="naming.target",
        given={"key": "a+b.jpg"}, sent=changes.swap("path", "%2B", "%20"),
    ),
    "key-plus-slowly": Twist(
        does="reads a + in the key as a space, and takes its time for that", rule="naming.target",
        given={"key": "a+b.jpg"}, sent=changes.swap_slowly("path", "%2B", "%20", seconds=0.2),
    ),
    "third-call-cut": Twist(
        does="loses the last byte of the third answer on one client", rule="bodies.bytes",
        given={"client": "kept"}, replies=("bodies",) * 3, client=answers.third_cut,
    ),
}  # fmt: skip

if __name__ == "__main__":
    main(SUBTLE, runner)
