"""A declarative pipeline as Jenkins reads it: sections, stages, steps. Built by the reader from a Groovy tree."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import MOST_CELLS, TooLarge, spend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Call, ClosureExpression, Expression, Where


@dataclass(frozen=True, slots=True)
class Setting:
    """`image 'x'` in `agent { docker { … } }`; a nested block gives a tuple of settings."""

    where: Where
    key: str
    value: Expression | tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """`kind` is `any`, `none`, `label`, `docker`…; None where it could not be read."""

    where: Where
    kind: str | None
    kind_where: Where
    settings: tuple[Setting, ...] | Expression | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variable of an `environment` section."""

    where: Where
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Invocation:
    """An option, trigger, parameter, tool or library: a call by name."""

    where: Where
    name: str
    call: Call


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of `when`; `code` is the block of `expression`."""

    where: Where
    name: str
    arguments: tuple[Expression, ...]
    children: tuple[Condition, ...] = ()
    has_block: bool = False
    code: ClosureExpression | None = None


@dataclass(frozen=True, slots=True)
class When:
    where: Where
    conditions: tuple[Condition, ...]
    flags: tuple[tuple[str, bool], ...]

    def flag(self, name: str) -> bool:
        """`beforeAgent`, `beforeInput` or `beforeOptions`."""
        return dict(self.flags).get(name, False)


@dataclass(frozen=True, slots=True)
class Step:
    """A step. `arguments` are without its block; `children` are the steps of the block, None without one.

    `body` is the block itself: of `script` it is Groovy and has no children.
    """

    where: Where
    name: str
    arguments: tuple[Expression, ...]
    children: tuple[Step, ...] | None = None
    body: ClosureExpression | None = None

    def walk(self) -> Iterator[Step]:
        yield self
        for child in self.children or ():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps that run one after the other: of a stage, a post condition, or a branch of the `parallel` step."""

    where: Where
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Post:
    where: Where
    conditions: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Input:
    where: Where
    fields: tuple[tuple[str, Expression], ...]
    parameters: tuple[Invocation, ...] = ()

    def text(self, name: str) -> Expression | None:
        return dict(self.fields).get(name)


@dataclass(frozen=True, slots=True)
class Axis:
    where: Where
    name: str | None
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    where: Where
    axes: tuple[Axis, ...]
    excludes: tuple[tuple[Axis, ...], ...]
    cell: Stage

    @property
    def combinations(self) -> int:
        """How many there are before `excludes`."""
        return prod(len(axis.values) for axis in self.axes)

    def cells(self) -> list[dict[str, str]]:
        """The combinations of axis values that run. Raises TooLarge."""
        if self.combinations > MOST_CELLS:
            raise TooLarge(f"a matrix of {self.combinations:,} cells", self.where.line, self.where.column)
        found: list[dict[str, str]] = [{}]
        for axis in self.axes:
            found = [{**cell, axis.name or "": value} for cell in found for value in axis.values]
        return [cell for cell in found if not any(_excluded(cell, each) for each in self.excludes)]


def _excluded(cell: dict[str, str], exclude: tuple[Axis, ...]) -> bool:
    spend(sum(len(axis.values) for axis in exclude))
    return all((cell.get(axis.name or "") in axis.values) != axis.negated for axis in exclude)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage; the cell of a matrix and the root of a pipeline have the same sections."""

    where: Where
    name: str
    agent: Agent | None = None
    when: When | None = None
    options: tuple[Invocation, ...] = ()
    input: Input | None = None
    environment: tuple[Assignment, ...] = ()
    tools: tuple[Invocation, ...] = ()
    branches: tuple[Branch, ...] = ()
    stages: tuple[Stage, ...] | None = None
    parallel: tuple[Stage, ...] | None = None
    matrix: Matrix | None = None
    post: Post | None = None
    fail_fast: bool = False

    def children(self) -> tuple[Stage, ...]:
        cell = (self.matrix.cell,) if self.matrix else ()
        return (self.stages or ()) + (self.parallel or ()) + cell

    def walk(self) -> Iterator[Stage]:
        yield self
        for child in self.children():
            yield from child.walk()

    def steps(self) -> Iterator[Step]:
        """Every step of this stage itself, blocks unfolded, without its `post`."""
        for branch in self.branches:
            for step in branch.steps:
                yield from step.walk()

    def option(self, name: str) -> Invocation | None:
        return next((each for each in self.options if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The whole: `root` holds the sections, with the top stages as its `stages`."""

    root: Stage
    parameters: tuple[Invocation, ...] = ()
    triggers: tuple[Invocation, ...] = ()
    libraries: tuple[Invocation, ...] = ()

    def stages(self) -> Iterator[Stage]:
        """Every stage, parents first, the root not among them."""
        for stage in self.root.stages or ():
            yield from stage.walk()

    def posts(self) -> Iterator[tuple[Stage, Post]]:
        for stage in (self.root, *self.stages()):
            if stage.post is not None:
                yield stage, stage.post
