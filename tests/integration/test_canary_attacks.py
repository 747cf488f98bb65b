"""A canary in bad company: killed builds, dead servers, people who act at once, files that change under it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import as_root
from test_canary import CANARY, FOLDER, await_percent, by_hand, deployed, journal, shown, versions, with_new
from test_guard import users

if TYPE_CHECKING:
    from conftest import Workspace

pytestmark = pytest.mark.sandbox

TESTER = {"X-Canary": "always"}
TWICE = 2


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Release 1.0.1 is live; NGINX knows canaries already."""
    workspace.change_spec(strategy="canary", guard={"window": "2s"}, canary={**CANARY, "sticky": "none"})
    workspace.deploy()
    return workspace


def killed(shop: Workspace, percent: int = 25) -> None:
    """A build gave clients to its release, and is no more."""
    shop.change_spec(canary={"steps": [{"percent": percent, "hold": "1m"}]})
    deployed(shop)
    process = shop.start(f"canary step {percent}")
    await_percent(shop, percent)
    process.kill()
    process.communicate()


def people(shop: Workspace, *commands: str) -> list[tuple[int, str]]:
    """At the same moment, each in a checkout of their own; their exit codes, and what they said."""
    environment = {k: v for k, v in shop.environment.items() if not k.startswith("BUILD_")}
    folders = [shop.folder.with_name(f"person-{number}") for number in range(len(commands))]
    for folder in folders:
        shutil.copytree(shop.folder, folder, dirs_exist_ok=True)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "jenkinsgen", *command.split(), "pipelines/shop.yaml"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command, folder in zip(commands, folders, strict=True)
    ]
    said = [process.communicate(timeout=60)[0] for process in started]
    assert not any("Traceback" in each for each in said), said
    return [(process.returncode, text) for process, text in zip(started, said, strict=True)]


def test_the_end_of_the_build_that_was_killed_ends_its_canary(shop: Workspace):
    killed(shop)
    said = shop.succeed("canary abort")
    assert "ended a canary" in said
    assert shown(shop) is None
    assert shop.containers() == [["shop-green"]] * 2
    # It is no error that there is nothing left to end.
    shop.succeed("canary abort")


def test_cleanup_never_removes_what_has_clients(shop: Workspace):
    killed(shop)
    with users(shop, 60) as load:
        # By the same build, and by whoever has forgotten its release.json.
        assert "but this build deployed blue" in shop.fail("cleanup", 8)
        (shop.folder / "release.json").unlink()
        assert "blue is a canary with 25 % of the clients, so it stays" in shop.fail("cleanup", 8)
        assert "is a canary with 25 % of the clients" in by_hand(shop, "cleanup", code=8)
    assert not load.bad
    assert shown(shop)["percent"] == 25  # type: ignore[index]
    assert shop.containers() == [["shop-blue", "shop-green"]] * 2


def test_a_rollback_takes_the_canary_back_and_a_second_one_not_the_live_release(shop: Workspace):
    shop.deploy()
    killed(shop)
    said = by_hand(shop, "rollback")
    assert "ended a canary" in said
    event = json.loads(by_hand(shop, "history", "--json"))["events"][0]
    assert event["result"] == "canary ended"
    assert event["detail"].startswith(f"{shop.release['version']}: rolled back by ")
    assert shown(shop) is None
    assert (shop.get(), shop.containers()) == ((200, "1.0.2"), [["shop-blue"]] * 2)

    said = by_hand(shop, "rollback", code=8)
    assert "was taken back already" in said
    assert shop.get() == (200, "1.0.2")
    first = journal(shop)["entries"][-1]["release"]["version"]
    assert f"--to {first}" in said
    by_hand(shop, "rollback", "--to", first)
    assert shop.get() == (200, "1.0.1")


