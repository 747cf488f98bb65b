"""Can a server pull? Asked of its own engine, which asks the registry; nothing is pulled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Answer:
    """A registry's answer about one image: `said` is empty when it has the image, `hint` explains the answer."""

    reference: str
    said: str = ""
    hint: str = ""
    wants_login: bool = False
    """It asks for a login, or refuses this one."""

    @property
    def unknown(self) -> bool:
        """It answered, took the login, and has no such image."""
        said = self.said.lower()
        return any(sign in said for sign in ("manifest unknown", "name unknown", "not found", "no such manifest"))


def judge_registry(
    host: str, coming: Sequence[Answer], running: Sequence[Answer], *, own_login: bool = False
) -> Iterator[Check]:
    """`coming` are the colours' own repositories, `running` the images of the containers of the service there.

    `own_login`: nothing was sent along, because the server pulls with a login that only `docker pull` there uses.
    """
    refused = [answer for answer in (*coming, *running) if answer.said and not answer.unknown]
    if refused:
        first = refused[0]
        if own_login and first.wants_login:
            found = (
                f"wants a login: {first.said}; cannot tell whether that of the server will do, as only a pull uses it"
            )
            yield warning(host, REGISTRY, found, first.hint)
            return
        yield failed(host, REGISTRY, f"{first.reference} cannot be pulled: {first.said}", first.hint)
        return
    there = [answer.reference for answer in coming if not answer.unknown]
    found = f"has {there[0]}, and this server may pull it" if there else "answers and takes the login; no image yet"
    yield ok(host, REGISTRY, found)
    for answer in running:
        if answer.unknown:
            yield warning(
                host,
                "running image",
                f"the registry does not have {answer.reference} any more",
                "a server that loses its copy cannot start this release again: keep images in the registry for longer",
            )


def unknown_registry(host: str) -> Check:
    """The check of an engine that asks no registry unless it pulls: neither a yes nor a no."""
    return warning(
        host,
        REGISTRY,
        "cannot tell: Podman has no call to ask a registry without a pull",
        "before the first deployment, try there with the login of image.credential: podman login, podman pull",
    )
