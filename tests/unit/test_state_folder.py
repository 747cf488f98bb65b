"""The script of the state folder, run by this machine's own shell: what holds when many, or broken disks, meet."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from examples import pipeline

from jenkinsgen.deploy.state.history import Event
from jenkinsgen.deploy.state.lease import Holder, Lease
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.errors import CommandFailed, LeaseLost, StateError
from jenkinsgen.nginx.canary import Gate
from jenkinsgen.nginx.scripts import script
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOLDER = Holder("https://ci/job/shop/8/", "jenkins", "agent1", "deploy-colour", None)
LEASE = Lease("0123456789abcdef", HOLDER, 1000)
EVENT = Event(1000, "cleanup", "done", "https://ci/job/shop/8/", "jenkins", "agent1")


@dataclass
class Here:
    """The machine of the test, as a host."""

    says_first: str = ""
    """What a login shell writes before the command's own words."""
    address: str = "192.0.2.10"

    def run(self, argv: Sequence[str], *, stdin: str = "") -> Completed:
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
        return Completed(done.returncode, self.says_first + done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StateFolder:
    monkeypatch.setattr("jenkinsgen.edge.state.folder.flag_folder", lambda _pipeline: str(tmp_path))
    here: Any = Here()
    return StateFolder(here, pipeline())


def held(folder: StateFolder) -> Lease:
    found = folder.read()
    assert found is not None
    assert folder.claim(LEASE, found.lease)
    return LEASE


def test_without_flock_nobody_takes_the_lease_and_the_host_is_named(
    folder: StateFolder, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    tools = tmp_path_factory.mktemp("tools")
    for name in ("sh", "date", "base64", "stat", "sha256sum", "cut", "cat"):
        (tools / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(tools))
    found = folder.read()
    assert found is not None
    with pytest.raises(CommandFailed, match="there is no `flock`"):
        folder.claim(LEASE, found.lease)


def test_of_many_who_claim_at_the_same_moment_one_gets_it(folder: StateFolder):
    found = folder.read()
    assert found is not None
    leases = [replace(LEASE, token=f"{number:016x}") for number in range(20)]
    with ThreadPoolExecutor(len(leases)) as pool:
        got = list(pool.map(lambda lease: folder.claim(lease, found.lease), leases))

    assert got.count(True) == 1
    now = folder.read()
    assert now is not None
    assert now.lease.lease == leases[got.index(True)]


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"", b"[" * 100_000, b'{"token": 1}', b"\r\n"])
def test_a_lease_that_nobody_can_read_is_nobodys(folder: StateFolder, tmp_path: Path, content: bytes):
    (tmp_path / "lease.json").write_bytes(content)
    held(folder)
    folder.renew(LEASE)


def test_the_token_of_a_lease_is_no_pattern_and_no_part_of_another_word(folder: StateFolder):
    found = folder.read()
    assert found is not None
    assert folder.claim(replace(LEASE, holder=replace(HOLDER, build='"token": "x"')), found.lease)
    folder.renew(LEASE)
    for token in ("x", ".*", "", "0123456789abcde", 'x", "token": "y'):
        with pytest.raises(LeaseLost):
            folder.renew(replace(LEASE, token=token))


def test_the_flag_moves_for_the_holder_alone(folder: StateFolder, tmp_path: Path):
    held(folder)
    assert folder.set_flag(LEASE, Colour.BLUE) >= 0
    with pytest.raises(LeaseLost):
        folder.set_flag(replace(LEASE, token="f" * 16), Colour.GREEN)
    assert (tmp_path / "blue").exists()


def test_a_date_without_nanoseconds_is_no_reason_to_take_the_switch_back(
    folder: StateFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    held(folder)
    assert 0 < folder.set_flag(LEASE, Colour.BLUE) < 1000
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "date").write_text("#!/bin/sh\necho 1790000000%N\n")
    (tools / "date").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")

    assert folder.set_flag(LEASE, Colour.GREEN) == 0
    assert not (tmp_path / "blue").exists()


def test_half_a_line_in_the_history_costs_no_other(folder: StateFolder, tmp_path: Path):
    folder.append(EVENT)
    with (tmp_path / "history.jsonl").open("a") as history:
        history.write('{"time": 1001, "what": "dep')
    folder.append(replace(EVENT, time=1002))

    events, damaged = folder.history()
    assert ([event.time for event in events], damaged) == ([1000, 1002], 1)


def test_events_of_many_at_once_are_whole_however_long(folder: StateFolder):
    events = [replace(EVENT, time=number, detail="x" * 20_000) for number in range(20)]
    with ThreadPoolExecutor(len(events)) as pool:
        list(pool.map(folder.append, events))

    found, damaged = folder.history()
    assert (sorted(event.time for event in found), damaged) == (list(range(20)), 0)


def test_what_a_login_shell_says_first_is_left_out(folder: StateFolder):
    held(folder)
    talkative: Any = Here("Welcome!\nLast login: today\n\n")
    found = StateFolder(talkative, pipeline()).read()
    assert found is not None
    assert found.lease.lease == LEASE

    silent: Any = Here()
    silent.run = lambda *_, **__: Completed(0, "This account is closed.\n", "")
    with pytest.raises(CommandFailed, match="This account is closed"):
        StateFolder(silent, pipeline()).read()


def files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "canary").iterdir()}


