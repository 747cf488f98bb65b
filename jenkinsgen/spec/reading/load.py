"""Load a checked spec from a path, or report every problem of the file at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from jenkinsgen.errors import SpecError
from jenkinsgen.files import DISK
from jenkinsgen.spec.pipeline import Pipeline
from jenkinsgen.spec.reading.document import Document, DocumentError, Problem
from jenkinsgen.spec.reading.inherit import read_with_bases
from jenkinsgen.spec.reading.problems import explain

if TYPE_CHECKING:
    import os

    from jenkinsgen.files import Files

SHOWN_PROBLEMS = 30


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked spec, and where it came from."""

    path: Path
    pipeline: Pipeline
    document: Document

    @property
    def name(self) -> str:
        """`pipelines/shop.yaml` -> shop."""
        return self.path.stem


def load_spec(path: str | os.PathLike[str], files: Files = DISK) -> Spec:
    """Read and check a spec; `files` is where it and what it extends are read from.

    Raises SpecError whose message holds one line `file:line:column: key: what is wrong` for each problem.
    """
    path = Path(path)
    try:
        document = read_with_bases(path, files)
        return Spec(path, _validated(document), document)
    except DocumentError as error:
        ordered = sorted(dict.fromkeys(error.problems), key=_in_reading_order)
        count = len(ordered)
        lines = [str(problem) for problem in ordered[:SHOWN_PROBLEMS]]
        if count > SHOWN_PROBLEMS:
            lines.append(f"… and {count - SHOWN_PROBLEMS} more")
        hint = f"{count} problem{'s' if count > 1 else ''} in {path}; docs/spec.md explains every key"
        if isinstance(error.__cause__, FileNotFoundError):
            hint = "is the name right? it is looked for from the folder that you are in"
        raise SpecError("\n".join(lines), hint=hint) from error


def _in_reading_order(problem: Problem) -> tuple[str, int, int]:
    place = problem.position
    return place.file, place.line, place.column


def _validated(document: Document) -> Pipeline:
    try:
        return Pipeline.model_validate(document.data)
    except ValidationError as error:
        raise DocumentError(*explain(error, document)) from error
