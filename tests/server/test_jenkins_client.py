"""The client's manners: crumbs, retries, errors in one line, TLS, proxies, settings."""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fake_jenkins import PASSWORD, TOKEN, USER, FakeJenkins

from jenkinsgen.edge.jenkins import client as jenkins_client
from jenkinsgen.edge.jenkins.reason import reason
from jenkinsgen.edge.jenkins.server import JenkinsServer, job_path
from jenkinsgen.edge.jenkins.settings import JenkinsSettings, read_settings
from jenkinsgen.edge.jenkins.workers import WORKERS
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.model import InlineScript, Job
from jenkinsgen.jobs.outcome import Result
from jenkinsgen.jobs.plan import Desired, Verdict
from jenkinsgen.stages.jobs.apply import apply_plans, plan_jobs

if TYPE_CHECKING:
    from pathlib import Path

JOB = "<flow-definition/>"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jenkins_client, "_FIRST_PAUSE", 0.001)
    for name in ("JENKINS_URL", "JENKINS_USER", "JENKINS_TOKEN", "JENKINS_CA_FILE", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def wanted(count: int) -> list[Desired]:
    jobs = [Job(name=f"job {index}", definition=InlineScript(script="pipeline { }")) for index in range(count)]
    return [Desired(job=job, owner="git.test/shop", spec="pipelines/x.yaml", version="0.1.0") for job in jobs]


def apply(settings: JenkinsSettings, desired: list[Desired]) -> list[Result]:
    applied = apply_plans(settings, plan_jobs(settings, desired), taken_over=frozenset())
    return [outcome.result for outcome in applied.outcomes]


def test_200_unchanged_jobs_are_200_gets_and_no_post(fake: FakeJenkins, settings: JenkinsSettings):
    desired = wanted(200)
    assert set(apply(settings, desired)) == {Result.CREATED}
    fake.asked.clear()

    assert set(apply(settings, desired)) == {Result.UNCHANGED}

    assert [method for method, _ in fake.asked] == ["GET"] * 200


def test_with_a_token_no_crumb_is_asked_for(fake: FakeJenkins, settings: JenkinsSettings):
    JenkinsServer(settings).create("a", JOB)

    assert fake.asked == [("POST", "/createItem?name=a")]


def test_with_a_password_one_crumb_serves_until_the_session_ends(fake: FakeJenkins, settings: JenkinsSettings):
    server = JenkinsServer(replace(settings, token=PASSWORD))
    for name in "abc":
        server.create(name, JOB)
    fake.restart()
    server.create("d", JOB)

    crumbs = [path for _, path in fake.asked if path.startswith("/crumbIssuer")]
    assert len(crumbs) == 2
    assert set(fake.root.children) == set("abcd")


@pytest.mark.parametrize("failure", [502, 503, 504, -1])
def test_a_get_is_tried_again(fake: FakeJenkins, settings: JenkinsSettings, failure: int):
    server = JenkinsServer(settings)
    server.create("a", JOB)
    fake.failures = [failure, failure]

    assert server.config("a") is not None


def test_writing_a_configuration_is_tried_again(fake: FakeJenkins, settings: JenkinsSettings):
    server = JenkinsServer(settings)
    server.create("a", JOB)
    fake.failures = [-1, 503]

    server.update("a", "<flow-definition><description>x</description></flow-definition>")

    assert fake.item("a").description == "x"


def test_creating_is_not_tried_again_but_looked_after(fake: FakeJenkins, settings: JenkinsSettings):
    # GETs of the job and of the list for the plan, POST that Jenkins carries out but does not answer.
    fake.failures = [0, 0, -1]

    assert apply(settings, wanted(1)) == [Result.CREATED]
    assert [method for method, _ in fake.asked].count("POST") == 2  # createItem, submitDescription


def test_a_proxy_that_stays_down_is_one_line(fake: FakeJenkins, settings: JenkinsSettings):
    fake.failures = [503] * 9

    with pytest.raises(JenkinsError, match=r"a: cannot be read: no reason given \(HTTP 503\)") as caught:
        JenkinsServer(settings).config("a")
    assert caught.value.hint == "Jenkins or a proxy before it is not ready; try again later"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"token": "wrong"}, r"Unauthorized \(HTTP 401\)"),
        ({"url": "http://127.0.0.1:9/"}, "http://127.0.0.1:9/ cannot be reached"),
    ],
)
def test_who_we_are_and_where_it_is(settings: JenkinsSettings, change: dict[str, str], words: str):
    with pytest.raises(JenkinsError, match=words) as caught:
        plan_jobs(replace(settings, **change), wanted(3))
    assert TOKEN not in str(caught.value)
    assert "<" not in str(caught.value)


