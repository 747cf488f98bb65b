"""NGINX behind a load balancer: what the site file says, and what a spec may not say."""

from __future__ import annotations

import pytest
from examples import pipeline
from pydantic import ValidationError

from jenkinsgen.nginx.passed_on import passed_on
from jenkinsgen.nginx.site import render_site, upstreams_of

BEHIND = "nginx: {trusted_proxies: [10.0.0.0/8, 192.0.2.7, 127.0.0.1]}"


def site(changes: str) -> str:
    spec = pipeline(changes)
    return render_site(spec, upstreams_of(spec)).text


def test_only_the_trusted_proxies_say_who_a_client_is_and_how_it_came():
    text = site(BEHIND)
    for network in ("10.0.0.0/8", "192.0.2.7/32", "127.0.0.1/32"):
        assert f"    set_real_ip_from {network};" in text
    assert "    real_ip_header X-Forwarded-For;\n    real_ip_recursive on;" in text
    assert "    10.0.0.0/8 proxy;\n    192.0.2.7/32 proxy;\n    127.0.0.0/8 itself;" in text
    assert "proxy_set_header X-Forwarded-Proto $shop_scheme;" in text
    # A look at the connection, which no header changes.
    assert "geo $realip_remote_addr $shop_from" in text


def test_another_header_may_name_the_client():
    assert "real_ip_header CF-Connecting-IP;" in site(
        "nginx: {trusted_proxies: [192.0.2.0/24], trusted_header: CF-Connecting-IP}"
    )


def test_a_spec_without_proxies_says_nothing_of_them():
    text = site("")
    assert "real_ip" not in text
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in text


def test_health_is_asked_as_users_come():
    assert passed_on(pipeline(BEHIND))["X-Forwarded-Proto"] == "https"
    assert passed_on(pipeline())["X-Forwarded-Proto"] == "http"


@pytest.mark.parametrize(
    ("nginx", "said"),
    [
        ("{trusted_proxies: [0.0.0.0/0]}", "is everybody"),
        ("{trusted_proxies: ['::/0']}", "is everybody"),
        ("{trusted_proxies: [10.0.0.1/8]}", "has host bits set"),
        ("{trusted_proxies: ['10.0.0.0/8; deny all']}", "is no address and no network"),
        ("{trusted_proxies: [10.0.0.0/8, 10.0.0.0/8]}", "has a network twice"),
        ("{trusted_header: X-Real-IP}", "says nothing without `trusted_proxies`"),
        ("{trusted_proxies: [10.0.0.0/8], trusted_header: 'X; deny all'}", "the name of a header"),
        (
            "{trusted_proxies: [10.0.0.0/8], mode: reload, site: /s, prepared: {green: /g, blue: /b}}",
            "says nothing in mode reload",
        ),
    ],
)
def test_what_would_trust_everybody_or_mean_nothing_is_refused(nginx: str, said: str):
    with pytest.raises(ValidationError, match=said):
        pipeline(f"nginx: {nginx}")
