"""The mark of a site file: the file itself says which service owns it, and whether it is as jenkinsgen wrote it."""

from __future__ import annotations

import difflib
import hashlib
import re

NO_DIGEST = "0" * 16
_OWNER = re.compile(r"^# Made by jenkinsgen for the service (\S+)\. ", re.MULTILINE)
_DIGEST = re.compile(r'^ *return 200 "\S+ \$[a-z0-9_]+ ([0-9a-f]{16})\\n";$', re.MULTILINE)


def digest_of(draft: str) -> str:
    """The digest of a text that has NO_DIGEST where the digest is to be."""
    return hashlib.sha256(draft.encode()).hexdigest()[: len(NO_DIGEST)]


def owner_of(text: str) -> str | None:
    """The service whose site file this is; None when jenkinsgen did not write it."""
    match = _OWNER.search(text)
    return match[1] if match else None


def is_as_written(text: str) -> bool:
    """Is it unedited? root.sh asks the same on the NGINX host."""
    match = _DIGEST.search(text)
    return match is not None and digest_of(text.replace(match[1], NO_DIGEST)) == match[1]


def edits(written: str, found: str) -> list[str]:
    """The lines that the present file has more (+) and fewer (-), as `diff -u` has it."""
    lines = difflib.unified_diff(written.splitlines(), found.splitlines(), lineterm="", n=1)
    return [line for line in lines if not line.startswith(("---", "+++"))]


def count_edits(lines: list[str]) -> tuple[int, int]:
    """How many lines are more, and how many fewer."""
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
