"""A plan as a person, a pull request or a program reads it."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from jenkinsgen.jobs.comparison import Origin
from jenkinsgen.jobs.plan import JobPlan, Verdict
from jenkinsgen.jobs.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jenkinsgen.jobs.comparison import Change
    from jenkinsgen.jobs.units import Value

_SIGNS = {
    Verdict.CREATE: "+",
    Verdict.UPDATE: "~",
    Verdict.CHANGED_BY_HAND: "~",
    Verdict.NOT_OURS: "?",
    Verdict.OTHER_OWNER: "?",
    Verdict.REPLACE: "!",
    Verdict.UNCHANGED: "=",
    Verdict.FAILED: "!",
}
_SHORT = 60
# The longest text that is shown as a difference: the time to find one grows faster than the text.
_LONGEST = 200_000


def as_text(plans: Sequence[JobPlan]) -> str:
    """For a terminal and for the console of a build; jobs with nothing to say are only counted."""
    return "\n".join([*(line for plan in plans if _worth_telling(plan) for line in _job(plan)), summary(plans)])


def as_markdown(plans: Sequence[JobPlan]) -> str:
    """For a comment on a pull request; jobs with nothing to say are only counted."""
    parts = ["### Jobs on the Jenkins server", "", summary(plans)]
    for plan in plans:
        if _worth_telling(plan):
            # A fence longer than any in the text: an inline script may hold Markdown itself.
            lines = _job(plan)
            fence = "`" * max(3, 1 + max(_longest_run(line) for line in lines))
            parts += ["", f"{fence}diff", *lines, fence]
    return "\n".join(parts)


def as_json(plans: Sequence[JobPlan]) -> str:
    """For programs. Keys are only ever added."""
    return json.dumps({"jobs": [_json(plan) for plan in plans]}, indent=2, ensure_ascii=False)


def summary(plans: Iterable[JobPlan]) -> str:
    """`3 jobs: 1 create, 2 unchanged`."""
    verdicts = [plan.verdict for plan in plans]
    counts = [f"{verdicts.count(verdict)} {verdict.value}" for verdict in Verdict if verdict in verdicts]
    return f"{len(verdicts)} job{'' if len(verdicts) == 1 else 's'}: {', '.join(counts) or 'none'}"


def _worth_telling(plan: JobPlan) -> bool:
    return plan.verdict is not Verdict.UNCHANGED or bool(plan.foreign)


def _job(plan: JobPlan) -> list[str]:
    note = f" ({plan.note})" if plan.note else ""
    lines = [f"{_SIGNS[plan.verdict]} {plan.name}: {plan.verdict.value}{note}"]
    if plan.consequence is not None:
        lines.append(f"    attention: {plan.consequence}")
    for change in plan.changes:
        lines += _change(change)
    lines += [f"    left alone: {words}" for words in plan.foreign]
    return lines


def _change(change: Change) -> list[str]:
    words = [] if change.origin in {Origin.SPEC, Origin.UNKNOWN} else [change.origin.value]
    if change.declared and change.origin in {Origin.SERVER, Origin.BOTH}:
        words.append("the Jenkinsfile of the last build sets it too: is the rendered one committed?")
    why = f"  # {'; '.join(words)}" if words else ""
    if _many_lines(change.old) or _many_lines(change.new):
        return [f"    {change.path}:{why}", *_diff(str(change.old or ""), str(change.new or ""))]
    return [f"    {change.path}: {shown(change.old)} -> {shown(change.new)}{why}"]


def _many_lines(value: Value | None) -> bool:
    return isinstance(value, str) and ("\n" in value or len(value) > _SHORT)


def _diff(old: str, new: str) -> list[str]:
    if max(len(old), len(new)) > _LONGEST:
        return [f"      too long to show: {len(old)} characters on the server, {len(new)} in the spec"]
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "on the server", "in the spec", lineterm="", n=2)
    return [f"      {line}" for line in lines]


def _longest_run(line: str) -> int:
    longest = run = 0
    for character in line:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _json(plan: JobPlan) -> dict[str, object]:
    return {
        "name": plan.name,
        "verdict": plan.verdict.name.lower().replace("_", "-"),
        "note": plan.note,
        "consequence": plan.consequence,
        "spec": plan.desired.spec,
        "changes": [
            {
                "path": change.path,
                "old": change.old,
                "new": change.new,
                "origin": change.origin.name.lower(),
                "declared_by_jenkinsfile": change.declared,
            }
            for change in plan.changes
        ],
        "left_alone": list(plan.foreign),
    }
