"""A parser of Groovy 2.4, the language that Jenkins embeds, in pure Python.

`parse(text)` gives the tree of a script or raises `GroovySyntaxError` with the line and column at which
Jenkins' own compiler would complain. Nothing is executed.
"""

from __future__ import annotations

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.parser import parse

__all__ = ["GroovySyntaxError", "parse"]
