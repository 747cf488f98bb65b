"""The pipeline of `job.rollback`: the same deployment, but a job that builds nothing and that only a person starts.

Both its Jenkinsfile and its job on the server are made from this one answer, so that they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.spec.job import StringParameter, Triggers

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline

VERSION = StringParameter(
    name="VERSION",
    description="The version to go back to. Empty means the release before the one that is live.",
)


def rollback_of(pipeline: Pipeline) -> Pipeline:
    """The pipeline of the rollback job: the checkout is there for the spec alone.

    A multibranch job gets a plain one beside it, which reads the branch of the spec: a button is one job. Raises
    ValueError for a spec without `job.rollback`.
    """
    job = pipeline.job
    if job.rollback is None:
        raise ValueError("the spec has no job.rollback")
    changed_job = {
        "name": job.rollback,
        "rollback": None,
        "kind": "inline" if job.kind == "inline" else "pipeline",
        "description": f"Rolls back what {job.name} deployed.",
        "triggers": Triggers(),
        "parameters": (VERSION,),
    }
    source = pipeline.source.model_copy(update={"submodules": None})
    return pipeline.model_copy(
        update={"job": job.model_copy(update=changed_job), "source": source, "build": None, "template": None}
    )
