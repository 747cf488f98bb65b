"""Two specs that would replace each other's releases are told with both places; those that may share are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from checkout import SPEC, Checkout
from examples import laid_over

from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.together import conflicts

A, B = "pipelines/a.yaml", "pipelines/b.yaml"
# Nothing in common with the first but the kind of everything.
OTHER = """
job: {name: other}
service: {name: other, ports: {green: 9080, blue: 9081}}
servers: [deploy@192.0.2.21]
nginx: {host: deploy@192.0.2.20, server_name: other.example.com}
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.chdir(tmp_path)
    return Checkout(tmp_path)


def said(checkout: Checkout, second: str, first: str = "") -> list[str]:
    """What is told of the usual spec with `first`, and of another one with `second`, laid over them."""
    base = laid_over(yaml.safe_load(SPEC), yaml.safe_load(first) or {})
    checkout.write(A, yaml.safe_dump(base, sort_keys=False))
    other = laid_over(laid_over(yaml.safe_load(SPEC), yaml.safe_load(OTHER)), yaml.safe_load(second) or {})
    checkout.write(B, yaml.safe_dump(other, sort_keys=False))
    return [each.message for each in conflicts([load_spec(A), load_spec(B)])]


@pytest.mark.parametrize(
    ("second", "key", "reason"),
    [
        (
            "{service: {name: shop}, nginx: {host: root@192.0.2.10}}",
            "service.name",
            "has the service shop behind 192.0.2.10, too; they would replace each other's releases",
        ),
        (
            "{service: {name: shop}, nginx: {others: [deploy@192.0.2.10]}}",
            "service.name",
            "has the service shop behind 192.0.2.10, too",
        ),
        (
            "{service: {name: shop}, servers: [deploy@192.0.2.12]}",
            "service.name",
            "has the service shop on 192.0.2.12, too; their containers have the same names",
        ),
        (
            "{service: {ports: {green: 8081, blue: 8082}}, servers: [root@192.0.2.12]}",
            "service.ports.green",
            "has port 8081 of 192.0.2.12, too; only one of them can have it",
        ),
        (
            (
                "{service: {ports: {green: 8082, blue: 8080}}, servers: [{ssh: d@bastion:2201, address: 192.0.2.11}], "
                "nginx: {host: d@192.0.2.10}}"
            ),
            "service.ports.blue",
            "has port 8080 of 192.0.2.11, too",
        ),
        (
            "{nginx: {host: d@192.0.2.10, server_name: SHOP.example.com}}",
            "nginx.server_name",
            "has the server_name shop.example.com on port 80 of 192.0.2.10, too; NGINX gives all requests to one",
        ),
        (
            "{nginx: {host: d@192.0.2.10, site: /etc/nginx/conf.d/shop.conf}}",
            "nginx.site",
            "has the site file /etc/nginx/conf.d/shop.conf on 192.0.2.10, too",
        ),
    ],
)
def test_what_two_specs_cannot_share_is_told_with_both_places(checkout: Checkout, second: str, key: str, reason: str):
    first = "{nginx: {site: /etc/nginx/conf.d/shop.conf}}" if key == "nginx.site" else ""
    (message,) = said(checkout, second, first)
    assert message.startswith(f"{B}:")
    assert f": {key}: {A}:" in message
    assert reason in message
    place = message.split(": ")[0].split(":")
    lines = checkout.read(B).splitlines()
    assert key.rpartition(".")[2] in lines[int(place[1]) - 1]


@pytest.mark.parametrize(
    ("second", "first"),
    [
        ("", ""),
        # Staging and production: the same names on machines of their own.
        ("{service: {name: shop, ports: {green: 8080, blue: 8081}}, nginx: {server_name: shop.example.com}}", ""),
        # On one machine with ports and names of their own.
        (
            (
                "{service: {name: shop-staging}, servers: [deploy@192.0.2.11], "
                "nginx: {host: deploy@192.0.2.10, server_name: staging.example.com}}"
            ),
            "",
        ),
        # One name, once with and once without a certificate.
        (
            "{nginx: {host: deploy@192.0.2.10, server_name: shop.example.com, certificate: /c, certificate_key: /k}}",
            "",
        ),
        # In mode reload the site files are the team's, and one name may have several of them.
        (
            (
                "{nginx: {host: deploy@192.0.2.10, server_name: shop.example.com, mode: reload, site: /etc/nginx/x, "
                "prepared: {green: /etc/nginx/g, blue: /etc/nginx/b}}}"
            ),
            "",
        ),
        # A private address is another machine in another network, where another agent deploys.
        (
            (
                "{job: {agent: staging}, service: {name: shop, ports: {green: 8080, blue: 8081}}, "
                "servers: [deploy@192.0.2.11], nginx: {host: deploy@192.0.2.10, server_name: shop.example.com}}"
            ),
            "{job: {agent: production}}",
        ),
        # The same address behind two bastions.
        (
            "{service: {ports: {green: 8080, blue: 8081}}, servers: [{ssh: d@b2.example.com, address: 192.0.2.1}]}",
            "{servers: [{ssh: d@b1.example.com, address: 192.0.2.1}]}",
        ),
        # Two boxes, each of which is its own NGINX.
        (
            (
                "{service: {ports: {green: 8080, blue: 8081}, health: {from: nginx}}, "
                "servers: [{ssh: d@192.0.2.20, address: 127.0.0.1}]}"
            ),
            "{service: {health: {from: nginx}}, servers: [{ssh: d@192.0.2.10, address: 127.0.0.1}]}",
        ),
    ],
)
def test_specs_that_legitimately_share_are_left_alone(checkout: Checkout, second: str, first: str):
    assert said(checkout, second, first) == []


def test_render_and_check_refuse_specs_that_replace_each_other(checkout: Checkout):
    said(checkout, "{service: {name: shop}, nginx: {host: deploy@192.0.2.10}}")
    checkout.write(
        "pipelines/c.yaml", SPEC.replace("shop", "third").replace("192.0.2.1", "192.0.2.3").replace("808", "70")
    )
    for words in ((), ("pipelines/",), (A, B, "pipelines/c.yaml")):
        ended = checkout.jenkinsgen("render", *words)
        assert ended.returncode == 3
        assert f"{B}:" in ended.stderr
        assert "has the service shop behind 192.0.2.10, too; they would replace each other's releases" in ended.stderr
        assert "third" in checkout.read("pipelines/c.Jenkinsfile"), "one wrong spec does not stop the others"
        assert not Path("pipelines/a.Jenkinsfile").exists()
        assert not Path("pipelines/b.Jenkinsfile").exists()
    checked = checkout.jenkinsgen("render", "--check")
    assert checked.returncode == 3
    assert "has the service shop behind 192.0.2.10, too" in checked.stdout


def test_a_base_that_two_specs_extend_is_told_at_its_line(checkout: Checkout):
    checkout.write("pipelines/base.yaml", SPEC.replace("job: {name: shop}\n", ""))
    for path in (A, B):
        checkout.write(path, f"extends: base.yaml\njob: {{name: {Path(path).stem}}}\n")
    (found,) = conflicts([load_spec(A), load_spec(B)])
    assert (found.first.path, found.second.path) == (Path(A), Path(B))
    assert "pipelines/base.yaml:5:9: service.name: pipelines/base.yaml:5:9 has the service shop" in found.message
