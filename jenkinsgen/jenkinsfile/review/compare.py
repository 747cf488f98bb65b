"""Two sides of one pipeline compared: changes, alerts, the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.differences import unified
from jenkinsgen.jenkinsfile.review.behaviour import NOTHING
from jenkinsgen.jenkinsfile.review.model import Alert, Blocker, Change, Consequence, PipelineReview, State, Verb, say
from jenkinsgen.jenkinsfile.review.picture import picture
from jenkinsgen.jenkinsfile.review.sides import Side
from jenkinsgen.jenkinsfile.review.spec_alerts import credential_changes, newly_used, spec_alerts
from jenkinsgen.jenkinsfile.review.spec_changes import spec_changes
from jenkinsgen.jenkinsfile.review.stage_names import renamed_stages, with_names
from jenkinsgen.jenkinsfile.review.trace_alerts import credential_alerts, trace_alerts
from jenkinsgen.jenkinsfile.review.trace_changes import on_failure, on_success, place_name, stage_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour
    from jenkinsgen.jenkinsfile.review.code import Code
    from jenkinsgen.jenkinsfile.review.facts import Place


# Codes from the most to the least important; those that are not here follow by the alphabet.
_ORDER = (
    "unreadable",
    "stale",
    "tls-removed",
    "tls-changed",
    "new-credential",
    "credential-changed",
    "credential-spread",
    "unsafe-command",
    "known-hosts-changed",
    "health-weakened",
    "server-removed",
    "server-added",
    "engine-changed",
    "pipeline-removed",
    "pipeline-renamed",
    "stage-removed",
    "approval-removed",
    "condition-removed",
)


def compare(name: str, before: Side | None, after: Side | None, former_name: str | None = None) -> PipelineReview:
    """The review of one pipeline; a side is None where the pipeline does not exist."""
    old, new = before or Side(), after or Side()
    spec = tuple(_spec_changes(old, new))
    jenkinsfile, consequences = _behaviour_changes(old, new)
    blockers = tuple(
        each for each in (old.spec_blocker, new.spec_blocker, old.jenkinsfile_blocker, new.jenkinsfile_blocker) if each
    )
    if after is None:
        alerts = [Alert("pipeline-removed", "", say("this pipeline would not exist any more"))]
    else:
        alerts = _alerts(before, after, jenkinsfile, consequences)
        if former_name is not None:
            text = say("it was {}: the job on the Jenkins server still names the former file", former_name)
            alerts.append(Alert("pipeline-renamed", "", text))
    return PipelineReview(
        name=name,
        state=_state(before, after, changed=bool(spec or jenkinsfile or consequences), blocked=bool(blockers)),
        former_name=former_name,
        alerts=_ordered(alerts),
        blockers=blockers,
        spec=spec,
        jenkinsfile=jenkinsfile,
        consequences=consequences,
        picture=picture(old.behaviour, new.behaviour, jenkinsfile, _names(old, new)),
    )


def _state(before: Side | None, after: Side | None, *, changed: bool, blocked: bool) -> State:
    if before is None:
        return State.NEW
    if after is None:
        return State.DELETED
    if changed:
        return State.CHANGED
    return State.UNCLEAR if blocked else State.SAME


def _spec_changes(old: Side, new: Side) -> list[Change]:
    if old.spec_blocker or new.spec_blocker:
        return []
    before, after = (side.spec.pipeline if side.spec is not None else None for side in (old, new))
    return spec_changes(before, after)


def _behaviour_changes(old: Side, new: Side) -> tuple[tuple[Change, ...], tuple[Consequence, ...]]:
    if old.jenkinsfile_blocker or new.jenkinsfile_blocker:
        return (), ()
    if old.behaviour is None or new.behaviour is None:
        changes, consequences = _differences(old.behaviour or NOTHING, new.behaviour or NOTHING)
        # The success or failure of a build is no news where all is new.
        kept = [(each.moments, tuple(c for c in each.changes if c.subject != "result")) for each in consequences]
        return (
            tuple(change for change in changes if change.subject != "result"),
            tuple(Consequence(moments, found) for moments, found in kept if found),
        )
    names = _names(old, new)
    renamed = [
        Change("stage", place_name(place), Verb.CHANGED, stage_name(former), stage_name(place))
        for former, place in names.items()
    ]
    changes, consequences = _differences(with_names(old.behaviour, names), new.behaviour, renamed)
    return tuple(changes), tuple(consequences)


def _names(old: Side, new: Side) -> dict[Place, Place]:
    return renamed_stages(old.behaviour, new.behaviour) if old.behaviour and new.behaviour else {}


def _differences(
    before: Behaviour, after: Behaviour, renamed: Iterable[Change] = ()
) -> tuple[list[Change], list[Consequence]]:
    changes = [*renamed, *on_success(before, after)]
    consequences = on_failure(before, after, changes)
    told = [*changes, *(change for each in consequences for change in each.changes)]
    return [*changes, *unfollowed(before, after, told)], consequences


def _alerts(
    before: Side | None, after: Side, changes: Iterable[Change], consequences: Iterable[Consequence]
) -> list[Alert]:
    found = [Alert("unreadable", str(each.sentence), each.sentence) for each in _broken(after)]
    found += after.alerts
    old_spec = before.spec if before else None
    if after.spec is not None and old_spec is not None:
        found += spec_alerts(old_spec.pipeline, after.spec.pipeline)
    elif after.spec is not None:
        found += credential_changes(None, after.spec.pipeline)
    if after.behaviour is not None:
        told = newly_used(old_spec.pipeline if old_spec else None, after.spec.pipeline) if after.spec else frozenset()
        found += credential_alerts(before.behaviour if before else None, after.behaviour, told)
    said = {alert.code for alert in found}
    for alert in trace_alerts(changes, consequences):
        # A new pipeline is news as a whole; of its commands only those that are unsafe are worth a warning.
        worth = before is not None or alert.code == "unsafe-command"
        # The spec says once what the Jenkinsfile repeats in each stage.
        if worth and not (alert.code == "agent-changed" and alert.code in said):
            found.append(alert)
    return found


def _broken(side: Side) -> list[Blocker]:
    return [each for each in (side.spec_blocker, side.jenkinsfile_blocker) if each is not None]


def _ordered(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The first of each code and subject, what matters most in front."""
    once = {(alert.code, alert.about): alert for alert in reversed(list(alerts))}
    rank = {code: index for index, code in enumerate(_ORDER)}
    return tuple(sorted(once.values(), key=lambda each: (rank.get(each.code, len(rank)), each.code, each.about)))


def unfollowed(before: Behaviour, after: Behaviour, told: Iterable[Change]) -> Iterator[Change]:
    """Code that differs where `told` may not be all: nothing is told of it, or it has ways that no trace tells."""
    told_of = {_stage_of(change) for change in told}
    for place, new in after.code.items():
        old = before.code.get(place)
        if old is None:
            # A stage that is new is told whole, unless it has such ways.
            if new.branches:
                yield Change("code", place_name(place), Verb.ADDED, after="\n".join(new.lines))
        elif old.tokens != new.tokens and (old.branches or new.branches or stage_name(place) not in told_of):
            yield Change("code", place_name(place), Verb.CHANGED, what=_difference(old, new))


def _stage_of(change: Change) -> str:
    """The name of the stage that a change is in; empty for the pipeline."""
    return change.place.quoted[0] if change.place.template.startswith("stage") else ""


def _difference(old: Code, new: Code) -> str:
    lines = unified(old.lines, new.lines, context=1)
    return "\n".join(line for line in lines[2:] if not line.startswith("@@"))
