"""A Jenkins server for tests, which answers as the recorded one did."""

from .routes import USER
from .server import PASSWORD, TOKEN, FakeJenkins

__all__ = ["PASSWORD", "TOKEN", "USER", "FakeJenkins"]
