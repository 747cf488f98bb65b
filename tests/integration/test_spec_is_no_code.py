"""Hostile text in every free-text field of a spec: the real Groovy finds exactly that text, and no code besides."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.sandbox import groovy_runtime
from jenkinsgen.sandbox.jenkinsfile import BuildRequest, run
from jenkinsgen.spec.reading.load import load_spec

pytestmark = pytest.mark.groovy

TEXTS = [
    "it's",
    'say "x"',
    "back\\slash \\n \\' \\\\",
    "${System.exit(1)} $HOME $",
    "\\u0027 + evil() + \\u0027",
    "'''",
    '"""',
    "*/ evil() /*",
    "// evil",
    "$(touch /tmp/evil) `touch /tmp/evil`; touch /tmp/evil",
    "') } evil() //",
    "한글 텍스트",
    "🚀🎉",
    "\u2028\u00a0\u0085",
    "x" * 60_000,
    "{{ evil }} {% evil %}",
    "%PATH% !x",
]
MANY_LINES = ["first\nsecond\n\n'third'", "\ttab"]
SHELL_FIELD = "build.environment"
# Where free text goes, and how a text gets there. Each takes one line; those of MULTI take many.
FIELDS: dict[str, Any] = {
    "job.agent": lambda text: {"job": {"name": "shop", "agent": text}},
    "job.triggers.cron": lambda text: {"job": {"name": "shop", "triggers": {"cron": text}}},
    "job.parameters.choices": lambda text: _parameter({"type": "choice", "choices": [text, "other"]}),
    "source.repository": lambda text: {"source": {"repository": text}},
    "build.directory": lambda text: {"build": {"command": "true", "directory": text}},
}
MULTI: dict[str, Any] = {
    "job.parameters.default": lambda text: _parameter({"type": "string", "default": text}),
    "job.parameters.description": lambda text: _parameter({"type": "boolean", "description": text}),
    "build.command": lambda text: {"build": {"command": text}},
    SHELL_FIELD: lambda text: {"build": {"command": "true", "environment": {"HOSTILE": text}}},
}


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"job": {"name": "shop", "parameters": [{"name": "P", **parameter}]}}


BASE = yaml.safe_load("""
job: {name: shop}
source: {repository: https://git.example.com/shop.git}
image: {repository: registry.example.com/shop}
service: {name: shop, ports: {green: 8080, blue: 8081}, container_port: 80, health: {path: /}}
servers: [deploy@192.0.2.11]
nginx: {host: deploy@192.0.2.10, server_name: shop.example.com}
""")


def rendered(folder: Path, changes: dict[str, Any]) -> str:
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changes}), encoding="utf-8")
    return render(load_spec(path))


def read_by_groovy(files: list[Path]) -> list[dict[str, list[str]]]:
    home = groovy_runtime.find().java.parent.parent
    script = Path(__file__).with_name("constants.groovy")
    done = subprocess.run(
        ["groovy", "-c", "UTF-8", str(script)],
        input="\n".join(map(str, files)) + "\n",
        capture_output=True,
        text=True,
        env={**os.environ, "JAVA_HOME": str(home)},
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_text_is_a_constant_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    cases: list[tuple[str, str, Path]] = []
    refused: list[tuple[str, str]] = []
    for field, change in {**FIELDS, **MULTI}.items():
        for index, text in enumerate(["plain", *TEXTS, *(MANY_LINES if field in MULTI else [])]):
            try:
                jenkinsfile = rendered(tmp_path, change(text))
            except SpecError as error:
                refused.append((field, error.message))
                continue
            path = tmp_path / f"{field}-{index}.Jenkinsfile"
            path.write_text(jenkinsfile, encoding="utf-8")
            cases.append((field, text, path))

    read = read_by_groovy([path for _, _, path in cases])

    shapes = {field: found["shape"] for (field, text, _), found in zip(cases, read, strict=True) if text == "plain"}
    for (field, text, _), found in zip(cases, read, strict=True):
        assert text in found["texts"], (field, text[:50])
        assert found["shape"] == shapes[field], (field, text[:50])
        assert "gstring" not in found["shape"]
    assert len(cases) > 100
    # What cannot be carried is refused where it stands.
    # A command of blanks is no command; nothing else is refused where many lines may stand.
    assert all("build.command: is empty" in message for field, message in refused if field in MULTI)
    assert all("shop.yaml:" in message for _, message in refused)


def test_the_shell_receives_exactly_that_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    repository = tmp_path / "shop"
    subprocess.run(["git", "init", "-q", "-b", "main", str(repository)], check=True)
    texts = {f"V{index}": text for index, text in enumerate(TEXTS + MANY_LINES)}
    (repository / "dump.py").write_text(
        "import json, os\n"
        f"names = {sorted(texts)!r}\n"
        "json.dump({name: os.environ[name] for name in names}, open('release.json', 'w'))\n"
    )
    subprocess.run(["git", "-C", str(repository), "add", "."], check=True)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", "-C", str(repository), *identity, "commit", "-qm", "dump"], check=True)
    monkeypatch.chdir(repository)
    changes = {
        "source": {"repository": f"file://{repository}"},
        "build": {"command": "python3 dump.py; exit 9", "environment": texts},
    }
    (tmp_path / "Jenkinsfile").write_text(rendered(repository, changes), encoding="utf-8")

    # The build ends after its build stage; what the shell saw is archived under a name that is archived always.
    request = BuildRequest(jenkinsfile=tmp_path / "Jenkinsfile", workspace=tmp_path / "ws")
    done = run(request, subprocess.DEVNULL)

    assert done.result == "FAILURE"
    assert json.loads((done.archive / "release.json").read_text()) == texts
    assert not Path("/tmp/evil").exists()
