"""Text of others never becomes Markdown, HTML or Mermaid: held against a CommonMark parser with GitHub's tables."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as some
from markdown_it import MarkdownIt

from jenkinsgen.jenkinsfile.review.escape import code_block, code_span, mermaid_label, table_cell, visible
from jenkinsgen.jenkinsfile.review.markdown import as_markdown
from jenkinsgen.jenkinsfile.review.mermaid import flowchart
from jenkinsgen.jenkinsfile.review.model import (
    Alert,
    Blocker,
    Change,
    Consequence,
    Mark,
    PictureStage,
    PipelineReview,
    Review,
    State,
    Verb,
    say,
)

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "`", "``", "```", "|", "\\|", "\\", "\n", "\n\n", "\r", "</details>", "<script>", "<!--", "-->", "](http://x)",
    "![", "@team", "#1", "**", "~~~",
    "    ", "\t", "- ", "1. ", "# ", "> ", "&#96;", "&lt;", "end", '"]', "%%{init",
    "click",
    "\u202e", "\u200b", "\x00", "$`", "{{", "}}", "[[", "flowchart", "subgraph", ";", "|---|", "</code>", "{}", "{0}",
]  # fmt: skip
TEXTS = some.lists(some.one_of(some.sampled_from(HOSTILE), some.text(max_size=8)), max_size=8).map("".join)

# A busy machine is no reason to fail.
UNHURRIED = settings(deadline=None)


def review_of(text: str) -> Review:
    """A review in which `text` stands wherever text of others can."""
    place = say("stage {}, post {}", text, text)
    changes = (
        Change("command", place, Verb.ADDED, after=text),
        Change("command", place, Verb.CHANGED, before=text, after=f"{text}x"),
        Change("command", place, Verb.MOVED, before=text, after=text, what=text),
        Change("code", place, Verb.CHANGED, what=text),
        Change("command", say("key {}", text), Verb.REMOVED, before=text, field=True),
    )
    inner = PictureStage(text, Mark.REMOVED, asks=True)
    pipeline = PipelineReview(
        name=text,
        state=State.CHANGED,
        former_name=text,
        alerts=(Alert("code", text, say("this {} became {}", text, text)),),
        blockers=(Blocker(say("the spec {} is broken", text), text),),
        spec=changes,
        jenkinsfile=changes,
        consequences=(Consequence((say("{} fails", text),), changes),),
        picture=(PictureStage(text, Mark.CHANGED, asks=False, children=(inner,), parallel=True), inner),
    )
    return Review("a" * 40, "b" * 40, (pipeline,))


def shape(markdown: str) -> list[str]:
    """The structure without the texts: names of tokens, markup and literal HTML."""
    found: list[str] = []
    for token in PARSER.parse(markdown):
        for each in (token, *(token.children or ())):
            kind = "code_inline" if each.content in ("(blank)", "(empty)") else each.type
            if kind in ("html_block", "html_inline"):
                found.append(each.content.strip())
            elif kind not in ("code_inline", "text", "inline"):
                found.append(kind)
    return [each for each in found if each not in ("<code>", "</code>")]


@UNHURRIED
@given(TEXTS)
@example("</details>")
@example("`|`")
@example("a\n\n```\n<script>")
@example("~~~\n`````")
@example("`_")
def test_no_text_changes_the_structure_of_a_review(text: str):
    # A text of several lines is shown as a block: it is compared with harmless lines, as many of them.
    harmless = re.sub(r"[^\n]+", "word", text) if text.strip() else text
    assert shape(as_markdown(review_of(text))) == shape(as_markdown(review_of(harmless)))


@UNHURRIED
@given(TEXTS)
def test_inline_code_is_shown_exactly(text: str):
    (inline,) = (token for token in PARSER.parse(f"x {code_span(text)} y") if token.type == "inline")
    if visible(text).strip():
        _, code, _ = inline.children
        assert (code.type, code.content.strip()) == ("code_inline", visible(text).strip())


@UNHURRIED
@given(TEXTS)
def test_a_cell_stays_one_cell(text: str):
    tokens = PARSER.parse(f"| a | b |\n|---|---|\n| {table_cell(text)} | end of row |")
    cells = [after.content for token, after in pairwise(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "end of row"


@UNHURRIED
@given(TEXTS)
def test_a_block_holds_all_its_lines(text: str):
    lines = text.split("\n")
    (fence,) = PARSER.parse("\n".join(code_block(lines)))
    assert fence.content == "".join(f"{visible(line)}\n" for line in lines)


@UNHURRIED
@given(TEXTS)
def test_a_label_is_letters_digits_and_entities(text: str):
    without_entities = re.sub(r"#[0-9]+;", "", mermaid_label(text))
    assert all(each == " " or each.isalnum() for each in without_entities)


@UNHURRIED
@given(TEXTS)
def test_every_line_of_a_flowchart_is_ours(text: str):
    stage = PictureStage(text, Mark.ADDED, asks=True)
    lines = flowchart((stage, PictureStage(text, Mark.SAME, asks=False, children=(stage,))))
    ours = re.compile(
        r'flowchart LR| *s\d+(?:\{\{"[\w #;]*(?:<br/>[\w ]+)*"\}\}|\["[\w #;]*(?:<br/>[\w ]+)*"\])| *end'
        r'| *subgraph s\d+\["[\w #;]*(?:<br/>[\w ]+)*"\]| *s\d+ --> s\d+|  class(?:Def)? [\w:,#\-; ]+'
    )
    assert [line for line in lines if not ours.fullmatch(line)] == []


def test_what_cannot_be_seen_is_written_out():
    assert visible("a\u202eb\u200b\x1b\n\u00a0") == "a\\u{202e}b\\u{200b}\\u{1b}⏎\\u{a0}"
