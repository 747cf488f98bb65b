"""Servers in containers, for the demo and the tests: app servers with their own engine, NGINX, a registry.

`up` makes them, `down` removes them, `load` tells what `up` made, `status` looks at it.
"""

from __future__ import annotations

from jenkinsgen.sandbox.lifecycle import HostStatus, down, load, status, up
from jenkinsgen.sandbox.model import Host, Sandbox

__all__ = ["Host", "HostStatus", "Sandbox", "down", "load", "status", "up"]
