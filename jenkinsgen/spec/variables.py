"""Names of environment variables that a spec may not choose.

The answer to a question of a job becomes a variable of every step of its builds, and every person who may press the
button chooses it. Jenkins keeps variables without regard to case: `path` replaces PATH (EnvVars is a map of that kind).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.spec.section import ProblemAt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.spec.reading.document import KeyPath

# Prefixes, where a program reads a whole family of names: they cover what it reads tomorrow as well.
_PREFIXES = (
    *("JENKINSGEN_", "JENKINS_", "HUDSON_"),
    *("DOCKER_", "BUILDKIT_", "GIT_", "SSH_", "PYTHON", "PIP_", "LD_", "DYLD_", "BASH_", "XDG_"),
    *("NPM_CONFIG_", "CARGO_", "COMPOSE_"),
)
_NAMES = frozenset(
    {
        # The shell, and where programs look for programs and for their files.
        *("PATH", "HOME", "ENV", "IFS", "SHELL", "SHELLOPTS", "BASHOPTS", "CDPATH", "PS4", "PROMPT_COMMAND", "PWD"),
        *("USER", "LOGNAME", "TMPDIR", "TMP", "TEMP", "VIRTUAL_ENV", "LANG", "LC_ALL", "NLSPATH", "LOCPATH"),
        # Proxies that requests, git and docker ask, and certificates that they trust.
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY", "NETRC"),
        *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "SSLKEYLOGFILE"),
        # Variables that a runtime obeys before its program begins.
        *("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "PERL5OPT", "PERL5LIB", "RUBYOPT"),
        *("RUBYLIB", "GCONV_PATH", "HOSTALIASES", "RESOLV_HOST_CONF", "MALLOC_CHECK_", "GLIBC_TUNABLES"),
        # The options of build tools, which name programs, agents of a JVM and registries.
        *(
            "MAVEN_OPTS",
            "MAVEN_ARGS",
            "GRADLE_OPTS",
            "GRADLE_USER_HOME",
            "ANT_OPTS",
            "SBT_OPTS",
            "JAVA_HOME",
            "M2_HOME",
        ),
        *("CLASSPATH", "NODE_PATH", "NODE_EXTRA_CA_CERTS", "MAKEFLAGS", "GOFLAGS", "GOPROXY", "GOENV", "RUSTC_WRAPPER"),
        *("CC", "CXX", "EDITOR", "VISUAL", "PAGER", "LESSOPEN", "SUDO_ASKPASS", "KUBECONFIG"),
        # Variables by which Jenkins tells a build about itself: the version of an image is made of the number.
        *("BUILD_NUMBER", "BUILD_ID", "BUILD_URL", "BUILD_TAG", "BUILD_DISPLAY_NAME", "JOB_NAME", "JOB_BASE_NAME"),
        *("JOB_URL", "NODE_NAME", "NODE_LABELS", "EXECUTOR_NUMBER", "WORKSPACE", "WORKSPACE_TMP", "STAGE_NAME"),
        *("BRANCH_NAME", "BRANCH_IS_PRIMARY", "TAG_NAME", "CHANGE_ID", "CHANGE_URL", "CHANGE_TARGET", "CHANGE_BRANCH"),
        *("RUN_DISPLAY_URL", "RUN_ARTIFACTS_DISPLAY_URL", "RUN_CHANGES_DISPLAY_URL", "RUN_TESTS_DISPLAY_URL"),
    }
)


def meant_for_programs(name: str) -> bool:
    """Does a program that a build runs obey a variable of this name, or does Jenkins set it?"""
    upper = name.upper()
    return upper in _NAMES or re.match("|".join(_PREFIXES), upper) is not None


def differ_by_more_than_case(names: Iterable[str], *places: KeyPath) -> None:
    """Raises ProblemAt for a name that Jenkins takes for one before it, at its place."""
    first: dict[str, str] = {}
    for name, place in zip(names, places, strict=True):
        other = first.setdefault(name.upper(), name)
        if other != name:
            raise ProblemAt(f"and {other} are one variable for Jenkins, which disregards case", place)
