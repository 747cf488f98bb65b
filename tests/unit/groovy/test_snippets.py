"""The parser against what Groovy 2.4.21 said of the same texts; test_groovy_oracle.py asks it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy import GroovySyntaxError, parse
from jenkinsgen.jenkinsfile.groovy.conversion import check_conversion
from jenkinsgen.jenkinsfile.groovy.scopes import repeated_variables

if TYPE_CHECKING:
    from pathlib import Path


def snippets(root: Path) -> list[list[Any]]:
    """`[text]` where the compiler accepts it, `[text, line]` where it refuses it there (line None: elsewhere)."""
    lines = (root / "tests/data/groovy/snippets.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def refusal(text: str) -> GroovySyntaxError | None:
    try:
        script = parse(text)
        check_conversion(script)
    except GroovySyntaxError as error:
        return error
    return next(iter(repeated_variables(script)), None)


def test_accepts_what_the_compiler_accepts(root: Path):
    refused = {text: str(refusal(text)) for text, *rest in snippets(root) if not rest and refusal(text)}
    assert refused == {}


def test_refuses_what_the_compiler_refuses(root: Path):
    accepted = [text for text, *rest in snippets(root) if rest and refusal(text) is None]
    assert accepted == []


def test_complains_about_the_same_line(root: Path):
    for text, *rest in snippets(root):
        if rest and rest[0] is not None:
            error = refusal(text)
            assert error is not None
            assert error.line == rest[0], text
