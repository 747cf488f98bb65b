"""Zero-downtime deployments of a Docker service behind NGINX, as reviewed Jenkins pipelines.

The names below are the public API (docs/api.md). Each is imported when it is first used: importing jenkinsgen
itself costs nothing, so that `jenkinsgen --version` answers at once.
"""

from __future__ import annotations

import importlib

from jenkinsgen._version import __version__

# Our own TYPE_CHECKING: `typing` takes longer to import than all the rest, and until then Ctrl-C ends with a traceback.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.errors import JenkinsgenError
    from jenkinsgen.jenkinsfile.render.write import render as render_spec
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.reading.load import Spec, load_spec
    from jenkinsgen.stages.build_image import build_image
    from jenkinsgen.stages.canary.abort import canary_abort
    from jenkinsgen.stages.canary.step import canary_step
    from jenkinsgen.stages.cleanup import cleanup
    from jenkinsgen.stages.deploy_colour import deploy_colour
    from jenkinsgen.stages.roll_out import roll_out
    from jenkinsgen.stages.rollback import rollback
    from jenkinsgen.stages.switch_nginx import switch_nginx

__all__ = [
    "JenkinsgenError",
    "Pipeline",
    "Release",
    "Report",
    "Spec",
    "__version__",
    "build_image",
    "canary_abort",
    "canary_step",
    "cleanup",
    "deploy_colour",
    "load_spec",
    "render_spec",
    "roll_out",
    "rollback",
    "switch_nginx",
]

# Public name -> where it is defined. `render` alone would be the name of the folder.
_HOMES = {
    "JenkinsgenError": ("errors", "JenkinsgenError"),
    "Pipeline": ("spec.pipeline", "Pipeline"),
    "Release": ("deploy.release", "Release"),
    "Report": ("report", "Report"),
    "Spec": ("spec.reading.load", "Spec"),
    "build_image": ("stages.build_image", "build_image"),
    "canary_abort": ("stages.canary.abort", "canary_abort"),
    "canary_step": ("stages.canary.step", "canary_step"),
    "cleanup": ("stages.cleanup", "cleanup"),
    "deploy_colour": ("stages.deploy_colour", "deploy_colour"),
    "load_spec": ("spec.reading.load", "load_spec"),
    "render_spec": ("jenkinsfile.render.write", "render"),
    "roll_out": ("stages.roll_out", "roll_out"),
    "rollback": ("stages.rollback", "rollback"),
    "switch_nginx": ("stages.switch_nginx", "switch_nginx"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    found: object = getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
