"""`jenkinsgen init`: what it sees in a project, and that what it writes loads and renders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from checkout import Checkout
from jsonschema import Draft7Validator

from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.reading.schema import spec_schema
from jenkinsgen.starter.dockerfile import Dockerfile, read_dockerfile
from jenkinsgen.starter.project import look_at, service_name
from jenkinsgen.starter.walk import files_of_project

if TYPE_CHECKING:
    from pathlib import Path

POM = """<project><parent><artifactId>spring-boot-starter-parent</artifactId><version>3.2.0</version></parent>
<artifactId>shop</artifactId><version>1.4.0</version><dependencies><dependency>
<artifactId>spring-boot-starter-actuator</artifactId><version>9</version></dependency></dependencies></project>"""
PROJECTS: dict[str, dict[str, str]] = {
    "gradle": {
        "build.gradle": "version = '0.0.1-SNAPSHOT'\n",
        "settings.gradle": "rootProject.name = 'shop'\n",
        "gradlew": "",
        "Dockerfile": "FROM eclipse-temurin:21\nCOPY app.jar /app.jar\nEXPOSE 9090/tcp 9091\n",
    },
    "gradle-kotlin": {
        "build.gradle.kts": 'version = "2.0"\n',
        "settings.gradle.kts": 'rootProject.name = "shop"\n',
        "Dockerfile": "FROM x\nARG JAR=build/libs/*.jar\nCOPY ${JAR} app.jar\n",
    },
    "maven": {"pom.xml": POM, "mvnw": "", "Dockerfile": "FROM x\nCOPY target/shop-1.4.0.jar /app.jar\nEXPOSE 8081\n"},
    "npm": {
        "package.json": '{"name": "@team/shop", "scripts": {"build": "tsc"}}',
        "package-lock.json": "{}",
        "Dockerfile": "FROM node\nCOPY . .\nEXPOSE 3001\n",
    },
    "go": {"go.mod": "module git.example.com/team/shop/v2\n\ngo 1.22\n", "Dockerfile": "FROM scratch\nCOPY shop /\n"},
    "docker": {
        "Dockerfile": "FROM golang AS build\nRUN go build -o /shop .\nFROM scratch\nCOPY --from=build /shop /\n"
    },
    "nothing": {},
}
EXPECTED: dict[str, tuple[str | None, str | None, int, str]] = {
    # command, artifact, container_port, health
    "gradle": ("./gradlew clean build", "build/libs/shop-*-SNAPSHOT.jar", 9090, "/health"),
    "gradle-kotlin": ("gradle clean build", None, 8080, "/health"),
    "maven": ("./mvnw --batch-mode clean package", None, 8081, "/actuator/health"),
    "npm": ("npm ci && npm run build", None, 3001, "/health"),
    "go": ("CGO_ENABLED=0 go build -o shop .", None, 8080, "/health"),
    "docker": (None, None, 80, "/health"),
    "nothing": (None, None, 80, "/health"),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository named shop, with a remote."""
    folder = tmp_path / "shop"
    folder.mkdir()
    made = Checkout(folder)
    (folder / "pipelines").rmdir()
    made.git("remote", "add", "origin", "https://me:token@git.example.com/shop.git")
    made.git("symbolic-ref", "HEAD", "refs/heads/release/2.0")
    return made


def fill(checkout: Checkout, kind: str) -> None:
    for name, text in PROJECTS[kind].items():
        checkout.write(name, text)


