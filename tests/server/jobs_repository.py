"""A checkout with specs, and the command line in it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """\
job:
  name: team/{name}
  description: "Deploys {name}: 'quoted' \\"text\\" & more"
  keep: {{builds: 7, days: 90, artifacts: 3}}
  triggers: {{cron: "H 4 * * 1-5", poll: "H/5 * * * *"}}
  parameters:
    - {{name: TAG, default: "it's \\\\ latest", description: "image tag"}}
    - {{name: DRY_RUN, type: boolean, default: true}}
    - {{name: TARGET, type: choice, choices: [staging, production], description: where}}
source: {{repository: "https://git.test/shop.git", credential: git-login}}
image: {{repository: "registry.test/shop", credential: registry}}
service:
  name: {name}
  ports: {{green: 8080, blue: 8081}}
  container_port: 8080
  health: {{path: /health}}
  secrets: {{API_KEY: api-key}}
servers: [deploy@{name}1.test]
ssh: {{credential: deploy-key}}
nginx: {{host: deploy@lb.test, server_name: {name}.test}}
"""

Run: TypeAlias = Callable[..., tuple[int, str]]


def commit_and_fetch(repository: Path) -> None:
    """Commit everything, and make a clone's view of the branch `main`."""
    git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "x"], check=True)
    subprocess.run([*git, "update-ref", "refs/remotes/origin/main", "HEAD"], check=True)
