"""The names of a service's variables and upstreams in its site file."""

from __future__ import annotations

import hashlib

# NGINX takes names of 46 characters (variables_hash_bucket_size is 64 by default); the longest end is `_connection`.
_LONGEST = 35
_DIGEST = 8
# NGINX has variables with these prefixes: `$http_cookie`, `$sent_http_connection`.
_TAKEN = ("http", "sent-http")


def prefix_of(service: str) -> str:
    """The beginning of their names: that of the service, as far as NGINX takes it."""
    prefix = service.replace("-", "_")
    if len(prefix) <= _LONGEST and service not in _TAKEN:
        return prefix
    digest = hashlib.sha256(service.encode()).hexdigest()[:_DIGEST]
    return f"{prefix[: _LONGEST - _DIGEST - 1]}_{digest}"
