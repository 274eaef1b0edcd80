"""One call of an identity provider."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from presswork.api.context import Context
from presswork.callers.model import Principal
from presswork.provisioning.model import ScimToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request with its caller, which has been counted."""

    request: Request
    context: Context
    token: ScimToken
    caller: Principal
    now: datetime
