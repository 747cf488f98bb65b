"""Whether the fault matrix has teeth: without a safeguard, the row that stands for it must turn red.

    python tests/faults/mutations.py            # all; a name or several to choose

Each mutation takes one safeguard out of a copy of jenkinsgen and runs its row with that copy. Ends with 1 when a row
stays green, or is red for another reason.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Mutation(NamedTuple):
    """One safeguard less."""

    name: str
    file: str
    text: str
    """Must be there exactly once, so that a mutation cannot come to nothing without being noticed."""
    instead: str
    row: str
    """A test, for `pytest -k`."""
    says: str
    """A part of why the row must be red."""


MUTATIONS = (
    Mutation(
        "drain",
        "edge/nginx_host.py",
        "left = self._connections(remotes)\n            if left == 0",
        "left = 0\n            if left == 0",
        "test_the_registry_is_down_at_push",
        "failed: status 502",
    ),
    Mutation(
        "health gate",
        "stages/actions.py",
        "while looks.in_a_row < health.successes:",
        "while False:",
        "test_it_never_becomes_healthy",
        "deploy-colour ended with 0, not 6",
    ),
    Mutation(
        "lease",
        "deploy/lease.py",
        "if holder is None or holder.build == me.build:",
        "if True:",
        "test_two_deployments_at_once",
        "build-image ended with 0, not 8",
    ),
    Mutation(
        "look at the lease before each step",
        "stages/transaction.py",
        "            self._folder.renew(self.lease)\n        except LeaseLost as lost:",
        "            pass\n        except LeaseLost as lost:",
        "test_a_stuck_stage_that_is_stopped",
        "is not in:",
    ),
    Mutation(
        "journal",
        "edge/state_folder.py",
        'self._run("write", held.token, JOURNAL, stdin=dump_journal(journal))',
        'self._run("renew", held.token)',
        "test_an_older_build_after_a_newer_one",
        "build-image ended with 0, not 8",
    ),
    Mutation(
        "look at the batch that is out",
        "deploy/journal.py",
        "(out or servers < len(pipeline.servers))",
        "servers < len(pipeline.servers)",
        "test_a_roll_out_is_killed_and_a_person_goes_back",
        " runs [",
    ),
)


def problem_with(mutation: Mutation, folder: Path) -> str:
    """Why its row is red; empty when it is green."""
    package = folder / "jenkinsgen"
    shutil.copytree(ROOT / "jenkinsgen", package)
    shutil.copy(ROOT / "Jenkinsfile.j2", folder)
    source = package / mutation.file
    text = source.read_text(encoding="utf-8")
    if text.count(mutation.text) != 1:
        sys.exit(f"{mutation.name}: {mutation.file} does not have its text once")
    source.write_text(text.replace(mutation.text, mutation.instead), encoding="utf-8")
    said = folder / "rows.json"
    # The tests themselves stay those of the checkout; the stages are programs, and find the copy.
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/faults", "-k", mutation.row],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder), "FAULTS_JSON": str(said)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    (row,) = json.loads(said.read_text(encoding="utf-8"))
    problem: str = row["problem"]
    return problem


def main(names: list[str]) -> int:
    survived = 0
    for mutation in [each for each in MUTATIONS if not names or each.name in names]:
        with tempfile.TemporaryDirectory() as folder:
            problem = problem_with(mutation, Path(folder))
        caught = mutation.says in problem
        survived += not caught
        verdict = "caught" if caught else "SURVIVED"
        sys.stdout.write(f"{verdict}: without the {mutation.name}: {problem or 'the row is green'}\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
