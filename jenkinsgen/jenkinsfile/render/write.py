"""Jenkinsfiles as files: finds the specs and the templates, writes what changed."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.errors import SpecError
from jenkinsgen.files import DISK, replace_file
from jenkinsgen.jenkinsfile.render.jenkinsfile import render_jenkinsfile, render_rollback_jenkinsfile
from jenkinsgen.jenkinsfile.render.template_tree import STANDARD_TEMPLATE
from jenkinsgen.spec.reading.document import DocumentError
from jenkinsgen.spec.reading.inherit import EXTENDS, files_of
from jenkinsgen.spec.reading.load import Spec, load_spec
from jenkinsgen.spec.reading.reader import read_document
from jenkinsgen.surroundings import here

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.files import Files

FOLDER = Path("pipelines")
SUFFIXES = (".yaml", ".yml")
ROLLBACK_SUFFIX = ".rollback.Jenkinsfile"
_WHERE = "paths, and pipelines/ without any, are looked for from the folder that you are in: is the name right?"
# The path stands in a shell command and in a comment of the Jenkinsfile.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")


class Outcome(str, Enum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def find_specs(paths: Iterable[Path]) -> list[Path]:
    """The specs that the paths name; a folder names all in it but those that only serve others as a base.

    Raises SpecError when a path does not exist or nothing was found.
    """
    found: list[Path] = []
    for path in paths:
        try:
            found.extend(_specs_in(path) if path.is_dir() else [path])
            path.stat()
        except FileNotFoundError:
            raise SpecError(f"{path}: there is no such file", hint=_WHERE) from None
        except (OSError, ValueError) as error:
            raise SpecError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not found:
        raise SpecError("no spec was found", hint="a spec is a YAML file in pipelines/; docs/spec.md shows one")
    _each_has_its_own_jenkinsfile(found)
    return found


def read_specs(paths: Iterable[Path]) -> tuple[list[Spec], list[SpecError]]:
    """The specs at the paths that can be read, and why the others cannot. Raises SpecError as `find_specs`."""
    specs: list[Spec] = []
    problems: list[SpecError] = []
    for path in find_specs(paths):
        try:
            specs.append(load_spec(path))
        except SpecError as error:
            problems.append(error)
    return specs, problems


def _each_has_its_own_jenkinsfile(specs: list[Path]) -> None:
    first: dict[Path, Path] = {}
    for path in specs:
        other = first.setdefault(jenkinsfile_path(path), path)
        if other != path:
            raise SpecError(f"{path}: {other} makes {jenkinsfile_path(path)}, too", hint="rename one of the two")


def _specs_in(folder: Path) -> Iterator[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    bases = {base for path in files if (base := _base_of(path))}
    for path in files:
        if path.resolve() not in bases or _has_job_name(path):
            yield path


def _base_of(path: Path) -> Path | None:
    try:
        if not DISK.within(path, path) or EXTENDS.encode() not in DISK.read(path):
            # Most files; parsing each of a thousand once more would take a second.
            return None
        base = read_document(path, str(path)).data.get(EXTENDS)
    except (DocumentError, OSError):
        return None
    return (path.parent / base).resolve() if isinstance(base, str) else None


def _has_job_name(path: Path) -> bool:
    try:
        job = read_document(path, str(path)).data.get("job")
    except DocumentError:
        return True
    return isinstance(job, dict) and "name" in job


def render(spec: Spec) -> str:
    """The text of the spec's Jenkinsfile. Raises SpecError."""
    templates, start = templates_of(spec)
    return render_jenkinsfile(spec.pipeline, path_in_repository(spec.path), templates, start, _read_by_stages(spec))


def _read_by_stages(spec: Spec) -> tuple[str, ...]:
    """The files of the repository that a stage needs besides `release.json`, for one on another agent."""
    known_hosts = spec.pipeline.ssh.known_hosts or "~"
    pinned = () if known_hosts.startswith(("/", "~")) else (known_hosts,)
    return (*(_from_root(path) for path in files_of(spec.path)), *pinned)


def render_rollback(spec: Spec) -> str:
    """The text of the Jenkinsfile of `job.rollback`. Raises SpecError; ValueError for a spec without that key."""
    return render_rollback_jenkinsfile(spec.pipeline, path_in_repository(spec.path), standard_template())


def render_all(spec: Spec) -> dict[Path, str]:
    """Each Jenkinsfile of the spec and its text: that of the deployment and, with `job.rollback`, that of the
    rollback. Raises SpecError.
    """
    texts = {jenkinsfile_path(spec.path): render(spec)}
    if spec.pipeline.job.rollback is not None:
        path = rollback_path(spec.path)
        for suffix in SUFFIXES:
            other = path.with_suffix(suffix)
            if other.is_file():
                position = spec.document.position(("job", "rollback"))
                raise SpecError(f"{position}: job.rollback: {other} makes {path}, too", hint=f"rename {other}")
        texts[path] = render_rollback(spec)
    return texts


