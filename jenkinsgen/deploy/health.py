"""When is a container healthy, and what to tell a person when it is not. Pure: answers in, verdict out."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from jenkinsgen.errors import StateError
from jenkinsgen.spec.values import show_duration

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy

SHOWN_BODY = 300
REFUSED = "connection refused"
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """One look at the health path: an HTTP answer, or why there was none."""

    status: int | None
    body: str = ""
    location: str = ""
    error: str = ""

    @property
    def healthy(self) -> bool:
        return self.status == HTTPStatus.OK

    @property
    def refused(self) -> bool:
        """Did no program listen there?"""
        return self.error == REFUSED

    def __str__(self) -> str:
        if self.status is None:
            return f"no answer: {self.error}"
        to = f" to {self.location}" if self.location else ""
        body = self.body.strip()
        body = body if len(body) <= SHOWN_BODY else body[:SHOWN_BODY] + " …"
        return f"status {self.status}{to}" + (f", body: {body}" if body else ", an empty body")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a container ended."""

    exit_code: int
    out_of_memory: bool
    said: str = ""
    """A swarm's words about the end of a task; a task that never had a container has no exit code."""

    def __str__(self) -> str:
        if self.said:
            return self.said
        return "was killed: out of memory" if self.out_of_memory else f"ended with exit code {self.exit_code}"


@dataclass(slots=True)
class Looks:
    """All looks at one container."""

    count: int = 0
    healthy: int = 0
    in_a_row: int = 0
    """Healthy ones up to now."""
    last: Answer | None = None

    def add(self, answer: Answer) -> None:
        self.count += 1
        self.healthy += answer.healthy
        self.in_a_row = self.in_a_row + 1 if answer.healthy else 0
        self.last = answer


def occupied(host: str, step: AwaitHealthy, answer: Answer) -> StateError:
    """Another program answers before the container is there: then no answer could tell that the container is well."""
    return StateError(
        f"{host}: {step.address}:{step.port} answers {step.health.path} healthily already, though "
        f"{step.container} does not run there yet, so it was not started: {answer}",
        hint=f"does {step.address} (servers[].address) lead to another machine: a name, a virtual address, a load "
        "balancer? Or does another program on the server listen on that port? While somebody else answers there, "
        "nobody can tell whether the new release does",
    )


def verdict(step: AwaitHealthy, looks: Looks, ended: Ended | None) -> str:
    """Why a container is refused, in one phrase."""
    within = f"within {show_duration(step.health.timeout)}"
    if ended is not None:
        return str(ended)
    if looks.healthy:
        times = f"never {step.health.successes} times in a row"
        return f"was healthy at {looks.healthy} of {looks.count} looks {within}, but {times}"
    return f"was not healthy {within}"


def advice(step: AwaitHealthy, looks: Looks, ended: Ended | None) -> str:
    """The setting or the place to look at, judged by the last answer."""
    health, last = step.health, looks.last
    if ended is not None and ended.out_of_memory:
        return "raise service.memory; without that limit it is the server that has too little memory"
    if ended is not None:
        return "the log above says why it ended; is an environment variable or a volume missing?"
    if looks.healthy:
        return (
            f"its health comes and goes: does something that {health.path} looks at answer only at times? If it only "
            f"needs longer to settle, raise service.health.timeout ({show_duration(health.timeout)})"
        )
    if last is None or last.status is None:
        asking = "the agent" if health.origin == "agent" else "the NGINX host"
        return (
            f"does the application listen on all addresses of service.container_port, may {asking} connect to it "
            f"(a firewall? service.health.from), and is service.health.timeout ({show_duration(health.timeout)}) "
            "longer than it takes to start?"
        )
    return _advice_by_status(step, last)


def _advice_by_status(step: AwaitHealthy, last: Answer) -> str:
    """The possible causes of a status: mostly more than one, so they are listed."""
    path, status = step.health.path, last.status
    if status in _REDIRECTS:
        to = f" to {last.location}" if last.location else ""
        return f"{path} redirects{to}; only 200 counts as healthy{_about_https(step, last)}"
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.MISDIRECTED_REQUEST):
        return (
            f"the request itself was refused: does the application accept the Host {step.headers['Host']} "
            f"(nginx.server_name), and plain HTTP on service.container_port? Does {path} need a parameter?"
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return f"{path} wants a login; let it answer without one inside your network"
    if status == HTTPStatus.FORBIDDEN:
        return (
            f"{path} is forbidden: to those without a login, to this Host ({step.headers['Host']}), or to this "
            "address? Let it answer inside your network"
        )
    if status == HTTPStatus.NOT_FOUND:
        return (
            f"{path} does not exist in what answered; is service.health.path right for this release, "
            "service.container_port the application's, and its context path part of the health path?"
        )
    if status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"only 200 counts as healthy; is there a path that answers so? service.health.path is {path}"
    return (
        f"the application itself says that it is not ready; if it only needs longer, raise "
        f"service.health.timeout ({show_duration(step.health.timeout)})"
    )


def _about_https(step: AwaitHealthy, last: Answer) -> str:
    if not last.location.startswith("https:"):
        return ""
    sent = step.headers.get("X-Forwarded-Proto", "")
    if sent == "https":
        return (
            "; it was told X-Forwarded-Proto: https, as NGINX tells it, and does not believe that. "
            "Does it have to trust a proxy's headers?"
        )
    return (
        "; NGINX will tell it X-Forwarded-Proto: http, because the spec has no nginx.certificate, so its clients "
        "would be redirected as well"
    )
