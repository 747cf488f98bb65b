"""The journal of a service on its NGINX host: what has been live, and what is under way. The next build reads it.

It never says which colour is live: NGINX is asked for that. It says what the live release was made of, so that an
older one can come back, and what a killed build was doing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from jenkinsgen.deploy.bounds import Moment, Percent, read_count
from jenkinsgen.deploy.observed import BUILD_URL, DIGEST, GIT_SHA
from jenkinsgen.deploy.release import Release, coloured_repository, job_of
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.release import Build
    from jenkinsgen.spec.pipeline import Pipeline

# Far more than anybody goes back, and a file of a few kilobytes.
KEPT = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """A release that was live."""

    release: Release
    since: Moment
    """When it last became live: seconds since 1970, by the clock of the NGINX host."""
    taken_back: str = ""
    """Why it was rolled back; empty when it was not."""
    baseline: dict[str, float] | None = None
    """How the release before it did, by which this one is judged (deploy/guard/judgement.py)."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A stage that has begun and not ended."""

    stage: str
    build: str
    version: str
    colour: str
    began: Moment


@dataclass(frozen=True, slots=True)
class Canary:
    """A release that has, or had, some of the clients and was never live. NGINX says whether it still has them."""

    release: Release
    percent: Percent
    """The percent that its last step set; 0 when it was taken back."""
    build: str
    """The build that owns it: BUILD_URL; outside of Jenkins USER@HOST:FOLDER."""
    since: Moment
    """When that percent was set: seconds since 1970, by the clock of the NGINX host."""
    baseline: dict[str, float]
    """How the live release did before its first step (deploy/guard/judgement.py)."""


@dataclass(frozen=True, slots=True)
class Journal:
    """`entries` by when they were first live, the newest first; each version once."""

    entries: tuple[Entry, ...] = ()
    live: str = ""
    """The version that was made live last."""
    under_way: UnderWay | None = None
    canary: Canary | None = None
    """The last one, until another release is live or becomes a canary."""

    def entry(self, version: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.release.version == version), None)

    def had_clients(self, version: str) -> bool:
        """Was it live, or the last canary?"""
        was_canary = self.canary is not None and self.canary.release.version == version
        return was_canary or self.entry(version) is not None

    def before(self, version: str) -> Entry | None:
        """The release that one goes back to: the newest one that is older and was not itself taken back."""
        versions = [entry.release.version for entry in self.entries]
        older = self.entries[versions.index(version) + 1 :] if version in versions else self.entries
        return next((entry for entry in older if not entry.taken_back and entry.release.version != version), None)

    def after(self, version: str) -> Entry | None:
        """The release that was first live right after that one."""
        versions = [entry.release.version for entry in self.entries]
        at = versions.index(version) if version in versions else 0
        return self.entries[at - 1] if at else None

    def kept(self, count: int) -> frozenset[str]:
        """The versions of the newest `count` releases that one could go back to, the live one apart."""
        good = [e.release.version for e in self.entries if not e.taken_back and e.release.version != self.live]
        return frozenset(good[:count])


def first_colour(journal: Journal) -> Colour:
    """The colour of a release when NGINX says that nothing is live: green for the very first one.

    NGINX may know nothing of a service that was deployed before: its file was moved and renamed, or the team has just
    left mode reload. Then what the journal has as live may still get traffic, from a file that was not asked.
    """
    last = journal.entry(journal.live)
    return Colour.GREEN if last is None else last.release.colour.other


def became_live(journal: Journal, release: Release, now: int, baseline: dict[str, float] | None = None) -> Journal:
    """A release got the traffic."""
    known = journal.entry(release.version)
    if known is None:
        entries = (Entry(release, now, baseline=baseline), *journal.entries)[:KEPT]
    else:
        again = replace(known, release=release, since=now, taken_back="", baseline=baseline)
        entries = tuple(again if entry is known else entry for entry in journal.entries)
    return replace(journal, entries=entries, live=release.version, canary=None)


def was_left(journal: Journal, version: str, to: str, why: str) -> Journal:
    """The traffic went from this version `to` another one; it was taken back unless that one is newer."""
    versions = [entry.release.version for entry in journal.entries]
    if version in versions and to in versions and versions.index(to) < versions.index(version):
        return journal
    entries = tuple(
        replace(entry, taken_back=why) if entry.release.version == version else entry for entry in journal.entries
    )
    return replace(journal, entries=entries)


def release_of(container: Container, pipeline: Pipeline, colour: Colour) -> Release:
    """The release of a container of ours, by its labels."""
    labels = container.labels
    # When its name is gone from the engine, there is an id instead.
    repository, at, _ = container.image.partition("@")
    version = container.version or ""
    number = version.rpartition("-")[2]
    return Release(
        service=pipeline.service.name,
        colour=colour,
        version=version,
        # The image may have been built for the other colour, after a rollback to it.
        repository=repository if at else coloured_repository(pipeline, colour),
        digest=labels.get(DIGEST, ""),
        git_sha=labels.get(GIT_SHA, ""),
        build_number=read_count(number) or 0,
        build_url=labels.get(BUILD_URL, ""),
    )


def refuse_older(journal: Journal, build: Build | None) -> None:
    """May this build go on, or has a newer build of the same job been live? Raises StateError."""
    if build is None or not build.url:
        return
    job = job_of(build.url)
    of_job = (entry.release for entry in journal.entries if entry.release.build_url)
    # The last release alone counts: a person may have insisted on it, because the job was made anew and counts from 1.
    last = next((release for release in of_job if job_of(release.build_url) == job), None)
    if last is not None and last.build_number > build.number:
        raise StateError(
            f"build {last.build_number} of {job} has been deployed already ({last.version}); "
            f"this is build {build.number}, which is older",
            hint="build again; or insist, once, where the job was made anew and counts from 1: --allow-older (or "
            "JENKINSGEN_ALLOW_OLDER=1); "
            "to go back to an older release: jenkinsgen rollback",
        )


def dump_journal(journal: Journal) -> str:
    return json.dumps(asdict(journal), indent=2) + "\n"


def parse_journal(text: str) -> Journal:
    """Raises ValueError when it is damaged, or edited to something else."""
    try:
        return _FORM.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from error


_FORM = TypeAdapter(Journal)
