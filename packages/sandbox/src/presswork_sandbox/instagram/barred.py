"""What Graph v27.0 bars in all versions for apps that did not use it before: the apps of the sandbox are new.

Source: Meta, "Introducing Graph API v27.0" (2026-11-04), read 2026-11: multi-ID reads, field aliases, `date_format`, HTTP method
override, JSONP and asynchronous batches. With which code it refuses is not documented: 100 here.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.instagram.errors import INVALID_PARAMETER, Problem
from presswork_sandbox.wire import JSONValue, text_of

_PARAMETERS: Final[Mapping[str, str]] = {
    "ids": "multi-ID reads",
    "date_format": "date_format",
    "method": "HTTP method override",
    "callback": "JSONP",
    "is_async": "asynchronous batches",
}
_HEADERS: Final = ("x-http-method-override", "x-http-method", "x-method-override")
_ALIAS: Final = re.compile(r"\.as\(", re.ASCII)


def barred(request: Request, params: Mapping[str, JSONValue]) -> Problem | None:
    """Return the refusal of a call that uses one of them, or None if it uses none."""
    found = [what for name, what in _PARAMETERS.items() if name in params]
    if any(name in request.headers for name in _HEADERS):
        found.append(_PARAMETERS["method"])
    if _ALIAS.search(text_of(params.get("fields"))):
        found.append("field aliases")
    if not found:
        return None
    return INVALID_PARAMETER.about(
        f"(#100) Apps that did not use {found[0]} before v27.0 may not use it in any version"
    )