def test_no_answer_in_time(fake: FakeJenkins, settings: JenkinsSettings):
    with fake.lock, pytest.raises(JenkinsError, match="no answer in time"):
        JenkinsServer(replace(settings, timeout=0.05)).config("a")


def test_what_jenkins_says_in_a_header_is_told(fake: FakeJenkins, settings: JenkinsSettings):
    server = JenkinsServer(settings)

    with pytest.raises(JenkinsError, match=r"a\?b: cannot be created: \?  ?is an unsafe character \(HTTP 400\)"):
        server.create("a?b", JOB)
    with pytest.raises(JenkinsError, match=r"bad: cannot be created: no reason given \(HTTP 500\)"):
        server.create("bad", "<oops>")
    assert fake.root.children == {}


def test_one_unreadable_job_does_not_stop_the_others(fake: FakeJenkins, settings: JenkinsSettings):
    # All three exist, or the list of the folder would tell that they do not.
    for each in wanted(3):
        JenkinsServer(settings).create(each.job.name, JOB)
    fake.failures = [0, 500]

    plans = plan_jobs(settings, wanted(3))

    assert sorted(plan.verdict for plan in plans) == [Verdict.NOT_OURS, Verdict.NOT_OURS, Verdict.FAILED]


def test_a_job_at_the_root_is_found_in_the_list_whatever_its_case(settings: JenkinsSettings):
    """The first one is not there, so that the list of the root tells of the others."""
    JenkinsServer(settings).create("job 1", JOB)
    desired = [replace(each, job=replace(each.job, name=each.job.name.upper())) for each in wanted(3)]

    plans = plan_jobs(settings, desired)

    assert [plan.verdict for plan in plans] == [Verdict.CREATE, Verdict.NOT_OURS, Verdict.CREATE]


def test_a_folder_that_is_a_job(fake: FakeJenkins, settings: JenkinsSettings):
    server = JenkinsServer(settings)
    server.create("team", JOB)

    with pytest.raises(JenkinsError, match="folder team: a job of that name is there: it is a WorkflowJob"):
        server.ensure_folder("team")
    assert fake.item("team").kind == "flow-definition"


@pytest.mark.parametrize("name", ["a b", "Bücher – 書店 🚀", "quote ' comma, (paren) + plus = ~ .dot"])  # noqa: RUF001
def test_names(settings: JenkinsSettings, name: str):
    server = JenkinsServer(settings)
    server.ensure_folder(name)
    full = f"{name}/{name}"
    server.create(full, JOB)
    server.update(full, JOB)
    assert "<description>x</description>" in str(server.config_in_force(full, "x"))

    assert [entry.name for entry in server.children(name)] == [full]
    assert not server.is_busy(full)
    server.delete(full)
    assert server.config(full) is None


