"""Stages that only have another name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import spend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour
    from jenkinsgen.jenkinsfile.review.facts import Fact, Place


def renamed_stages(before: Behaviour, after: Behaviour) -> dict[Place, Place]:
    """Former place -> place of stages that do the same under another name, one for one."""
    gone = [name for name in before.stages if name not in after.stages]
    come = [name for name in after.stages if name not in before.stages]
    found: dict[Place, Place] = {}
    did, do = _acts(before), _acts(after)
    for name in gone:
        spend(len(come))
        same = [each for each in come if name in did and did[name] == do.get(each)]
        if len(same) == 1 and same[0] not in found.values():
            found[name] = same[0]
    return found


def _acts(behaviour: Behaviour) -> dict[Place, list[tuple[str, ...]]]:
    """Place -> what is done there."""
    found: dict[Place, list[tuple[str, ...]]] = {}
    for fact in behaviour.success:
        found.setdefault(fact.place, []).append((fact.post, *fact.key, *fact.within))
    return found


def with_names(behaviour: Behaviour, names: dict[Place, Place]) -> Behaviour:
    """The behaviour, with its stages under other names."""

    def renamed(place: Place) -> Place:
        return names.get(place, place)

    def all_of(facts: Iterable[Fact]) -> tuple[Fact, ...]:
        return tuple(replace(fact, place=renamed(fact.place)) for fact in facts)

    return replace(
        behaviour,
        success=all_of(behaviour.success),
        endings={replace(end, stage=renamed(end.stage)): all_of(facts) for end, facts in behaviour.endings.items()},
        stages=tuple(map(renamed, behaviour.stages)),
        code={renamed(place): code for place, code in behaviour.code.items()},
    )
