"""All that NGINX loads on its host; asked where NGINX does not answer as it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge.nginx.reload import loaded_configuration
from jenkinsgen.errors import NginxError
from jenkinsgen.nginx.layout import read_layout, read_servers
from jenkinsgen.nginx.place import why_silent
from jenkinsgen.nginx.site import site_path

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.nginx.layout import Layout
    from jenkinsgen.spec.pipeline import Pipeline


def look_at_layout(host: SshHost, pipeline: Pipeline, root: str) -> Layout | None:
    """The layout by `nginx -T`; None where root may not be asked (`root` is no), or the output makes no sense."""
    return None if root == "no" else read_layout(loaded_configuration(host, pipeline).files)


def silent(host: SshHost, pipeline: Pipeline, site_text: str, layout: Layout | None) -> NginxError:
    """NGINX does not answer with the site file that is there; why, as far as it can be known."""
    path = site_path(pipeline)
    what = f"{host.address}: {path} is installed, but NGINX does not answer with it"
    for obstacle in why_silent(layout, path, read_servers(site_text, path)) if layout else ():
        return NginxError(f"{what}, so it is not known which colour is live: {obstacle.what}", hint=obstacle.remedy)
    return NginxError(
        f"{what}, so it is not known which colour is live",
        hint="does NGINX run (systemctl status nginx), does it include that file (nginx -T), and has no other file "
        "the same server_name? Is its configuration valid (nginx -t), and was it reloaded since?",
    )
