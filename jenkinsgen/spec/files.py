"""Where the files of a spec come from: the disk, or a revision of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Files(Protocol):
    """What reading a spec asks of a file system."""

    def read(self, path: Path, at_most: int = -1) -> bytes:
        """The content, or its first `at_most` bytes. Raises OSError; ValueError for a path that cannot be one."""

    def is_file(self, path: Path) -> bool:
        """Raises OSError and ValueError for a path that cannot be one."""

    def real(self, path: Path) -> Path:
        """The same for two names of one file. Raises OSError and ValueError."""


class Disk:
    """The files that are there now."""

    def read(self, path: Path, at_most: int = -1) -> bytes:
        with path.open("rb") as file:
            return file.read(at_most)

    def is_file(self, path: Path) -> bool:
        return path.is_file()

    def real(self, path: Path) -> Path:
        return path.resolve()


DISK = Disk()
