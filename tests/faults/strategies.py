"""How the builds of a row are deployed: the keys of the spec, the stages of a build, the load meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from jenkinsgen.sandbox.clients.traffic import Flow, Profile


@dataclass(frozen=True)
class Strategy:
    """`spec` is merged into the sandbox's."""

    stages: tuple[str, ...]
    profile: Profile
    spec: dict[str, Any] = field(default_factory=dict)
    mixed: bool = False
    """Two versions answer at the same time while a release changes."""


# The demo's load, for longer than any row lasts, with requests so long that a drain which does not wait for them cuts
# some for certain.
_PROFILE = Profile(seconds=900, slow_milliseconds=2500, upload_seconds=3.0)
# A rolling build drains twice, and a canary that is left is drained, too, so these requests are shorter; each is still
# longer than `cleanup.grace`. A WebSocket makes every drain last to its end, and the rows of blue-green tell of those.
_SHORT = replace(_PROFILE, slow_milliseconds=1300, upload_seconds=1.3, websocket=Flow(0, 1))
_SHORT_GRACE = {"grace": "1s"}
# A site file that changes reloads NGINX, and that may close a kept connection at the moment when a client uses it.
_NOTHING_KEPT = replace(_SHORT, page=Flow(8, 120), order=Flow(0, 1), slow=Flow(0, 1), idle=Flow(0, 1))

BLUE_GREEN = Strategy(("build-image", "deploy-colour", "switch-nginx", "cleanup"), _PROFILE)
CANARY = Strategy(
    ("build-image", "deploy-colour", "canary step 25", "switch-nginx", "cleanup"),
    _SHORT,
    {
        "strategy": "canary",
        "cleanup": _SHORT_GRACE,
        "canary": {
            "steps": [{"percent": 25, "hold": "1s"}],
            "sticky": "none",
            "override": {"header": "X-Canary"},
            # Whether a second had enough requests is chance.
            "unjudged": "continue",
        },
        # Of the few requests in a second so many may be slow ones that their 95th percentile says nothing.
        "guard": {"window": "1s", "latency": 1000},
    },
    mixed=True,
)
FIRST_CANARY = replace(CANARY, profile=_NOTHING_KEPT)
ROLLING = Strategy(
    ("build-image", "roll-out", "cleanup"), _SHORT, {"strategy": "rolling", "cleanup": _SHORT_GRACE}, mixed=True
)