def test_an_abort_gives_the_clients_back_although_a_server_is_gone(shop: Workspace):
    killed(shop, 60)
    servers = [f"{shop.sandbox.user}@{each.address}" for each in shop.sandbox.servers]
    shop.change_spec(servers=[*servers, f"{shop.sandbox.user}@nowhere.invalid"])
    said = by_hand(shop, "canary", "abort", code=4)
    assert "ended a canary" in said
    assert "nowhere.invalid" in said
    assert shown(shop) is None
    assert with_new(versions(shop, [TESTER] * 20)) == 0
    # When it is back, the rest goes, too.
    shop.change_spec(servers=servers)
    by_hand(shop, "canary", "abort")
    assert shop.containers() == [["shop-green"]] * 2


def test_the_end_of_a_build_that_began_nothing_disturbs_no_other(shop: Workspace):
    """Another job's build was refused, and its Jenkinsfile ends a canary that it never had."""
    deployed(shop)
    shop.extra = {"BUILD_URL": "http://jenkins.test/job/another/9/", "BUILD_NUMBER": "9"}
    shop.succeed("canary abort")
    shop.extra = {}
    assert shop.containers() == [["shop-blue", "shop-green"]] * 2
    shop.succeed("canary step 5", "switch-nginx")
    assert shop.get() == (200, "1.0.2")


def test_one_person_promotes_and_another_aborts_and_users_notice_neither(shop: Workspace):
    for _ in range(TWICE):
        deployed(shop)
        by_hand(shop, "canary", "set", "25")
        with users(shop, 60) as load:
            (promoted, said), (aborted, other) = people(shop, "canary promote --wait 30s", "canary abort")
        print(said, other)  # noqa: T201 - which of the two was first
        assert not load.bad
        assert shown(shop) is None
        latest = f"1.0.{shop.number}"
        assert aborted == 0, other
        if promoted == 0:
            # What is live is not removed, and what was live before is the way back.
            assert with_new(versions(shop, [{}] * 20), latest) == 1
            assert shop.containers() == [["shop-blue", "shop-green"]] * 2
        else:
            assert (promoted, "there is no canary to promote" in said) == (8, True), said
            assert with_new(versions(shop, [{}, TESTER] * 10), latest) == 0


def test_two_who_set_different_percents_leave_one_of_them(shop: Workspace):
    deployed(shop)
    by_hand(shop, "canary", "set", "1")
    done = people(shop, "canary set 10 --wait 30s", "canary set 60 --wait 30s")
    assert [code for code, _ in done] == [0, 0], done
    percent = shown(shop)["percent"]  # type: ignore[index]
    assert percent in (10, 60)
    assert journal(shop)["canary"]["percent"] == percent


def test_a_site_file_that_is_written_anew_leaves_a_canary_as_it_is(shop: Workspace):
    deployed(shop)
    by_hand(shop, "canary", "set", "5")
    shop.change_spec(nginx={"proxy": {"body_size": "21m"}})
    with users(shop, 60) as load:
        assert "install" in by_hand(shop, "canary", "set", "25")
    assert not load.bad
    assert "21m" in as_root(shop.sandbox, shop.sandbox.nginx, "nginx -T 2>/dev/null")
    assert shown(shop)["percent"] == 25  # type: ignore[index]
    assert with_new(versions(shop, [TESTER] * 5)) == 1


def test_a_spec_that_goes_back_to_blue_green_ends_the_canary(shop: Workspace):
    killed(shop)
    text = shop.spec_file.read_text(encoding="utf-8").replace("strategy: canary\n", "")
    before, _, after = text.partition("canary:\n")
    kept = after.splitlines(keepends=True)
    while kept and kept[0].startswith((" ", "-")):
        kept.pop(0)
    shop.spec_file.write_text(before + "".join(kept), encoding="utf-8")
    shop.change_spec(bake="3s")

    shop.build()
    with users(shop, 60) as load:
        assert "ended a canary" in shop.succeed("build-image", "deploy-colour", "switch-nginx")
    assert not load.bad
    assert with_new(versions(shop, [TESTER] * 5), "1.0.3") == 1
    assert "canary" not in as_root(shop.sandbox, shop.sandbox.nginx, f"ls {FOLDER}").split()