@pytest.mark.parametrize("kind", PROJECTS)
def test_the_first_spec_fits_the_project_and_renders(checkout: Checkout, kind: str):
    fill(checkout, kind)

    ended = checkout.jenkinsgen("init", "--yes")

    assert ended.returncode == 0, ended.stderr
    spec = load_spec(checkout.folder / "pipelines/shop.yaml")
    pipeline = spec.pipeline
    command, artifact, port, health = EXPECTED[kind]
    assert (pipeline.build.command if pipeline.build else None) == command
    assert (pipeline.image.artifact.source if pipeline.image.artifact else None) == artifact
    assert (pipeline.service.container_port, pipeline.service.health.path) == (port, health)
    assert (pipeline.source.repository, pipeline.source.branch) == ("https://git.example.com/shop.git", "release/2.0")
    assert "stage('Deploy')" in render(spec)
    assert Draft7Validator(spec_schema()).is_valid(spec.document.data)


def test_the_schema_is_put_where_the_first_line_says(checkout: Checkout):
    checkout.jenkinsgen("init", "--yes")
    first = checkout.read("pipelines/shop.yaml").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=spec.schema.json"
    assert checkout.read("pipelines/spec.schema.json") == checkout.jenkinsgen("schema").stdout


def test_nothing_is_overwritten(checkout: Checkout):
    (checkout.folder / "pipelines").mkdir()
    checkout.write("pipelines/shop.yaml", "mine")
    checkout.write("pipelines/spec.schema.json", "mine too")

    ended = checkout.jenkinsgen("init", "--yes")
    assert ended.returncode == 2
    assert "pipelines/shop.yaml is there already" in ended.stderr
    assert checkout.jenkinsgen("init", "--yes", "--name", "store").stdout.startswith("wrote pipelines/store.yaml\n\n")

    assert checkout.read("pipelines/shop.yaml") == "mine"
    assert checkout.read("pipelines/spec.schema.json") == "mine too"


def test_a_project_in_a_folder_of_the_repository(checkout: Checkout):
    (checkout.folder / "back").mkdir()
    for name, text in PROJECTS["gradle"].items():
        checkout.write(f"back/{name}", text)

    assert checkout.jenkinsgen("init", "back", "--yes").returncode == 0

    pipeline = load_spec(checkout.folder / "pipelines/shop.yaml").pipeline
    assert pipeline.build
    assert pipeline.image.artifact
    assert (pipeline.build.directory, pipeline.image.context) == ("back", "back")
    assert pipeline.image.artifact.source == "back/build/libs/shop-*-SNAPSHOT.jar"
    assert pipeline.image.artifact.to == "back/app.jar"


OPTIONS = [
    *("--name", "store", "--repository", "git@git.example.com:store.git", "--branch", "trunk", "--port", "81"),
    *("--image", "r.example.com/store", "--health", "/up", "--server", "a@b", "--server", "c@d"),
    *("--nginx", "e@f", "--server-name", "store.example.com"),
]


def answers(checkout: Checkout) -> dict[str, Any]:
    pipeline = load_spec(checkout.folder / "pipelines/store.yaml").pipeline
    return pipeline.model_dump(mode="json", include={"source", "service", "servers", "nginx", "image"})


def test_options_are_not_asked_for_and_leave_nothing_to_replace(checkout: Checkout):
    ended = checkout.jenkinsgen("init", *OPTIONS)
    assert ended.returncode == 0, ended.stderr
    assert "replace" not in ended.stdout
    assert [server["ssh"] for server in answers(checkout)["servers"]] == ["a@b", "c@d"]


def test_questions_lead_to_the_same_spec_as_options(checkout: Checkout):
    checkout.jenkinsgen("init", *OPTIONS)
    before = checkout.read("pipelines/store.yaml")
    (checkout.folder / "pipelines/store.yaml").unlink()
    given = [
        *("Not A Name", "store", "git@git.example.com:store.git", "trunk", "r/UPPER", "r.example.com/store"),
        *("99999", "81", "/up", "a@b, c@d", "e@f", "store.example.com"),
    ]

    ended = checkout.jenkinsgen("init", given="\n".join(given) + "\n")

    assert ended.returncode == 0, ended.stderr
    assert checkout.read("pipelines/store.yaml") == before
    assert ended.stderr.count("Name of the service") == 2
    assert "'r/UPPER' is not an image repository" in ended.stderr


