"""Rules: method-too-large, string-too-long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import MOST_CELLS
from jenkinsgen.jenkinsfile.groovy.tree import Constant
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.model import Matrix
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

_MAX_STAGES = 60
_MAX_CELLS = 12
_MAX_STRING = 65535
_SPLIT = "split the pipeline, or let one step do what several do"


def _check_method(subject: Subject) -> Iterator[Hit]:
    stages = list(subject.pipeline.stages())
    if len(stages) > _MAX_STAGES:
        message = f"{len(stages)} stages: Jenkins may fail with `Method too large`"
        yield Hit(stages[_MAX_STAGES].where, message, _SPLIT)
    for stage in stages:
        cells = _cells(stage.matrix) if stage.matrix else 0
        if cells > _MAX_CELLS:
            message = f"a matrix of {cells} cells: Jenkins may fail with `Method too large`"
            yield Hit(stage.where, message, _SPLIT)


def _cells(matrix: Matrix) -> int:
    """How many run; where there are too many to look at each, how many there are at most."""
    return matrix.combinations if matrix.combinations > MOST_CELLS else len(matrix.cells())


METHOD_TOO_LARGE = Rule(
    "method-too-large",
    "Declarative compiles the whole model into one Java method of at most 64 KiB, a matrix once per cell. Real"
    f" pipelines broke at 19 cells; the budget here is {_MAX_STAGES} stages and {_MAX_CELLS} cells.",
    _check_method,
)


def _check_string(subject: Subject) -> Iterator[Hit]:
    for node in walk(subject.script):
        if isinstance(node, Constant) and isinstance(node.value, str):
            encoded = len(node.value.encode("utf-8", "surrogatepass"))
            if max(len(node.value), encoded) > _MAX_STRING:
                hint = "put the script into a file of the repository and call it"
                yield Hit(node.where, f"a string of {encoded} bytes; Java has room for {_MAX_STRING}", hint)


STRING_TOO_LONG = Rule(
    "string-too-long",
    "Jenkins' linter does not generate code, so it accepts a string that the class file has no room for; the"
    " build ends with `String too long` before its first stage.",
    _check_string,
)
