"""Bodies of requests to an engine, put together of parts."""

from __future__ import annotations

from typing import Any


def laid_over(body: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Both, object by object; where both have a value, it is that of `more`."""
    both = {key: laid_over(body[key], more[key]) for key in more if isinstance(more[key], dict) and body.get(key)}
    return {**body, **more, **both}