def test_examples_are_to_be_replaced_at_the_line_where_they_are(checkout: Checkout):
    out = checkout.jenkinsgen("init", "--yes", "--nginx", "e@f").stdout
    lines = checkout.read("pipelines/shop.yaml").splitlines()
    number = 1 + next(number for number, line in enumerate(lines) if line.startswith("servers:"))
    assert f"servers (line {number}), nginx.server_name" in out
    assert "nginx.host" not in out
    assert "source.repository" not in out
    assert "write a Dockerfile whose program listens on port 80" in out


def test_a_health_path_that_no_file_names_is_an_example(checkout: Checkout):
    (checkout.folder / "package.json").write_text("{}")
    ended = checkout.jenkinsgen("init", "--yes", "--kind", "npm")
    number = 1 + next(
        n for n, line in enumerate(checkout.read("pipelines/shop.yaml").splitlines()) if "health:" in line
    )
    assert f"service.health (line {number})" in ended.stdout


def test_questions_that_nobody_is_there_to_answer_are_no_interruption(checkout: Checkout):
    ended = checkout.jenkinsgen("init", given="")

    assert ended.returncode == 1
    assert "\nerror: nobody is here to answer: Name of the service" in ended.stderr
    assert "--yes takes what is suggested" in ended.stderr
    assert not (checkout.folder / "pipelines").exists()


@pytest.mark.parametrize("wrong", [("--health", "no path"), ("--name", "../x"), ("--server", "a b")])
def test_an_answer_that_does_not_fit_leaves_nothing_behind(checkout: Checkout, wrong: tuple[str, str]):
    assert checkout.jenkinsgen("init", "--yes", *wrong).returncode == 2
    assert not (checkout.folder / "pipelines").exists()


def test_a_spec_that_does_not_load_is_not_left_behind(checkout: Checkout):
    ended = checkout.jenkinsgen("init", "--yes", "--branch", "a branch")
    assert ended.returncode == 3
    assert "is not the name of a branch" in ended.stderr
    assert not (checkout.folder / "pipelines/shop.yaml").exists()


def test_without_git_the_folder_is_all_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "My Shop_2"
    folder.mkdir()
    project = look_at(folder)
    assert (project.name, project.repository, project.branch, project.root) == ("my-shop-2", None, None, folder)


@pytest.mark.parametrize(
    ("text", "name"), [("Shop", "shop"), ("9 lives!", "lives"), ("--", "app"), ("x" * 50, "x" * 40)]
)
def test_any_name_becomes_the_name_of_a_service(text: str, name: str):
    assert service_name(text) == name


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", Dockerfile()),
        ("expose 80\nEXPOSE 81\n", Dockerfile(port=80)),
        ("EXPOSE $PORT\nEXPOSE 53/udp\nEXPOSE 8080\n", Dockerfile(port=8080)),
        ("RUN apt-get update \\\n  && npm ci\n", Dockerfile(builds=True)),
        ("# RUN npm ci\nRUN echo hello\n", Dockerfile()),
        ('COPY --chown=1:1 a.jar b.jar /\nADD ["c d", "/"]\n', Dockerfile(copied=("a.jar", "b.jar", "c", "d"))),
        ("COPY --from=build /a /b\n", Dockerfile()),
    ],
)
def test_a_dockerfile_is_read_as_far_as_it_is_plain(text: str, read: Dockerfile):
    assert read_dockerfile(text) == read


