"""Two revisions, as git has them. Only plumbing commands: no configuration of a user changes their answers."""

from __future__ import annotations

import errno
import os
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from jenkinsgen.errors import StateError, ToolMissing
from jenkinsgen.files import MOST_BYTES, TOO_LARGE

# Bases of a pull request where none is named: the remote's default branch, then the usual names.
USUAL_BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
REGULAR_FILES = frozenset({"100644", "100755"})


def run_git(*arguments: str, folder: Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """How git ended, and what it said. Raises ToolMissing."""
    try:
        return subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=False)
    except FileNotFoundError:
        raise ToolMissing("git is not installed", hint="install git; a review compares two of its revisions") from None


def ask_git(folder: Path, *arguments: str) -> str | None:
    """The answer of git about a folder; None when it refuses, does not end within 30 s, or is not there."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file that git takes for the same under another name."""

    before: str
    after: str


@dataclass(frozen=True)
class Tree:
    """All files of one commit; also serves as the `Files` that a spec is read from.

    Paths are those from the root of the repository.
    """

    folder: Path
    commit: str
    _contents: dict[str, bytes] = field(default_factory=dict, repr=False)

    @cached_property
    def blobs(self) -> dict[str, str]:
        """Path -> object name of each regular file; symbolic links and submodules are left out."""
        done = run_git("ls-tree", "-r", "-z", "--full-tree", self.commit, folder=self.folder)
        if done.returncode != 0:
            raise _refused(done, f"the files of {self.commit} cannot be listed")
        found: dict[str, str] = {}
        for entry in done.stdout.split(b"\0"):
            about, separator, name = entry.partition(b"\t")
            mode, _, blob = about.decode("ascii").split(" ") if separator else ("", "", "")
            if mode in REGULAR_FILES:
                found[os.fsdecode(name)] = blob
        return found

    def read_ahead(self, paths: list[str]) -> None:
        """Fetch many files in two calls: a process for each would cost seconds with a thousand specs.

        Not those that are larger than MOST_BYTES: a few bytes of a pull request may unpack to gigabytes.
        """
        blobs = [self.blobs[path] for path in paths]
        rest = self._cat("--batch-check", blobs)
        sizes = [self._size(blob, line) for blob, line in zip(blobs, rest.splitlines(), strict=True)]
        wanted = [blob for blob, size in zip(blobs, sizes, strict=True) if size <= MOST_BYTES]
        rest = self._cat("--batch", wanted)
        for blob in wanted:
            about, _, rest = rest.partition(b"\n")
            size = self._size(blob, about)
            self._contents[blob], rest = rest[:size], rest[size + 1 :]

    def _cat(self, how: str, blobs: list[str]) -> bytes:
        done = run_git("cat-file", how, folder=self.folder, stdin="".join(f"{blob}\n" for blob in blobs).encode())
        if done.returncode != 0:
            raise _refused(done, f"files of {self.commit} cannot be read")
        return done.stdout

    def _beginning(self, blob: str, size: int) -> bytes:
        # `with` waits for git, which ends when its output is no longer read.
        with subprocess.Popen(["git", "cat-file", "blob", blob], cwd=self.folder, stdout=subprocess.PIPE) as git:
            assert git.stdout is not None  # noqa: S101 - a pipe was asked for
            return git.stdout.read(size)

    def _size(self, blob: str, about: bytes) -> int:
        """`NAME blob SIZE`, as git says it."""
        kind, _, size = about.decode("ascii", "replace").partition(" ")[2].partition(" ")
        if kind != "blob":
            raise StateError(f"git does not have {blob} of {self.commit}: is this a partial clone?")
        return int(size)

    def read(self, path: Path, at_most: int = -1) -> bytes:
        """The content, or its beginning. Raises FileNotFoundError; OSError for all of more than MOST_BYTES."""
        name = self._name(path)
        if name not in self.blobs:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        if self.blobs[name] not in self._contents:
            self.read_ahead([name])
        content = self._contents.get(self.blobs[name])
        if content is None and at_most < 0:
            raise OSError(errno.EFBIG, TOO_LARGE, name)
        if content is None:
            return self._beginning(self.blobs[name], at_most)
        return content if at_most < 0 else content[:at_most]

    def is_file(self, path: Path) -> bool:
        return self._name(path) in self.blobs

    def real(self, path: Path) -> Path:
        return Path(self._name(path))

    def within(self, path: Path, origin: Path) -> bool:
        """Its links are left out, so only a name can lead out of it."""
        del origin
        return not self._name(path).startswith(("/", "../"))

    def _name(self, path: Path) -> str:
        return PurePosixPath(os.path.normpath(path)).as_posix()


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that a folder is in. Raises StateError when there is none."""

    folder: Path

    @classmethod
    def around(cls, folder: Path) -> Repository:
        done = run_git("rev-parse", "--show-toplevel", folder=folder)
        if done.returncode != 0:
            raise _refused(done, f"{folder} is not in a git repository")
        return cls(Path(os.fsdecode(done.stdout.removesuffix(b"\n"))))

    def commit(self, revision: str) -> str | None:
        """The commit that a revision names; None when there is none of that name."""
        if revision.startswith("-"):
            return None
        arguments = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        done = run_git(*arguments, folder=self.folder)
        return done.stdout.decode("ascii").strip() if done.returncode == 0 else None

    def head(self) -> str:
        """The commit that is checked out. Raises StateError."""
        commit = self.commit("HEAD")
        if commit is None:
            raise StateError(f"{self.folder}: nothing is committed yet")
        return commit

    def base(self, revision: str | None) -> str:
        """The commit where HEAD's branch left `revision`, or the usual branch when it is None. Raises StateError."""
        known = revision
        if known is None:
            known = next((name for name in USUAL_BASES if self.commit(name)), None)
        commit = None if known is None else self.commit(known)
        if commit is None:
            missing = (
                f"there is no revision {known!r}" if known is not None else f"none of {', '.join(USUAL_BASES)} is known"
            )
            raise StateError(
                f"{self.folder}: {missing}",
                hint="fetch it (in CI with the whole history: fetch-depth: 0) or name another: jenkinsgen review BASE",
            )
        done = run_git("merge-base", commit, "HEAD", folder=self.folder)
        # Exit code 1 says that the two have no commit in common; then they are compared as they are.
        return done.stdout.decode("ascii").strip() if done.returncode == 0 else commit

    def tree(self, commit: str) -> Tree:
        """The files of a commit, by its full name."""
        return Tree(self.folder, commit)

    def renamed(self, before: str, after: str) -> list[Renamed]:
        """The files that were renamed between two commits. Raises StateError."""
        done = run_git("diff-tree", "-r", "-z", "-M", "--name-status", before, after, folder=self.folder)
        if done.returncode != 0:
            raise _refused(done, f"{before} and {after} cannot be compared")
        fields = iter(os.fsdecode(done.stdout).split("\0"))
        found: list[Renamed] = []
        for status in fields:
            if status.startswith("R"):
                found.append(Renamed(next(fields), next(fields)))
            elif status:
                next(fields)
        return found

    def uncommitted(self) -> bool:
        """Whether tracked files differ from what is committed."""
        return run_git("diff-index", "--quiet", "HEAD", folder=self.folder).returncode == 1


def _refused(done: subprocess.CompletedProcess[bytes], what: str) -> StateError:
    return StateError(f"{what}: {done.stderr.decode(errors='replace').strip()}")
