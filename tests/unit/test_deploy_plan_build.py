"""build-image: the colour, the readiness of NGINX, the steps."""

from __future__ import annotations

import pytest
from examples import RELOAD, nginx_state, pipeline, release

from jenkinsgen.deploy.observed import BUILD_URL, GIT_SHA, SERVICE, VERSION
from jenkinsgen.deploy.plan.build import check_nginx_ready, plan_build
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.steps import AGENT, BuildImage, Phase, PushImage, RemoveTag, TagImage
from jenkinsgen.deploy.strategies.registry import strategy_of
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour


@pytest.mark.parametrize(
    ("live", "chosen"), [(None, Colour.GREEN), (Colour.GREEN, Colour.BLUE), (Colour.BLUE, Colour.GREEN)]
)
def test_the_idle_colour_is_chosen(live: Colour | None, chosen: Colour):
    assert strategy_of(pipeline()).colour(live, Journal()) is chosen


@pytest.mark.parametrize("last", Colour)
def test_what_was_live_last_is_not_replaced_when_nginx_knows_nothing_of_the_service(last: Colour):
    """A team that leaves mode reload, or moves the site file, still has the traffic at its old file."""
    journal = Journal((Entry(release(last), 1),), live=release(last).version)
    assert strategy_of(pipeline()).colour(None, journal) is last.other


def test_an_image_is_built_pushed_twice_and_leaves_no_tag():
    spec = pipeline("image: {context: docker, dockerfile: Prod.Dockerfile, build_args: {JAVA: '21'}}")
    plan = plan_build(spec, release())
    (phase,) = plan.phases
    assert list(phase.steps) == [AGENT]
    labels = {
        SERVICE: "shop@192.0.2.10",
        VERSION: "0123456789ab-7",
        GIT_SHA: release().git_sha,
        BUILD_URL: release().build_url,
    }
    repository = "registry.example.com/shop-blue"
    assert phase.steps[AGENT] == (
        BuildImage("docker", "Prod.Dockerfile", f"{repository}:0123456789ab-7", labels, {"JAVA": "21"}),
        TagImage(f"{repository}:0123456789ab-7", repository, "latest"),
        PushImage(repository, "0123456789ab-7"),
        PushImage(repository, "latest"),
        RemoveTag(f"{repository}:latest"),
        RemoveTag(f"{repository}:0123456789ab-7"),
    )
    assert plan.undo == (Phase("take back", {AGENT: phase.steps[AGENT][-2:]}),)


@pytest.mark.parametrize("root", ["yes", "sudo"])
def test_a_first_deployment_needs_root_on_the_nginx_host(root: str):
    check_nginx_ready(pipeline(), nginx_state(None, root=root))
    with pytest.raises(StateError, match="may not set it up") as caught:
        check_nginx_ready(pipeline(), nginx_state(None, root="no"))
    assert "jenkinsgen nginx setup SPEC | ssh root@192.0.2.10 sh" in str(caught.value.hint)


def test_a_later_one_needs_only_the_folder_of_the_flag():
    check_nginx_ready(pipeline(), nginx_state(Colour.GREEN, root="no"))
    for flags in ("readonly", "absent"):
        with pytest.raises(StateError, match=f"the folder of the flag is {flags} for deploy"):
            check_nginx_ready(pipeline(), nginx_state(Colour.GREEN, root="no", flags=flags))


def test_mode_reload_needs_root_and_the_prepared_files():
    spec = pipeline(RELOAD)
    check_nginx_ready(spec, nginx_state(Colour.GREEN, flags="absent"))
    with pytest.raises(StateError):
        check_nginx_ready(spec, nginx_state(Colour.GREEN, root="no"))
    with pytest.raises(StateError, match="/etc/nginx/b is not there"):
        check_nginx_ready(spec, nginx_state(Colour.GREEN, missing=("/etc/nginx/b",)))
