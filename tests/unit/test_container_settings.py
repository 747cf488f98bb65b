"""Every setting of a container is the same everywhere: in the spec, to an engine, and in what the engine answers."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from examples import pipeline

from jenkinsgen.container.bodies import laid_over
from jenkinsgen.container.settings import SETTINGS, ContainerSettings, read_container, read_task_spec
from jenkinsgen.spec.service import Service

if TYPE_CHECKING:
    from pathlib import Path

ALL = pipeline(
    "service: {hostname: shop-1, memory: 700m, cpus: 1.5, volumes: ['/srv/data:/data', 'logs:/logs:ro']}\n",
).service


def test_the_table_the_settings_and_the_spec_have_the_same_keys():
    keys = [setting.key for setting in SETTINGS]
    assert keys == [field.name for field in fields(ContainerSettings)]
    for setting in SETTINGS:
        assert Service.model_fields[setting.key].default == setting.unset
    assert all(getattr(ContainerSettings.of(ALL), key) != getattr(ContainerSettings(), key) for key in keys), (
        "the example of this test has to set every one"
    )


def test_what_an_engine_was_told_is_read_back_the_same():
    settings = ContainerSettings.of(ALL)
    answer: dict[str, Any] = {}
    for each in SETTINGS:
        each.inspected.put(answer, getattr(settings, each.key))
    assert read_container(answer) == settings
    assert settings.create_body()["Hostname"] == "shop-1"
    assert read_task_spec(settings.task_template()) == settings
    assert settings.create_body()["HostConfig"]["Memory"] == 700 * 1024**2
    assert settings.task_template()["Resources"] == {"Limits": {"MemoryBytes": 700 * 1024**2, "NanoCPUs": 1500000000}}


def test_what_docker_is_told_is_what_it_answers_but_for_its_config():
    """The settings that Docker has in one object of the request are in `Config` of the answer."""
    for each in SETTINGS:
        path = each.docker.path
        assert each.inspected.path == (path if path[0] == "HostConfig" else ("Config", *path))


def test_what_the_spec_does_not_set_is_not_told_to_the_engine():
    assert ContainerSettings().create_body() == {}
    assert ContainerSettings().task_template() == {}
    assert read_container({}) == ContainerSettings()
    # Docker says 0 and null for what is not limited.
    zero: Any = {"HostConfig": {"Memory": 0, "NanoCpus": 0, "Binds": None}}
    assert read_container(zero) == ContainerSettings()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_an_answer_of_another_shape_names_the_field_and_never_its_value(setting: Any):
    *objects, name = setting.inspected.path
    found: Any = {name: {"secret": "hidden"}}
    for each in reversed(objects):
        found = {each: found}
    with pytest.raises(ValueError, match=r"\.".join(setting.inspected.path)) as caught:
        read_container(found)
    assert "hidden" not in str(caught.value)
    with pytest.raises(ValueError, match="it is no object"):
        read_container({objects[0]: 1} if objects else 1)


def test_parts_of_a_body_are_laid_over_each_other_object_by_object():
    body = {"HostConfig": {"PortBindings": {}, "Binds": None}, "Image": "x"}
    assert laid_over(body, {"HostConfig": {"Memory": 1}, "Hostname": "h"}) == {
        "HostConfig": {"PortBindings": {}, "Binds": None, "Memory": 1},
        "Image": "x",
        "Hostname": "h",
    }
    assert laid_over({"HostConfig": None}, {"HostConfig": {"Memory": 1}}) == {"HostConfig": {"Memory": 1}}


@pytest.mark.parametrize("name", ["shop", "Shop-1.internal", "1", "a" * 63, f"{'a' * 32}.{'b' * 30}"])
def test_a_container_is_called_inside_what_a_host_may_be_called(name: str):
    assert pipeline(f"service: {{hostname: '{name}'}}").service.hostname == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a.", ".a", "a..b", "a_b", "a b", "ä", "{{.Node.Hostname}}", "a" * 64, "a\nb"]
)
def test_what_no_host_may_be_called_is_refused(name: str):
    # A swarm would read braces as a template of its own.
    with pytest.raises(ValueError, match="hostname"):
        pipeline(f'service: {{hostname: "{name}"}}'.replace("\n", "\\n"))


def test_status_docs_name_every_setting(root: Path):
    text = (root / "docs" / "status.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| its port"))
    assert all(setting.key in row for setting in SETTINGS)
