"""What a number in a file that others write may be: beyond that the file is damaged, whatever its shape."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Moment = Annotated[int, Field(ge=0, le=10**11)]
"""Seconds since 1970, for three thousand years."""
Percent = Annotated[int, Field(ge=0, le=100)]
ProcessId = Annotated[int, Field(gt=0, lt=2**31)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
