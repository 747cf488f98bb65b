"""How a new colour is judged while it bakes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jenkinsgen.spec.names import HttpUrl
from jenkinsgen.spec.section import Section
from jenkinsgen.spec.values import Line, Timeout


class Prometheus(Section):
    """A number that Prometheus knows, and that may not become too large."""

    url: HttpUrl
    """Where it is, without `/api/v1/query`."""
    query: Annotated[Line, Field(min_length=1)]
    """In PromQL; `$colour` in it becomes the colour that is judged."""
    at_most: Annotated[float, Field(allow_inf_nan=False)]
    """A larger number is a verdict. No number at all, or NaN, says nothing."""


class Guard(Section):
    """How a new colour is judged while it bakes (docs/guard.md); when it fails, the old one is live again."""

    window: Timeout = 5.0
    """How much of the newest past is judged together, again each second; at least 1s, and no longer than `bake`."""
    errors: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 2
    """How many percent points more of its answers may be of status 5xx than of the old colour's before the switch."""
    latency: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] = 3
    """How many times the old colour's 95th percentile the new one's may be; 50 ms more are never too much."""
    requests: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """Fewer requests in a window say nothing."""
    health: Annotated[int, Field(ge=1, le=1000)] = 3
    """How many looks at a server's health, a second apart, may fail in a row; the last of them is the verdict."""
    prometheus: Prometheus | None = None
    unjudged: Literal["continue", "refuse"] = "continue"
    """What to do at the end of a bake in which no window had `requests`, so that nothing but health was judged.
    `continue`: the old colour goes, and the log says so. `refuse`: it stays warm, and the stage ends with exit code 10.
    """


BY_LOG = tuple(name for name in Guard.model_fields if name not in ("health", "prometheus", "unjudged"))
"""The keys that judge by NGINX's access log."""
