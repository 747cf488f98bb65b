"""Texts that are made to keep a reader busy for ever, each small enough to be in a pull request."""

from __future__ import annotations


def in_steps(code: str) -> str:
    return f"pipeline {{ agent any\n stages {{ stage('A') {{ steps {{ script {{\n{code}\n}} }} }} }} }}\n"


def in_options(code: str) -> str:
    return f"pipeline {{ agent any\n {code}\n stages {{ stage('A') {{ steps {{ sh 'x' }} }} }} }}\n"


def _matrix(axes: int, values: int) -> str:
    listed = ", ".join(f"'v{each}'" for each in range(values))
    made = "\n".join(f"axis {{ name 'A{each}'\n values {listed} }}" for each in range(axes))
    cell = "stages { stage('X') { steps { sh 'x' } } }"
    matrix = f"matrix {{ agent any\n axes {{ {made} }}\n {cell} }}"
    return f"pipeline {{ agent none\n stages {{ stage('M') {{ {matrix} }} }} }}\n"


_FIFTY = "[" + ", ".join(map(str, range(50))) + "]"
_LOOP = f"for (i in {_FIFTY}) {{ for (j in {_FIFTY}) {{ %s }} }}"
TEXTS = {
    "a text that doubles": in_steps(f"def s = 'xxxxxxxx'\n{_LOOP % 's = s + s'}\nsh s"),
    "a text that doubles inside of a string": in_steps('def s = "x"\n' + _LOOP % 's = "${s}${s}"' + "\nsh s"),
    "an unknown text that doubles": in_steps("def s = 'x' + q()\n" + _LOOP % "s = s + s" + "\nsh s"),
    "a text that grows by replacing": in_steps(
        "def s = 'xxxxxxxxxxxxxxxx'\n" + _LOOP % "s = s.replace('x', s)" + "\nsh s"
    ),
    "a list that doubles": in_steps("def l = [1]\n" + _LOOP % "l = l + l" + "\necho l"),
    "a list of itself twice": in_steps(
        "def l = [1]\ndef m = [1]\n" + _LOOP % "l = [l, l]; m = [m, m]" + "\nif (l == m) { sh 'x' }"
    ),
    "a map of itself twice": in_steps("def l = [a: 1]\n" + _LOOP % "l = [a: l, b: l]" + "\necho l"),
    "a number that doubles": in_steps("def n = 1\n" + _LOOP % "n = n + n" + "\necho n"),
    "loops in loops": in_steps("".join(f"for (i{each} in {_FIFTY}) {{ " for each in range(12)) + "sh 'x'" + " }" * 12),
    "retries in retries": in_steps("retry(1000000) { " * 12 + "error 'x'" + " }" * 12),
    "a stage that is tried again for ever": "pipeline { agent any\n stages {\n"
    " stage('A') { options { retry(2000000000) }\n steps { error 'x' } } } }\n",
    "a number of 5,000 digits": in_steps("echo " + "9" * 5000),
    "a number of 5,000 digits as a timeout": in_options(f"options {{ timeout(time: {'9' * 5000}) }}"),
    "a hexadecimal number of 6,000 digits": in_options(f"options {{ timeout(time: 0x{'f' * 6000}) }}"),
    "a number with 5,000 underscores": in_steps("echo 1" + "_" * 5000 + "1"),
    "a fraction of 50,000 digits": in_steps("echo 1." + "9" * 10_000),
    "a schedule of 5,000 digits": in_options("triggers { cron('" + "1" * 5000 + " * * * *') }"),
    "a schedule of digits that are none": in_options("triggers { cron('² * * * *') }"),
    "brackets in brackets": in_steps("x = " + "[" * 1_500 + "]" * 1_500),
    "blocks in blocks": "pipeline " + "{ a " * 1_500,
    "values in strings in values": in_steps('echo "' + '${"' * 1_500 + '"}' * 1_500 + '"'),
    "signs before signs": in_steps("x = " + "!" * 1_500 + "y"),
    "sums of sums": in_steps("x = " + " + ".join(["'a'"] * 1_500)),
    "texts joined in an environment": in_options("environment { A = " + " + ".join(["'a'"] * 1_500) + " }"),
    "an else after an else": in_steps("if (x) { sh 'x' } " + "else if (x) { sh 'x' } " * 1_500),
    "labels before labels": in_steps("a: " * 1_500 + "sh 'x'"),
    "questions in questions": in_steps("x = " + "a ? b : " * 1_500 + "c"),
    "assignments in assignments": in_steps("a = " * 8_000 + "1"),
    "calls of calls": in_steps("f" + "()" * 1_500),
    "blocks after a call": in_steps("f()" + "{}" * 1_500),
    "properties of properties": in_steps("x = a" + ".a" * 1_500),
    "parameters that are none": in_steps("f " + "{ a = " * 60 + "1" + " ! -> }" * 60),
    "types in types": in_steps("List" + "<List" * 1_500),
    "generics that never close": in_steps("\n".join(["A<A<A<A"] * 1_500)),
    "a comment that never ends": "pipeline { /*" + "* " * 5_000,
    "a string that never ends": 'pipeline { "' + "${a}" * 1_500,
    "variables and blocks": in_steps("\n".join(f"def a{each} = 1" for each in range(500)) + "\nx {}" * 500),
    "many options of one name": in_options("options { " + "\n".join(["timestamps()"] * 1_500) + " }"),
    "many options that are unknown": in_options("options { " + "\n".join(f"o{each}()" for each in range(1_500)) + " }"),
    "many stages of one name": "pipeline { agent any\n stages { "
    + "\n".join(["stage('A') { steps { sh 'x' } }"] * 1_500)
    + " } }",
    "many unknown steps": in_steps("\n".join(f"slackSent{each} 'x'" for each in range(1_500))),
    "a step with a long name": in_steps("s" * 200_000 + " 'x'"),
    "a parameter with a long name": in_options("options { timeout(" + "t" * 200_000 + ": 1) }"),
    "many parameters that are unknown": in_options(
        "options { timeout(" + ", ".join(f"p{each}: 1" for each in range(1_500)) + ") }"
    ),
    "many secrets": "pipeline { agent any\n stages { stage('A') { environment { "
    + "\n".join(f"S{each} = credentials('s')" for each in range(200))
    + " }\n steps { script { "
    + "sh 'x'\n" * 300
    + " } } } } }",
    "many options with passwords": in_steps(
        "withCredentials([string(credentialsId: 'a', variable: 'T')]) { sh '''"
        + '--password=-u=login -H "://' * 1_500
        + "''' }"
    ),
    "many runs of docker": in_steps("sh '" + "docker run docker login -p -e A " * 2_000 + "'"),
    "many keys of hosts": in_steps("sh '" + "ssh-keyscan > StrictHostKeyChecking " * 2_000 + "'"),
    "many commands that a review reads": in_steps("sh '" + "curl -" + "k" * 30_000 + "_ set -" + "x" * 30_000 + "'"),
    "many escapes": "pipeline { " + "\\u0061" * 1_500 + " }",
    "many escapes in an accepted file": in_steps("\n".join(["\\u0061b()"] * 400)),
    "many cells": _matrix(10, 10),
    "many values of an axis": _matrix(1, 1_500),
    "a pattern that repeats too often": in_options("").replace(
        "steps { sh 'x' }", "when { changelog 'a{99999999999}' }\n steps { sh 'x' }"
    ),
    "a pattern in a pattern": in_options("").replace(
        "steps { sh 'x' }", "when { changelog '" + "(" * 1_500 + ")" * 1_500 + "' }\n steps { sh 'x' }"
    ),
    "slashes that silence": in_steps("sh 'x'\n" + "// jenkinsgen: ignore[" * 1_500),
    "a code of nine megabytes": in_steps("sh 'x'\n" * 1_300_000),
    "half of a character": in_steps("echo '\\ud800'\nsh '\\udc00'\nstash '\\ud800'"),
    "a name of half a character": "pipeline { agent any\n stages { stage('\\ud800') { steps { sh '\\ud83d' } } } }",
}
