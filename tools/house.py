"""How much of the code one change touches, and where files or functions grow too long: `make check` runs this.

    python tools/house.py

Prints a table: what is counted, how much there is, how much there may be, and where we want to be. Ends with 1 when a
count is above what there may be. Whoever lowers a count lowers its limit here in the same commit.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

CODE = Path(__file__).parents[1] / "jenkinsgen"
LONGEST_FILE, LONGEST_FUNCTION = 300, 50
"""Lines. Those of a function include its docstring."""
CONTAINER_KEYS = ("cpus", "memory", "volumes")
"""Some keys of a spec that become settings of a container: those whose names nothing else has."""
ENVIRONMENT = frozenset({"cli", "edge", "sandbox", "surroundings", "timings"})
"""The folders and files that may ask for variables of the environment."""


class Count(NamedTuple):
    """One line of the table."""

    what: str
    found: int
    most: int
    aim: int
    where: tuple[str, ...] = ()
    """The places, for whoever has to mend them."""


class Module(NamedTuple):
    """One file of code."""

    path: str
    """Below jenkinsgen/."""
    text: str
    tree: ast.Module
    words: frozenset[str]
    """Every name, attribute, keyword and text: what somebody who follows a word would stop at."""


def _words(tree: ast.Module) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, (ast.arg, ast.keyword)):
            found.add(node.arg or "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.ImportFrom):
            found.update((node.module or "").split("."))
    return frozenset(found)


def modules() -> list[Module]:
    """All of them, by path."""
    found = []
    for path in sorted(CODE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        found.append(Module(str(path.relative_to(CODE)), text, tree, _words(tree)))
    return found


def count(code: list[Module]) -> list[Count]:
    """The table, with the limits of today."""
    key, touched = max(((key, _with_word(code, key)) for key in CONTAINER_KEYS), key=lambda each: len(each[1]))
    return [
        _count("files longer than 300 lines", 0, 0, _long_files(code)),
        _count("functions longer than 50 lines", 0, 0, _long_functions(code)),
        _count("files that ask for the environment elsewhere", 0, 0, _strays(code)),
        _count(f"files that name a container key (service.{key})", 5, 6, touched),
        _count("files that name a lint rule", 2, 2, _rule(code)),
        _count("files that name the canary, outside folders and files of that name", 26, 8, _beside(code, "canary")),
        _count("files that name the swarm, outside folders and files of that name", 13, 8, _beside(code, "swarm")),
    ]


def _count(what: str, most: int, aim: int, where: list[str]) -> Count:
    return Count(what, len(where), most, aim, tuple(where))


def _with_word(code: list[Module], word: str) -> list[str]:
    return [each.path for each in code if word in each.words]


def _beside(code: list[Module], feature: str) -> list[str]:
    """Words that begin or end with the feature: `canary_step`, `Canary`, `CANARY`; not what merely quotes it."""
    wanted = re.compile(rf"(?:.*_)?{feature}s?(?:_.*)?|{feature.title()}\w*", re.IGNORECASE)
    return [
        each.path
        for each in code
        if feature not in Path(each.path).with_suffix("").parts and any(wanted.fullmatch(word) for word in each.words)
    ]


def _long_files(code: list[Module]) -> list[str]:
    lengths = {each.path: each.text.count("\n") for each in code}
    return [f"{path} ({lines})" for path, lines in lengths.items() if lines > LONGEST_FILE]


def _long_functions(code: list[Module]) -> list[str]:
    found = []
    for each in code:
        for node in ast.walk(each.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    found.append(f"{each.path}:{node.lineno} {node.name} ({lines})")
    return found


def _strays(code: list[Module]) -> list[str]:
    return [
        each.path
        for each in code
        if {"environ", "getenv"} & each.words and Path(each.path).with_suffix("").parts[0] not in ENVIRONMENT
    ]


def _rule(code: list[Module]) -> list[str]:
    """The files that name a lint rule, for the rule that most of them name."""
    lists = next(each for each in code if each.path == "jenkinsfile/lint/rules/__init__.py")
    rules = [word for word in lists.words if word.isupper() and word not in {"RULES", "TYPE_CHECKING"}]
    return max((_with_word(code, rule) for rule in sorted(rules)), key=len)


def table(counts: list[Count]) -> str:
    """For a person."""
    rows = [f"{'':4}{'found':>6}{'most':>6}{'aim':>5}  what is counted"]
    for each in counts:
        mark = "ok" if each.found <= each.most else "NOT"
        rows.append(f"{mark:4}{each.found:6}{each.most:6}{each.aim:5}  {each.what}")
        if each.found > each.most:
            rows.extend(f"{'':23}{place}" for place in each.where)
    return "\n".join(rows)


def main() -> int:
    """The exit code."""
    code = modules()
    counts = count(code)
    print(f"{len(code)} modules, {sum(each.text.count(chr(10)) for each in code)} lines")  # noqa: T201
    print(table(counts))  # noqa: T201
    return int(any(each.found > each.most for each in counts))


if __name__ == "__main__":
    sys.exit(main())
