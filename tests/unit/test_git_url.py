"""No secret, no option and no program is in the URL of a repository."""

from __future__ import annotations

import pytest
from examples import pipeline
from pydantic import ValidationError

from jenkinsgen.spec.git_url import check_git_url, without_login
from jenkinsgen.spec.guard import Prometheus
from jenkinsgen.spec.source import Image


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/shop/shop.git",
        "https://git.example.com:8443/shop.git",
        "http://git.example.com/shop.git",
        "https://dev.example.com/org/My%20Project/_git/shop",
        "https://git.example.com/~who/shop@2.git",
        "ssh://git@git.example.com:7999/shop.git",
        "ssh://git.example.com/shop.git",
        "ssh://git@[2001:db8::11]/shop.git",
        "git@git.example.com:shop/shop.git",
        "git.example.com:shop.git",
        "git://git.example.com/shop.git",
        "file:///srv/git/shop.git",
        "/srv/git/shop.git",
    ],
)
def test_the_urls_of_git_are_taken(url: str):
    assert pipeline(f"source: {{repository: '{url}'}}").source.repository == url
    assert without_login(url) == url


SECRET = "ghp_0123456789abcdef"


@pytest.mark.parametrize(
    "url",
    [
        f"https://{SECRET}@git.example.com/shop.git",
        f"HTTPS://u:{SECRET}@git.example.com/shop.git",
        f"https://u:{SECRET}@git.example.com/shop.git",
        f"https://:{SECRET}@git.example.com/shop.git",
        f"https://u:{SECRET}%40@git.example.com/shop.git",
        f"https://a@b:{SECRET}@git.example.com/shop.git",
        f"https://git.example.com/shop.git?access_token={SECRET}",
        f"https://git.example.com/shop.git?private_token={SECRET}#x",
        f"https://git.example.com/shop.git#{SECRET}",
        f"ssh://git:{SECRET}@git.example.com/shop.git",
        f"git://{SECRET}@git.example.com/shop.git",
        f"ftp://u:{SECRET}@git.example.com/shop.git",
        f"git+https://{SECRET}@git.example.com/shop.git",
        f"file://{SECRET}@git.example.com/shop.git",
        f"https:/{SECRET}@git.example.com/shop.git",
        f"//{SECRET}@git.example.com:/x",
        f" https://{SECRET}@git.example.com/shop.git",
        f"https://{SECRET}\\@git.example.com/shop.git",
        f"https://[{SECRET}/shop.git",
    ],
)
def test_a_token_in_the_url_of_a_repository_is_refused_and_never_said(url: str):
    with pytest.raises(ValidationError) as caught:
        pipeline(f"source: {{repository: '{url}'}}")
    assert SECRET not in caught.value.errors()[0]["msg"]
    assert SECRET not in (without_login(url) or "")


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c evil",
        "ext::sh",
        "fd::17/x",
        "--upload-pack=evil",
        "-oProxyCommand=evil:x",
        "ssh://-oProxyCommand=evil/x",
        "ssh://-oProxyCommand@git.example.com/x",
        "ssh://git@-oProxyCommand=evil/x",
        "git@-oProxyCommand=evil:x",
        "git@git.example.com:-x",
        "git@git.example.com::x",
        "https://",
        "https:///shop.git",
        "https://git.example.com:port/shop.git",
        "file://git.example.com/shop.git",
        "shop.git",
        "git.example.com/shop.git",
        "https://git.example.com/shop\u202e.git",
        "https://git.example.com/a b",
    ],
)
def test_what_git_would_run_or_misread_is_refused(url: str):
    with pytest.raises(ValueError, match=r"git|URL|host|blank|none of"):
        check_git_url(url)


def test_a_login_is_taken_out_of_what_git_has():
    assert without_login("https://u:secret@git.example.com/shop.git") == "https://git.example.com/shop.git"
    assert without_login("HTTPS://secret@git.example.com/shop.git?token=x") == "https://git.example.com/shop.git"
    assert without_login("ext::sh -c evil") is None
    assert without_login("") is None


@pytest.mark.parametrize("url", [f"https://{SECRET}@m.example.com", f"https://m.example.com/?token={SECRET}"])
def test_other_urls_of_a_spec_hold_no_token_either(url: str):
    with pytest.raises(ValidationError, match="without user, query"):
        Prometheus(url=url, query="up", at_most=1)
    with pytest.raises(ValidationError, match="without a tag"):
        Image(repository=url.removeprefix("https://"))
