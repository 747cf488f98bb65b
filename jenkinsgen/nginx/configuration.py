"""NGINX's configuration files as text -> directives: as much of its grammar as it takes to see where requests go."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jenkinsgen.visible import visible

# A word ends at white space or `;`, or at `{` unless that follows a `$`: NGINX's src/core/ngx_conf_file.c.
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<quoted>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<sign>[;{}])"
    r"|(?P<word>(?:\\.|\$\{|[^\s;{}\\])(?:\\.|\$\{|(?<=\w)\}|[^\s;{}\\])*)",
    re.DOTALL,
)
_SHOWN = 120
_FILE = re.compile(r"^# configuration file (?P<path>/.*):$\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: its name and arguments, and the heads of the blocks that it is in."""

    line: int
    words: tuple[str, ...]
    inside: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        return self.words[0]

    def __str__(self) -> str:
        # For a message: the author of that file must decide neither its length nor what a terminal does.
        text = visible(" ".join(self.words))
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"


def parse_configuration(text: str) -> tuple[Directive, ...]:
    """The directives of a file, in their order; that of a block comes before what is in it. Raises ValueError."""
    found: list[Directive] = []
    inside: list[tuple[str, ...]] = []
    words: list[str] = []
    line = 1
    for kind, part in _tokens(text):
        if kind in ("word", "quoted"):
            words.append(part[1:-1] if kind == "quoted" else part)
        elif kind == "sign":
            if words and part != "}":
                found.append(Directive(line, tuple(words), tuple(inside)))
            elif words or part != "}":
                raise ValueError(f"line {line}: `{part}` is not expected there")
            _follow(part, tuple(words), inside, line)
            words = []
        line += part.count("\n")
    if words or inside:
        raise ValueError("it ends in the middle of a directive")
    return tuple(found)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    name = ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: that is no word of NGINX's configuration")
        kind, part = match.lastgroup, match[0]
        found.append((kind, part))
        at = match.end()
        if part == "{" and kind == "sign" and name.endswith("_by_lua_block"):
            end = _end_of_code(text, at)
            found.append(("code", text[at:end]))
            at = end
        name = "" if kind == "sign" else name or (part if kind == "word" else "")
    return found


def _end_of_code(text: str, at: int) -> int:
    """The place of the `}` that ends a block of another language, of which only the braces are counted."""
    depth = 0
    for brace in re.finditer(r"[{}]", text[at:]):
        depth += 1 if brace[0] == "{" else -1
        if depth < 0:
            return at + brace.start()
    raise ValueError(f"line {text.count(chr(10), 0, at) + 1}: a block of code does not end")


def _follow(sign: str, words: tuple[str, ...], inside: list[tuple[str, ...]], line: int) -> None:
    if sign == "{":
        inside.append(words)
    elif sign == "}":
        if not inside:
            raise ValueError(f"line {line}: there is one `}}` too many")
        inside.pop()


def loaded_files(dump: str) -> dict[str, str]:
    """The files in the output of `nginx -T`: the text of each by its path, in the order of loading."""
    parts = _FILE.split(dump)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
