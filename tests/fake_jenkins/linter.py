"""The declarative linter: for a Jenkinsfile that was recorded, the recorded answer; for others the plain cases."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

RECORDINGS = Path(__file__).parents[1] / "data" / "jenkins" / "recordings.json"
GOOD = "Jenkinsfile successfully validated.\n"


@cache
def recorded() -> dict[tuple[str, str], str]:
    """(endpoint, Jenkinsfile) -> answer."""
    answers = {}
    for call in json.loads(RECORDINGS.read_text())["calls"]:
        for exchange in call["exchanges"]:
            url, body = exchange["request"]["url"], exchange["request"]["body"] or ""
            if url.startswith("/pipeline-model-converter/") and exchange["response"]["status"] == 200:
                text = parse_qs(body, keep_blank_values=True).get("jenkinsfile")
                if text:
                    answers[url.rpartition("/")[2], text[0]] = exchange["response"]["body"]
    return answers


def validate(jenkinsfile: str) -> str:
    """The text of `validate`."""
    answer = recorded().get(("validate", jenkinsfile))
    if answer is not None:
        return answer
    if "pipeline {" in jenkinsfile:
        return GOOD
    return f"Jenkinsfile content '{jenkinsfile}' did not contain the 'pipeline' step\n"


def validate_json(jenkinsfile: str) -> Any:
    """The JSON of `validateJenkinsfile`."""
    answer = recorded().get(("validateJenkinsfile", jenkinsfile))
    if answer is not None:
        return json.loads(answer)
    errors = [] if "pipeline {" in jenkinsfile else [{"error": [validate(jenkinsfile)]}]
    data = {"result": "failure", "errors": errors} if errors else {"result": "success"}
    return {"status": "ok", "data": data}
