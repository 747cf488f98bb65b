"""The reader: from a Groovy tree to a declarative pipeline, with the complaints that Jenkins would have on the way.

One file per part of a Jenkinsfile. The order and the wording of the checks follow Jenkins' own parser and
validator (pipeline-model-definition), so that a message can be looked up.
"""

from __future__ import annotations

from jenkinsgen.jenkinsfile.lint.reading.pipeline import read_pipeline

__all__ = ["read_pipeline"]
