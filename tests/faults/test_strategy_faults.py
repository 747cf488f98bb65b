"""The other strategies: a stage of a canary or of a roll-out is killed, or told to end, before each of its steps."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from boundaries import WATCH, Boundary, canary_boundaries, roll_boundaries, step_boundaries
from fault_row import FOLDER, running_versions
from sandbox_workspace import as_root
from stopping import kill, terminate
from strategies import CANARY, FIRST_CANARY, ROLLING

if TYPE_CHECKING:
    from conftest import Fault, Rows

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

CANARY_STEPS = canary_boundaries(new_site=False)
FIRST_STEPS = canary_boundaries(new_site=True)
PROMOTION = [each for each in step_boundaries() if each.stage == "switch-nginx"]
ROLLS = roll_boundaries()
# From the first server that is out: before that there is nothing to go back from.
ROLLS_BEGUN = ROLLS[[each.host for each in ROLLS].index("the NGINX: TakeOut") + 1 :]
# Each batch that has the new release goes back the way that it came: out, drained, replaced.
ROLLED_BACK_SECONDS = 45
AGE_SECONDS = 24


def test_a_canary_step_is_killed_and_the_next_build_ends_it(fault: Rows):
    with fault(f"a canary killed at each of its {len(CANARY_STEPS)} steps, and a new build", strategy=CANARY) as row:
        for boundary in CANARY_STEPS:
            reach_canary(row)
            kill(row, boundary, may_have_served=boundary.shown)
            if boundary.host == WATCH:
                # The lease is kept for the stage after it.
                let_the_lease_expire(row)
            begin_next(row)
            check_no_canary(row)


def test_a_canary_step_is_killed_and_a_person_ends_it(fault: Rows):
    with fault(f"a canary killed at each of its {len(CANARY_STEPS)} steps, and canary abort", strategy=CANARY) as row:
        for boundary in CANARY_STEPS:
            reach_canary(row)
            kill(row, boundary, may_have_served=boundary.shown)
            by_hand(row, "canary abort")
            check_no_canary(row)
            check_only_live(row)
            check_only_the_canary_was_meant(row)


def test_the_agent_of_a_canary_dies(fault: Rows):
    """It holds a lease that nobody on this machine can look through: who ends the canary waits until it expires."""
    with fault("a canary whose agent is dead", strategy=CANARY) as row:
        for end in (lambda: by_hand(row, "canary abort"), lambda: begin_next(row)):
            reach_canary(row)
            kill(row, CANARY_STEPS[-2], may_have_served=False)
            on_lease(row, 'sed -i \'s/"boot": ".*"/"boot": "another machine"/\'')
            on_lease(row, f"touch -d '-{AGE_SECONDS} seconds'")
            assert "took the lease over" in end()
            check_no_canary(row)


def test_a_canary_step_is_stopped(fault: Rows):
    with fault(f"a canary stopped at each of its {len(CANARY_STEPS)} steps", strategy=CANARY) as row:
        for boundary in CANARY_STEPS:
            reach_canary(row)
            terminate(row, boundary, may_have_served=gave_clients(boundary))
            check_no_canary(row)
            check_only_the_canary_was_meant(row)


def test_a_first_canary_step_is_killed(fault: Rows):
    """With a site file that has to change first."""
    with fault(f"a first canary killed at each of its {len(FIRST_STEPS)} steps", strategy=FIRST_CANARY) as row:
        for boundary in FIRST_STEPS:
            reach_canary(row, new_site=True)
            kill(row, boundary, may_have_served=boundary.shown)
            begin_next(row)
            check_no_canary(row)


def test_a_first_canary_step_is_stopped(fault: Rows):
    with fault(f"a first canary stopped at each of its {len(FIRST_STEPS)} steps", strategy=FIRST_CANARY) as row:
        for boundary in FIRST_STEPS:
            reach_canary(row, new_site=True)
            terminate(row, boundary, may_have_served=gave_clients(boundary))
            check_no_canary(row)


def test_the_promotion_of_a_canary_is_killed(fault: Rows):
    with fault(f"a promotion killed at each of its {len(PROMOTION)} steps", strategy=CANARY) as row:
        for boundary in PROMOTION:
            reach_canary(row)
            row.succeed("canary step 25")
            kill(row, boundary, may_have_served=True)
            begin_next(row)
            check_no_canary(row)


def test_the_promotion_of_a_canary_is_stopped(fault: Rows):
    with fault(f"a promotion stopped at each of its {len(PROMOTION)} steps", strategy=CANARY) as row:
        for boundary in PROMOTION:
            live = row.workspace.get()
            reach_canary(row)
            row.succeed("canary step 25")
            terminate(row, boundary, may_have_served=True)
            # What the Jenkinsfile calls then.
            row.succeed("canary abort")
            check_no_canary(row)
            check_only_live(row)
            assert row.workspace.get() == live
            check_only_the_canary_was_meant(row)


def test_a_roll_out_is_killed_and_the_next_build_ends_it(fault: Rows):
    with fault(f"a roll-out killed at each of its {len(ROLLS)} steps, and a new build", strategy=ROLLING) as row:
        for boundary in ROLLS:
            reach_roll(row)
            kill(row, boundary, may_have_served=boundary.shown)
            row.deploy()
            check_rolled(row, row.workspace.release["version"])


def test_a_roll_out_is_killed_and_a_person_goes_back(fault: Rows):
    with fault(f"a roll-out killed at each of its {len(ROLLS_BEGUN)} steps, and rollback", strategy=ROLLING) as row:
        live = row.workspace.release["version"]
        for boundary in ROLLS_BEGUN:
            reach_roll(row)
            kill(row, boundary, may_have_served=boundary.shown)
            by_hand(row, "rollback")
            check_rolled(row, live)


def test_a_roll_out_is_stopped(fault: Rows):
    with fault(f"a roll-out stopped at each of its {len(ROLLS)} steps", strategy=ROLLING) as row:
        live = row.workspace.release["version"]
        for boundary in ROLLS:
            reach_roll(row)
            # Before the servers are put back: the step that has begun is done.
            served = boundary.shown or boundary.host.endswith("PutBack")
            terminate(row, boundary, may_have_served=served, within_seconds=ROLLED_BACK_SECONDS)
            check_rolled(row, live)


def reach_canary(row: Fault, *, new_site: bool = False) -> None:
    """A release runs beside the live one, without clients; with `new_site` NGINX's file is no longer the spec's."""
    row.build()
    if new_site:
        row.workspace.change_spec(nginx={"proxy": {"body_size": f"{row.workspace.number}m"}})
    row.succeed("build-image", "deploy-colour")


def reach_roll(row: Fault) -> None:
    row.build()
    row.succeed("build-image")


def let_the_lease_expire(row: Fault) -> None:
    on_lease(row, "touch -d '-1 hour'")


def on_lease(row: Fault, command: str) -> None:
    as_root(row.sandbox, row.sandbox.nginx, f"{command} {FOLDER}/lease.json")


def begin_next(row: Fault) -> str:
    """The next build looks at what is there, and is left at that."""
    row.build()
    said = row.succeed("build-image")
    let_the_lease_expire(row)
    return said


def gave_clients(boundary: Boundary) -> bool:
    """The step before which SIGTERM comes has begun, so it is done."""
    return boundary.shown or boundary.host.endswith("SetCanary")


def by_hand(row: Fault, command: str, code: int = 0) -> str:
    """As a person, outside of Jenkins."""
    environment = {k: v for k, v in row.workspace.environment.items() if not k.startswith("BUILD_")}
    done = subprocess.run(
        [sys.executable, "-m", "jenkinsgen", *command.split(), "pipelines/shop.yaml"],
        cwd=row.workspace.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def check_no_canary(row: Fault) -> None:
    """NGINX says that nobody has the colour that is not live, and gives it to nobody, not even to testers."""
    ask = (
        "curl -s -H 'Host: shop.test' http://127.0.0.1/.jenkinsgen/shop/canary; "
        "for at in 1 2 3 4; do curl -s -o /dev/null -w ' %header{x-version}' -H 'Host: shop.test' "
        "-H 'X-Canary: always' http://127.0.0.1/; done"
    )
    _, live = row.workspace.get()
    service, percent, *versions = as_root(row.sandbox, row.sandbox.nginx, ask).split()
    assert (service, percent) == ("shop", "none")
    assert versions == [live] * 4
    assert as_root(row.sandbox, row.sandbox.nginx, f"cd {FOLDER}; ls -d canary .canary 2>/dev/null || :") == ""


def check_only_live(row: Fault) -> None:
    """What was a canary is gone from the servers."""
    assert row.workspace.containers() == [[f"shop-{row.live}"]] * len(row.sandbox.servers)


def check_only_the_canary_was_meant(row: Fault) -> None:
    """Who sees a canary fail and goes back means the canary, not the release that is live."""
    assert "was taken back already" in by_hand(row, "rollback", code=8)


def check_rolled(row: Fault, version: str) -> None:
    """Every server runs this release and nothing else, and has traffic."""
    for server in row.sandbox.servers:
        found = running_versions(row.sandbox, server)
        assert found == [version], f"{server.address} runs {found}, not {version}"
    assert as_root(row.sandbox, row.sandbox.nginx, f"cd {FOLDER}; ls -d out-* 2>/dev/null || :") == ""
