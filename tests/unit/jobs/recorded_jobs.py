"""Configurations of a real Jenkins 2.504.3, as tests read them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "jenkins"

# Posted with a reference that XML 1.0 does not allow: Jenkins answered 500, so there is nothing to read.
REFUSED = "description-control-reference-xml10"


@cache
def cases() -> dict[str, dict[str, str]]:
    """Case -> form (posted, read, resaved, built, branch-main) -> text."""
    data: dict[str, dict[str, dict[str, str]]] = json.loads((DATA / "configurations.json").read_text())
    return data["cases"]


def posted(case: str) -> str:
    """What was posted, as the parser behind createItem takes it: in XML 1.1 two more characters end a line."""
    text = cases()[case]["posted"]
    if re.match(r"<\?xml version=.1\.1", text):
        text = re.sub("\r\u0085|[\u0085\u2028]", "\n", text)
    return text


def answers() -> list[tuple[str, str]]:
    """Every (case, form) that Jenkins answered."""
    return [
        (case, form)
        for case, forms in cases().items()
        for form in ("read", "resaved", "built")
        if form in forms and case != REFUSED
    ]
