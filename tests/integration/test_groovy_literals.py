"""What the real Groovy 2.4.21, the version that Jenkins embeds, makes of our literals: all of them in one JVM."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from jenkinsgen.jenkinsfile.render.groovy import groovy, groovy_map

pytestmark = pytest.mark.groovy

HOSTILE = [
    "",
    "'",
    "'''",
    '"',
    '"""',
    "\\",
    "\\\\",
    "\\'",
    "\\\\'",
    "'\\",
    "$",
    "$HOME",
    "${1 + 1}",
    "$$",
    "\\$x",
    "\\u0041",
    "\\\\u0041",
    "\\\\\\u0041",
    "\\uuuu0041",
    "\\u",
    "\\u00",
    "\\u0027 + System.exit(1) + \\u0027",
    "' + System.exit(1) + '",
    "\n",
    "\r",
    "\r\n",
    "a\nb\n",
    "\t",
    "\b\f\v\a\x1b",
    "\x00",
    "\x7f\x80\x85\x9f\xa0",
    "\u2028\u2029\ufeff\ufffe",
    "é",
    "ß→“”",
    "日本語",
    "😀",
    "👩‍👩‍👧",
    "\U0010ffff",
    "/* */ // #",
    "/slashy/",
    "$/dollar/$",
    "a\\",
    "\\n",
    "\\t\\r\\0",
    "%s {} [] <> & | ; ` ~ ! # *",
    " " * 1000,
    "x" * 65_535,
    "ä" * 32_767,
    "\\'" * 1000,
]


def random_texts(count: int) -> list[str]:
    """Texts of what is dangerous, the same in every run."""
    source = random.Random(20_240_421)  # noqa: S311 - no secret
    parts = ["\\", "'", '"', "$", "u", "0041", "{", "}", "\n", "\r", "\t", "é", "😀", "\u2028", " ", "x", "\\u0027"]
    return ["".join(source.choices(parts, k=source.randint(1, 12))) for _ in range(count)]


def environment() -> dict[str, str]:
    if "JAVA_HOME" in os.environ:
        return dict(os.environ)
    java = shutil.which("java")
    assert java
    return {**os.environ, "JAVA_HOME": str(Path(java).resolve().parent.parent)}


@pytest.fixture(scope="module")
def groovy_program() -> str:
    found = shutil.which("groovy")
    if found is None or shutil.which("java") is None:
        pytest.skip("groovy and java are not installed; make setup installs both")
    return found


def run_script(program: str, folder: Path, script: str) -> list[str]:
    path = folder / "script.groovy"
    path.write_text(script, encoding="ascii")
    done = subprocess.run(
        [program, str(path)], capture_output=True, text=True, env=environment(), timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()


def test_every_text_arrives_as_it_is(groovy_program: str, tmp_path: Path):
    texts = HOSTILE + random_texts(600)
    # A method each: the constants of one method may not grow beyond what the JVM takes.
    methods = [f"def t{index}() {{ {groovy(text)} }}" for index, text in enumerate(texts)]
    show = "def show(String s) { println s.getBytes('UTF-16BE').encodeHex().toString() }"
    calls = [f"show(t{index}())" for index in range(len(texts))]
    version = "println GroovySystem.version"
    lines = run_script(groovy_program, tmp_path, "\n".join([show, *methods, version, *calls]))
    assert lines[0] == "2.4.21"
    assert len(lines) == len(texts) + 1
    for text, line in zip(texts, lines[1:], strict=True):
        assert bytes.fromhex(line).decode("utf-16-be", "surrogatepass") == text


def test_the_one_character_that_ends_a_groovy_file_is_refused(groovy_program: str, tmp_path: Path):
    with pytest.raises(ValueError, match=r"U\+FFFF"):
        groovy("\uffff")
    with pytest.raises(AssertionError, match=r"unexpected char|<EOF>"):
        run_script(groovy_program, tmp_path, r"println '\uffff'")


def test_a_map_arrives_with_its_keys(groovy_program: str, tmp_path: Path):
    script = f"def m = {groovy_map({'url': chr(39) + '$x', 'credentialsId': 'a'})}\nprintln m.keySet()\nprintln m.url"
    assert run_script(groovy_program, tmp_path, script) == ["[url, credentialsId]", "'$x"]
