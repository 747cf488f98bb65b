"""A guard that asks a real Prometheus, which scrapes numbers that the test decides."""

from __future__ import annotations

import http.server
import shutil
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests
from conftest import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

CONFIGURATION = """
global: {{scrape_interval: 200ms}}
scrape_configs: [{{job_name: shop, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""
METRICS = 'shop_errors{colour="green"} 0.01\nshop_errors{colour="blue"} 0.5\n'


class Numbers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(METRICS.encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


def program(folder: Path) -> str:
    """Debian's, unpacked and not installed: its package would start a service."""
    found = shutil.which("prometheus")
    if found is not None:
        return found
    done = subprocess.run(["apt-get", "download", "-qq", "prometheus"], cwd=folder, capture_output=True, check=False)
    packages = list(folder.glob("prometheus_*.deb"))
    if done.returncode != 0 or not packages:
        pytest.skip("no prometheus on PATH, and apt-get cannot download it")
    subprocess.run(["dpkg", "-x", str(packages[0]), str(folder)], check=True)
    return str(folder / "usr/bin/prometheus")


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    """Its URL; it has scraped both numbers."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Numbers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tmp_path / "prometheus"
    folder.mkdir(mode=0o755)
    (folder / "prometheus.yml").write_text(CONFIGURATION.format(port=server.server_port))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        program(folder),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address={address}",
    ]
    command += ["--web.console.templates=.", "--web.console.libraries=."]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_numbers(f"http://{address}")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        server.shutdown()
        server.server_close()


def await_numbers(url: str) -> None:
    for _ in range(300):
        time.sleep(0.1)
        try:
            answer = requests.get(f"{url}/api/v1/query", params={"query": "shop_errors"}, timeout=5)
        except requests.ConnectionError:
            continue
        if "blue" in answer.text and "green" in answer.text:
            return
    pytest.fail("Prometheus has not scraped anything within 30 s")


def live(workspace: Workspace) -> str:
    ask = "curl -s -H 'Host: shop.test' http://127.0.0.1/.jenkinsgen/shop/state"
    return as_root(workspace.sandbox, workspace.sandbox.nginx, ask).split()[1]


def guarded_by(workspace: Workspace, url: str, query: str) -> None:
    workspace.change_spec(bake="5s", guard={"window": "5s", "prometheus": {"url": url, "query": query, "at_most": 0.1}})


def test_a_number_that_is_too_large_takes_the_release_back(workspace: Workspace, prometheus: str):
    guarded_by(workspace, prometheus, 'shop_errors{colour="$colour"}')
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    assert live(workspace) == "green"
    # Its number is low enough.
    workspace.succeed("cleanup", options=("--wait",))
    assert "gives 0.01 for green, 0.5 for blue; 0.1 is allowed" in workspace.succeed("doctor")

    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    assert live(workspace) == "blue"
    said = workspace.fail("cleanup", 6, options=("--wait",))
    assert "blue does badly: guard.prometheus.query gives 0.5; 0.1 is allowed" in said
    assert live(workspace) == "green"


def test_a_query_with_a_mistake_stops_the_build_before_any_traffic_moves(workspace: Workspace, prometheus: str):
    guarded_by(workspace, prometheus, "shop_errors")
    workspace.deploy()
    guarded_by(workspace, prometheus, "sum(shop_errors")
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    said = workspace.fail("switch-nginx", 8)
    assert "Prometheus refused the query" in said
    assert "unclosed left parenthesis" in said
    assert live(workspace) == "green"
    failed = workspace.run("doctor")[1]
    assert "unclosed left parenthesis" in failed
