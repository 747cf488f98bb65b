"""What the server's own declarative linter said about a Jenkinsfile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_POSITION = re.compile(r" @ line (\d+), column (\d+)\.\s*$")


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
    data = answer["data"]
    if data["result"] == "success":
        return ()
    texts = [entry["error"] for entry in data["errors"]]
    return tuple(_error(text) for group in texts for text in ([group] if isinstance(group, str) else group))


def _error(text: str) -> LintError:
    position = _POSITION.search(text)
    if position is not None:
        return LintError(message=text[: position.start()], line=int(position[1]), column=int(position[2]))
    if "did not contain the 'pipeline' step" in text:
        # The whole Jenkinsfile is quoted before these words.
        return LintError(message="there is no `pipeline { }` in it")
    return LintError(message=text.strip())
