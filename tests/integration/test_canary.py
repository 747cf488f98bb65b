"""A canary on a real NGINX: who gets the new colour, what is judged, and every way in which it ends."""

from __future__ import annotations

import http.client
import json
import math
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from conftest import as_root
from test_guard import users
from test_under_load import failures, load_on, lost_and_duplicated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

FOLDER = "/var/lib/jenkinsgen/shop"
STEPS = [{"percent": 5, "hold": "3s"}, {"percent": 25, "hold": "3s"}]
# Most of these have no load, and are about other things than what a release is judged by.
CANARY = {"steps": STEPS, "override": {"header": "X-Canary", "cookie": "canary"}, "unjudged": "continue"}
# So many standard deviations of a binomial share: by chance once in fifteen thousand.
SIGMAS = 4
STEP_SECONDS = 60


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Release 1.0.1 is live, deployed as blue-green, as before a team tries a canary; the spec now has one."""
    workspace.deploy()
    workspace.change_spec(strategy="canary", guard={"window": "2s"}, canary=CANARY)
    return workspace


def deployed(shop: Workspace, **app: object) -> None:
    """The next release runs on every server, without traffic."""
    shop.build(**app)
    shop.succeed("build-image", "deploy-colour")


def by_hand(shop: Workspace, *words: str, code: int = 0) -> str:
    """As a person would, outside of Jenkins."""
    environment = {k: v for k, v in shop.environment.items() if not k.startswith("BUILD_")}
    command = [sys.executable, "-m", "jenkinsgen", *words, "pipelines/shop.yaml"]
    done = subprocess.run(command, cwd=shop.folder, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    return said


def versions(shop: Workspace, headers: Iterable[dict[str, str]]) -> list[str]:
    """Which version answers each of these, on one connection."""
    found: list[str] = []
    with closing(http.client.HTTPConnection(shop.sandbox.nginx.address, timeout=10)) as connection:
        for each in headers:
            connection.request("GET", "/", headers={"Host": "shop.test", **each})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == http.HTTPStatus.OK
            found.append(answer.headers["X-Version"])
    return found


def with_new(found: list[str], version: str = "1.0.2") -> float:
    return sum(each == version for each in found) / len(found)


def within(percent: int, count: int) -> tuple[float, float]:
    share = percent / 100
    spread = SIGMAS * math.sqrt(share * (1 - share) / count)
    return share - spread, share + spread


def journal(shop: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_root(shop.sandbox, shop.sandbox.nginx, f"cat {FOLDER}/journal.json"))
    return found


def shown(shop: Workspace) -> dict[str, Any] | None:
    found: dict[str, Any] = json.loads(shop.succeed("canary show", options=("--json",)).splitlines()[-1])
    return found["canary"]


def await_percent(shop: Workspace, percent: int) -> None:
    end = time.monotonic() + STEP_SECONDS
    while (seen := shown(shop)) is None or seen["percent"] != percent:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_share_of_the_clients_and_everyone_stays_on_a_side_as_it_grows(shop: Workspace):
    shop.change_spec(canary={"sticky": "cookie", "cookie": "session"})
    deployed(shop)
    clients = [{"Cookie": f"session=client-{number}"} for number in range(3000)]
    had: set[int] = set()
    for percent in (1, 5, 25, 60):
        by_hand(shop, "canary", "set", str(percent))
        found = versions(shop, clients)
        assert versions(shop, clients) == found
        has = {index for index, each in enumerate(found) if each == "1.0.2"}
        low, high = within(percent, len(clients))
        print(f"{percent} %: {len(has)} of {len(clients)} clients ({100 * len(has) / len(clients):.2f} %)")  # noqa: T201
        assert low <= len(has) / len(clients) <= high
        assert had <= has
        had = has
    by_hand(shop, "canary", "set", "5")
    fewer = {index for index, each in enumerate(versions(shop, clients)) if each == "1.0.2"}
    assert fewer < had

    by_hand(shop, "canary", "promote")

    assert with_new(versions(shop, clients)) == 1
    assert journal(shop)["live"].endswith("-2")
    assert shown(shop) is None
    # Back to the colour from which the canary began: it must not come to life again.
    by_hand(shop, "rollback")
    assert with_new(versions(shop, clients)) == 0


def test_without_stickiness_each_request_is_a_client(shop: Workspace):
    shop.change_spec(canary={"sticky": "none"})
    deployed(shop)
    for percent in (5, 25):
        by_hand(shop, "canary", "set", str(percent))
        share = with_new(versions(shop, [{}] * 4000))
        low, high = within(percent, 4000)
        print(f"{percent} %: {100 * share:.2f} % of 4000 requests")  # noqa: T201 - what was measured
        assert low <= share <= high


def test_an_address_has_one_side_and_testers_choose_theirs(shop: Workspace):
    deployed(shop)
    by_hand(shop, "canary", "set", "0")
    assert with_new(versions(shop, [{}] * 50)) == 0
    assert with_new(versions(shop, [{"X-Canary": "always"}] * 5)) == 1
    by_hand(shop, "canary", "set", "50")
    assert with_new(versions(shop, [{}] * 50)) in (0, 1)
    assert with_new(versions(shop, [{"X-Canary": "always"}] * 5)) == 1
    assert with_new(versions(shop, [{"X-Canary": "never"}] * 5)) == 0
    assert with_new(versions(shop, [{"Cookie": "canary=always"}] * 5)) == 1
    assert with_new(versions(shop, [{"Cookie": "canary=always", "X-Canary": "never"}] * 5)) == 0
    # What no tester should send is no path.
    strange = {"X-Canary": "../../shop/canary/green-1"}
    assert versions(shop, [strange]) == versions(shop, [{}])
    by_hand(shop, "canary", "abort")
    assert with_new(versions(shop, [{"X-Canary": "always"}] * 5)) == 0


def test_two_releases_by_canary_under_load_and_nothing_is_lost(workspace: Workspace):
    shop = workspace
    # From the first release on: the site file that knows a canary costs one reload, which closes idle connections.
    shop.change_spec(strategy="canary", guard={"window": "2s"}, canary={**CANARY, "sticky": "none"})
    shop.deploy()
    load = load_on(shop)
    for _ in range(2):
        deployed(shop)
        said = shop.succeed("canary step 5", "canary step 25", "switch-nginx", "cleanup")
        assert "judged by" in said
    result = load.stop()

    assert failures(result) == {}
    assert result.requests > 500
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2", "1.0.3"]
    assert result.mixed_seconds > 5
    assert lost_and_duplicated(shop, result) == (0, 0)
    assert shop.containers() == [["shop-green"]] * 2
    print(f"{result.requests} requests, {result.failed} failed, {result.mixed_seconds:.1f} s mixed")  # noqa: T201


def test_a_bad_release_loses_its_clients_by_itself(shop: Workspace):
    shop.change_spec(canary={"sticky": "none", "steps": [{"percent": 25, "hold": "40s"}]})
    deployed(shop, error_percent=50)
    with users(shop, 60) as load:
        said = shop.fail("canary step 25", 6)
        took = time.monotonic() - load.bad[0]
        bad = len(load.bad)
        time.sleep(1)
        assert len(load.bad) - bad <= 1

    print(f"from the first bad answer to the end of the stage: {took:.2f} s, {bad} bad answers")  # noqa: T201
    assert "blue does badly with 25 % of the clients" in said
    assert "from green, before or meanwhile" in said
    assert "all clients are back at the live colour" in said
    assert with_new(versions(shop, [{"X-Canary": "always"}] * 5)) == 0
    # What the Jenkinsfile calls then.
    shop.succeed("canary abort")
    assert shop.containers() == [["shop-green"]] * 2
    assert journal(shop)["canary"]["percent"] == 0
    assert "ReleaseRefused" not in shop.succeed("status")


def test_a_step_without_any_request_is_no_success(shop: Workspace):
    shop.change_spec(canary={"steps": [{"percent": 25, "hold": "2s"}], "unjudged": "refuse"})
    deployed(shop)

    said = shop.fail("canary step 25", 10)

    assert "nobody can tell how" in said
    assert "no request to judge by" in said
    assert "all clients are back at the live colour" in said
    assert "did well" not in said
    assert shown(shop) is None
    # Who wants to go on all the same hears that nobody knows.
    shop.change_spec(canary={"unjudged": "continue"})
    said = shop.succeed("canary step 25")
    assert "did well" not in said
    assert "nobody can tell how it does" in said
    # And who waits for requests is judged by them.
    by_hand(shop, "canary", "abort")
    shop.change_spec(canary={"unjudged": "wait", "sticky": "none"})
    deployed(shop)
    with users(shop, 60):
        assert "did well with 25 % of the clients" in shop.succeed("canary step 25")


def test_what_both_colours_suffer_from_is_nobodys_fault(shop: Workspace):
    shop.change_spec(canary={"sticky": "none", "steps": [{"percent": 40, "hold": "8s"}]})
    # The live one does as badly as the new one.
    shop.build(error_percent=30)
    shop.succeed("build-image", "deploy-colour", "switch-nginx", "cleanup")
    deployed(shop, error_percent=30)
    with users(shop, 60):
        shop.succeed("canary step 40")


def test_a_build_that_was_killed_leaves_a_canary_and_the_next_build_ends_it(shop: Workspace):
    shop.change_spec(canary={"steps": [{"percent": 25, "hold": "1m"}]})
    deployed(shop)
    process = shop.start("canary step 25")
    await_percent(shop, 25)
    process.kill()
    process.communicate()
    assert shown(shop) is not None
    assert "25 % of the clients" in shop.succeed("status")

    shop.build()
    said = shop.succeed("build-image")
    assert "ended a canary" in said
    assert shown(shop) is None
    assert with_new(versions(shop, [{"X-Canary": "always"}] * 5)) == 0
    said = shop.succeed("deploy-colour")
    assert "drain blue" in said
    shop.change_spec(canary={"steps": STEPS})
    shop.succeed("canary step 5", "switch-nginx", "cleanup")
    assert shop.get() == (200, "1.0.3")
    assert shop.containers() == [["shop-blue"]] * 2


def test_a_stopped_step_gives_the_clients_back_in_the_same_process(shop: Workspace):
    shop.change_spec(canary={"steps": [{"percent": 25, "hold": "1m"}]})
    deployed(shop)
    process = shop.start("canary step 25")
    await_percent(shop, 25)
    code, said = shop.terminate(process)

    assert code == 143, said
    assert shown(shop) is None


def test_a_canary_is_its_builds_alone_as_long_as_it_waits(shop: Workspace):
    shop.change_spec(canary={"steps": [{"percent": 25, "hold": "2s"}]})
    deployed(shop)
    shop.succeed("canary step 25")
    assert shown(shop)["percent"] == 25  # type: ignore[index]
    # The lease is given back by time; the canary stays.
    as_root(shop.sandbox, shop.sandbox.nginx, f"touch -d '-1 hour' {FOLDER}/lease.json")

    other = {"BUILD_URL": "http://jenkins.test/job/another/9/", "BUILD_NUMBER": "9"}
    shop.extra = other
    assert "is a canary with 25 % of the clients" in shop.fail("build-image", 8)
    assert "would refuse" in shop.run("plan")[1]
    assert "not of this build" in shop.succeed("canary abort")
    shop.extra = {}
    assert shown(shop)["percent"] == 25  # type: ignore[index]
    # A person may, at once.
    said = by_hand(shop, "rollback")
    assert "ended a canary" in said
    assert shop.get() == (200, "1.0.1")
    assert shop.containers() == [["shop-green"]] * 2


def test_a_person_who_ends_it_ends_the_watch(shop: Workspace):
    shop.change_spec(canary={"steps": [{"percent": 25, "hold": "1m"}]})
    deployed(shop)
    process = shop.start("canary step 25")
    await_percent(shop, 25)
    by_hand(shop, "canary", "set", "40")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 8, said
    assert "somebody else changed the canary of 25 %: it has 40 %" in said
    assert shown(shop)["percent"] == 40  # type: ignore[index]


def test_the_first_release_has_nobody_to_share_with(workspace: Workspace):
    workspace.change_spec(strategy="canary", guard={"window": "2s"}, canary=CANARY)
    deployed(workspace)
    assert "nothing is live yet" in workspace.succeed("canary step 5")
    workspace.succeed("switch-nginx", "cleanup")
    assert workspace.get() == (200, "1.0.1")


def test_a_deployment_in_the_middle_of_its_own_canary_ends_it_first(shop: Workspace):
    deployed(shop)
    shop.succeed("canary step 5")
    said = shop.succeed("deploy-colour")
    assert "ended a canary" in said
    assert shown(shop) is None
