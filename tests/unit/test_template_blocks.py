"""What Jinja would drop from a team's template without a word is a mistake at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import MINIMAL

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path

EXTENDS = '{% extends "Jenkinsfile.j2" %}\n'


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop.yaml").write_text(MINIMAL + "template: team.j2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said_of(repository: Path, template: str) -> str:
    (repository / "team.j2").write_text(template, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        render(load_spec("shop.yaml"))
    assert caught.value.exit_code == 3
    return caught.value.message.replace("the template cannot be rendered: ", "")


def test_a_block_that_does_not_exist_is_told_with_those_that_do(repository: Path):
    assert said_of(repository, EXTENDS + "\n{% block post_allways %}\nx\n{% endblock %}\n") == (
        "team.j2:3:1: Jenkinsfile.j2 has no block post_allways, so it would never be written; did you mean "
        "post_always? There are agent, options, before_checkout, checkout, build, before_deploy, after_cleanup, "
        "post_always, post"
    )
    assert "would never be written; there are agent, options, " in said_of(
        repository, EXTENDS + "{% block notify %}x{% endblock %}"
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (
            EXTENDS + "{% block post %}a{% endblock %}\n{% block post %}b{% endblock %}",
            "team.j2:3:1: block 'post' defined twice",
        ),
        (
            EXTENDS + "{% block options %}\n{% block post %}b{% endblock %}{% endblock %}",
            "team.j2:3:1: the block post stands inside of another block",
        ),
        (EXTENDS + "\n\n  stage('Scan') {\n  }\n", "team.j2:4:1: text outside of the blocks is never written"),
        (EXTENDS + "\n{{ spec.job.name }}", "team.j2:3:1: text outside of the blocks is never written"),
        (
            EXTENDS + "{% if spec.build %}\n{% block post %}a{% endblock %}\n{% endif %}",
            "team.j2:2:1: a statement outside of the blocks is never written",
        ),
        (EXTENDS + "{% for x in [1] %}{{ x }}{% endfor %}", "team.j2:2:1: a statement outside of the blocks"),
        ("agent any\n" + EXTENDS, "team.j2:1:1: a template begins with {% extends "),
        ("{% block post %}x{% endblock %}", "team.j2:1:1: a template begins with {% extends "),
        ("", "team.j2:1:1: a template begins with {% extends "),
        ("{% if spec.build %}" + EXTENDS + "{% endif %}", "team.j2:1:1: a template begins with {% extends "),
        (EXTENDS + EXTENDS, "team.j2:2:1: extends a second time"),
        (
            EXTENDS + "{% block post %}\n{{ super }}\n{% endblock %}",
            "team.j2:3:1: only text and numbers can be written",
        ),
        (
            EXTENDS + "{% block post %}{% block mine %}\n{{ super() }}{% endblock %}{% endblock %}",
            "team.j2:3:1: there is no parent block called 'mine'",
        ),
        (
            EXTENDS + "{% macro m() %}\n{{ super() }}{% endmacro %}{% block post %}{{ m() }}{% endblock %}",
            "team.j2:3:1: 'super' is undefined",
        ),
        (EXTENDS + "{% block post %}\n{{ self.agnt() }}{% endblock %}", "team.j2:3:1: "),
    ],
)
def test_what_would_be_dropped_is_told_at_its_line(repository: Path, template: str, said: str):
    assert said_of(repository, template).startswith(said)


def test_sets_macros_and_blocks_of_its_own_are_free(repository: Path):
    template = (
        "{# of the team #}\n" + EXTENDS + "{% set who = 'team' %}\n{% macro line(x) %}        // {{ x }}\n"
        "{% endmacro %}\n\n{% block post %}\n{% block mine %}\n{{ line(who) }}{% endblock %}\n{% endblock %}\n"
    )
    (repository / "team.j2").write_text(template, encoding="utf-8")
    assert "        // team\n        cleanup {" in render(load_spec("shop.yaml"))