def test_a_path_never_leaves_its_place():
    assert job_path("a/../b?c#d%") == "job/a/job/../job/b%3Fc%23d%25/"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake jenkins")])
    now = dt.datetime.now(dt.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "jenkins.pem"
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("switched_off", ["1", "0"])
def test_tls_is_always_verified(certificate: Path, monkeypatch: pytest.MonkeyPatch, switched_off: str):
    monkeypatch.setenv("PYTHONHTTPSVERIFY", switched_off)
    with FakeJenkins(certificate=certificate) as fake:
        settings = JenkinsSettings(url=f"{fake.url}/", user=USER, token=TOKEN)
        with pytest.raises(JenkinsError, match=r"certificate of .* cannot be verified"):
            JenkinsServer(settings).config("a")

        assert JenkinsServer(replace(settings, ca_file=str(certificate))).config("a") is None


@pytest.mark.parametrize(
    ("host", "tls", "words", "advice"),
    [
        (
            "localhost",
            True,
            "certificate of .* cannot be verified .*Hostname mismatch",
            "a name that the certificate has",
        ),
        ("127.0.0.1", False, "no TLS connection to", "JENKINS_URL may have to say http"),
    ],
)
def test_a_fault_of_tls_is_told_by_its_cause(certificate: Path, host: str, tls: bool, words: str, advice: str):
    with FakeJenkins(certificate=certificate if tls else None) as fake:
        url = f"https://{host}:{fake.url.rpartition(':')[2]}/"
        settings = JenkinsSettings(url=url, user=USER, token=TOKEN, ca_file=str(certificate))
        with pytest.raises(JenkinsError, match=words) as caught:
            JenkinsServer(settings).config("a")
    assert advice in (caught.value.hint or "")


def test_a_proxy_that_refuses_is_told_as_one(settings: JenkinsSettings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    with pytest.raises(
        JenkinsError, match=r"the proxy before https://jenkins\.invalid/ does not let us through"
    ) as caught:
        JenkinsServer(replace(settings, url="https://jenkins.invalid/")).config("a")
    assert "check https_proxy" in (caught.value.hint or "")


def test_a_job_that_is_hidden_is_not_just_a_failure(fake: FakeJenkins, settings: JenkinsSettings):
    server = JenkinsServer(settings)
    server.create("a", JOB)

    with pytest.raises(JenkinsError, match="already exists") as caught:
        server.create("a", JOB)
    assert "may be hidden from user admin" in (caught.value.hint or "")
    assert fake.item("a")


@pytest.mark.parametrize(
    "url", ["http://[", "http://host:99999/", "http://host:0/", "https://host/?x", "https://host/#x"]
)
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(JenkinsError, match="the URL of the Jenkins server"):
        settings_of(url=url, JENKINS_USER="bot", JENKINS_TOKEN=TOKEN)


def test_a_file_of_settings_in_another_encoding_is_named(tmp_path: Path):
    file = tmp_path / "jenkins.ini"
    file.write_bytes("[jenkins]\nuser = Jürgen\n".encode("latin-1"))
    file.chmod(0o600)

    with pytest.raises(JenkinsError, match=f"{file}: is not an INI file"):
        settings_of(file)


def test_a_proxy_is_used(fake: FakeJenkins, settings: JenkinsSettings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", fake.url)
    JenkinsServer(settings).create("a", JOB)

    assert JenkinsServer(replace(settings, url="http://jenkins.invalid/")).config("a") is not None
    assert fake.asked[-1] == ("GET", "http://jenkins.invalid/job/a/config.xml")


def test_extra_headers_are_sent_and_not_logged(
    fake: FakeJenkins, settings: JenkinsSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("JENKINS_API_EXTRA_HEADERS", "X-Pass: very-secret\n")
    with caplog.at_level(logging.DEBUG):
        server = JenkinsServer(settings)

    assert server.client._session.headers["X-Pass"] == "very-secret"
    assert "very-secret" not in caplog.text
    assert fake.asked == []


def test_a_get_that_redirects_is_an_error_not_a_login_page():
    assert reason(302, {"Location": "https://sso.test/"}, "") == "redirected to https://sso.test/"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html><title>Error 400 Nothing is submitted</title>", "Nothing is submitted"),
        ("<title>Jenkins - Jenkins</title><p>Logging ID=8e3685f5-36d4", "no reason given (see Jenkins' log: "),
        ("plain text\nin lines", "plain text in lines"),
        ("<HTML><HEAD><TITLE>502 Bad Gateway</TITLE>", "502 Bad Gateway"),
        ("<title>no end", "no reason given"),
        ("<html><body>" + "x" * 999, "no reason given"),
        ("Authentication required", "not logged in"),
        ("", "no reason given"),
    ],
)
def test_reasons(body: str, words: str):
    assert reason(500, {}, body).startswith(words)


def settings_of(file: Path | None = None, url: str | None = None, **environment: str) -> JenkinsSettings:
    return read_settings(url=url, user=None, ca_file=None, file=file, environment=environment)


def test_settings_come_from_options_then_the_environment_then_the_file(tmp_path: Path):
    file = tmp_path / "jenkins.ini"
    file.write_text("[jenkins]\nurl = https://file.test\nuser = filed\ntoken = 50%25\n")
    file.chmod(0o600)

    assert settings_of(file).url == "https://file.test/"
    assert settings_of(file).token == "50%25"
    assert settings_of(file, JENKINS_URL="https://env.test").url == "https://env.test/"
    assert (
        settings_of(file, url="https://option.test/j/", JENKINS_URL="https://env.test").url == "https://option.test/j/"
    )
    assert "50%25" not in repr(settings_of(file))


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("[jenkins]\ntoken = x\n", 0o640, "other users may read it"),
        ("token: my-secret-token", 0o600, "is not an INI file"),
        ("[jenkins]\nurl = https://x\n", 0o600, "user and token are not known"),
        ("[jenkins]\nurl = https://me:pw@x\nuser = a\ntoken = b\n", 0o600, "holds a user or a password"),
        ("[jenkins]\nurl = jenkins.test\nuser = a\ntoken = b\n", 0o600, "must begin with https"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, text: str, mode: int, words: str):
    file = tmp_path / "jenkins.ini"
    file.write_text(text)
    file.chmod(mode)

    with pytest.raises(JenkinsError, match=words) as caught:
        settings_of(file)
    assert "my-secret-token" not in str(caught.value)


def test_a_file_that_was_named_must_be_there(tmp_path: Path):
    with pytest.raises(JenkinsError, match="No such file"):
        settings_of(tmp_path / "none.ini")


@pytest.mark.parametrize(("at_once", "methods"), [(False, ["POST", "GET", "POST", "GET"]), (True, ["POST", "GET"])])
def test_only_an_older_jenkins_is_made_to_save(at_once: bool, methods: list[str]):
    with FakeJenkins(understands_at_once=at_once) as fake:
        settings = JenkinsSettings(url=f"{fake.url}/", user=USER, token=TOKEN)
        assert apply(settings, wanted(1)) == [Result.CREATED]

    # No page of HTML is fetched after a redirect.
    assert [method for method, _ in fake.asked[2:]] == methods


def test_creating_200_jobs_takes_three_requests_each(fake: FakeJenkins, settings: JenkinsSettings):
    assert set(apply(settings, wanted(200))) == {Result.CREATED}

    # A few more: each worker's first job tells whether Jenkins must be made to save.
    assert len(fake.asked) <= 3 * 200 + 2 + WORKERS


def test_a_redirect_is_told_and_not_followed(fake: FakeJenkins, settings: JenkinsSettings):
    fake.failures = [302]

    with pytest.raises(JenkinsError, match="redirected to nowhere") as caught:
        JenkinsServer(settings).config("a")
    assert "a login page is not supported" in (caught.value.hint or "")


def test_another_server_is_not_a_jenkins_without_jobs(fake: FakeJenkins, settings: JenkinsSettings):
    fake.failures = [404]

    with pytest.raises(JenkinsError, match="no Jenkins answers at this address") as caught:
        plan_jobs(settings, wanted(1))
    assert "/jenkins" in (caught.value.hint or "")


def test_deleting_is_tried_again_and_what_is_gone_is_gone(fake: FakeJenkins, settings: JenkinsSettings):
    server = JenkinsServer(settings)
    server.create("a", JOB)
    fake.failures = [-1]

    server.delete("a")

    assert [method for method, _ in fake.asked] == ["POST", "POST", "POST"]
    assert fake.root.children == {}


def test_a_configuration_is_utf_8_and_never_guessed(settings: JenkinsSettings):
    server = JenkinsServer(settings)
    server.create("a", JOB)

    answer = server.client.jenkins_request(requests.Request("GET", f"{server.url}job/a/config.xml"))

    assert "charset" not in answer.headers["Content-Type"]
    assert answer.encoding == "utf-8"
