"""Jenkins' cron syntax: five fields, with H, lists, ranges, steps and aliases."""

from __future__ import annotations

import re

_ALIASES = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@annually", "@yearly"})
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# No field needs more; Python reads no number of 5,000 digits, nor does it take each digit for one.
_DIGITS = re.compile("[0-9]{1,9}")
_PART = re.compile(r"(?:\*|H(?:\((\d+)-(\d+)\))?|(\w+)(?:-(\w+))?)(?:/(\d+))?")


def complaint(spec: str) -> str | None:
    """The error in a schedule; None if there is none."""
    for line in spec.splitlines():
        words = line.split("#")[0].strip()
        if not words or words.startswith("TZ=") or words in _ALIASES:
            continue
        fields = words.split()
        if len(fields) != len(_FIELDS):
            return f"'{words}' has {len(fields)} fields instead of {len(_FIELDS)}"
        for field, (name, low, high) in zip(fields, _FIELDS, strict=True):
            if not all(_is_valid(part, low, high) for part in field.split(",")):
                return f"'{field}' is not a {name}"
    return None


def _is_valid(part: str, low: int, high: int) -> bool:
    found = _PART.fullmatch(part)
    if found is None:
        return False
    numbers = [_number(each) for each in found.groups()[:4] if each is not None]
    return all(each is not None and low <= each <= high for each in numbers)


def _number(word: str) -> int | None:
    if _DIGITS.fullmatch(word):
        return int(word)
    name = word.upper()[:3]
    if name in _MONTHS:
        return _MONTHS.index(name) + 1
    return _DAYS.index(name) if name in _DAYS else None
