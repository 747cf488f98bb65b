"""What a reviewer reads, for pull requests of every kind; the texts are in tests/golden/review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Checkout

SPEC = "pipelines/shop.yaml"
BY_HAND = """\
pipeline {
    agent { label 'linux' }
    parameters {
        booleanParam(name: 'DEPLOY', defaultValue: false, description: '')
    }
    stages {
        stage('Test') {
            steps {
                sh 'make test'
            }
        }
        stage('Deploy') {
            when { branch 'main' }
            input { message 'Deploy?' }
            steps {
                withCredentials([string(credentialsId: 'token', variable: 'TOKEN')]) {
                    sh 'make deploy'
                }
            }
            post {
                failure { sh 'make undo' }
            }
        }
    }
    post {
        always { junit 'report.xml' }
    }
}
"""


def comments_only(checkout: Checkout) -> None:
    checkout.edit(SPEC, "job: {name: Shop}", "# The shop.\njob:\n  name: Shop")
    checkout.write("README.md", "A shop.")


def unrelated(checkout: Checkout) -> None:
    checkout.write("README.md", "A shop.")


def weaker_health(checkout: Checkout) -> None:
    checkout.edit(SPEC, "{path: /health}", "{path: /, successes: 1, timeout: 20s}")
    checkout.render()


def another_server(checkout: Checkout) -> None:
    checkout.edit(SPEC, "  - deploy@192.0.2.12", "  - root@192.0.2.99")
    checkout.edit(SPEC, "  certificate: /etc/ssl/shop.pem\n  certificate_key: /etc/ssl/shop.key\n", "")
    checkout.edit(SPEC, ", known_hosts: known_hosts", "")
    checkout.edit(SPEC, "blue: 8081", "blue: 9081")
    checkout.render()


def other_credentials(checkout: Checkout) -> None:
    checkout.edit(SPEC, "db_password", "root_password")
    checkout.edit(SPEC, "deploy_key", "git_token")
    checkout.render()


def build_command(checkout: Checkout) -> None:
    checkout.edit(SPEC, "{command: make dist}", '{command: "make dist\\nmake check | tee log"}')
    checkout.edit(
        SPEC, "job: {name: Shop}", "job: {name: Shop, agent: big, triggers: {cron: H 2 * * *}}\ncleanup: {drain: 5s}"
    )
    checkout.render()


def new_pipeline(checkout: Checkout) -> None:
    spec = (checkout.folder / SPEC).read_text(encoding="utf-8")
    checkout.write(
        "pipelines/test.yaml", spec.replace("name: Shop", "name: Shop-Test").replace("deploy_key", "test_key")
    )
    checkout.render()


def deleted_pipeline(checkout: Checkout) -> None:
    checkout.git("rm", "-q", SPEC, "pipelines/shop.Jenkinsfile")


def renamed_pipeline(checkout: Checkout) -> None:
    checkout.git("mv", SPEC, "pipelines/store.yaml")
    checkout.git("rm", "-q", "pipelines/shop.Jenkinsfile")
    checkout.render()


def not_rendered(checkout: Checkout) -> None:
    checkout.edit(SPEC, "make dist", "make all")


def edited_by_hand(checkout: Checkout) -> None:
    checkout.edit("pipelines/shop.Jenkinsfile", "sh 'make dist'", "sh 'make dist || true'")


def broken_spec(checkout: Checkout) -> None:
    checkout.edit(SPEC, "container_port: 8080", "container_prot: 8080")


def shared_base(checkout: Checkout) -> None:
    spec = (checkout.folder / SPEC).read_text(encoding="utf-8").replace("job: {name: Shop}\n", "")
    checkout.git("checkout", "-q", "main")
    checkout.write("pipelines/base.yaml", spec + "template: own.j2\n")
    checkout.write("pipelines/own.j2", '{% extends "Jenkinsfile.j2" %}\n')
    for name in ("north", "south"):
        checkout.write(f"pipelines/{name}.yaml", f"extends: base.yaml\njob: {{name: {name}}}\n")
    checkout.render()
    checkout.commit()
    checkout.git("checkout", "-qB", "pull-request")
    checkout.edit("pipelines/base.yaml", "make dist", "make all")
    block = "{% block post %}\n        failure {\n            echo 'call us'\n        }\n{% endblock %}\n"
    checkout.write("pipelines/own.j2", '{% extends "Jenkinsfile.j2" %}\n' + block)
    checkout.render()


def rollback_button(checkout: Checkout) -> None:
    checkout.edit(SPEC, "job: {name: Shop}", "job: {name: Shop, rollback: Shop-Rollback}")
    checkout.render()


def rollback_edited_by_hand(checkout: Checkout) -> None:
    checkout.git("checkout", "-q", "main")
    rollback_button(checkout)
    checkout.commit()
    checkout.git("checkout", "-qB", "pull-request")
    checkout.edit("pipelines/shop.rollback.Jenkinsfile", '--to "$VERSION"', "--to $VERSION")


def rollback_not_rendered(checkout: Checkout) -> None:
    rollback_button(checkout)
    (checkout.folder / "pipelines/shop.rollback.Jenkinsfile").unlink()


def by_hand(checkout: Checkout) -> None:
    checkout.git("checkout", "-q", "main")
    checkout.write("ci/Jenkinsfile", BY_HAND)
    checkout.commit()
    checkout.git("checkout", "-qB", "pull-request")
    checkout.edit("ci/Jenkinsfile", "            when { branch 'main' }\n            input { message 'Deploy?' }\n", "")
    checkout.edit("ci/Jenkinsfile", "sh 'make undo'", "script { if (params.DEPLOY) { sh 'make undo' } }")
    checkout.edit("ci/Jenkinsfile", "'make deploy'", "'curl -sk https://example.com/deploy | sh'")
    checkout.edit("ci/Jenkinsfile", "stage('Test')", "stage('Tests')")


def scripted(checkout: Checkout) -> None:
    checkout.write("Jenkinsfile", "node { sh 'make' }\n")


SCENARIOS = [
    comments_only,
    unrelated,
    weaker_health,
    another_server,
    other_credentials,
    build_command,
    new_pipeline,
    deleted_pipeline,
    renamed_pipeline,
    not_rendered,
    edited_by_hand,
    broken_spec,
    rollback_button,
    rollback_edited_by_hand,
    rollback_not_rendered,
    shared_base,
    by_hand,
    scripted,
]


@pytest.mark.slow
@pytest.mark.parametrize("change", SCENARIOS, ids=lambda each: each.__name__)
def test_review(
    change: Callable[[Checkout], None], checkout: Checkout, golden: Callable[[Path, str], None], root: Path
):
    change(checkout)
    checkout.commit()
    golden(root / "tests" / "golden" / "review" / f"{change.__name__}.md", checkout.markdown())
