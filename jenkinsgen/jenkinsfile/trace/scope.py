"""The meaning of names at a place in a Jenkinsfile; an unknown value has a type of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.bounds import CHARACTERS, spend
from jenkinsgen.jenkinsfile.groovy.source import human_characters

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Node


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only a run of the build can tell; `shown` is how it reads."""

    shown: str


@dataclass(slots=True)
class Scope:
    """The meaning of names at one place.

    `environment` holds what blocks set, and an inner scope has its own; `shared` is what scripts put into `env`,
    which the whole build sees unless a block has set the same name (measured: the block wins).
    """

    text: str
    parameters: dict[str, Any]
    environment: dict[str, Any]
    variables: dict[str, Any]
    shared: dict[str, Any] = field(default_factory=dict)

    def inner(self) -> Scope:
        spend(len(self.environment))
        return Scope(self.text, self.parameters, dict(self.environment), self.variables, self.shared)

    def of_env(self, name: str) -> Any:
        """`env.NAME`; unknown where neither the file nor the scenario sets it."""
        for place in (self.environment, self.shared, self.parameters):
            if name in place:
                return place[name]
        return Unknown(f"<env.{name}>")

    def source(self, node: Node) -> str:
        spend((node.where.end - node.where.start) // CHARACTERS)
        return human_characters(" ".join(self.text[node.where.start : node.where.end].split()))

    def lookup(self, name: str) -> Any:
        if name in self.variables:
            return self.variables[name]
        found = self.of_env(name)
        return Unknown(f"<{name}>") if isinstance(found, Unknown) and found.shown.startswith("<env.") else found
