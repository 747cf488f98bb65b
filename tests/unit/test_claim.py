"""Taking the lease while clocks and holders misbehave; the folder is in memory, its clock is the test's."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from in_memory.clock import QuickClock

from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.state.lease import FoundLease, Holder, Lease, dump_lease, given_back
from jenkinsgen.edge.jenkins.life import build_ended
from jenkinsgen.edge.state.folder import Found
from jenkinsgen.errors import LeaseHeld, StateError
from jenkinsgen.report import Report
from jenkinsgen.stages.context.claim import claim

OTHER = Holder("https://ci/job/shop/7/", "jenkins", "agent1", "deploy-colour", None)
ME = Holder("https://ci/job/shop/8/", "jenkins", "agent2", "build-image", None)


@dataclass
class Folder:
    """As edge/state/folders.py's, with a lease whose age the test decides."""

    ages: list[int]
    """What each look finds; the last one stays."""
    lease: Lease | None = field(default_factory=lambda: Lease("token", OTHER, 0))
    exists: bool = True
    path: str = "/var/lib/jenkinsgen/shop"
    stuck: bool = False
    made: int = 0
    looks: int = 0
    copies: tuple[FoundLease | None, ...] = ()

    def read(self) -> Found | None:
        if not self.exists:
            return None
        self.looks += 1
        age = self.ages.pop(0) if len(self.ages) > 1 else self.ages[0]
        return Found(1000, FoundLease(self.lease, age, self.checksum), Journal(), copies=self.copies)

    @property
    def checksum(self) -> str | None:
        return dump_lease(self.lease) if self.lease else None

    def claim(self, lease: Lease, found: Found) -> bool:
        assert found.lease.checksum == self.checksum
        if self.stuck:
            return False
        self.lease = lease
        return True

    def make(self) -> None:
        self.made += 1


def take(folder: Any, wait: float = 0.0) -> str:
    outside = SimpleNamespace(dead_because=lambda _: None)
    session: Any = SimpleNamespace(state=folder, clock=QuickClock(), report=Report(), outside=outside)
    lease, _, was_dead = claim(session, ME, wait=wait, urgent=False)
    assert lease.holder == ME
    return was_dead


def test_a_lease_from_the_future_is_waited_out_by_watching_it():
    """The clock of the NGINX host was set back: its age never gets old enough, so it is the watching that counts."""
    folder = Folder([-5000])

    assert "it was not renewed while this build watched it" in take(folder)
    assert folder.looks > 5


def test_a_holder_that_renews_it_is_alive_whatever_its_age():
    # The age falls: somebody has touched it.
    with pytest.raises(LeaseHeld, match="another deployment is under way"):
        take(Folder([-5000, -4999, -5001, -5001]))


def test_a_waiting_build_gets_it_when_it_was_given_back():
    folder = Folder([0, 0])
    looks = 0
    read = folder.read

    def given_back_after_a_while() -> Found | None:
        nonlocal looks
        looks += 1
        if looks == 5:
            folder.lease = None
        return read()

    folder.read = given_back_after_a_while  # type: ignore[method-assign]

    assert take(folder, wait=10) == ""


def test_a_folder_that_cannot_be_entered_after_it_was_made_is_no_loop():
    folder = Folder([0], exists=False)

    with pytest.raises(StateError, match="was made, but it cannot be entered"):
        take(folder)
    assert folder.made == 1


@pytest.mark.parametrize(
    "url", ["https://jenkins.example.com.evil.org/job/shop/7/", "https://evil.org/job/shop/7/", "root@agent1:/home"]
)
def test_a_token_goes_to_its_own_server_alone(url: str, monkeypatch: pytest.MonkeyPatch):
    def asked(*_: object, **__: object) -> None:
        pytest.fail("the token was sent")

    monkeypatch.setattr("requests.get", asked)
    environment = {"JENKINS_URL": "https://jenkins.example.com", "JENKINS_USER": "u", "JENKINS_TOKEN": "t"}

    assert build_ended(url, environment) is None
    assert build_ended(url, {**environment, "JENKINS_URL": ""}) is None


def test_a_lease_that_cannot_be_replaced_is_no_loop():
    folder = Folder([0], lease=None, stuck=True)

    with pytest.raises(StateError, match="cannot be replaced, although nobody holds it"):
        take(folder)
    assert folder.looks < 10


def test_a_copy_that_cannot_be_replaced_is_no_loop():
    """Each time the lease itself is taken, and given back: so each look finds another one."""
    folder = Folder([0], lease=None)

    def refused_on_another_host(lease: Lease, _: Found) -> bool:
        assert folder.looks < 10
        folder.lease = given_back(lease)
        return False

    folder.claim = refused_on_another_host  # type: ignore[method-assign]
    with pytest.raises(StateError, match="cannot be replaced, although nobody holds it"):
        take(folder)


def test_a_lease_on_another_host_is_one_of_another_spec():
    held = FoundLease(Lease("theirs", OTHER, 100), 0, "sum")

    with pytest.raises(LeaseHeld, match=r"under way through one of nginx\.others") as caught:
        take(Folder([0], lease=None, copies=(None, held)))
    assert "another nginx.host" in str(caught.value.hint)


@pytest.mark.parametrize(
    "copy",
    [
        FoundLease(Lease("mine", None, 100), 3, "sum"),
        FoundLease(Lease("mine", ME, 100), 3, "sum"),
        FoundLease(Lease("theirs", OTHER, 100), 31, "sum"),
        FoundLease(None, 0, "damaged"),
    ],
)
def test_a_copy_is_nobodys_lease(copy: FoundLease):
    assert take(Folder([0], lease=None, copies=(copy,))) == ""
