"""A review as Markdown for a comment: the summary and the warnings first, then each pipeline."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.review.escape import code_block, code_span, table_cell
from jenkinsgen.jenkinsfile.review.mermaid import flowchart
from jenkinsgen.jenkinsfile.review.model import (
    Change,
    Mark,
    PictureStage,
    PipelineReview,
    Review,
    Sentence,
    State,
    Verb,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# GitHub takes 65,536 characters in a comment; the program that posts it may put something around it.
LONGEST = 60_000
_LONGEST_SUMMARY = LONGEST // 3


def as_markdown(review: Review) -> str:
    """At most LONGEST characters (and a few): what does not fit is counted and named, warnings go first."""
    lines = ["## What this changes in the pipelines", ""]
    told = [each for each in review.pipelines if each.state is not State.SAME or each.alerts]
    if not told:
        lines += [_nothing(review), ""]
        return "\n".join([*lines, _footer(review), ""])
    lines += _fitting(_summary(review.pipelines), _LONGEST_SUMMARY, "more pipelines, not shown here")
    warnings = [f"- {code_span(each.name)}: {_sentence(alert.sentence)}" for each in told for alert in each.alerts]
    if warnings:
        lines += ["", f"### ⚠️ Warnings ({len(warnings)})", ""]
        lines += _fitting(warnings, _LONGEST_SUMMARY, "more warnings: run `jenkinsgen review` to see them")
    left_out = 0
    length = sum(len(line) + 1 for line in lines)
    for pipeline in told:
        section = _section(pipeline)
        length += sum(len(line) + 1 for line in section)
        if length > LONGEST:
            left_out += 1
        else:
            lines += section
    if left_out:
        lines += ["", f"The details of {left_out} pipelines are too long for here: run `jenkinsgen review`."]
    return "\n".join([*lines, "", _footer(review), ""])


def _nothing(review: Review) -> str:
    count = len(review.pipelines)
    if not count:
        return "No pipeline is touched: no change in behaviour."
    names = ", ".join(code_span(each.name) for each in review.pipelines[:20])
    return f"No change in behaviour: {names}" + (f" and {count - 20} more" if count > 20 else "") + "."  # noqa: PLR2004


def _footer(review: Review) -> str:
    return f"<sub>From {review.base[:12]} to {review.head[:12]}.</sub>"


def _fitting(lines: Iterable[str], longest: int, rest: str) -> list[str]:
    kept: list[str] = []
    left_out = 0
    for line in lines:
        if left_out or sum(map(len, kept)) + len(line) > longest:
            left_out += 1
        else:
            kept.append(line)
    return [*kept, "", f"… {left_out} {rest}."] if left_out else kept


def _summary(pipelines: Iterable[PipelineReview]) -> Iterator[str]:
    yield "| pipeline | effect | warnings |"
    yield "|---|---|---|"
    for each in pipelines:
        name = table_cell(each.name) + (f" (was {table_cell(each.former_name)})" if each.former_name else "")
        yield f"| {name} | {_effect(each)} | {len(each.alerts) or 'none'} |"


def _effect(pipeline: PipelineReview) -> str:
    if pipeline.state is not State.CHANGED:
        return str(pipeline.state.value)
    every = [*pipeline.spec, *pipeline.jenkinsfile, *(one for each in pipeline.consequences for one in each.changes)]
    # One thing may be changed in the spec, and by that in several stages of the Jenkinsfile.
    once = {(each.subject, each.verb, each.before, each.after, each.what) for each in every}
    counts = Counter(subject for subject, *_ in once)
    return "changed: " + ", ".join(f"{subject} {count}" for subject, count in sorted(counts.items()))


def _sentence(sentence: Sentence) -> str:
    return str(Sentence(sentence.template, tuple(map(code_span, sentence.quoted))))


def _section(pipeline: PipelineReview) -> list[str]:
    lines = ["", f"### {code_span(pipeline.name)}: {pipeline.state.value}", ""]
    for blocker in pipeline.blockers:
        lines += [f"{_capital(_sentence(blocker.sentence))}:", "", *code_block(blocker.problems.split("\n")), ""]
    diagram = flowchart(pipeline.picture)
    if diagram and any(_touched(stage) for stage in pipeline.picture):
        lines += ["```mermaid", *diagram, "```", ""]
    if pipeline.spec:
        lines += _details("Spec", _changes(pipeline.spec), len(pipeline.spec))
    if pipeline.jenkinsfile:
        lines += _details("What Jenkins does on success", _changes(pipeline.jenkinsfile), len(pipeline.jenkinsfile))
    if pipeline.consequences:
        body: list[str] = []
        for each in pipeline.consequences:
            moments = ", or ".join(map(_sentence, each.moments))
            body += ["", f"When {moments}:", "", *_changes(each.changes)]
        lines += _details(
            "When something goes wrong", body[1:], sum(len(each.changes) for each in pipeline.consequences)
        )
    return lines[:-1] if lines[-1] == "" else lines


def _touched(stage: PictureStage) -> bool:
    return stage.mark is not Mark.SAME or any(map(_touched, stage.children))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _details(title: str, body: list[str], count: int) -> list[str]:
    return [
        f"<details><summary>{title}: {count} change{'s' * (count != 1)}</summary>",
        "",
        *body,
        "",
        "</details>",
        "",
    ]


def _changes(changes: Iterable[Change]) -> list[str]:
    """A list with one entry for each change; the same one in several places is told once."""
    places: dict[Change, list[str]] = {}
    for change in changes:
        # A field of the spec is its own place: two of them with the same value have nothing in common.
        content = change if change.field else replace(change, place=_ANYWHERE)
        places.setdefault(content, []).append(_sentence(change.place))
    lines: list[str] = []
    for change, names in places.items():
        block = _as_block(change)
        lines.append(f"- {_capital(', '.join(names))}: {_headline(change) if block else _line(change)}")
        if block:
            lines += ["", *(f"  {line}" for line in code_block(block, "diff")), ""]
    return lines if lines[-1:] != [""] else lines[:-1]


_ANYWHERE = Sentence("")


def _as_block(change: Change) -> list[str]:
    """The lines of what does not fit on one; none for all else."""
    if change.subject == "code":
        return (change.what or change.after or "").split("\n")
    parts = ((" ", change.what), ("-", change.before), ("+", change.after))
    texts = [(sign, text.strip("\n").split("\n")) for sign, text in parts if text is not None]
    if all(len(lines) == 1 for _, lines in texts):
        return []
    return [f"{sign}{line}" for sign, lines in texts for line in lines]


def _headline(change: Change) -> str:
    if change.subject == "code":
        return f"code {change.verb.value} that a trace cannot follow"
    return f"{_subject(change)}{change.verb.value}"


def _line(change: Change) -> str:
    before, after = (None if text is None else code_span(text.strip("\n")) for text in (change.before, change.after))
    subject = _subject(change)
    if change.subject == "stage" and change.verb is not Verb.MOVED:
        return f"renamed from {before}" if change.verb is Verb.CHANGED else change.verb.value
    if change.verb is Verb.MOVED:
        return f"{subject}{code_span((change.what or '').strip())} moved: {before} → {after}"
    if change.verb is Verb.CHANGED:
        return f"{subject}{before} → {after}"
    return f"{subject}{change.verb.value} {after if before is None else before}"


def _subject(change: Change) -> str:
    """A field of the spec has a name of its own."""
    return "" if change.field else f"{change.subject} "
