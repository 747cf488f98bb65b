"""Rule: secret-in-docker-arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.rules.rule import SHELLS, Hit, Rule, text_of, value_of
from jenkinsgen.jenkinsfile.lint.rules.shell import secret_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

# A command goes on over a backslash at the end of its line. Lengths, because each word of a text begins a search.
_REST = r"(?:\\\n|[^|;&\n]){0,2000}?"
_RUN = re.compile(
    r"\b(?:docker|podman)\s+(?:container\s+)?(?:run|create|exec)\b(?P<arguments>(?:\\\n|[^|;&\n]){0,4000})"
)
_VARIABLE = re.compile(
    r"(?<!\S)(?:-e|--env)(?:=|\s{1,9}|\s{0,9}\\\n\s{0,99})?['\"]?(?P<name>\w{1,99})=['\"]?\$\{?(?P<value>\w{0,99})"
)
_LOGIN = re.compile(rf"\b(?:docker|podman)\s+login\b{_REST}\s(?:-p\s{{0,9}}|--password(?:=|\s{{1,9}}))['\"]?[^\s'\"-]")
_SECRET = re.compile(r"(?i)passw|passphrase|secret|token|api_?key|private_?key|credential")


def _check(subject: Subject) -> Iterator[Hit]:
    secrets = secret_names(subject)
    for call in subject.calls_to(*SHELLS):
        text = text_of(value_of(call, "script")) or ""
        name = next(_in_arguments(text, secrets), None)
        if name is not None:
            hint = (
                f"set {name} in the environment of the docker command, and say -e {name} without a value; or --env-file"
            )
            yield Hit(call.where, f"{name} is in the arguments of docker, where every process can read its value", hint)
        elif _LOGIN.search(text):
            hint = 'hand it over on standard input: echo "$PASSWORD" | docker login --password-stdin'
            yield Hit(call.where, "a password is in the arguments of docker login", hint)


def _in_arguments(text: str, secrets: frozenset[str]) -> Iterator[str]:
    for run in _RUN.finditer(text):
        for found in _VARIABLE.finditer(run["arguments"]):
            if _SECRET.search(found["name"]) or found["value"] in secrets:
                yield found["name"]


SECRET_IN_DOCKER_ARGUMENTS = Rule(
    "secret-in-docker-arguments",
    "`docker run -e NAME=$VALUE` puts the value into the arguments of docker, which every user of the machine can read"
    " (ps, /proc), as does `docker login -p`.",
    _check,
)
