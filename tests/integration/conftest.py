"""The fixtures of the tests on real servers; they are shared with tests/faults."""

from __future__ import annotations

from sandbox_workspace import Workspace, as_root, log_in, on, sandbox, workspace

__all__ = ["Workspace", "as_root", "log_in", "on", "sandbox", "workspace"]
