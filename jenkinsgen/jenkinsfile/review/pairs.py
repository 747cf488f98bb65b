"""Which pipelines there are on both sides, and which of them could differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.render.write import FOLDER, SUFFIXES, jenkinsfile_path, rollback_path
from jenkinsgen.spec.reading.document import DocumentError
from jenkinsgen.spec.reading.inherit import EXTENDS
from jenkinsgen.spec.reading.reader import read_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jenkinsgen.files import Files

_JENKINSFILE = re.compile(r"Jenkinsfile(?:\..+)?|.+\.[jJ]enkinsfile")
_SUFFIX = re.compile(r"\.(?:yaml|yml|[jJ]enkinsfile)$")


@dataclass(frozen=True, slots=True)
class Names:
    """The files of a pipeline. `spec` is None for a Jenkinsfile that was written by hand.

    `parts` are all files that it is made of: these two, those that the spec extends, its template, and where the
    Jenkinsfile of its rollback would be. The rollback is also a pipeline of its own, without a spec.
    """

    spec: str | None
    jenkinsfile: str
    parts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """One pipeline; None is a side where it does not exist."""

    before: Names | None
    after: Names | None

    @property
    def name(self) -> str:
        return _name(self.after or self.before)

    @property
    def parts(self) -> frozenset[str]:
        """All files that the pipeline is made of on either side."""
        return frozenset[str]().union(*(side.parts for side in (self.before, self.after) if side))

    @property
    def former_name(self) -> str | None:
        """The name on the other side, where it differs."""
        if self.before is None or self.after is None or _name(self.before) == self.name:
            return None
        return _name(self.before)


def _name(names: Names | None) -> str:
    return _SUFFIX.sub("", (names.spec or names.jenkinsfile) if names else "")


def pipelines_of(paths: Iterable[str], files: Files) -> dict[str, Names]:
    """Path of the spec, or of a Jenkinsfile that no spec has -> the files of the pipeline."""
    known = sorted(paths)
    specs = _specs([path for path in known if is_yaml(path)], files)
    rendered = {names.jenkinsfile for names in specs.values()}
    alone = [path for path in known if is_jenkinsfile(path) and path not in rendered]
    return specs | {path: Names(None, path, frozenset({path})) for path in alone}


def is_yaml(path: str) -> bool:
    """Whether a path could be that of a spec."""
    return PurePosixPath(path).parent == PurePosixPath(FOLDER) and path.endswith(SUFFIXES)


def is_jenkinsfile(path: str) -> bool:
    name = PurePosixPath(path).name
    return _JENKINSFILE.fullmatch(name) is not None and not name.endswith(".j2")


def _specs(paths: list[str], files: Files) -> dict[str, Names]:
    """Specs by path. `jenkinsgen render` has the same rule: a file that others extend is one only if it names a job."""
    data = {path: _data(path, files) for path in paths}
    bases = {base for path in paths if (base := _beside(path, data[path], EXTENDS, files))}
    found: dict[str, Names] = {}
    for path in paths:
        job = (data[path] or {}).get("job")
        if path not in bases or data[path] is None or (isinstance(job, dict) and "name" in job):
            jenkinsfile = jenkinsfile_path(Path(path)).as_posix()
            rollback = rollback_path(Path(path)).as_posix()
            found[path] = Names(path, jenkinsfile, frozenset({jenkinsfile, rollback, *_parts(path, data, files)}))
    return found


def _data(path: str, files: Files) -> dict[str, object] | None:
    try:
        return read_document(Path(path), path, files).data
    except DocumentError:
        return None


def _beside(path: str, data: dict[str, object] | None, key: str, files: Files) -> str | None:
    """The file that a key names, from the folder of the file that holds it."""
    name = (data or {}).get(key)
    return files.real(Path(path).parent / name).as_posix() if isinstance(name, str) and name else None


def _parts(spec: str, data: dict[str, dict[str, object] | None], files: Files) -> Iterator[str]:
    path: str | None = spec
    seen: set[str] = set()
    while path is not None and path not in seen:
        seen.add(path)
        yield path
        if path not in data:
            data[path] = _data(path, files)
        # A template is named from the folder of the spec, also by a file that the spec extends.
        template = _beside(spec, data[path], "template", files)
        if template is not None:
            yield template
        path = _beside(path, data[path], EXTENDS, files)


def pairs(before: dict[str, Names], after: dict[str, Names], renamed: Mapping[str, str]) -> list[Pair]:
    """Each pipeline of both sides once, ordered by name; `renamed` maps former paths to present ones."""
    found = [Pair(before.get(path), names) for path, names in after.items() if path in before]
    moved = {new: old for old, new in renamed.items() if old in before and old not in after}
    found += [
        Pair(before[moved[path]] if path in moved else None, names)
        for path, names in after.items()
        if path not in before
    ]
    followed = {old for new, old in moved.items() if new in after and new not in before}
    found += [Pair(names, None) for path, names in before.items() if path not in after and path not in followed]
    return sorted(found, key=lambda pair: pair.name)
