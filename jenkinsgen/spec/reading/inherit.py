"""`extends: base.yaml`: a spec laid over another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.files import DISK
from jenkinsgen.spec.reading.document import Document, DocumentError, KeyPath, Position, Problem
from jenkinsgen.spec.reading.reader import read_document, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.files import Files

EXTENDS = "extends"


def read_with_bases(path: Path, files: Files = DISK) -> Document:
    """Read a spec and, under it, the file that it extends, and so on. Raises DocumentError.

    All of them are in one repository: what another file holds would be told in messages about its keys.
    """
    try:
        inside = files.within(path, path)
    except (OSError, ValueError):
        # Reading it says what is wrong with it.
        inside = True
    if not inside:
        raise DocumentError(Problem(Position(str(path), 1, 1), "is a link that leads out of the repository"))
    return _read(path, files, path, ())


def _read(path: Path, files: Files, origin: Path, seen: tuple[Path, ...]) -> Document:
    own = read_document(path, str(path), files)
    base_name = own.data.pop(EXTENDS, None)
    if base_name is None:
        return own
    position = own.position((EXTENDS,))
    if not isinstance(base_name, str) or not base_name:
        raise DocumentError(Problem(position, "extends: names one other file, like base.yaml"))
    base_path = path.parent / base_name
    try:
        chain = (*seen, files.real(path))
        inside, leads_back = files.within(base_path, origin), files.real(base_path) in chain
        exists = inside and files.is_file(base_path)
    except (OSError, ValueError) as error:
        # A name of 300 characters, one with a NUL.
        raise DocumentError(
            Problem(position, f"extends: that cannot be the name of a file ({unreadable(error)})")
        ) from error
    if not inside:
        raise DocumentError(Problem(position, f"extends: {base_name} leads out of the repository"))
    if leads_back:
        raise DocumentError(Problem(position, f"extends: {base_name} leads back to this file"))
    if not exists:
        raise DocumentError(Problem(position, f"extends: there is no file {base_path}"))
    return merged(_read(base_path, files, origin, chain), own)


def files_of(path: Path, files: Files = DISK) -> tuple[Path, ...]:
    """A spec that was read, and every file under it, the nearest first."""
    base = read_document(path, str(path), files).data.get(EXTENDS)
    return (path,) if base is None else (path, *files_of(path.parent / base, files))


def merged(base: Document, own: Document) -> Document:
    """`own` laid over `base`: mappings are merged key by key, lists and scalars replaced."""
    keys, values, written = dict(base.keys), dict(base.values), dict(base.written)
    replaced: set[KeyPath] = set()
    data = _lay_over(base.data, own.data, (), replaced)
    if replaced:
        # Positions inside what is replaced would point at values that are no longer there.
        for known in list(values):
            if any(known[:length] in replaced for length in range(1, len(known) + 1)):
                for about in (keys, values, written):
                    about.pop(known, None)
    return Document(data, keys | dict(own.keys), values | dict(own.values), written | dict(own.written))


def _lay_over(base: dict[str, Any], own: dict[str, Any], path: KeyPath, replaced: set[KeyPath]) -> dict[str, Any]:
    result = dict(base)
    for key, value in own.items():
        here = (*path, key)
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            result[key] = _lay_over(base[key], value, here, replaced)
        else:
            replaced.add(here)
            result[key] = value
    return result
