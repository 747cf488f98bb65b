"""Is the way to a host what the stages need? How much sshd lets in at a time, and whether tunnels are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed, ok, warning

if TYPE_CHECKING:
    from jenkinsgen.facts import Facts

LIMITS = "sshd limits"
TUNNEL = "tunnel"
# A stage opens one connection to a host, and on it at most as many commands at once as edge/ssh/host.py has places.
CONNECTIONS, SESSIONS = 2, 8
_DEFAULTS = {"maxstartups": "10:30:100", "maxsessions": "10"}


def judge_limits(host: str, facts: Facts) -> Check:
    """`sshd` lines are `KEY VALUE`, or `hidden`; of several the first counts, as for sshd itself."""
    lines = facts.get("sshd", ["hidden"])
    if "hidden" in lines:
        return warning(host, LIMITS, "not visible to this user", "as root on that host: sshd -T | grep -i ^max")
    settings = dict(_DEFAULTS)
    for line in reversed(lines):
        key, _, value = line.partition(" ")
        settings[key.lower()] = value.strip()
    startups, sessions = settings["maxstartups"], settings["maxsessions"]
    found = f"MaxStartups {startups}, MaxSessions {sessions}"
    try:
        first, most = int(startups.partition(":")[0]), int(sessions)
    except ValueError:
        return warning(host, LIMITS, f"cannot be understood: {found}", "as root on that host: sshd -T | grep -i ^max")
    if most < SESSIONS or first < CONNECTIONS:
        return warning(
            host,
            LIMITS,
            f"{found}: calls of the Docker API share one connection, a session each",
            f"in its sshd_config: MaxSessions {_DEFAULTS['maxsessions']} and MaxStartups {_DEFAULTS['maxstartups']}",
        )
    return ok(host, LIMITS, found)


def judge_tunnel(host: str, port: int, forbidden: str) -> Check:
    """`forbidden` is what the host said against a tunnel, empty when it let one through."""
    if forbidden:
        return failed(
            host,
            TUNNEL,
            f"{forbidden}; NGINX is asked through one which colour is live",
            f"in its sshd_config, for this user: AllowTcpForwarding local, PermitOpen 127.0.0.1:{port}",
        )
    return ok(host, TUNNEL, f"sshd lets one through to port {port}")
