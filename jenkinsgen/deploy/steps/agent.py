"""Steps of the agent's own engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuildImage:
    context: str
    dockerfile: str
    tag: str
    labels: dict[str, str]
    build_args: dict[str, str]

    def __str__(self) -> str:
        return f"build {self.tag}"


@dataclass(frozen=True, slots=True)
class TagImage:
    source: str
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"tag {self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class PushImage:
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"push {self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class RemoveTag:
    reference: str

    def __str__(self) -> str:
        return f"remove the local tag {self.reference}"


AgentStep = BuildImage | TagImage | PushImage | RemoveTag
