"""Any job: written, taken over by Jenkins, saved again; what is read back is what was meant."""

from __future__ import annotations

from fake_jenkins.identity import decoded, transformed
from fake_jenkins.xstream import understood
from hypothesis import given
from hypothesis import strategies as st

from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.model import (
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    Discarder,
    InlineScript,
    Job,
    Multibranch,
    Remote,
    ScriptFromGit,
    StringParameter,
    Submodules,
    Triggers,
)
from jenkinsgen.jobs.plan import Desired, Verdict, plan_job
from jenkinsgen.jobs.proof import prove

# The fake stands in for control characters with these; Jenkins and the code under test do not.
STAND_INS = "".join(map(chr, range(0xE000, 0xE020)))
# Line ends are LF in texts of many lines; a bare CR is kept in values of one line.
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\ufffe\uffff" + STAND_INS))
LINE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff" + STAND_INS), min_size=1
)
NAME = st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True)
NUMBER = st.integers(-1, 1000)
MAYBE_LINE = st.none() | LINE
CRON = st.none() | st.sampled_from(["H 4 * * 1-5", "@daily", "TZ=Europe/Berlin\nH 4 * * *", "H/5 * * * *"])

PARAMETER = st.one_of(
    st.builds(StringParameter, name=NAME, default=LINES, description=LINES, trim=st.booleans()),
    st.builds(BooleanParameter, name=NAME, default=st.booleans(), description=LINES),
    st.builds(ChoiceParameter, name=NAME, choices=st.lists(LINE, min_size=1).map(tuple), description=LINES),
)
SUBMODULES = st.none() | st.builds(Submodules, reference=LINES)
REMOTE = st.builds(Remote, url=LINE, credentials_id=MAYBE_LINE)
PIPELINE = st.one_of(
    st.builds(InlineScript, script=LINES, sandbox=st.booleans()),
    st.builds(
        ScriptFromGit,
        remotes=st.lists(REMOTE, min_size=1, max_size=2).map(tuple),
        branches=st.lists(LINE, min_size=1).map(tuple),
        script_path=LINE,
        lightweight=st.booleans(),
        submodules=SUBMODULES,
    ),
)
BRANCHES = st.builds(
    Multibranch,
    source_id=st.uuids().map(str),
    remote=REMOTE,
    script_path=LINE,
    include=LINE,
    exclude=LINES,
    scan_minutes=st.none() | st.integers(1, 10_000),
    submodules=SUBMODULES,
    orphan_days=NUMBER,
    orphan_builds=NUMBER,
)
JOB = st.builds(
    Job,
    name=st.just("team/shop"),
    definition=PIPELINE,
    description=LINES,
    parameters=st.lists(PARAMETER, unique_by=lambda parameter: parameter.name).map(tuple),
    triggers=st.builds(Triggers, cron=CRON, poll=CRON),
    discarder=st.none()
    | st.builds(Discarder, builds=NUMBER, days=NUMBER, artifact_builds=NUMBER, artifact_days=NUMBER),
    concurrency=st.sampled_from(Concurrency),
    durability=st.sampled_from([None, "PERFORMANCE_OPTIMIZED", "MAX_SURVIVABILITY"]),
)
BRANCHES_JOB = st.builds(Job, name=st.just("team/shop"), definition=BRANCHES, description=LINES)


def desired(job: Job) -> Desired:
    return Desired(job=job, owner="git.test/shop", spec="pipelines/shop.yaml", version="0.1.0")


def posted(config: str) -> str:
    """What GET answers straight after the POST."""
    return transformed(decoded(config.encode()))


@given(JOB | BRANCHES_JOB)
def test_a_new_job_arrives_and_stays_unchanged(job: Job):
    wanted = desired(job)

    read = posted(plan_job(wanted, None).config_to_post())

    assert prove(wanted, read_job(job.name, read)) == ()
    assert prove(wanted, read_job(job.name, understood(read))) == ()
    assert plan_job(wanted, understood(understood(read))).verdict is Verdict.UNCHANGED


@given(JOB, JOB)
def test_any_job_becomes_any_other(before: Job, after: Job):
    there = understood(posted(plan_job(desired(before), None).config_to_post()))
    wanted = desired(after)

    planned = plan_job(wanted, there)
    read = understood(posted(planned.config_to_post()))

    assert (planned.verdict is Verdict.UNCHANGED) == (planned.changes == ())
    assert prove(wanted, read_job(after.name, read)) == ()
    assert plan_job(wanted, read).verdict is Verdict.UNCHANGED
