"""How many transcripts a second are judged again, against reading them without judging.

Reading, judging and the evidence of the page are also related to a fixed reference in the same run,
the hash of the file and its JSON by Python's own parser, so that they compare on a busy machine.

    python -m benchmarks.judging [DIR]

DIR is a folder that `oss-bodies run` wrote; without one a run of the lane `rest` is made. The
transcripts are held in memory here and streamed by the command, so they are kept out of the sight
of the garbage collector, which would otherwise walk them again and again.
"""

import argparse
import gc
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from conformance.corpus.load import load
from conformance.judge import judge
from conformance.judge.masking import restored_transcript
from conformance.report.html.page_data import Evidence, shown_trial
from conformance.results import read_transcripts
from conformance.results.lines import TRANSCRIPTS

GOAL = 5000  # transcripts judged in a second


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rates; 1 if the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(options.folder or name) if options.folder else Path(name) / "out"
        if not options.folder:
            words = ["run", "--lane", "rest", "--in", "host", "--out", str(folder)]
            subprocess.run(
                [sys.executable, "-m", "conformance", *words], check=True, capture_output=True
            )
        cases = {case.id: case for case in load().cases}
        began = time.perf_counter()
        stored = read_transcripts(folder)
        transcripts = [restored_transcript(cases[t.case], t) for t in stored]
        read = time.perf_counter() - began
        for transcript in transcripts:  # once unmeasured: caches and lazy imports
            judge(cases[transcript.case], transcript)
        gc.collect()
        gc.freeze()
        began = time.perf_counter()
        with (folder / TRANSCRIPTS).open("rb") as file:
            for line in file:
                hashlib.sha256(line)
                json.loads(line)
        reference = time.perf_counter() - began
        began = time.perf_counter()
        Evidence(shown_trial(cases, one) for one in read_transcripts(folder)).complete()
        shown = time.perf_counter() - began
        rounds = max(1, 2000 // len(transcripts))
        began = time.perf_counter()
        for _ in range(rounds):
            for transcript in transcripts:
                judge(cases[transcript.case], transcript)
        judged = (time.perf_counter() - began) / rounds
    count = len(transcripts)
    print(
        f"judging {count / judged:.0f} transcripts/s, reading {count / read:.0f}/s, "
        f"judging / reading = {judged / read:.2f} (goal {GOAL} transcripts/s)"
    )
    print(
        "relative to hashing and parsing the file: "
        f"reading {read / reference:.2f}, judging {judged / reference:.2f}, "
        f"reading for the page {shown / reference:.2f}"
    )
    return int(count / judged < GOAL)


if __name__ == "__main__":
    sys.exit(main())