GRADLE = """plugins { id 'org.springframework.boot' version '2.7.1' }
version = '0.0.1-SNAPSHOT'
dependencies { implementation 'org.springframework.boot:spring-boot-starter-actuator' }
"""
# A team's repository with a backend, a frontend and secrets in a submodule.
TEAM = {
    ".gitmodules": '[submodule "secrets"]\n\tpath = backend/secrets\n',
    "backend/build.gradle": GRADLE,
    "backend/settings.gradle": "rootProject.name = 'momo'\n",
    "backend/gradlew": "",
    "backend/docker/dockerfile/Dockerfile": "FROM openjdk:11\nARG JAR=momo-0.0.1-SNAPSHOT.jar\nCOPY ${JAR} /app.jar\n",
    "backend/src/main/resources/application.yml": "server:\n  port: ${PORT:8088}\n---\nserver: {port: 1}\n",
    "backend/src/test/resources/application.yml": "server: {port: 2}\n",
    "backend/build/libs/Dockerfile": "FROM made\n",
    "frontend/package.json": '{"scripts": {"build": "vite"}}',
    "frontend/Dockerfile": "FROM node\nCOPY . .\n",
    "node_modules/x/build.gradle": "",
    "node_modules/x/Dockerfile": "FROM other\n",
}


def fill_tree(checkout: Checkout, files: dict[str, str]) -> None:
    for name, text in files.items():
        (checkout.folder / name).parent.mkdir(parents=True, exist_ok=True)
        checkout.write(name, text)


def test_a_backend_in_a_folder_with_its_dockerfile_deep_inside_is_found(checkout: Checkout):
    fill_tree(checkout, TEAM)

    ended = checkout.jenkinsgen("init", "--yes")

    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == (
        "found: gradle in backend; backend/docker/dockerfile/Dockerfile; https://git.example.com/shop.git\n"
        "       /actuator/health by the actuator in backend/build.gradle\n"
        "       port 8088 in backend/src/main/resources/application.yml\n"
        "       submodules in .gitmodules\n"
        "       another build in frontend, for `jenkinsgen init frontend`\n"
    )
    pipeline = load_spec(checkout.folder / "pipelines/momo.yaml").pipeline
    assert pipeline.build
    assert (pipeline.build.directory, pipeline.build.command) == ("backend", "./gradlew clean build")
    assert (pipeline.image.context, pipeline.image.dockerfile) == ("backend/docker/dockerfile", "Dockerfile")
    assert pipeline.image.artifact
    assert pipeline.image.artifact.source == "backend/build/libs/momo-*-SNAPSHOT.jar"
    assert pipeline.image.artifact.to == "backend/docker/dockerfile/momo-0.0.1-SNAPSHOT.jar"
    assert (pipeline.service.container_port, pipeline.service.health.path) == (8088, "/actuator/health")
    assert pipeline.source.submodules is not None
    render(load_spec(checkout.folder / "pipelines/momo.yaml"))


def test_the_other_build_of_the_repository_is_found_where_it_is_asked_for(checkout: Checkout):
    fill_tree(checkout, TEAM)
    for words in (("frontend",), ("--kind", "npm")):
        assert checkout.jenkinsgen("init", *words, "--yes", "--name", "web").returncode == 0
        pipeline = load_spec(checkout.folder / "pipelines/web.yaml").pipeline
        assert pipeline.build
        assert (pipeline.build.directory, pipeline.image.context) == ("frontend", "frontend")
        assert pipeline.service.health.path == "/health"
        (checkout.folder / "pipelines/web.yaml").unlink()


@pytest.mark.parametrize(
    ("path", "copies", "context", "artifact"),
    [
        # A file that is called so, in the folder of the build.
        ("backend/docker/dockerfile", "COPY build/libs/momo.jar /", "backend", None),
        ("backend/docker/dockerfile", "COPY . /", "backend", None),
        ("backend/docker/dockerfile", "COPY *.jar /app.jar", "backend/docker", "backend/docker/app.jar"),
        ("Dockerfile", "COPY backend/build/libs/*.jar /", ".", None),
        ("Dockerfile", "COPY app.jar /", ".", "app.jar"),
        ("deploy/momo.Dockerfile", "COPY app.jar /", "deploy", "deploy/app.jar"),
        ("backend/Dockerfile.prod", "COPY app.jar /", "backend", "backend/app.jar"),
    ],
)
def test_a_dockerfile_is_found_wherever_it_is_and_says_what_it_is_run_from(
    checkout: Checkout, path: str, copies: str, context: str, artifact: str | None
):
    files = {name: text for name, text in TEAM.items() if not name.endswith("dockerfile/Dockerfile")}
    fill_tree(checkout, {**files, path: f"FROM openjdk:11\n{copies}\n"})
    assert checkout.jenkinsgen("init", "--yes").returncode == 0
    image = load_spec(checkout.folder / "pipelines/momo.yaml").pipeline.image
    assert (image.context, f"{image.context}/{image.dockerfile}".removeprefix("./")) == (context, path)
    assert (image.artifact.to if image.artifact else None) == artifact


