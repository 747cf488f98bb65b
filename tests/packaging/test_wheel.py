"""What a user installs: the wheel, without the checkout beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SPEC = ROOT / "pipelines" / "momo-prod-be.yaml"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the wheel, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("jenkinsgen-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_renders_what_is_committed(installed: Path, tmp_path: Path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / SPEC.name).write_bytes(SPEC.read_bytes())

    command = [sys.executable, "-m", "jenkinsgen", "render"]
    subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(installed)}, check=True)

    for suffix in (".Jenkinsfile", ".rollback.Jenkinsfile"):
        committed = SPEC.with_suffix(suffix)
        assert (tmp_path / "pipelines" / committed.name).read_text() == committed.read_text()


def test_the_wheel_holds_every_file_that_the_package_reads(installed: Path):
    tracked = subprocess.run(
        ["git", "ls-files", "jenkinsgen"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    missing = [name for name in tracked if not (installed / name).is_file()]

    assert missing == []
    assert (installed / "jenkinsgen" / "Jenkinsfile.j2").read_text() == (ROOT / "Jenkinsfile.j2").read_text()
