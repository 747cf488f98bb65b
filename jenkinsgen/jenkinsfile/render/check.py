"""`render --check`: what is wrong with the Jenkinsfiles on disk, and the command that mends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.differences import unified
from jenkinsgen.errors import SpecError
from jenkinsgen.files import DISK
from jenkinsgen.jenkinsfile.render.freshness import Staleness, Verdict, compare, parse_header
from jenkinsgen.jenkinsfile.render.write import (
    find_specs,
    jenkinsfile_on_disk,
    jenkinsfile_path,
    render_all,
    rollback_path,
)
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.together import conflicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jenkinsgen.spec.reading.load import Spec

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<reason>.*)")

_INSTALL, _RENDER, _REMOVE = ("pip", "install"), ("jenkinsgen", "render"), ("rm",)


@dataclass(frozen=True, slots=True)
class Finding:
    """One file that is not as it should be."""

    path: Path
    verdict: Verdict
    reason: str
    mend: tuple[str, ...]
    """The command that mends it, as its words; empty where only a person can."""
    line: int = 1
    column: int = 1
    diff: str = ""
    """The difference from what is there to what should be, as `diff -u` writes it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check: how many files it looked at, and its findings."""

    count: int
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings on specs that cannot be rendered at all."""
        return tuple(found for found in self.findings if found.verdict is Verdict.BROKEN)


def check(paths: Sequence[Path]) -> Checked:
    """Compare the Jenkinsfiles of the specs, or of the folders of specs, with what the specs render now.

    Writes nothing. Raises SpecError when a path does not exist or nothing was found; a spec that cannot be
    rendered is a finding, so that the others are checked as well.
    """
    specs = find_specs(paths)
    findings: list[Finding] = []
    expected: set[Path] = set()
    loaded: list[Spec] = []
    for spec in specs:
        try:
            loaded.append(load_spec(spec))
            texts = render_all(loaded[-1])
            found = [each for target, fresh in texts.items() for each in _check_one(spec, target, fresh)]
        except SpecError as error:
            findings.extend(_broken(spec, error))
            # A broken spec may ask for either file, so neither counts as left over.
            expected |= {jenkinsfile_path(spec), rollback_path(spec)}
        else:
            findings.extend(found)
            expected |= texts.keys()
    for conflict in conflicts(loaded):
        findings.extend(_broken(conflict.second.path, SpecError(conflict.message)))
    for folder in paths:
        if folder.is_dir():
            findings.extend(_left_over(folder, expected, specs))
    return Checked(len(specs), tuple(findings))


def _check_one(spec_path: Path, target: Path, fresh: str) -> Iterator[Finding]:
    content = jenkinsfile_on_disk(target)
    mend = (*_RENDER, str(spec_path))
    if content is None:
        diff = _diff(target, "", fresh)
        # There is no line to point at but in the spec.
        yield Finding(spec_path, Verdict.MISSING, f"{target} was not rendered yet", mend, diff=diff)
        return
    actual = content.decode(errors="replace")
    stale = compare(actual, fresh)
    if stale is not None:
        yield _finding(target, stale, mend, _diff(target, actual, fresh))


def _finding(target: Path, stale: Staleness, mend: tuple[str, ...], diff: str) -> Finding:
    if stale.newer is not None:
        # Rendering would take back what the newer version does better.
        mend = (*_INSTALL, f"jenkinsgen=={stale.newer}")
    return Finding(target, stale.verdict, stale.reason, mend, stale.line, diff=diff)


def _broken(spec_path: Path, error: SpecError) -> Iterator[Finding]:
    for line in error.message.splitlines():
        place = _PLACE.fullmatch(line)
        if place is None:
            yield Finding(spec_path, Verdict.BROKEN, line, ())
        else:
            where = int(place["line"]), int(place["column"])
            yield Finding(Path(place["path"]), Verdict.BROKEN, place["reason"], (), *where)


def _left_over(folder: Path, expected: set[Path], specs: list[Path]) -> Iterator[Finding]:
    for path in sorted(folder.glob("*.Jenkinsfile")):
        if path in expected or not path.is_file() or not DISK.within(path, path):
            continue
        text = (jenkinsfile_on_disk(path) or b"").decode(errors="replace")
        header = parse_header(text)
        if header is not None:
            there = folder / Path(header.spec_path).name in specs
            what = "does not ask for it any more" if there else "is gone"
            reason = f"{header.spec_path}, which it was rendered from, {what}"
            yield Finding(path, Verdict.LEFT_OVER, reason, (*_REMOVE, str(path)), diff=_diff(path, text, ""))


def _diff(path: Path, actual: str, fresh: str) -> str:
    before, after = actual.splitlines(keepends=True), fresh.splitlines(keepends=True)
    source, target = f"a/{path}" if actual else "/dev/null", f"b/{path}" if fresh else "/dev/null"
    lines = unified(before, after, (source, target), line_end="\n")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def mending(findings: Iterable[Finding]) -> tuple[tuple[str, ...], ...]:
    """The commands that mend all of them, in their order; those of one kind as one."""
    commands: dict[tuple[str, ...], dict[str, None]] = {_INSTALL: {}, _RENDER: {}, _REMOVE: {}}
    for found in findings:
        if found.mend:
            commands[found.mend[:-1]][found.mend[-1]] = None
    return tuple((*command, *arguments) for command, arguments in commands.items() if arguments)
