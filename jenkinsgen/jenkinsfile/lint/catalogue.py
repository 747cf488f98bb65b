"""The catalogue of what a controller offers: sections' contents, steps and their parameters. Read from catalogue.txt.

A controller's plugins decide which names exist. Without a controller every plugin in the catalogue counts as
installed; a `Controller` narrows that to what one server really has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.groovy.bounds import spend

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TEXT = "text"
_COST_OF_A_LIST = 100
_OPEN = "..."
_STEP_KINDS = ("step", "block", "wrapper")
_ROOT_OPTIONS = ("property", "anywhere", "wrapper")
_STAGE_OPTIONS = ("anywhere", "wrapper")
# Blocks that Jenkins lets be options although they are ordinary steps elsewhere.
_ALSO_OPTIONS = frozenset({"catchError"})
_FUNCTION_KINDS = ("symbol", "property", "anywhere", "trigger", "parameter", "condition", "binding")


@dataclass(frozen=True, slots=True)
class ParameterType:
    """`sole` marks the one that may be given without its name."""

    name: str
    type: str
    required: bool
    sole: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of one name; `open` where they are not known."""

    kind: str
    name: str
    plugin: str
    parameters: tuple[ParameterType, ...]
    open: bool

    @property
    def takes_block(self) -> bool:
        return self.kind in {"block", "wrapper"}

    def parameter(self, name: str) -> ParameterType | None:
        return next((each for each in self.parameters if each.name == name), None)

    def required(self) -> list[ParameterType]:
        return [each for each in self.parameters if each.required]

    def sole(self) -> ParameterType | None:
        """The parameter that an argument without a name is for."""
        marked = [each for each in self.parameters if each.sole]
        return marked[0] if len(marked) == 1 else None


@dataclass(frozen=True, slots=True)
class Controller:
    """The names one server offers, by kind: `options`, `stageOptions`, `triggers`, `parameters`, `agents`,
    `conditions`, `tools`, `steps`; and `installations`, the tools configured, by type.
    """

    names: dict[str, frozenset[str]]
    installations: dict[str, frozenset[str]] | None = None

    @classmethod
    def read(cls, path: Path) -> Controller:
        """Raises `SpecError` if the file is not such a list."""
        try:
            data = json.loads(path.read_text("utf-8"))
            names = {kind: frozenset(map(str, values)) for kind, values in data.items() if isinstance(values, list)}
            installed = data.get("installations")
            tools = None if installed is None else {kind: frozenset(each) for kind, each in installed.items()}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise SpecError(
                f"{path}: not a list of what a controller offers: {error}",
                hint='expected JSON such as {"options": ["timeout", …], "steps": ["sh", …]}; see docs/lint.md',
            ) from error
        return cls(names, tools)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All known names, narrowed to those of a controller if one is given."""

    signatures: dict[tuple[str, str], Signature]
    controller: Controller | None = None

    def valid(self, section: str) -> list[str]:
        """The names valid in a section: `options`, `stageOptions`, `triggers`, `agents` and so on."""
        spend(_COST_OF_A_LIST)
        if self.controller is not None and section in self.controller.names:
            return sorted(self.controller.names[section])
        return sorted(self._known(section))

    def _known(self, section: str) -> set[str]:
        if section in {"options", "stageOptions"}:
            kinds: Iterable[str] = _ROOT_OPTIONS if section == "options" else _STAGE_OPTIONS
            return {name for kind, name in self.signatures if kind in kinds} | _ALSO_OPTIONS
        if section == "steps":
            return {name for kind, name in self.signatures if kind in {*_STEP_KINDS, "binding"}}
        kind = section.removesuffix("s")
        return {name for each, name in self.signatures if each == kind}

    def may_have(self, section: str, name: str) -> bool:
        """Whether some plugin may bring an unknown name: only a controller that lists what it has of this kind can
        prove that there is none. A name that is known as another kind is not of this one.
        """
        listed = self.controller is not None and section in self.controller.names
        return not listed and all(each != name for _, each in self.signatures)

    def is_offered(self, name: str) -> bool:
        """Whether the controller lists the name, as whatever."""
        return self.controller is not None and any(name in names for names in self.controller.names.values())

    def is_only(self, kind: str, name: str) -> bool:
        """Whether the name is known as that and as nothing else."""
        return {each for each, known in self.signatures if known == name} == {kind}

    def values(self) -> list[str]:
        """The names of what is used as an argument of something else."""
        return sorted(name for kind, name in self.signatures if kind == "symbol")

    @property
    def knows_controller(self) -> bool:
        return self.controller is not None

    def step(self, name: str) -> Signature | None:
        """Steps first, then anything else of that name: as Jenkins looks steps up."""
        return self._first(name, (*_STEP_KINDS, *_FUNCTION_KINDS))

    def function(self, name: str) -> Signature | None:
        """Anything else first, then steps: as Jenkins looks options, triggers and arguments up."""
        return self._first(name, (*_FUNCTION_KINDS, *_STEP_KINDS))

    def of_kind(self, kind: str, name: str) -> Signature | None:
        return self.signatures.get((kind, name))

    def origin(self, name: str) -> str | None:
        """Which plugin brings a name that the controller lacks."""
        found = next((each for each in self.signatures.values() if each.name == name), None)
        if self.controller is None or found is None or found.plugin.startswith("other-"):
            return None
        return f"{name} comes with the plugin {found.plugin}"

    def _first(self, name: str, kinds: Iterable[str]) -> Signature | None:
        for kind in kinds:
            found = self.signatures.get((kind, name))
            if found is not None:
                return found
        return None


@lru_cache(maxsize=1)
def _signatures() -> dict[tuple[str, str], Signature]:
    text = files("jenkinsgen.jenkinsfile.lint").joinpath("catalogue.txt").read_text("utf-8")
    found: dict[tuple[str, str], Signature] = {}
    plugin = ""
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "plugin":
            plugin = words[1]
        else:
            signature = _signature(plugin, words)
            found[signature.kind, signature.name] = signature
    return found


def _signature(plugin: str, words: list[str]) -> Signature:
    kind, name, *parameters = words
    known = tuple(_parameter(each) for each in parameters if each != _OPEN)
    required = [each for each in known if each.required]
    if len(required) == 1 and not any(each.sole for each in known):
        sole = required[0]
        known = tuple(ParameterType(each.name, each.type, each.required, sole=each is sole) for each in known)
    return Signature(kind, name, plugin, known, open=_OPEN in parameters)


def _parameter(word: str) -> ParameterType:
    name, _, type_name = word.partition(":")
    return ParameterType(name.rstrip("!?"), type_name or TEXT, name.endswith("!"), sole=name.endswith("?"))


def catalogue(controller: Controller | None = None) -> Catalogue:
    """The catalogue, narrowed to a controller if one is given."""
    return Catalogue(_signatures(), controller)
