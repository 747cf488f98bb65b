"""Everything that can go wrong with a request, as one JenkinsError that says what was asked."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import jenkins
import requests

from jenkinsgen.edge.jenkins.client import Refused
from jenkinsgen.edge.jenkins.http import AnswerTooLarge
from jenkinsgen.edge.jenkins.reason import hint
from jenkinsgen.errors import JenkinsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 300
# X509_V_ERR_HOSTNAME_MISMATCH, _CERT_HAS_EXPIRED and _CERT_NOT_YET_VALID of OpenSSL's x509_vfy.h.
_HOSTNAME_MISMATCH = 62
_EXPIRED = 10
_NOT_YET_VALID = 9
_NO_WAY = (
    "does Jenkins run there? check JENKINS_URL, the proxy variables, and whether a firewall lets this machine through"
)
_NO_ANSWER = (
    "the server is busy, or something on the way drops the connection; what was to be changed may have been changed "
    "all the same: look before you ask again"
)


@contextmanager
def told(what: str, server: str, user: str) -> Iterator[None]:
    """Errors of the library, of HTTP, of the network and of an answer's shape as one JenkinsError.

    `what` says what was tried, `server` where.
    """
    try:
        yield
    except Refused as error:
        raise JenkinsError(f"{what}: {error}", hint=hint(error.status, user, error.why)) from error
    except jenkins.NotFoundException as error:
        raise JenkinsError(f"{what}: not found, or user {user} may not see it (HTTP 404)") from error
    except (requests.Timeout, jenkins.TimeoutException) as error:
        if isinstance(error, requests.ConnectTimeout) or isinstance(error.__context__, requests.ConnectTimeout):
            raise JenkinsError(f"{what}: {server} cannot be reached (no connection in time)", hint=_NO_WAY) from error
        raise JenkinsError(f"{what}: no answer in time from {server}", hint=_NO_ANSWER) from error
    except requests.RequestException as error:
        raise _of_http(what, server, error) from error
    except (jenkins.JenkinsException, ValueError, OSError) as error:
        raise JenkinsError(f"{what}: {_short(str(error)) or type(error).__name__}") from error


def _of_http(what: str, server: str, error: requests.RequestException) -> JenkinsError:
    match error:
        case requests.exceptions.SSLError():
            return _of_tls(what, server, _root_cause(error))
        case requests.exceptions.ProxyError():
            why = f"the proxy before {server} does not let us through ({_short(str(_root_cause(error)))})"
            return JenkinsError(f"{what}: {why}", hint="check https_proxy, http_proxy and no_proxy")
        case requests.ConnectionError():
            why = _short(str(_root_cause(error))) or type(error).__name__
            return JenkinsError(f"{what}: {server} cannot be reached ({why})", hint=_NO_WAY)
        case AnswerTooLarge():
            return JenkinsError(f"{what}: {error}", hint=f"is it Jenkins that answers at {server}?")
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return JenkinsError(f"{what}: the answer of {server} cannot be read ({_short(str(_root_cause(error)))})")
    return JenkinsError(f"{what}: {_short(str(error)) or type(error).__name__}")


def _of_tls(what: str, server: str, cause: BaseException) -> JenkinsError:
    if not isinstance(cause, ssl.SSLCertVerificationError):
        why = f"no TLS connection to {server} ({_short(str(cause))})"
        return JenkinsError(f"{what}: {why}", hint="does it speak https at this port? JENKINS_URL may have to say http")
    by_code = {
        _HOSTNAME_MISMATCH: "JENKINS_URL must have a name that the certificate has",
        _EXPIRED: "renew the certificate, or set the clock of this machine",
        _NOT_YET_VALID: "is the clock of this machine right? if it is, the server needs another certificate",
    }
    known = by_code.get(
        cause.verify_code, "name the file with its certificate authority: --ca-file, or JENKINS_CA_FILE"
    )
    why = f"the certificate of {server} cannot be verified ({_short(cause.verify_message)})"
    return JenkinsError(f"{what}: {why}", hint=known)


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _root_cause(error: BaseException) -> Any:
    seen: Any = error
    while seen.__context__ is not None:
        seen = seen.__context__
    return seen