def templates_of(spec: Spec, files: Files = DISK) -> tuple[dict[str, str], str]:
    """Names and texts of the templates that the spec's Jenkinsfile is made of, and the one to begin with.

    Raises SpecError.
    """
    templates = {STANDARD_TEMPLATE: standard_template()}
    start = STANDARD_TEMPLATE
    own = spec.pipeline.template
    if own is not None:
        path = spec.path.parent / own
        # Messages say this name, and the digest holds it: it may not depend on how the spec was named. It is
        # never that of the standard template, which a team's own may be called, too.
        start = _from_root(path)
        start = f"./{start}" if start == STANDARD_TEMPLATE else start
        templates[start] = _own_template(spec, path, files)
    return templates, start


def _own_template(spec: Spec, path: Path, files: Files) -> str:
    position = spec.document.position(("template",))
    try:
        if files.within(path, spec.path):
            return files.read(path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        raise SpecError(f"{position}: template: {path} is a link that leads out of the repository")
    except UnicodeDecodeError as error:
        raise SpecError(f"{position}: template: {path} is no text in UTF-8: {error.reason}") from error
    except (OSError, ValueError) as error:
        absent = "the path of a template is given from the folder of the spec"
        raise SpecError(
            f"{position}: template: {path} cannot be read: {getattr(error, 'strerror', None) or error}",
            hint=absent if isinstance(error, FileNotFoundError) else None,
        ) from error


def path_in_repository(path: Path) -> str:
    """The path from the root of the git checkout, which is where Jenkins runs the stages.

    Raises SpecError when it holds characters that a shell or Groovy would take for something else.
    """
    shown = _from_root(path)
    if shown.startswith("/"):
        raise SpecError(
            f"{path}: is neither in a git repository nor below the current folder",
            hint="Jenkins needs its path from the root of the repository: run this there",
        )
    if not _PLAIN_PATH.fullmatch(shown):
        raise SpecError(
            f"{path}: the name of a spec may only have letters, digits and . _ - /",
            hint="rename the file; the name stands in the Jenkinsfile's shell commands",
        )
    return shown


def _from_root(path: Path) -> str:
    absolute = path.resolve()
    root = next((parent for parent in absolute.parents if (parent / ".git").exists()), here())
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()


def jenkinsfile_path(spec_path: Path) -> Path:
    """`pipelines/shop.yaml` -> `pipelines/shop.Jenkinsfile`."""
    return spec_path.with_suffix(".Jenkinsfile")


def rollback_path(spec_path: Path) -> Path:
    """`pipelines/shop.yaml` -> `pipelines/shop.rollback.Jenkinsfile`."""
    return spec_path.with_suffix(ROLLBACK_SUFFIX)


def write_jenkinsfiles(spec_path: Path) -> dict[Path, Outcome]:
    """Render one spec next to itself; each file is replaced whole or not at all. Raises SpecError."""
    return write_rendered(load_spec(spec_path))


def write_rendered(spec: Spec) -> dict[Path, Outcome]:
    """Render a spec that was read already; each file is replaced whole or not at all."""
    texts = render_all(spec)
    return {target: _write(target, text.encode()) for target, text in texts.items()}


def jenkinsfile_on_disk(target: Path, wanted: str = "read") -> bytes | None:
    """The present file; None where there is none. Raises SpecError, which says that it cannot be `wanted`.

    A difference is shown, also in CI's log: so a file is read only inside of the repository.
    """
    try:
        if not target.exists():
            return None
        if not DISK.within(target, target):
            raise SpecError(f"{target}: is a link that leads out of the repository", hint=f"remove it: rm {target}")
        return DISK.read(target)
    except OSError as error:
        raise SpecError(f"{target}: cannot be {wanted}: {error.strerror}") from error


def _write(target: Path, content: bytes) -> Outcome:
    before = jenkinsfile_on_disk(target, "written")
    if before == content:
        return Outcome.UNCHANGED
    try:
        replace_file(target, content)
    except OSError as error:
        raise SpecError(f"{target}: cannot be written: {error.strerror}") from error
    return Outcome.CREATED if before is None else Outcome.CHANGED


@cache
def standard_template() -> str:
    """Jenkinsfile.j2: inside the package when installed from a wheel, else at the top level of the checkout."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package, package.parent):
        path = folder / STANDARD_TEMPLATE
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise SpecError(f"{STANDARD_TEMPLATE} is not where jenkinsgen is installed ({package})", hint="install it again")
