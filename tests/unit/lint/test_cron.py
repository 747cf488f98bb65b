from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.lint.rules.cron import complaint


@pytest.mark.parametrize(
    "spec",
    ["", "H * * * *", "@daily", "H/15 * * * *", "H(0-29)/10 8-18 1,15 JAN-MAR MON-FRI", "TZ=UTC\n# night\n0 3 * * 7"],
)
def test_schedules_that_jenkins_takes(spec: str):
    assert complaint(spec) is None


@pytest.mark.parametrize("spec", ["* * * *", "60 * * * *", "* * 0 * *", "* * * * 8", "every day please", "@night"])
def test_schedules_that_it_does_not(spec: str):
    assert complaint(spec) is not None
