"""A review as Markdown for a comment: the summary and the warnings first, then each pipeline."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jenkinsgen.review.escape import code_block, code_span
from jenkinsgen.review.mermaid import flowchart
from jenkinsgen.review.model import Change, PipelineReview, Review, Sentence, State, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# GitHub takes 65,536 characters in a comment; whoever posts one may put something around it.
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
        name = code_span(each.name) + (f" (was {code_span(each.former_name)})" if each.former_name else "")
        yield f"| {name} | {_effect(each)} | {len(each.alerts) or 'none'} |"


def _effect(pipeline: PipelineReview) -> str:
    every = [*pipeline.spec, *pipeline.jenkinsfile, *(one for each in pipeline.consequences for one in each.changes)]
    if pipeline.state is not State.CHANGED:
        return pipeline.state.value
    counts = Counter(change.subject for change in every)
    return "changed: " + ", ".join(f"{subject} {count}" for subject, count in sorted(counts.items()))


def _sentence(sentence: Sentence) -> str:
    return str(Sentence(sentence.template, tuple(map(code_span, sentence.quoted))))


def _section(pipeline: PipelineReview) -> list[str]:
    lines = ["", f"### {code_span(pipeline.name)}: {pipeline.state.value}", ""]
    for blocker in pipeline.blockers:
        lines += [f"{_capital(_sentence(blocker.sentence))}:", "", *code_block(blocker.problems.split("\n")), ""]
    diagram = flowchart(pipeline.picture)
    if diagram and pipeline.state is not State.SAME:
        lines += ["```mermaid", *diagram, "```", ""]
    if pipeline.spec:
        lines += _details("Spec", [*_changes(pipeline.spec)], len(pipeline.spec))
    if pipeline.jenkinsfile:
        lines += _details("What Jenkins does on success", [*_changes(pipeline.jenkinsfile)], len(pipeline.jenkinsfile))
    if pipeline.consequences:
        body: list[str] = []
        for each in pipeline.consequences:
            moments = ", or ".join(map(_sentence, each.moments))
            body += [f"When {moments}:", "", *_changes(each.changes), ""]
        lines += _details("When something goes wrong", body, sum(len(each.changes) for each in pipeline.consequences))
    return lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _details(title: str, body: list[str], count: int) -> list[str]:
    return [f"<details><summary>{title}: {count} change{'s' * (count != 1)}</summary>", "", *body, "", "</details>", ""]


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        place = _capital(_sentence(change.place))
        texts = (change.before, change.after, change.what)
        if change.subject == "code":
            yield f"- {place}: code that cannot be followed {change.verb.value}"
            yield from _indented(code_block((change.what or change.after or "").split("\n"), "diff"))
        elif any("\n" in (text or "").strip("\n") for text in texts):
            yield f"- {place}: {_subject(change)}{change.verb.value}"
            yield from _indented(code_block(_as_difference(change), "diff"))
        else:
            yield f"- {place}: {_line(change)}"


def _indented(lines: list[str]) -> list[str]:
    return ["", *(f"  {line}" for line in lines), ""]


def _as_difference(change: Change) -> list[str]:
    before = [f"-{line}" for line in (change.before or "").strip("\n").split("\n")] if change.before else []
    after = [f"+{line}" for line in (change.after or "").strip("\n").split("\n")] if change.after else []
    same = [f" {line}" for line in change.what.strip("\n").split("\n")] if change.what else []
    return [*same, *before, *after]


def _line(change: Change) -> str:
    before, after = (None if text is None else code_span(text.strip("\n")) for text in (change.before, change.after))
    subject = _subject(change)
    if change.verb is Verb.MOVED:
        return f"{subject}{code_span(change.what or '')} moved: {before} → {after}"
    if change.verb is Verb.CHANGED:
        return f"{subject}{before} → {after}"
    return f"{subject}{change.verb.value} {after if before is None else before}"


def _subject(change: Change) -> str:
    """A field of the spec has a name of its own."""
    return "" if change.field else f"{change.subject} "
