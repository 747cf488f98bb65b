"""The verdict of the server's own declarative linter on a Jenkinsfile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jenkinsgen.jobs.answers.server import UnexpectedAnswer, entries, mapping, text

_POSITION = re.compile(r" @ line ([0-9]{1,9}), column ([0-9]{1,9})\.\s*$")


@dataclass(frozen=True, kw_only=True)
class LintError:
    """One complaint; line and column are of the Jenkinsfile and begin at 1, None where the linter names none."""

    message: str
    line: int | None = None
    column: int | None = None


def lint_errors(answer: Any) -> tuple[LintError, ...]:
    """The complaints in an answer of `validateJenkinsfile`; empty if the Jenkinsfile is good.

    Several complaints come as one list of texts, a single one as a text (measured).
    """
    data = mapping(mapping(answer).get("data"), "'data' in the answer")
    result = text(data, "result")
    if result == "success":
        return ()
    complaints = [each for entry in entries(data, "errors") for each in _texts(entry.get("error"))]
    if result != "failure" or not complaints:
        # This answer says neither yes nor no, so it does not mean "no complaints".
        raise UnexpectedAnswer("the answer is neither a success nor a list of errors")
    return tuple(map(_error, complaints))


def _texts(error: Any) -> list[str]:
    found = [error] if isinstance(error, str) else error
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise UnexpectedAnswer("an error in the answer is no text")
    return found


def _error(complaint: str) -> LintError:
    position = _POSITION.search(complaint)
    if position is not None:
        return LintError(message=complaint[: position.start()], line=int(position[1]), column=int(position[2]))
    if "did not contain the 'pipeline' step" in complaint:
        # The whole Jenkinsfile is quoted before these words.
        return LintError(message="there is no `pipeline { }` in it")
    return LintError(message=complaint.strip())
