"""Requests and answers, and the pages that say no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: str = ""
    kind: str | None = "text/html;charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request, taken apart."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False), "application/json;charset=utf-8")


def jetty(status: int, message: str, path: str) -> Answer:
    """A page of the servlet container, with the reason in its title."""
    names = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}
    title = message or names[status]
    return Answer(
        status,
        f"<html>\n<head>\n<title>Error {status} {title}</title>\n</head>\n<body><h2>HTTP ERROR {status} {title}</h2>\n"
        f"<table>\n<tr><th>URI:</th><td>{path}</td></tr>\n<tr><th>MESSAGE:</th><td>{title}</td></tr>\n</table>\n"
        "</body>\n</html>\n",
        "text/html;charset=iso-8859-1",
    )


def page(status: int, title: str, *, error: str | None = None) -> Answer:
    """A page of Jenkins itself, which says nothing that helps; sometimes a header does."""
    body = (
        f"\n  \n  <!DOCTYPE html><html><head><title>{title} - Jenkins</title></head><body>{'<p>' * 200}</body></html>"
    )
    return Answer(status, body, headers=(("X-Error", error),) if error else ())


NOT_FOUND = page(404, "Not Found")
OOPS = page(500, "Jenkins")


def moved(where: str) -> Answer:
    return Answer(302, kind=None, headers=(("Location", where),))
