"""Which certificates a Jenkins server's is verified with; a file of them that is broken is named before it is used."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.errors import JenkinsError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Requests reads the second and the third; the first of them that is set counts.
_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trusted(ca_file: str | None, environment: Mapping[str, str] = os.environ) -> str | bool:
    """The value of `verify` for requests: a file or folder of certificates, or True for those that it brings along.

    Raises JenkinsError when the named file or folder cannot be read, or holds no certificate.
    """
    if ca_file:
        return _checked(ca_file, "--ca-file or JENKINS_CA_FILE")
    variable = next((name for name in _VARIABLES if environment.get(name)), None)
    return True if variable is None else _checked(environment[variable], variable)


def _checked(path: str, named_by: str) -> str:
    hint = f"{named_by} names it: a file of PEM certificates, or a folder of them as c_rehash makes it"
    try:
        if Path(path).is_dir():
            return path
        Path(path).read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise JenkinsError(f"{path}: holds no certificate that can be read", hint=hint) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise JenkinsError(f"{path}: cannot be read: {why}", hint=hint) from error
    return path
