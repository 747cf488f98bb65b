"""No text of the product tells a person to stop, remove or pass over what may serve, unless it says when."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jenkinsgen

pytestmark = pytest.mark.slow

PRODUCT = Path(jenkinsgen.__file__).parent
# A sandbox is nobody's site, and lint's hints are about the text of a Jenkinsfile.
NOT_OF_A_SITE = {"sandbox", "lint"}
HARM = re.compile(
    r"docker (stop|rm|restart|kill)\b|docker service rm|docker \w+ prune (-a|--all)"
    r"|docker (system|network|volume) prune|\bstop it\b|out of `?servers"
    r"|systemctl (stop|restart|start)|make or remove|lock release --force"
)
CONDITION = re.compile(r"\bif\b|\bonly\b|\bunless\b|\bwhen\b|\?", re.IGNORECASE)


def texts(source: str) -> Iterator[str]:
    """What stands between quotes, docstrings aside; of an f-string the constant parts together."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            waiting += ast.iter_child_nodes(node)


def harmful(source: str) -> list[str]:
    return sorted(text for text in set(texts(source)) if HARM.search(text) and not CONDITION.search(text))


@pytest.mark.parametrize(
    "folder", sorted(path.name for path in PRODUCT.iterdir() if path.is_dir() and path.name not in NOT_OF_A_SITE)
)
def test_what_may_serve_is_never_stopped_without_a_condition(folder: str):
    found = {path.name: harmful(path.read_text(encoding="utf-8")) for path in (PRODUCT / folder).rglob("*.py")}
    assert {name: said for name, said in found.items() if said} == {}


def test_a_hint_that_guesses_is_seen():
    assert harmful('error(hint=f"{name} is down; or take it out of servers")') == [
        " is down; or take it out of servers"
    ]
    assert harmful('error(hint="start it: systemctl start nginx")') == ["start it: systemctl start nginx"]
    assert harmful('error(hint="only one that is known to be dead goes out of servers")') == []
