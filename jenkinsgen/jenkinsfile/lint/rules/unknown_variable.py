"""Rule: unknown-variable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import MapLiteral, Name
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import literal, own_name
from jenkinsgen.jenkinsfile.lint.rules.names import BUILT_IN_VARIABLES, PRIMITIVE, declared
from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Script
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

# Upper-case names may come from the environment of the controller, and types begin with a capital.
_MAY_BE_ANYTHING = re.compile(r"[A-Z_][A-Za-z0-9_]*|_")
_CURLY = re.compile("[\u2018\u2019\u201c\u201d]")
# The first words of qualified class names: hudson.model.Result.SUCCESS.
_PACKAGES = frozenset({"java", "javax", "groovy", "hudson", "jenkins", "org", "com", "net", "io"})
_UNITS = frozenset({"NANOSECONDS", "MICROSECONDS", "MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS"})


def _check(subject: Subject) -> Iterator[Hit]:
    yield from _unquoted_units(subject)
    library = subject.uses_library()
    known = declared(subject) | BUILT_IN_VARIABLES | PRIMITIVE | _PACKAGES
    known |= {name for kind, name in subject.catalogue.signatures if kind == "global"}
    skipped = _bare_words(subject)
    for name in _variables(subject.script):
        if name in skipped or name.name in known:
            continue
        if _CURLY.search(name.name):
            hint = "write straight quotes: ' or \""
            yield Hit(name.where, f"{name.name} is a variable name: curly quotes do not quote", hint)
        elif not library and not _MAY_BE_ANYTHING.fullmatch(name.name):
            hint = f"quote it if it is text: '{name.name}'; declare it with def if it is a variable"
            yield Hit(name.where, f"nothing declares the variable {name.name}", hint)


def _variables(script: Script) -> Iterator[Name]:
    for node in walk(script):
        if isinstance(node, Name):
            yield node


def _bare_words(subject: Subject) -> set[Name]:
    """Words that Jenkins takes for text: `agent any`; `stage(Build)` has a rule of its own."""
    found: set[Name] = set()
    for call in subject.calls():
        if own_name(call) in {"agent", "stage"}:
            found.update(each for each in call.arguments if isinstance(each, Name))
    return found


def _unquoted_units(subject: Subject) -> Iterator[Hit]:
    for call in subject.calls_to("timeout", "sleep"):
        for each in call.arguments:
            for entry in each.entries if isinstance(each, MapLiteral) else ():
                if literal(entry.key) == "unit" and isinstance(entry.value, Name) and entry.value.name in _UNITS:
                    hint = f"unit: '{entry.value.name}'"
                    yield Hit(entry.value.where, f"{entry.value.name} is not quoted", hint)


UNKNOWN_VARIABLE = Rule(
    "unknown-variable",
    "Jenkins' linter does not know variables: a word without quotes ends the build with"
    " MissingPropertyException when it gets there.",
    _check,
)
