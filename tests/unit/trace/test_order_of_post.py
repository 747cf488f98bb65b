"""`post` has one order: for lint, trace, the catalogue and the local runner."""

import re
from importlib.resources import files

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.post import POST_CONDITIONS


def test_the_local_runner_has_the_same_order():
    text = (files("jenkinsgen.sandbox") / "runner" / "PostConditions.groovy").read_text()
    (order,) = re.findall(r"ORDER = \[(.*?)\]", text, re.DOTALL)
    assert tuple(re.findall(r"'(\w+)'", order)) == POST_CONDITIONS


def test_the_catalogue_knows_the_same_conditions():
    assert {name for kind, name in catalogue().signatures if kind == "post"} == set(POST_CONDITIONS)
