"""The assumptions of a trace."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scenario:
    """`parameters` and `environment` are given values; `fail` and `abort` name stages.

    A failing stage fails at its first command, an aborted one is stopped there (or at its input). The build
    is taken for the first one of its job: `changed` runs, `fixed` and `regression` do not.
    """

    parameters: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    fail: frozenset[str] = frozenset()
    abort: frozenset[str] = frozenset()
