"""The headers that NGINX adds to a request for the application; a health check in its place sends them, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.spec.pipeline import Pipeline

_ASKING = "127.0.0.1"


def passed_on(pipeline: Pipeline) -> Mapping[str, str]:
    """The headers that the site file (site.conf.j2) gives to a request which NGINX's own host makes.

    An application that refuses a Host which it does not know, or that sends http away to https, answers a look at
    its health as it will answer NGINX's clients.
    """
    nginx = pipeline.nginx
    return {
        "Host": nginx.host_header,
        "X-Real-IP": _ASKING,
        "X-Forwarded-For": _ASKING,
        "X-Forwarded-Proto": nginx.scheme,
    }
