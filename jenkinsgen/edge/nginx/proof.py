"""The proof that every server of a colour answers through NGINX (mode flag, where NGINX says who answered)."""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING

from jenkinsgen.edge.http import get_with_header
from jenkinsgen.edge.nginx.connections import resolved
from jenkinsgen.edge.nginx.container import check_container
from jenkinsgen.errors import NginxError

if TYPE_CHECKING:
    from jenkinsgen.edge.nginx.asking import Asking
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline

PROOF_SECONDS = 10.0


def prove_each(
    host: SshHost, pipeline: Pipeline, asking: Asking, upstreams: tuple[str, ...], *, path: str, live: Colour
) -> None:
    """Ask for `path` until each of `upstreams` has answered healthily, while `live` had the traffic.

    Raises NginxError.
    """
    missing = set(upstreams)
    end = time.monotonic() + PROOF_SECONDS
    said = "nothing"
    while missing:
        if time.monotonic() > end:
            check_container(host, pipeline)
            raise NginxError(
                f"{host.address}: {', '.join(sorted(missing))} did not answer healthily through NGINX "
                f"within {PROOF_SECONDS:.0f} s; the last answer: {said}",
                hint="none, 502, 504: can NGINX reach that port (a firewall, security group), or has a name a new "
                "address since NGINX read its configuration (nginx -s reload)? Else: jenkinsgen logs",
            )
        serving = asking.serving()
        if serving is None or serving.colour is not live:
            said = f"NGINX serves {serving.colour if serving else 'nothing of this service'}"
            time.sleep(0.02)
            continue
        asked = asking.way()
        answer, upstream = get_with_header(host, asked.port, path, asked.name, "X-Jenkinsgen-Upstream", tls=asked.tls)
        said = f"{upstream or 'NGINX'}: {answer}"
        # "a, b" means that a failed and b answered: then a has not been proven.
        if answer.healthy:
            missing -= _answering(host, upstream, missing)


def _answering(host: SshHost, upstream: str, missing: set[str]) -> set[str]:
    if upstream in missing:
        return {upstream}
    # The spec may name servers; NGINX says addresses.
    return {name for name in missing if upstream in _resolved(host, name)}


def _resolved(host: SshHost, endpoint: str) -> set[str]:
    name, _, port = endpoint.rpartition(":")
    addresses = resolved(host, name.strip("[]"))
    return {f"[{a}]:{port}" if isinstance(a, ipaddress.IPv6Address) else f"{a}:{port}" for a in addresses}
