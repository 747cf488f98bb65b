"""Holds the coverage of each orchestrator, by the tests in memory, against the least that it may have.

python tools/covered.py .coverage.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LEAST = 90
"""Percent of the statements and branches."""
ORCHESTRATORS = (
    "build_image",
    "deploy_colour",
    "switch_nginx",
    "cleanup",
    "rollback",
    "roll_out",
    "canary/abort",
    "canary/by_hand",
    "canary/end",
    "canary/give",
    "canary/show",
    "canary/step",
    "canary/watch",
    "context/transaction",
    "perform/actions",
    "perform/healthy",
    "swarm/actions",
    "watch/bake",
)


def main() -> None:
    """Print the table. Exits with 1 when one is too low."""
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
    found = {name: files[f"jenkinsgen/stages/{name}.py"]["summary"]["percent_covered"] for name in ORCHESTRATORS}
    for name, percent in found.items():
        print(f"{'ok ' if percent >= LEAST else 'NOT'} {percent:5.1f} %  stages/{name}.py")  # noqa: T201
    if min(found.values()) < LEAST:
        sys.exit(f"less than {LEAST} % of an orchestrator is reached in memory")


if __name__ == "__main__":
    main()
