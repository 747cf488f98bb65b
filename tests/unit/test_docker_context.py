"""What an image is built of."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from fake_engine import FakeEngine, stream

from jenkinsgen.deploy.steps import BuildImage
from jenkinsgen.edge import workspace
from jenkinsgen.edge.docker import images as docker_images
from jenkinsgen.edge.docker.context import build_context
from jenkinsgen.errors import ImageError

if TYPE_CHECKING:
    from pathlib import Path

OWN = ["release.json", ".release.json.x1y2", ".jenkinsgen/build-image.json", ".jenkinsgen/venv/bin/python"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ["Dockerfile", "app.py", "sub/Dockerfile", "sub/release.json", "release.json.md", *OWN]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(context: str, dockerfile: str = "Dockerfile") -> set[str]:
    with build_context(context, dockerfile) as archive, tarfile.open(fileobj=archive) as found:
        return {member.name for member in found.getmembers() if member.isfile()}


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("context", [".", "./", "sub/.."])
def test_nothing_of_jenkinsgen_is_built_into_an_image(context: str):
    assert names(context) == {"Dockerfile", "app.py", "sub/Dockerfile", "sub/release.json", "release.json.md"}


@pytest.mark.usefixtures("checkout")
def test_a_folder_of_the_repository_has_files_of_its_own_under_such_names():
    assert names("sub") == {"Dockerfile", "release.json"}


def test_what_dockerignore_names_stays_out_as_before(checkout: Path):
    (checkout / ".dockerignore").write_text("# not needed\n*.py\n\nsub\n!release.json\nDockerfile\n")
    assert names(".") == {".dockerignore", "Dockerfile", "release.json.md"}


def test_the_reports_of_stages_are_where_the_context_leaves_them_out(checkout: Path):
    workspace.write_report("plan", "{}")
    assert (checkout / ".jenkinsgen/plan.json").exists()
    assert not any(name.startswith(".jenkinsgen") for name in names("."))


@pytest.mark.usefixtures("checkout")
def test_the_context_that_the_engine_gets_is_that_archive():
    step = BuildImage(".", "sub/Dockerfile", "registry.example.com/shop:1", {}, {})
    with FakeEngine(lambda _: stream({"stream": "Successfully built"})) as fake:
        docker_images.build(fake.engine, step, None, lambda _: None, lambda: None)
        asked = fake.find("POST /build")
    assert asked.query["dockerfile"] == "sub/Dockerfile"
    with tarfile.open(fileobj=io.BytesIO(asked.body)) as found:
        assert {"app.py", "sub/Dockerfile"} <= set(found.getnames())
        assert not set(OWN) & set(found.getnames())


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(("context", "dockerfile"), [(".", "nothing"), ("nowhere", "Dockerfile")])
def test_a_dockerfile_that_is_not_there_is_named(context: str, dockerfile: str):
    step = BuildImage(context, dockerfile, "registry.example.com/shop:1", {}, {})
    with FakeEngine(lambda _: stream()) as fake, pytest.raises(ImageError, match=f"there is no file .*{dockerfile}"):
        docker_images.build(fake.engine, step, None, lambda _: None, lambda: None)