@pytest.mark.parametrize(
    ("name", "text", "port", "health"),
    [
        ("application.properties", "server.port=9001\n", 9001, "/actuator/health"),
        ("application.yaml", "server: {port: 9002, servlet: {context-path: /api/}}\n", 9002, "/api/actuator/health"),
        ("application.yml", "management.endpoints.web.base-path: /manage\n", 7000, "/manage/health"),
        ("application.yml", "server: {port: '@port@'}\n", 7000, "/actuator/health"),
        ("application.yml", "{ not yaml", 7000, "/actuator/health"),
        ("application.yml", "server.port: 99999999\n", 7000, "/actuator/health"),
        ("application-prod.yml", "server.port: 9003\n", 7000, "/actuator/health"),
    ],
)
def test_springs_settings_say_port_and_health(checkout: Checkout, name: str, text: str, port: int, health: str):
    fill_tree(checkout, {"build.gradle": GRADLE, "Dockerfile": "FROM x\nEXPOSE 7000\n"})
    fill_tree(checkout, {f"src/main/resources/{name}": text})
    assert checkout.jenkinsgen("init", "--yes").returncode == 0
    service = load_spec(checkout.folder / "pipelines/shop.yaml").pipeline.service
    assert (service.container_port, service.health.path) == (port, health)


def test_a_jar_is_meant_and_not_the_plain_one_beside_it(checkout: Checkout):
    build = GRADLE.replace("'0.0.1-SNAPSHOT'", '"$major.1"')
    fill_tree(checkout, {"build.gradle": build, "settings.gradle": "rootProject.name = 'shop'\n"})
    assert checkout.jenkinsgen("init", "--yes").returncode == 0
    assert "[!n]: not the -plain.jar" in checkout.read("pipelines/shop.yaml")
    artifact = load_spec(checkout.folder / "pipelines/shop.yaml").pipeline.image.artifact
    assert artifact
    fill_tree(checkout, dict.fromkeys(("build/libs/shop-1.1.jar", "build/libs/shop-1.1-plain.jar"), ""))
    found = [path.name for path in checkout.folder.glob(artifact.source)]
    assert found == ["shop-1.1.jar"]


def test_a_dockerfile_that_would_copy_the_plain_jar_as_well_is_told(checkout: Checkout):
    fill_tree(checkout, {"build.gradle": GRADLE, "Dockerfile": "FROM x\nARG J=build/libs/*.jar\nCOPY ${J} app.jar\n"})
    assert (
        "`jar { enabled = false }`: the Dockerfile's *.jar fits the -plain.jar"
        in checkout.jenkinsgen("init", "--yes").stdout
    )


def test_the_walk_through_a_project_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jenkinsgen.starter.walk.MOST_FILES", 100)
    for number in range(60):
        (tmp_path / f"d{number}").mkdir()
        for name in "abcde":
            (tmp_path / f"d{number}" / name).touch()
    (tmp_path / "d0/loop").symlink_to(tmp_path)
    assert len(files_of_project(tmp_path)) < 120
    os.mkfifo(tmp_path / "Dockerfile")
    assert look_at(tmp_path).image == Dockerfile()
