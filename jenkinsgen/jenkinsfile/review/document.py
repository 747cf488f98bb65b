"""A review as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.review.model import Review, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_json(review: Review) -> str:
    """Sentences as text; everything else as in the model."""
    return json.dumps(asdict(review, dict_factory=_plain), indent=2, ensure_ascii=False) + "\n"


def _plain(items: Iterable[tuple[str, Any]]) -> Any:
    found = {name: value.value if isinstance(value, Enum) else value for name, value in items}
    if found.keys() == {"template", "quoted"}:
        return str(Sentence(found["template"], tuple(found["quoted"])))
    return found
