"""Files of the disk, or of a revision of a repository: read within bounds, written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import Protocol

from jenkinsgen.surroundings import here

MOST_BYTES = 16 * 1024**2
"""The most bytes of one file of a repository that is read as a whole."""
TOO_LARGE = f"it is larger than {MOST_BYTES // 1024**2} MiB"


class Files(Protocol):
    """A file system, as reading a spec needs it."""

    def read(self, path: Path, at_most: int = -1) -> bytes:
        """The content, or its first `at_most` bytes. Raises OSError; ValueError for a path that cannot be one."""

    def is_file(self, path: Path) -> bool:
        """Raises OSError and ValueError for a path that cannot be one."""

    def real(self, path: Path) -> Path:
        """One path for all names of a file. Raises OSError and ValueError."""

    def within(self, path: Path, origin: Path) -> bool:
        """Is the file, behind all its links, in the repository that `origin` is in? Raises OSError and ValueError."""


class Disk:
    """The files that are there now.

    The authors of a repository choose what its paths lead to: a link to a file of the agent, a pipe without a writer,
    a device without an end.
    """

    def read(self, path: Path, at_most: int = -1) -> bytes:
        """Only a regular file, and none of more than MOST_BYTES as a whole."""
        # Opening a pipe would wait for who writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _check_regular(os.fstat(descriptor), whole=at_most < 0)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(MOST_BYTES if at_most < 0 else at_most)
        finally:
            os.close(descriptor)

    def is_file(self, path: Path) -> bool:
        return path.is_file()

    def real(self, path: Path) -> Path:
        return path.resolve()

    def within(self, path: Path, origin: Path) -> bool:
        return path.resolve().is_relative_to(root_around(origin).resolve())


DISK = Disk()


def _check_regular(about: os.stat_result, *, whole: bool) -> None:
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(about.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    if whole and about.st_size > MOST_BYTES:
        raise OSError(errno.EFBIG, TOO_LARGE)


def replace_file(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link that stands there is replaced, not followed. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def root_around(path: Path) -> Path:
    """The top of the checkout that a file is in by its name, whatever its links lead to.

    Without git that is the current folder, where the file is below it, else the file's own folder.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - follows no link, unlike resolve
    root = next((parent for parent in absolute.parents if (parent / ".git").exists()), here())
    return root if absolute.is_relative_to(root) else absolute.parent
