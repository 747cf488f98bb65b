"""What a command in a container says is not kept without an end."""

from __future__ import annotations

import pytest

from jenkinsgen.cli import logs
from jenkinsgen.cli.logs import Kept
from jenkinsgen.errors import CheckFailed
from jenkinsgen.stages.operate.exec_command import Executed


def test_what_is_kept_for_json_has_a_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "LONGEST_KEPT", 8)
    kept = Kept()
    kept.write("stdout", b"1234")
    kept.write("stderr", "\u00e9x\n".encode())
    assert kept.taken() == "1234\u00e9x\n"
    kept.anew()("stdout", b"12345678")
    with pytest.raises(CheckFailed, match="it said more than 0 MiB"):
        kept.write("stdout", b"9")
    kept.anew()
    assert kept.taken() == ""


def test_what_is_passed_on_is_not_kept():
    assert "output" not in Executed.__slots__
