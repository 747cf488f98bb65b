"""A Jenkins server for tests, which answers as the recorded one did."""

from .server import PASSWORD, TOKEN, USER, FakeJenkins

__all__ = ["PASSWORD", "TOKEN", "USER", "FakeJenkins"]
