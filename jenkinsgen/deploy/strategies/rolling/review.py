"""The words of the section `rolling` for a reviewer."""

from __future__ import annotations

from jenkinsgen.deploy.strategies.review import Review

REVIEW = Review("rolling", {"rolling.batch": ("servers", "servers out of the traffic at one time")})
