"""Differences between two behaviours, on success and for each way to fail."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jenkinsgen.differences import operations
from jenkinsgen.jenkinsfile.groovy.bounds import spend
from jenkinsgen.jenkinsfile.review.model import Change, Consequence, Sentence, Verb, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour, Ending
    from jenkinsgen.jenkinsfile.review.facts import Fact, Place

_PIPELINE = say("the pipeline")
# A reader thinks last of what a stop does.
_ANY_FAILURE, _ANY_STOP = say("any stage fails"), say("the build is stopped in any stage")


def on_success(before: Behaviour, after: Behaviour) -> list[Change]:
    """Stages first, then what happens in each of them."""
    return [*_stages(before.stages, after.stages), *_facts(before.success, after.success, after.stages)]


def on_failure(before: Behaviour, after: Behaviour, known: Iterable[Change]) -> list[Consequence]:
    """Changes that only show when a stage fails or the build is stopped; `known` ones are told already."""
    said = set(known)
    changes: dict[Change, list[Ending]] = {}
    for ending in dict.fromkeys((*before.endings, *after.endings)):
        for change in _ending(before, after, ending):
            if change not in said:
                changes.setdefault(change, []).append(ending)
    # A stage that is new or gone ends in its own way; "any stage" is any of those that stay.
    staying = {*before.endings} & {*after.endings} or {*before.endings, *after.endings}
    grouped: dict[tuple[Sentence, ...], list[Change]] = {}
    for change, endings in changes.items():
        grouped.setdefault(_moments(endings, staying), []).append(change)
    return [Consequence(moments, tuple(found)) for moments, found in grouped.items()]


def _ending(before: Behaviour, after: Behaviour, ending: Ending) -> list[Change]:
    old, new = before.endings.get(ending, ()), after.endings.get(ending, ())
    if (ending in before.endings) != (ending in after.endings) and before.stages and after.stages:
        # The stage is on one side only: of the usual things nothing is news, but what it does itself is.
        old, new = (tuple(fact for fact in side if fact.place == ending.stage) for side in (old, new))
    return list(_facts(old, new, after.stages))


def _moments(endings: list[Ending], possible: set[Ending]) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for failed, any_of, template in (
        (True, _ANY_FAILURE, "{} fails"),
        (False, _ANY_STOP, "the build is stopped in {}"),
    ):
        stages = [each.stage for each in endings if each.failed is failed]
        every = {each.stage for each in possible if each.failed is failed}
        if len(every) > 1 and every <= {*stages}:
            found.append(any_of)
            stages = [stage for stage in stages if stage not in every]
        found.extend(say(template, stage_name(stage)) for stage in stages)
    return tuple(found)


def stage_name(place: Place) -> str:
    """The stages around it in front, as in `Tests / Linux`."""
    return " / ".join(place)


def place_name(place: Place, post: str = "") -> Sentence:
    """`stage Build, post failure`."""
    if not place:
        return say("post {}", post) if post else _PIPELINE
    name = stage_name(place)
    return say("stage {}, post {}", name, post) if post else say("stage {}", name)


def _stages(before: Sequence[Place], after: Sequence[Place]) -> Iterator[Change]:
    for place in before:
        if place not in after:
            yield Change("stage", place_name(place), Verb.REMOVED, before=stage_name(place))
    for place in after:
        if place not in before:
            yield Change("stage", place_name(place), Verb.ADDED, after=stage_name(place))
    old, new = ([place for place in side if place in before and place in after] for side in (before, after))
    for tag, start, end, _, _ in operations(old, new):
        for place in old[start:end] if tag in ("delete", "replace") else ():
            stood, stands = _neighbour(place, before), _neighbour(place, after)
            yield Change("stage", place_name(place), Verb.MOVED, stood, stands, stage_name(place))


def _neighbour(place: Place, stages: Sequence[Place]) -> str:
    at = stages.index(place)
    return f"after {stage_name(stages[at - 1])}" if at else "first"


def _facts(before: Sequence[Fact], after: Sequence[Fact], order: Sequence[Place]) -> Iterator[Change]:
    old, new = _by_place(before), _by_place(after)
    places = {*old, *new}
    rank = {place: index for index, place in enumerate(order)}
    for place, post in sorted(places, key=lambda each: (rank.get(each[0], -1 if not each[0] else len(rank)), each)):
        yield from _in_place(place_name(place, post), old.get((place, post), []), new.get((place, post), []))


def _by_place(facts: Iterable[Fact]) -> dict[tuple[Place, str], list[Fact]]:
    found: dict[tuple[Place, str], list[Fact]] = {}
    for fact in facts:
        found.setdefault((fact.place, fact.post), []).append(fact)
    return found


def _in_place(place: Sentence, before: list[Fact], after: list[Fact]) -> Iterator[Change]:
    removed: list[Fact] = []
    added: list[Fact] = []
    same: list[tuple[Fact, Fact]] = []
    keys = [fact.key for fact in before], [fact.key for fact in after]
    for tag, old_start, old_end, new_start, new_end in operations(*keys):
        if tag == "equal":
            same += zip(before[old_start:old_end], after[new_start:new_end], strict=True)
        else:
            removed += before[old_start:old_end]
            added += after[new_start:new_end]
    yield from _reordered(place, removed, added)
    pairs = _paired(removed, added)
    # A block that changed is told itself; what stands in it still stands in it.
    now = {old.as_block: new.as_block for old, new in pairs if old and new}
    for old, new in same:
        if tuple(now.get(block, block) for block in old.within) != new.within:
            yield _change(place, Verb.MOVED, old, before=_inside(old), after=_inside(new))
    for was, is_now in pairs:
        if was is not None:
            verb = Verb.REMOVED if is_now is None else Verb.CHANGED
            yield Change(_subject(was), place, verb, _shown(was), None if is_now is None else _shown(is_now))
        elif is_now is not None:
            yield Change(_subject(is_now), place, Verb.ADDED, after=_shown(is_now))


def _change(place: Sentence, verb: Verb, fact: Fact, *, before: str, after: str) -> Change:
    return Change(_subject(fact), place, verb, before, after, _shown(fact))


def _subject(fact: Fact) -> str:
    return "credential" if fact.kind == "credentials" else fact.kind


def _shown(fact: Fact) -> str:
    """A command without the step that nearly all are run by."""
    return fact.text.removeprefix("sh: ") if fact.kind == "command" else fact.text


def _inside(fact: Fact) -> str:
    return f"inside {', '.join(fact.within)}" if fact.within else "inside no block"


def _reordered(place: Sentence, removed: list[Fact], added: list[Fact]) -> Iterator[Change]:
    """Facts that only run at another time are on both lists: tell them, and take them off both."""
    both = Counter(fact.key for fact in removed) & Counter(fact.key for fact in added)
    for key, count in both.items():
        for _ in range(count):
            spend(len(removed) + len(added))
            old = next(fact for fact in removed if fact.key == key)
            new = next(fact for fact in added if fact.key == key)
            removed.remove(old)
            added.remove(new)
            where = (_inside(old), _inside(new)) if old.within != new.within else ("in another order", "in this order")
            yield _change(place, Verb.MOVED, old, before=where[0], after=where[1])


def _paired(removed: list[Fact], added: list[Fact]) -> list[tuple[Fact | None, Fact | None]]:
    """A removed and an added fact of one kind are one that changed; None where there is no partner."""
    rest = list(added)
    found: list[tuple[Fact | None, Fact | None]] = []
    for old in removed:
        spend(len(rest))
        new = next((fact for fact in rest if fact.kind == old.kind and _alike(old, fact)), None)
        found.append((old, new))
        if new is not None:
            rest.remove(new)
    return [*found, *((None, new) for new in rest)]


# These begin with a name of their own: one `option timeout` does not become `option retry`.
_NAMED = frozenset({"option", "step", "environment", "parameter", "trigger", "tool", "agent", "library"})


def _alike(old: Fact, new: Fact) -> bool:
    if old.kind == "agent" or old.kind not in _NAMED:
        return True
    if old.kind == "parameter":
        return old.text.split(",")[0] == new.text.split(",")[0]
    return _name(old) == _name(new)


def _name(fact: Fact) -> str:
    separator = "=" if fact.kind == "environment" else "(" if fact.kind == "trigger" else " "
    return fact.text.partition(separator)[0]
