"""What a login shell prints or reads before a command is no answer of it. The real sshd: tests/integration."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from how_many import of_examples
from hypothesis import given, settings
from hypothesis import strategies as st
from sshd import FakeSshd

from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.edge.ssh.host import connect
from jenkinsgen.edge.ssh.login_shell import Marked, marked, quoted, skip_noise
from jenkinsgen.errors import HostError
from jenkinsgen.nginx.scripts import INSTALL, REMOVE, script
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from pathlib import Path

    import paramiko

HOST = HostAddress("app1.example.com", "deploy", 22)


def in_a_shell(words: Marked, first: str, folder: Path) -> Completed:
    """As sshd does: `bash -c COMMAND`, which reads a file of the user's before."""
    noisy = folder / "bashrc"
    noisy.write_text(first)
    done = subprocess.run(
        ["bash", "-c", quoted(words.argv)],
        input=words.stdin,
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "BASH_ENV": str(noisy)},
    )
    return Completed(done.returncode, done.stdout.decode(), done.stderr.decode())


def in_fish(line: str) -> list[str]:
    """The words of a command line without variables, by fish's rules (fishshell.com/docs/current/language.html).

    Between single quotes a backslash escapes a quote and itself; between double quotes itself, a quote and a dollar.
    """
    part = re.compile(r"""'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)|(\s+)""", re.DOTALL)
    words, at = [""], 0
    while at < len(line):
        found = part.match(line, at)
        assert found is not None, f"unbalanced: {line[at:]!r}"
        single, double, escaped, plain, blank = found.groups()
        if blank:
            words.append("")
        elif single is not None:
            words[-1] += re.sub(r"\\([\\'])", r"\1", single)
        elif double is not None:
            words[-1] += re.sub(r'\\([\\"$])', r"\1", double)
        else:
            words[-1] += escaped or plain
        at = found.end()
    return words


SCRIPTS = [script(*INSTALL), script(*REMOVE), script("observe.sh"), script("read_log.sh")]


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_script_comes_through_a_login_shell_that_is_fish_as_it_was_written(text: str):
    assert in_fish(quoted(["sh", "-c", text, "sh", "it's"])) == ["sh", "-c", text, "sh", "it's"]


@settings(max_examples=of_examples(0.3), deadline=None)
@given(st.lists(st.text(alphabet="a\\'\"$`! \n*~#{}(", min_size=1), min_size=1))
def test_words_come_through_fish_and_the_shell_of_posix_alike(words: list[str]):
    line = quoted(words)
    said = subprocess.run(["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True).stdout.decode()
    assert said.split("\0")[:-1] == words
    assert in_fish(line) == words


NOISY = [
    "",
    "echo welcome",
    "echo now 5; echo 'warning: locale' >&2",
    "printf 'no newline'",
    "echo jenkinsgen-",
    "cd /",
]


@pytest.mark.parametrize("first", NOISY)
@pytest.mark.parametrize("stdin", ["", "one\n\ntwo", "\n"])
def test_the_answer_is_the_commands_whatever_was_said_before(tmp_path: Path, first: str, stdin: str):
    command = ["sh", "-c", 'cat; printf "%s" "$1 done"; echo wrong >&2; exit 7', "sh", 'it\'s \\\\ "$HOME"\n']
    words = marked(command, stdin)
    done = words.answer(HOST, in_a_shell(words, first, tmp_path))
    assert (done.output, done.errors, done.exit_code) == (f'{stdin}it\'s \\\\ "$HOME"\n done', "wrong\n", 7)


@pytest.mark.parametrize(
    ("first", "said"),
    [("exit 3", "it ended with 3"), ("echo closed; exit 0", "said 'closed'"), ("exec echo hello", "hello")],
)
def test_a_shell_that_ends_before_the_command_is_no_answer(tmp_path: Path, first: str, said: str):
    words = marked(["id", "-un"])
    with pytest.raises(HostError, match="its login shell did not run the command") as refused:
        words.answer(HOST, in_a_shell(words, first, tmp_path))
    assert said in refused.value.message


def test_a_shell_that_reads_leaves_no_half_of_an_input(tmp_path: Path):
    target = tmp_path / "lease"
    words = marked(["sh", "-c", 'cat >"$1"', "sh", str(target)], "one\ntwo\n")
    with pytest.raises(HostError, match="its login shell did not run the command"):
        words.answer(HOST, in_a_shell(words, "read -r eaten", tmp_path))
    assert not target.exists()


def test_two_commands_never_have_the_same_mark():
    assert len({marked(["true"]).mark for _ in range(100)}) == 100


@given(st.text(max_size=300), st.text(max_size=300), st.integers(-1, 255))
def test_no_answer_is_found_where_the_mark_is_missing(output: str, errors: str, code: int):
    words = marked(["true"])
    with pytest.raises(HostError, match="did not run"):
        words.answer(HOST, Completed(code, output, errors))
    answer = words.answer(HOST, Completed(code, f"{output}{words.mark}\n{errors}", f"{output}{words.mark}\n{errors}"))
    assert answer == Completed(code, errors, errors)


def test_a_stream_begins_after_its_mark(tmp_path: Path):
    def serve(channel: paramiko.Channel, command: str) -> None:
        channel.sendall(f"HTTP/1.1 200 OK\r\n\r\n{command}x\n{command}\nthe stream".encode())

    with FakeSshd(tmp_path, serve) as server:
        host = connect(server.address, server.login)
        command = host.start(["jenkinsgen-1"], time.monotonic() + 5)
        skip_noise(HOST, command.channel, "jenkinsgen-1", time.monotonic() + 5)
        assert command.channel.recv(100) == b"the stream"
        command.close()
        host.close()


@pytest.mark.parametrize(
    ("said", "code", "found", "hint"),
    [
        (b"Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", 1, "does not run", "sys"),
        (b"permission denied while trying to connect", 1, "may not use Docker there", "usermod -aG docker deploy"),
        (b"sh: 1: exec: docker: not found", 127, "not in the PATH of a command", "apt-get install docker.io"),
        (b"", 0, "does not answer to `docker system dial-stdio`", "18.09"),
        (b"context deadline exceeded", 1, "context deadline exceeded", "ssh USER@HOST docker version"),
    ],
)
def test_what_an_engine_needs_is_told_by_what_its_host_said(
    tmp_path: Path, said: bytes, code: int, found: str, hint: str
):
    """That an engine does not run is said where `docker version` says so, and nowhere else."""

    def serve(channel: paramiko.Channel, command: str) -> None:
        if "version" in command:
            channel.sendall_stderr(said)
            channel.send_exit_status(code)

    with FakeSshd(tmp_path, serve) as server:
        host = connect(server.address, server.login)
        with pytest.raises(HostError) as refused:
            remote_engine(host)
        host.close()
    assert found in refused.value.message
    assert hint in (refused.value.hint or "")
    assert ("systemctl" in (refused.value.hint or "")) == (found == "does not run")


@pytest.mark.slow
def test_noise_without_end_is_no_stream(tmp_path: Path):
    with FakeSshd(tmp_path, lambda channel, _: channel.sendall(b"x" * 1_000_000)) as server:
        host = connect(server.address, server.login)
        command = host.start(["anything"], time.monotonic() + 5)
        with pytest.raises(HostError, match="and went on"):
            skip_noise(HOST, command.channel, "jenkinsgen-1", time.monotonic() + 5)
        command.close()
        host.close()
