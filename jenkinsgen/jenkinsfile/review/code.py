"""The code of each stage, for what a trace cannot follow: a change there is shown, never taken for none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import spend
from jenkinsgen.jenkinsfile.groovy.lexer import Lexer
from jenkinsgen.jenkinsfile.groovy.source import human_characters
from jenkinsgen.jenkinsfile.groovy.tokens import END, IDENT, NEWLINE, STRING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tokens import Token
    from jenkinsgen.jenkinsfile.groovy.tree import Script, Where
    from jenkinsgen.jenkinsfile.lint.model import Pipeline, Stage
    from jenkinsgen.jenkinsfile.review.facts import Place

# These in a stage mean that a trace tells one way of several.
_WAYS = frozenset({"if", "for", "while", "switch", "try", "?", "?:", "&&", "||", "->", "def", "return", "throw"})
# Conditions of `post` that no scenario of a first build comes to.
_NEVER_TOLD = frozenset({"fixed", "regression", "unstable", "notBuilt"})
_ID_KEYS = frozenset({"credentialsId", "registryCredentialsId"})
_HOLES_AT_ONCE = 16
"""A token is compared with so many stages in the time of one step."""
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Code:
    """The code of one stage without the stages inside it, or (place `()`) what is outside of all stages.

    `tokens` are the same when only comments, line breaks and indentation differ. `branches` says that it has
    ways which a trace does not tell.
    """

    tokens: tuple[str, ...]
    lines: tuple[str, ...]
    branches: bool
    credentials: frozenset[str]


def code_by_place(script: Script, pipeline: Pipeline) -> dict[Place, Code]:
    """Place -> its code."""
    spans = list(_spans(pipeline.root.stages or (), ()))
    whole: tuple[Place, int, int] = ((), 0, len(script.text))
    tokens = [each for each in Lexer(script.text).tokens() if each.kind not in (NEWLINE, END)]
    found: dict[Place, Code] = {}
    for place, start, end in (whole, *spans):
        spend(len(tokens) + len(spans))
        # Only what is nested in this one: the root is around all, a stage around its children.
        holes = [span[1:] for span in spans if start <= span[1] and span[2] <= end and span != (place, start, end)]
        spend(len(tokens) * len(holes) // _HOLES_AT_ONCE)
        inside = [each for each in tokens if start <= each.start < end and not _in_any(each.start, holes)]
        found[place] = Code(
            tokens=tuple(_normal(each) for each in inside),
            lines=tuple(_lines(script.text, start, end, holes)),
            branches=any(_branches(each) for each in inside),
            credentials=frozenset(_credentials(inside)),
        )
    return found


def _spans(stages: tuple[Stage, ...], around: Place) -> Iterator[tuple[Place, int, int]]:
    for stage in stages:
        path = (*around, stage.name)
        where: Where = stage.where
        yield path, where.start, where.end
        # The cell of a matrix has the place of its matrix; its stages are named by their axes in a trace.
        yield from _spans((stage.stages or ()) + (stage.parallel or ()), path)


def _in_any(offset: int, holes: list[tuple[int, int]]) -> bool:
    return any(start <= offset < end for start, end in holes)


def _normal(token: Token) -> str:
    return f"'{token.value}'" if token.kind == STRING else token.text


def _branches(token: Token) -> bool:
    return token.kind in _WAYS or (token.kind == IDENT and token.text in _NEVER_TOLD)


def _lines(text: str, start: int, end: int, holes: list[tuple[int, int]]) -> Iterator[str]:
    kept, at = [], start
    for hole_start, hole_end in sorted(holes):
        if hole_start >= at:
            kept.append(text[at:hole_start])
            at = hole_end
    kept.append(text[at:end])
    for line in _LINE_END.split("".join(kept)):
        if line.strip():
            yield human_characters(line.strip())


def _credentials(tokens: list[Token]) -> Iterator[str]:
    """Ids that steps name themselves, without `withCredentials`: a checkout, a registry, an agent, sshagent."""
    for index, token in enumerate(tokens):
        if token.kind != IDENT:
            continue
        following = tokens[index + 1 : index + 3]
        if token.text in _ID_KEYS:
            value = next((each for each in following if each.kind not in (":", "(")), None)
            if value is not None and value.kind == STRING:
                yield human_characters(str(value.value))
        elif token.text == "sshagent":
            yield from _listed(tokens[index + 1 :])


def _listed(tokens: list[Token]) -> Iterator[str]:
    """The texts of the list that follows."""
    for token in tokens:
        if token.kind in ("]", "{"):
            return
        if token.kind == STRING:
            yield human_characters(str(token.value))
