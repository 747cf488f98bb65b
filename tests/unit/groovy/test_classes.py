from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.groovy import parse
from jenkinsgen.jenkinsfile.groovy.classes import unresolved_classes


@pytest.mark.parametrize(
    "text",
    [
        "new JsonSlurperClassic().parseText(x)",
        "@Field def x = 1",
        "def f(Pattern p) {}",
        "try { a } catch (FlowInterruptedException e) { b }",
        "x as AtomicInteger",
    ],
)
def test_tells_a_class_that_nobody_imported(text: str):
    (error,) = unresolved_classes(parse(text))
    assert error.message.startswith("unable to resolve class ")


@pytest.mark.parametrize(
    "text",
    [
        "import groovy.json.JsonSlurperClassic\nnew JsonSlurperClassic()",
        "import groovy.json.*\nnew JsonSlurperClassic()",
        "class JsonSlurper {}\nnew JsonSlurper()",
        "import my.Other as Pattern\ndef f(Pattern p) {}",
        "new groovy.json.JsonSlurper()",
        "new Date(); new File('x'); new URL('y'); Result r; Jenkins j",
        "new WhoeverKnowsThis()",
        "import team.Tools\nnew Utils()",
    ],
)
def test_accepts_what_is_visible_or_not_known(text: str):
    assert unresolved_classes(parse(text)) == []
