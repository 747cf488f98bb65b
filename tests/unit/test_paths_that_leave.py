"""No path that a pull request chooses leads out of the repository, and none is read without an end."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from checkout import SPEC, Checkout
from examples import release

from jenkinsgen.edge import workspace
from jenkinsgen.edge.git import Tree
from jenkinsgen.errors import ImageError, SpecError, StateError
from jenkinsgen.files import DISK, MOST_BYTES
from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.source import Artifact, Image

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.com")
SECRET = "root: $6$secret"
SHOP, SHOP_YAML = "pipelines/shop.Jenkinsfile", "pipelines/shop.yaml"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.write_text(SECRET + "\n", encoding="utf-8")
    return path


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    folder = tmp_path / "checkout"
    folder.mkdir()
    made = Checkout(folder)
    monkeypatch.chdir(folder)
    return made


def refused(path: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        render(load_spec(path))
    assert said in caught.value.message
    assert "secret" not in str(caught.value)


def test_a_base_outside_of_the_repository_is_not_read(checkout: Checkout, outside: Path):
    for name in (
        str(outside),
        "../../outside",
        "./../../outside",
        "inside/../../../outside",
        "link.yaml",
        "far/outside",
    ):
        checkout.write(SHOP_YAML, f"extends: {name}\n")
        for link, target in (("link.yaml", outside), ("far", outside.parent)):
            if not (checkout.folder / "pipelines" / link).is_symlink():
                (checkout.folder / "pipelines" / link).symlink_to(target)
        refused(SHOP_YAML, f"{SHOP_YAML}:1:10: extends: {name} leads out of the repository")


def test_a_base_in_another_folder_of_the_repository_is_read(checkout: Checkout):
    checkout.write("base.yaml", SPEC)
    checkout.write(SHOP_YAML, "extends: ../base.yaml\n")
    (checkout.folder / "pipelines/other.yaml").symlink_to("../base.yaml")
    assert load_spec(SHOP_YAML).pipeline.job.name == "shop"
    assert load_spec("pipelines/other.yaml").pipeline.job.name == "shop"


def test_a_spec_that_is_a_link_is_not_read_outside_of_the_repository(checkout: Checkout, outside: Path):
    (checkout.folder / SHOP_YAML).symlink_to(outside)
    refused(SHOP_YAML, f"{SHOP_YAML}:1:1: is a link that leads out of the repository")
    for words in (("render",), ("render", "--check"), ("render", "--check", "--diff"), ("plan", SHOP_YAML)):
        ended = checkout.jenkinsgen(*words)
        assert ended.returncode == 3, words
        assert "secret" not in ended.stdout + ended.stderr


def test_a_folder_of_specs_that_is_a_link_is_not_read_outside_of_the_repository(checkout: Checkout, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/shop.yaml").write_text(SECRET, encoding="utf-8")
    (checkout.folder / "pipelines").rmdir()
    (checkout.folder / "pipelines").symlink_to(tmp_path / "elsewhere")
    ended = checkout.jenkinsgen("render", "--check", "--diff")
    assert "leads out of the repository" in ended.stdout
    assert "secret" not in ended.stdout + ended.stderr


def test_a_template_that_is_a_link_does_not_come_out_in_the_difference(checkout: Checkout, outside: Path):
    checkout.write(SHOP_YAML, f"{SPEC}template: team.j2\n")
    (checkout.folder / "pipelines/team.j2").symlink_to(outside)
    refused(SHOP_YAML, "template: pipelines/team.j2 is a link that leads out of the repository")
    ended = checkout.jenkinsgen("render", "--check", "--diff")
    assert ended.returncode == 3
    assert "secret" not in ended.stdout + ended.stderr


def test_a_jenkinsfile_that_is_a_link_does_not_come_out_in_the_difference(checkout: Checkout, outside: Path):
    checkout.write(SHOP_YAML, SPEC)
    (checkout.folder / SHOP).symlink_to(outside)
    for words in (("render",), ("render", "--check"), ("render", "--check", "--diff")):
        ended = checkout.jenkinsgen(*words)
        assert ended.returncode == 3, words
        assert f"{SHOP}: is a link that leads out of the repository" in ended.stdout + ended.stderr
        assert "secret" not in ended.stdout + ended.stderr
    assert outside.read_text(encoding="utf-8") == SECRET + "\n"


def test_a_left_over_that_is_a_link_is_not_read(checkout: Checkout, outside: Path):
    checkout.write(SHOP_YAML, SPEC)
    checkout.jenkinsgen("render")
    made = checkout.read(SHOP).replace("shop.yaml", "gone.yaml")
    outside.write_text(made + f"// {SECRET}\n", encoding="utf-8")
    (checkout.folder / "pipelines/gone.Jenkinsfile").symlink_to(outside)
    ended = checkout.jenkinsgen("render", "--check", "--diff")
    assert "secret" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("where", [SHOP_YAML, "pipelines/team.j2", SHOP, "pipelines/base.yaml"])
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(checkout: Checkout, where: str):
    checkout.write("pipelines/base.yaml", SPEC)
    checkout.write("pipelines/team.j2", '{% extends "Jenkinsfile.j2" %}')
    checkout.write(SHOP_YAML, "extends: base.yaml\ntemplate: team.j2\n")
    (checkout.folder / where).unlink(missing_ok=True)
    os.mkfifo(checkout.folder / where)
    ended = checkout.jenkinsgen("render", "--check")
    assert ended.returncode == 3
    assert "no regular file" in ended.stdout or "there is no file pipelines/base.yaml" in ended.stdout


def test_a_file_without_an_end_is_not_read(tmp_path: Path):
    for path in (Path("/dev/zero"), Path("/dev/tty"), tmp_path):
        with pytest.raises(OSError, match=r"no regular file|Is a directory|No such device"):
            DISK.read(path)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(OSError, match="larger than 16 MiB"):
        DISK.read(tmp_path / "large")
    assert DISK.read(tmp_path / "large", 3) == b"\0\0\0"


@pytest.mark.slow
def test_a_file_of_a_revision_is_not_unpacked_to_any_size(tmp_path: Path):
    def git(*arguments: str) -> None:
        subprocess.run(["git", *AUTHOR, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    (tmp_path / "small.yaml").write_text("a: 1\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "two files")
    tree = Tree(tmp_path, "HEAD")
    tree.read_ahead(["large.yaml", "small.yaml"])
    assert [len(content) for content in tree._contents.values()] == [5]
    assert tree.read(Path("small.yaml")) == b"a: 1\n"
    assert tree.read(Path("large.yaml"), 3) == b"\0\0\0"
    with pytest.raises(OSError, match="larger than 16 MiB"):
        tree.read(Path("large.yaml"))


def test_a_revision_has_no_files_outside_of_it():
    tree = Tree(Path(), "HEAD")
    assert tree.within(Path("pipelines/../base.yaml"), Path("pipelines/shop.yaml"))
    for path in ("/etc/passwd", "../outside", "pipelines/../../outside"):
        assert not tree.within(Path(path), Path("pipelines/shop.yaml"))


@pytest.mark.parametrize("key", ["context", "dockerfile"])
def test_an_image_is_made_of_nothing_outside_of_the_repository(checkout: Checkout, outside: Path, key: str):
    image = Image(repository="registry.example.com/shop", context="app", dockerfile="Dockerfile")
    link = checkout.folder / "app"
    if key == "context":
        link.symlink_to(outside.parent)
    else:
        link.mkdir()
        (link / "Dockerfile").symlink_to(outside)
    with pytest.raises(ImageError, match=rf"image\.{key}: app.* is a link that leads out of the repository"):
        workspace.check_image_paths(image)


def test_a_context_inside_of_the_repository_is_free(checkout: Checkout):
    (checkout.folder / "real").mkdir()
    (checkout.folder / "real/Dockerfile").touch()
    (checkout.folder / "app").symlink_to("real")
    workspace.check_image_paths(Image(repository="registry.example.com/shop", context="app"))


@pytest.mark.parametrize("key", ["from", "to"])
def test_an_artifact_is_neither_from_nor_to_another_place(checkout: Checkout, outside: Path, key: str):
    source, target = (checkout.folder / name for name in ("app.jar", "placed.jar"))
    source.touch()
    target.touch()
    link = source if key == "from" else target
    link.unlink()
    link.symlink_to(outside)
    with pytest.raises(ImageError, match=rf"image\.artifact\.{key}: .* is a link that leads out of the repository"):
        workspace.place_artifact(Artifact.model_validate({"from": "app.jar", "to": "placed.jar"}))
    assert outside.read_text(encoding="utf-8") == SECRET + "\n"
    assert not target.exists() or "secret" not in target.read_text(encoding="utf-8") or target.is_symlink()


def test_what_stages_hand_on_is_not_written_through_a_link(checkout: Checkout, outside: Path, tmp_path: Path):
    for name in ("release.json", ".release.json.draft"):
        (checkout.folder / name).symlink_to(outside)
    workspace.write_release(release())
    assert workspace.read_release() == release()
    (checkout.folder / ".jenkinsgen").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(StateError, match=r"\.jenkinsgen is a link"):
        workspace.write_report("deploy-colour", "{}")
    assert not list((tmp_path / "elsewhere").iterdir())
    assert outside.read_text(encoding="utf-8") == SECRET + "\n"


def test_a_release_that_is_a_pipe_is_not_waited_for(checkout: Checkout):
    os.mkfifo(checkout.folder / "release.json")
    with pytest.raises(StateError, match=r"release\.json cannot be read: .*no regular file"):
        workspace.read_release()
