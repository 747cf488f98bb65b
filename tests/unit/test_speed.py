"""Rendering many specs compiles the template once, and commands import what they need. benchmarks/ measures both."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from checkout import ROOT, Checkout, spec_of

from jenkinsgen.jenkinsfile.render import template

if TYPE_CHECKING:
    from pathlib import Path

SPECS = 200
# Ten times what a small machine needs: it is the compiling of templates that must not come back, 10 s of it.
SECONDS = 5.0


def test_many_specs_are_rendered_quickly(tmp_path: Path):
    checkout = Checkout(tmp_path)
    for number in range(SPECS):
        checkout.write(f"pipelines/shop-{number}.yaml", spec_of(f"shop-{number}", number))
    template._compiled.cache_clear()
    started = time.process_time()

    ended = checkout.jenkinsgen("render")

    assert time.process_time() - started < SECONDS
    assert ended.stdout.count("created") == SPECS
    assert template._compiled.cache_info().misses == 1


def test_the_version_is_told_at_once():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "jenkinsgen", "--version"], cwd=ROOT, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Pydantic, Docker and the others would take longer, wherever they are imported.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


def test_a_stage_imports_no_other_and_nothing_that_it_does_not_need():
    command = [sys.executable, "-X", "importtime", "-m", "jenkinsgen", "switch-nginx", "--help"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}

    assert {"jenkinsgen.stages.switch_nginx", "paramiko", "docker"} <= imported
    assert not {"jenkinsgen.stages.build_image", "jenkinsgen.stages.cleanup", "asyncio", "jinja2", "rich"} & imported
