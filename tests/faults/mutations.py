"""Whether the fault matrix has teeth: without a safeguard, the row or test that stands for it must turn red.

    python tests/faults/mutations.py            # all; a name or several to choose

Each mutation takes one safeguard, or one proof, out of a copy of jenkinsgen and runs its row with that copy. Ends with
1 when a row stays green, or is red for another reason.
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
    file_of_test: str = ""
    """Where the test is, when it is no row of the matrix."""


MUTATIONS = (
    Mutation(
        "drain",
        "edge/nginx/host.py",
        "left = self._connections(remotes)\n            if left == 0",
        "left = 0\n            if left == 0",
        "test_the_registry_is_down_at_push",
        "failed: status 502",
    ),
    Mutation(
        "health gate",
        "stages/perform/healthy.py",
        "while looks.in_a_row < health.successes:",
        "while False:",
        "test_it_never_becomes_healthy",
        "deploy-colour ended with 0, not 6",
    ),
    Mutation(
        "lease",
        "deploy/state/lease.py",
        "if holder is None or holder.build == me.build:",
        "if True:",
        "test_two_deployments_at_once",
        "build-image ended with 0, not 8",
    ),
    Mutation(
        "look at the lease before each step",
        "stages/context/transaction.py",
        "            self._folder.renew(self.lease)\n        except LeaseLost as lost:",
        "            pass\n        except LeaseLost as lost:",
        "test_a_stuck_stage_that_is_stopped",
        "is not in:",
    ),
    Mutation(
        "journal",
        "edge/state/folder.py",
        'self._run("write", held.token, JOURNAL, stdin=dump_journal(journal))',
        'self._run("renew", held.token)',
        "test_an_older_build_after_a_newer_one",
        "build-image ended with 0, not 8",
    ),
    Mutation(
        "look at the batch that is out",
        "deploy/strategies/rolling/strategy.py",
        "(out > 0 or running < len(self.pipeline.servers))",
        "running < len(self.pipeline.servers)",
        "test_a_roll_out_is_killed_and_a_person_goes_back",
        " runs [",
    ),
    # Proofs that only the new release can give.
    Mutation(
        "comparison of the prepared files",
        "nginx/prepared.py",
        "if _alike(pipeline, Colour.GREEN, green) != _alike(pipeline, Colour.BLUE, blue)",
        "if False",
        "test_one_location_that_leads_to_a_wrong_port",
        "not enough values to unpack",
        "tests/unit/test_prepared_files.py",
    ),
    Mutation(
        "look through NGINX's other files",
        "nginx/prepared.py",
        "        *_elsewhere(pipeline, loaded, resolved, live),\n",
        "",
        "test_another_file_that_leads_to_a_colour",
        "not enough values to unpack",
        "tests/unit/test_prepared_files.py",
    ),
    Mutation(
        "question to NGINX before the build",
        "edge/nginx/reload.py",
        "return (*doubts, by_answer) if by_answer else doubts",
        "return doubts",
        "test_a_health_path_that_nginx_hides",
        "Successfully built",
        "tests/integration/test_reload_proofs.py",
    ),
    Mutation(
        "question of the NGINX host to every server",
        "deploy/plan/switch.py",
        "lenient=True),) if flag else ()",
        "lenient=True),) if False else ()",
        "test_the_usual_switch",
        "SetFlag",
        "tests/unit/test_deploy_plan_switch.py",
    ),
    Mutation(
        "evidence of a canary",
        "stages/canary/step.py",
        'if evidence.lacking and canary.unjudged != "continue":',
        "if False:",
        "test_a_step_without_requests_is_refused",
        "DID NOT RAISE",
        "tests/unit/test_evidence.py",
    ),
    Mutation(
        "evidence of a bake",
        "stages/cleanup.py",
        'if pipeline.guard.unjudged == "refuse":',
        "if False:",
        "test_a_bake_without_requests",
        "DID NOT RAISE",
        "tests/unit/test_evidence.py",
    ),
    Mutation(
        "look at an address that each machine has",
        "spec/addresses.py",
        'if pipeline.service.health.origin == "agent" and not here:',
        "if False:",
        "test_the_agent_never_asks_itself",
        "DID NOT RAISE",
        "tests/unit/test_addresses.py",
    ),
    Mutation(
        "look at who answers the agent",
        "edge/health_look.py",
        "if is_here(step.address) and not is_here(step.login):",
        "if False:",
        "test_an_agent_that_a_name_leads_to_itself",
        "is this very machine",
        "tests/unit/test_addresses.py",
    ),
    Mutation(
        "look at who answers before the release is there",
        "stages/watch/looks.py",
        "    if answer.healthy:\n        raise occupied(",
        "    if False:\n        raise occupied(",
        "test_a_page_for_everybody_at_the_address_of_a_server",
        "DID NOT RAISE",
        "tests/unit/test_vacant.py",
    ),
    Mutation(
        "word of NGINX to the application",
        "nginx/passed_on.py",
        '        "X-Forwarded-Proto": nginx.scheme,\n',
        "",
        "test_a_look_at_health_says_what_nginx_will_say",
        "X-Forwarded-Proto",
        "tests/unit/test_deploy_health.py",
    ),
    Mutation(
        "Host that a client could send",
        "spec/nginx.py",
        'if server_name == "_":',
        "if False:",
        "test_the_host_that_is_sent",
        "'_' == 'nginx.example.com'",
        "tests/unit/test_deploy_health.py",
    ),
    Mutation(
        "look at what serves before a person is told to stop it",
        "deploy/strangers.py",
        "if container.running and seen.found:",
        "if False:",
        "test_a_container_that_nginx_sends_requests_to",
        "which gets requests",
        "tests/unit/test_strangers.py",
    ),
    Mutation(
        "word of git before a job is deleted",
        "jobs/prune.py",
        "if job.unasked.since is None:",
        "if False:",
        "test_a_forged_marker_with_an_old_date",
        "left alone: disabled",
        "tests/server/test_prune_is_not_deceived.py",
    ),
    Mutation(
        "rule that a folder is nobody's",
        "jobs/answers/server.py",
        "return self.class_name in {_PIPELINE_CLASS, classes.MULTIBRANCH}",
        "return True",
        "test_a_folder_is_never_deleted",
        "assert (0, True)",
        "tests/server/test_prune_is_not_deceived.py",
    ),
    Mutation(
        "one meaning of a job's name",
        "jobs/prune.py",
        "return job_key(name) in self._keys",
        "return name in self.wanted",
        "test_a_job_whose_name_differs_in_case_at_the_root",
        "RootShop: disable",
        "tests/server/test_prune_is_not_deceived.py",
    ),
    Mutation(
        "look at where Jenkins sends a POST",
        "edge/jenkins/client.py",
        "return not elsewhere and not",
        "return not",
        "test_a_post_that_is_sent_elsewhere",
        "DID NOT RAISE",
        "tests/server/test_strange_answers.py",
    ),
    # Files that are not ours, or not ours any more.
    Mutation(
        "digest of the site file",
        "nginx/mark.py",
        "return match is not None and digest_of(text.replace(match[1], NO_DIGEST)) == match[1]",
        "return match is not None",
        "test_a_build_stops_before_it_begins",
        "DID NOT RAISE",
        "tests/unit/test_site_edited.py",
    ),
    Mutation(
        "edited file that stays",
        "deploy/plan/site.py",
        "if each.edited:",
        "if False:",
        "test_a_rollback_needs_the_flag_alone",
        "InstallSite",
        "tests/unit/test_site_edited.py",
    ),
    Mutation(
        "mark of the service",
        "deploy/plan/site.py",
        "and nginx.site_text is not None and nginx.owner != service:",
        "and False:",
        "test_a_file_of_somebody_else",
        "DID NOT RAISE",
        "tests/unit/test_site_place.py",
    ),
    Mutation(
        "look at who has the name",
        "nginx/layout.py",
        "names = _spelt(one.names) & _spelt(other.names)",
        "names = set[str]()",
        "test_a_build_is_refused_before_it_begins",
        "DID NOT RAISE",
        "tests/unit/test_site_place.py",
    ),
    Mutation(
        "look at who has a name of the prepared files",
        "nginx/place.py",
        "in conflicting_names(ours, other):",
        "in ():",
        "test_mode_reload_is_refused_before_the_build_where_another_file",
        "DID NOT RAISE",
        "tests/unit/test_site_place.py",
    ),
    Mutation(
        "look at who may write beside root",
        "nginx/root.sh",
        '    check_roots_alone "$above"\n    while',
        "    while",
        "test_root_makes_no_folder",
        "8 == 7",
        "tests/unit/test_state_folder.py",
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
    return _of_a_test(mutation, folder) if mutation.file_of_test else _of_a_row(mutation, folder)


def _of_a_test(mutation: Mutation, folder: Path) -> str:
    test = ROOT / mutation.file_of_test
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(test), "-k", mutation.row],
        # Python looks there first, so the test finds the copy, too.
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    why = [line[1:].strip() for line in done.stdout.splitlines() if line.startswith("E ")]
    return " ".join(why) if done.returncode else ""


def _of_a_row(mutation: Mutation, folder: Path) -> str:
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
