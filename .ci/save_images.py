"""Builds the image of each lane and saves it for `docker load`: save_images.py FOLDER [LANE]...

An archive holds all that a run of the lane in containers looks for: the images of the runner, of
its programs and of the mock, and the base image. It does not hold images of other versions of the
suite, which this engine may have too.
"""

import gzip
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from conformance.errors import SuiteError
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import manifests
from conformance.runner.docker_engine import connect
from conformance.runner.image import BASE_IMAGE, build_image, ensure_base, mock_recipe, tag_of
from conformance.session import lanes_of


def main(words: list[str]) -> int:
    """Save the archives; 1 if a lane could not be built, after the others are saved."""
    folder, names = Path(words[0]), words[1:]
    folder.mkdir(parents=True, exist_ok=True)
    client, failed = connect(), False
    site = ContainerSite.connect(say)
    try:
        lanes = site.prepare(lanes_of(names, manifests()), say)
        _, mock = build_image(client, mock_recipe(), ensure_base(client, say), say)
    finally:
        site.close()
    for lane in lanes:
        if lane.image is None or lane.checksum is None:
            say(f"{lane.lane.name}: not saved: {lane.reason}\nfix: {lane.remedy}")
            failed = True
            continue
        name = lane.lane.manifest.name
        tags = {BASE_IMAGE, tag_of("mock", mock), tag_of(name, lane.checksum)}
        save(folder / f"image-{name}.tar.gz", tags | {*client.images.get(lane.image).tags})
    client.close()
    return int(failed)


def save(path: Path, tags: Iterable[str]) -> None:
    """Save images; there is no archive if that fails."""
    part = path.with_suffix(".part")
    command = ["docker", "save", *sorted(tags)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as saving:
        assert saving.stdout is not None
        with gzip.open(part, "wb", compresslevel=6) as archive:
            shutil.copyfileobj(saving.stdout, archive, 1 << 20)
    if saving.returncode:
        part.unlink()
        raise SystemExit(f"docker save ended with exit code {saving.returncode}")
    part.replace(path)
    say(f"{path}: {path.stat().st_size / 1e6:.0f} MB: {', '.join(command[2:])}")


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SuiteError as error:
        sys.exit(f"{error}\nexit code {error.exit_code}")
