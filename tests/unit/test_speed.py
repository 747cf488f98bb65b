"""Rendering many specs compiles the template once, and commands import what they need. benchmarks/ measures both."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from checkout import ROOT, Checkout, spec_of

from jenkinsgen.jenkinsfile.render import template

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SPECS = 200


def test_many_specs_are_rendered_with_one_compiled_template(tmp_path: Path):
    checkout = Checkout(tmp_path)
    for number in range(SPECS):
        checkout.write(f"pipelines/shop-{number}.yaml", spec_of(f"shop-{number}", number))
    template._compiled.cache_clear()

    ended = checkout.jenkinsgen("render")

    assert ended.stdout.count("created") == SPECS
    assert template._compiled.cache_info().misses == 1


def imported_by(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "jenkinsgen", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}


def test_the_version_is_told_without_what_takes_long_to_import():
    assert not imported_by("--version") & {"pydantic", "docker", "paramiko", "requests", "jinja2", "yaml", "rich"}


def test_a_stage_imports_no_other_and_nothing_that_it_does_not_need():
    imported = imported_by("switch-nginx", "--help")

    assert {"jenkinsgen.stages.switch_nginx", "paramiko", "docker"} <= imported
    assert not {"jenkinsgen.stages.build_image", "jenkinsgen.stages.cleanup", "asyncio", "jinja2", "rich"} & imported
