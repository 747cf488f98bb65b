"""What observe.sh prints, as data; and the script itself, run on this machine."""

from __future__ import annotations

import subprocess
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from examples import RELOAD, pipeline

from jenkinsgen.nginx.site import Serving, render_site, upstreams_of
from jenkinsgen.nginx.state import observe_arguments, read_observation
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from pathlib import Path

FACTS = "flags writable\nflag blue\nroot sudo\nuser deploy\nversion 1.22.1\n"
SERVING = Serving(Colour.BLUE, "0123456789abcdef")


def test_in_mode_flag_nginx_itself_says_what_is_live():
    found = read_observation(FACTS, pipeline(), SERVING)
    assert (found.live, found.site_text, found.root, found.flags) == (Colour.BLUE, None, "sudo", "writable")
    assert read_observation(FACTS, pipeline(), None).live is None


def test_the_site_file_is_kept_byte_for_byte():
    spec = pipeline()
    text = render_site(spec, upstreams_of(spec)).text
    found = read_observation(f"{FACTS}site\n{text}", spec, SERVING)
    assert found.site_text == text
    assert found.upstreams == upstreams_of(spec)
    assert read_observation(f"{FACTS}site\n", spec, SERVING).site_text == ""


@pytest.mark.parametrize(("said", "address"), [("192.0.2.1 50000 192.0.2.10 22", "192.0.2.10"), ("", "")])
def test_sshd_says_which_address_of_its_host_was_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, address: str
):
    monkeypatch.setenv("SSH_CONNECTION", said)
    output = observed(str(tmp_path), str(tmp_path / "site"), "", "", "")
    assert read_observation(output, pipeline(), None).address == address


def test_a_site_file_cannot_pretend_to_be_a_fact():
    found = read_observation(f"{FACTS}site\nroot yes\nsite\nversion 9\n", pipeline(), SERVING)
    assert (found.root, found.version) == ("sudo", "1.22.1")


def test_in_mode_reload_the_prepared_file_that_is_installed_says_it():
    spec = pipeline(RELOAD)
    assert read_observation(f"{FACTS}prepared green\n", spec, None).live is Colour.GREEN
    assert read_observation(FACTS, spec, None).live is None
    assert read_observation(f"{FACTS}missing /etc/nginx/b\n", spec, None).missing == ("/etc/nginx/b",)


@pytest.mark.parametrize("output", ["", "motd: welcome\n", "flags writable\n"])
def test_what_makes_no_sense_is_an_error(output: str):
    with pytest.raises((KeyError, ValueError)):
        read_observation(output, pipeline(), None)


def observed(*arguments: str) -> str:
    script = resources.files("jenkinsgen.nginx").joinpath("observe.sh").read_text(encoding="utf-8")
    done = subprocess.run(["sh", "-c", script, "sh", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_script_prints_what_is_read(tmp_path: Path):
    flags, site, green, blue = (tmp_path / name for name in ("fl ags", "site", "green", "blue"))
    arguments = [*(str(path) for path in (flags, site, green, blue)), ""]
    found = read_observation(observed(*arguments), pipeline(RELOAD), None)
    assert (found.flags, found.site_text, found.live) == ("absent", None, None)
    assert found.missing == (str(green), str(blue))
    flags.mkdir()
    green.write_text("site\nserver {}")
    blue.write_text("other\n")
    site.write_text("site\nserver {}")
    found = read_observation(observed(*arguments), pipeline(RELOAD), None)
    assert (found.flags, found.site_text, found.live) == ("writable", "site\nserver {}", Colour.GREEN)
    assert found.missing == ()


def test_the_arguments_of_the_script():
    assert observe_arguments(pipeline()) == (
        "/var/lib/jenkinsgen/shop",
        "/etc/nginx/conf.d/jenkinsgen-shop.conf",
        "",
        "",
        "",
    )
    assert observe_arguments(pipeline(RELOAD))[1:] == ("/etc/nginx/live", "/etc/nginx/g", "/etc/nginx/b", "")
    assert observe_arguments(pipeline("nginx: {container: web}"))[-1] == "web"
