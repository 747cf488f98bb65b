"""Who runs this, and where is home: also where a container was given a number instead of a user."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest
import sshd
from examples import MINIMAL
from sshd import FakeSshd

from jenkinsgen.edge import agent
from jenkinsgen.edge.ssh.host import connect
from jenkinsgen.errors import StateError
from jenkinsgen.spec.values import HostAddress
from jenkinsgen.surroundings import expanded, here, home, user, user_name

NOBODYS = ("LOGNAME", "USER", "LNAME", "USERNAME", "HOME")


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - made before
    """A uid without an entry, and an environment that says nothing: `docker run --user 54321`."""
    for name in NOBODYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)


@pytest.mark.usefixtures("nobody")
def test_a_uid_without_an_entry_has_a_name_to_show_and_a_home():
    assert user_name() is None
    assert user() == "uid-54321"
    assert home() == Path("/")
    assert agent.holder("deploy-colour", None).user == "uid-54321"


@pytest.mark.usefixtures("nobody")
def test_a_uid_without_an_entry_logs_in_as_whom_the_spec_names(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.echo) as server:
        connect(server.address, server.login).close()
        with pytest.raises(StateError, match="nobody says as whom to log in") as refused:
            connect(HostAddress("127.0.0.1", None, server.port), server.login)
        assert server.seen == 1
    assert "USER@HOST" in (refused.value.hint or "")


@pytest.mark.parametrize("value", ["", "relative/home", "~"])
def test_a_home_that_is_no_path_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("HOME", value)
    assert home() == Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert expanded("~/.ssh/known_hosts") == home() / ".ssh/known_hosts"


def test_the_home_of_another_user_is_asked_of_the_system(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/srv/ci")
    assert expanded("~") == Path("/srv/ci")
    assert expanded("~root/x") == Path(pwd.getpwnam("root").pw_dir) / "x"
    assert expanded("a/~/b") == Path("a/~/b")
    for path in ("~no.such.user/x", "~no.such.user", "~\0/x"):
        with pytest.raises(StateError, match="this machine knows no user"):
            expanded(path)


def test_a_folder_that_was_removed_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(StateError, match="the folder that this runs in has been removed"):
        here()


def test_nothing_else_asks_the_system_who_it_is():
    """`getpass.getuser` and `Path.home` raise where a uid has no entry."""
    package = Path(__file__).parents[2] / "jenkinsgen"
    asking = ("getpass", ".expanduser(", "Path.home(", "getpwuid(", "Path.cwd(", "os.getcwd(", "os.getlogin(")
    found = {
        f"{path.relative_to(package)}: {word}"
        for path in package.rglob("*.py")
        for word in asking
        if word in path.read_text(encoding="utf-8") and path.name != "surroundings.py"
    }
    assert found == set()


AS_NOBODY = """
import os, sys
os.getuid = lambda: 54321
from jenkinsgen.cli import main
sys.argv = ["jenkinsgen", "lock", "show", "shop.yaml"]
main()
"""


@pytest.mark.slow
def test_a_command_of_a_uid_without_an_entry_ends_with_an_error_of_its_own(tmp_path: Path):
    (tmp_path / "shop.yaml").write_text(MINIMAL.replace("deploy@192.0.2.10", "127.0.0.1:1"))
    environment = {name: value for name, value in os.environ.items() if name not in NOBODYS}
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "127.0.0.1:1: nobody says as whom to log in" in done.stderr
    assert done.returncode == 8
