"""Does a build still run? Asked of Jenkins, where a stage may: JENKINS_URL, JENKINS_USER and JENKINS_TOKEN are set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import requests

from jenkinsgen.edge.jenkins.http import bound
from jenkinsgen.jobs.answers.server import build_result, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 5.0
_TREE = "api/json?tree=building,result"


def build_ended(build_url: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Why the build is known to be over; None when it runs, or when Jenkins cannot tell.

    A build that Jenkins does not find is no proof: a user without the right to see it gets the same 404.
    """
    server = environment.get("JENKINS_URL", "").rstrip("/") + "/"
    user, token = environment.get("JENKINS_USER"), environment.get("JENKINS_TOKEN")
    # The token goes to that server alone, whatever the lease says.
    if not user or not token or not build_url.startswith(server):
        return None
    try:
        with requests.Session() as session:
            bound(session, SECONDS)
            answer = session.get(
                f"{build_url.rstrip('/')}/{_TREE}",
                auth=(user, token),
                verify=environment.get("JENKINS_CA_FILE") or True,
                timeout=SECONDS,
                allow_redirects=False,
            )
            result = build_result(read_json(answer.text)) if answer.ok and not answer.is_redirect else None
    except (OSError, ValueError):
        # Whatever it is that answered: it did not say so. Errors of requests are OSErrors.
        return None
    return None if result is None else f"Jenkins says that this build has ended ({result})"