def test_the_percent_is_one_rename_and_only_grows_by_it(folder: StateFolder, tmp_path: Path):
    held(folder)
    before: set[str] = set()
    for percent in (0, 1, 5, 25, 99):
        assert folder.set_canary(LEASE, Gate(Colour.GREEN, percent)) >= 0
        found = folder.read()
        assert found is not None
        assert found.gate == Gate(Colour.GREEN, percent)
        now = files(tmp_path)
        assert now == {"green", "green-always", *(f"green-{number}" for number in range(1, percent + 1))}
        assert (tmp_path / "canary" / "green").read_text() == f"{percent}\n"
        assert before <= now
        before = now
    folder.set_canary(LEASE, Gate(Colour.GREEN, 5))
    assert "green-6" not in files(tmp_path)
    folder.end_canary(LEASE)
    assert not (tmp_path / "canary").exists()
    folder.end_canary(LEASE)


def test_the_switch_ends_a_canary_and_none_comes_to_life_by_it(folder: StateFolder, tmp_path: Path):
    held(folder)
    folder.set_canary(LEASE, Gate(Colour.GREEN, 25))
    folder.set_flag(LEASE, Colour.BLUE)
    assert not (tmp_path / "canary").exists()
    # Somebody moved the flag by hand and left one for green.
    subprocess.run(["ln", "-s", "canaries/green-25", str(tmp_path / "canary")], check=True)
    folder.set_flag(LEASE, Colour.GREEN)
    assert not (tmp_path / "canary").exists()


def test_only_the_holder_moves_it(folder: StateFolder, tmp_path: Path):
    held(folder)
    folder.set_canary(LEASE, Gate(Colour.GREEN, 5))
    other = replace(LEASE, token="f" * 16)
    with pytest.raises(LeaseLost):
        folder.set_canary(other, Gate(Colour.GREEN, 25))
    with pytest.raises(LeaseLost):
        folder.end_canary(other)
    assert "green-6" not in files(tmp_path)


def test_a_folder_that_nobody_may_enter_is_not_one_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Else the live release would be taken for a first one."""
    monkeypatch.setattr("jenkinsgen.edge.state.folder.flag_folder", lambda _pipeline: str(tmp_path / "shop"))
    here: Any = Here()
    folder = StateFolder(here, pipeline())
    assert folder.read() is None
    (tmp_path / "shop").symlink_to("nowhere")
    with pytest.raises(StateError, match="nobody can tell what was deployed"):
        folder.read()
    (tmp_path / "shop").unlink()
    (tmp_path / "shop").write_text("no folder")
    with pytest.raises(StateError, match="nobody can tell what was deployed"):
        folder.read()


@pytest.mark.slow
def test_files_without_end_are_read_up_to_a_bound(folder: StateFolder, tmp_path: Path):
    (tmp_path / "lease.json").write_bytes(b"x" * 1_000_000)
    (tmp_path / "journal.json").write_bytes(b"x" * 10_000_000)
    (tmp_path / "history.jsonl").write_bytes(b"x" * 40_000_000)
    found = folder.read()
    assert found is not None
    assert found.lease.lease is None
    assert found.journal_damage
    assert folder.history() == ((), 1)
    assert folder.claim(LEASE, found.lease)
    assert held_by(folder) == LEASE


def held_by(folder: StateFolder) -> Lease | None:
    found = folder.read()
    return found.lease.lease if found else None


def test_what_is_no_file_is_not_waited_for(folder: StateFolder, tmp_path: Path):
    for name in ("lease.json", "journal.json", "history.jsonl"):
        os.mkfifo(tmp_path / name)
    found = folder.read()
    assert found is not None
    assert (found.lease.lease, found.lease.checksum, found.journal_damage) == (None, None, "")
    assert folder.history() == ((), 0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Sequence[str]]:
    """What this machine was asked to do, for a service that has no folder yet."""
    monkeypatch.setattr("jenkinsgen.edge.state.folder.flag_folder", lambda _pipeline: str(tmp_path / "home" / "shop"))
    found: list[Sequence[str]] = []
    run = Here.run

    def noted(self: Here, argv: Sequence[str], *, stdin: str = "") -> Completed:
        found.append(argv)
        return run(self, argv, stdin=stdin)

    monkeypatch.setattr(Here, "run", noted)
    return found


def test_what_the_user_may_make_alone_is_made_without_root(asked: list[Sequence[str]], tmp_path: Path):
    (tmp_path / "home").mkdir()
    here: Any = Here()
    StateFolder(here, pipeline()).make()
    assert (tmp_path / "home" / "shop").is_dir()
    assert len(asked) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="what root does")
@pytest.mark.parametrize("open_to", ["the folder", "one above"])
def test_root_makes_no_folder_where_others_could_put_a_link(open_to: str, tmp_path: Path):
    """Else `install -d -o` would give away whatever the link leads to."""
    victim, home, shop = tmp_path / "victim", tmp_path / "home", tmp_path / "home" / "state" / "shop"
    victim.mkdir()
    shop.parent.mkdir(parents=True)
    shop.symlink_to(victim)
    (shop.parent if open_to == "the folder" else home).chmod(0o777)
    give = f'{script("root.sh")}give_folder "$1" nobody'
    done = subprocess.run(["sh", "-euc", give, "sh", str(shop)], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert "has to be root's alone to write" in done.stdout
    (shop.parent if open_to == "the folder" else home).chmod(0o755)
    done = subprocess.run(["sh", "-euc", give, "sh", str(shop)], capture_output=True, text=True, check=False)
    assert (done.returncode, "is a link" in done.stdout) == (8, True)
    assert victim.stat().st_uid == 0
    shop.unlink()
    subprocess.run(["sh", "-euc", give, "sh", str(shop)], check=True)
    assert shop.stat().st_uid == 65534
