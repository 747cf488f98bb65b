"""Questions to a person for a first spec, and which answers fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from jenkinsgen.spec.git_url import GitUrl
from jenkinsgen.spec.names import Repository, ServerName, ServiceName, UrlPath
from jenkinsgen.spec.section import Port
from jenkinsgen.spec.values import Host, Line


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    answer: str
    """The field of Answers."""
    key: str
    """The key of the spec that the answer becomes."""
    text: str
    kind: Any
    """The type that the answer has in the spec; of each, where there are several."""

    def refusal(self, said: Any) -> str | None:
        """Why an answer does not fit; None when it does."""
        try:
            for value in said if isinstance(said, tuple) else (said,):
                TypeAdapter(self.kind).validate_python(value)
        except ValidationError as error:
            return error.errors()[0]["msg"].removeprefix("Value error, ")
        return None if said else "needs at least one"


QUESTIONS = (
    Question("name", "service.name", "Name of the service", ServiceName),
    Question("repository", "source.repository", "URL of the git repository", GitUrl),
    Question("branch", "source.branch", "Branch to deploy", Line),
    Question("image", "image.repository", "Image, without a tag", Repository),
    Question("container_port", "service.container_port", "Port inside the container", Port),
    Question("health", "service.health", "Path that answers 200 when it is healthy", UrlPath),
    Question("servers", "servers", "App servers, separated by commas", Host),
    Question("nginx", "nginx.host", "NGINX host", Host),
    Question("server_name", "nginx.server_name", "Name of the site", ServerName),
)
