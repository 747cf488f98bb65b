"""Is there room for the next release?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.facts import Facts

MEBI = 1024**2
# The room for an image where no release says how large the next one may be.
UNKNOWN_IMAGE = 500 * MEBI
# A layer is on the disk twice while it is unpacked.
COMFORT = 2
# For files of a few kilobytes: a site file, a flag, a journal.
SMALL = 10 * MEBI
FEW_INODES, MANY_INODES = 1_000, 20_000


def show_size(size: int) -> str:
    """Bytes -> `1.2 GiB`, `350 MiB`."""
    return f"{size / MEBI / 1024:.1f} GiB" if size >= 1024 * MEBI else f"{size / MEBI:.0f} MiB"


def judge_disk(host: str, name: str, folder: str, free: int, image: int | None, *, images: str) -> Check:
    """Room for an image as large as `image` bytes; `images` says which machine's images could go."""
    size = image or UNKNOWN_IMAGE
    of_what = f"the image that runs has {show_size(size)}" if image else f"an image may well have {show_size(size)}"
    found = f"{show_size(free)} free in {folder}; {of_what}"
    # `--all` would take what the next rollback starts, and what others keep for theirs.
    remedy = f"docker system df tells what takes the room; docker image prune removes images without a name ({images})"
    if free < size:
        return failed(host, name, found, remedy)
    if free < COMFORT * size:
        return warning(host, name, found, remedy)
    return ok(host, name, found)


def judge_inodes(host: str, folder: str, free: int, total: int) -> Iterator[Check]:
    """File systems without a fixed number of inodes say 0 of 0."""
    if total == 0 or free >= MANY_INODES:
        return
    judged = failed if free < FEW_INODES else warning
    remedy = f"find what made so many files: du --inodes -d 2 {folder} | sort -n | tail"
    yield judged(host, "inodes", f"{free:,} of {total:,} inodes are free in {folder}; an image has thousands", remedy)


def judge_server_disk(host: str, facts: Facts, image: int | None) -> Iterator[Check]:
    """`disk FREE_KB FOLDER` and `inodes FREE TOTAL FOLDER`, of the engine's own folder."""
    for line in facts.get("disk", []):
        free, _, folder = line.partition(" ")
        yield judge_disk(host, "disk", folder, int(free) * 1024, image, images="on that server")
    for line in facts.get("inodes", []):
        left, total, folder = line.split(" ", 2)
        yield from judge_inodes(host, folder, int(left), int(total))


def judge_small_disk(host: str, facts: Facts) -> Iterator[Check]:
    """The lines `disk` and `inodes` where only small files are written."""
    rooms = [line.partition(" ") for line in facts.get("disk", [])]
    for free, _, folder in rooms:
        if int(free) * 1024 < SMALL:
            found = f"{show_size(int(free) * 1024)} free in {folder}"
            yield failed(host, "disk", found, f"make room: du -xsh {folder}/* | sort -h | tail")
            return
    for line in facts.get("inodes", []):
        left, total, folder = line.split(" ", 2)
        if int(total) and int(left) == 0:
            yield failed(
                host, "disk", f"no inode is free in {folder}", f"find what made so many: du --inodes -d 2 {folder}"
            )
            return
    if rooms:
        yield ok(
            host, "disk", ", ".join(f"{show_size(int(free) * 1024)} free in {folder}" for free, _, folder in rooms)
        )
