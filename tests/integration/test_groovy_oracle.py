"""The parser against Groovy 2.4.21 itself: recorded verdicts still hold, and mutated files get the same one."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from jenkinsgen.jenkinsfile.groovy import GroovySyntaxError, parse
from jenkinsgen.jenkinsfile.groovy.conversion import check_conversion
from jenkinsgen.jenkinsfile.groovy.scopes import repeated_variables

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.groovy,
    pytest.mark.skipif(shutil.which("groovy") is None, reason="Groovy 2.4.21 is not installed"),
]

_SEMANTIC = 4
_MUTANTS = 1000
_TOKEN = re.compile(r"\s+|\w+|.", re.DOTALL)
_FRAGMENTS = (
    *("{", "}", "(", ")", "[", "]", ";", ",", ".", ":", '"', "'", "$", "\\", "/", "-", "+", "->", "=", "==", "?"),
    *("1", "*", "@", "<", ">", "!"),
    *("\n", "def ", "if (", "return ", "foo", "//", "/*", '"""', "'''", "in ", "as ", "new ", "\n\n"),
)


def compiler(root: Path, texts: list[str]) -> list[dict[str, Any] | None]:
    """What the compiler says of each text, up to resolving names; classes it does not know are no error."""
    java = "/usr/lib/jvm/java-17-openjdk-amd64"
    environment = {"JAVA_HOME": java, **os.environ} if os.path.isdir(java) else dict(os.environ)  # noqa: PTH112
    done = subprocess.run(
        ["groovy", str(root / "tests/integration/groovy_oracle.groovy")],
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=True,
        env=environment,
    )
    found: list[dict[str, Any] | None] = json.loads(done.stdout)
    return [None if each and _is_about_classes(each) else each for each in found]


def _is_about_classes(error: dict[str, Any]) -> bool:
    return error["phase"] == _SEMANTIC and "already contains" not in error["message"]


def refusal(text: str) -> GroovySyntaxError | None:
    try:
        script = parse(text)
        check_conversion(script)
    except GroovySyntaxError as error:
        return error
    return next(iter(repeated_variables(script)), None)


def test_recorded_verdicts_are_the_compilers(root: Path):
    lines = (root / "tests/data/groovy/snippets.jsonl").read_text("utf-8").splitlines()
    recorded = [json.loads(line) for line in lines]
    answers = compiler(root, [text for text, *_ in recorded])
    different = [
        text for (text, *rest), answer in zip(recorded, answers, strict=True) if bool(rest) != (answer is not None)
    ]
    assert different == []


def test_valid_files_are_groovy(root: Path):
    texts = [path.read_bytes().decode() for path in sorted((root / "tests/data/lint/valid").iterdir())]
    assert [each for each in compiler(root, texts) if each is not None] == []


def test_mutated_files_get_the_compilers_verdict(root: Path):
    """One character or word is lost, doubled, swapped or put in: most of the results are broken, many are not."""
    choice = random.Random(2_4_21)  # noqa: S311 - repeatable, not secret
    texts = [path.read_bytes().decode() for path in sorted((root / "tests/data/lint/valid").iterdir())]
    mutants = [_mutated(choice, choice.choice(texts)) for _ in range(_MUTANTS)]
    answers = compiler(root, mutants)
    refused = [refusal(each) for each in mutants]
    wrongly = [
        (text, str(mine))
        for text, mine, answer in zip(mutants, refused, answers, strict=True)
        if (mine is None) != (answer is None)
    ]
    assert wrongly == []
    assert _MUTANTS / 5 < sum(each is not None for each in refused) < _MUTANTS * 4 / 5


def _mutated(choice: random.Random, text: str) -> str:
    tokens = _TOKEN.findall(text)
    at = choice.randrange(len(tokens))
    kind = choice.randrange(4)
    if kind == 0:
        del tokens[at]
    elif kind == 1:
        tokens.insert(at, choice.choice(_FRAGMENTS))
    elif kind == 2:
        tokens[at] = choice.choice(_FRAGMENTS)
    else:
        other = choice.randrange(len(tokens))
        tokens[at], tokens[other] = tokens[other], tokens[at]
    return "".join(tokens)
