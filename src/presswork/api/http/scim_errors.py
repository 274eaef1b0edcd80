"""Errors in the form of SCIM. Source: RFC 7644, section 3.12."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from starlette.responses import Response

from presswork.core.errors import Code
from presswork.core.json_text import compact_json

SCIM_PATH: Final = "/scim/v2"
SCIM_JSON: Final = "application/scim+json"
_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


def is_scim(request: Request) -> bool:
    """Return whether a request is one of SCIM, by its path."""
    return f"{request.scope['path']}/".startswith(f"{SCIM_PATH}/")


def scim_refusal(
    status: int, code: Code, message: str, details: Mapping[str, object], headers: Mapping[str, str]
) -> Response:
    """Return the response for a refusal of the program: SCIM has no 422, and a keyword for what is not unique."""
    reason = str(details.get("reason", ""))
    keyword = "uniqueness" if reason.endswith("_taken") else "invalidValue" if code is Code.VALIDATION else None
    return scim_error(400 if status == 422 else status, message, keyword, headers)


def scim_error(
    status: int, detail: str, keyword: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error response; `keyword` is the `scimType`."""
    body = {"schemas": [_SCHEMA], "status": str(status), "detail": detail}
    if keyword is not None:
        body["scimType"] = keyword
    return Response(compact_json(body), status_code=status, media_type=SCIM_JSON, headers=dict(headers or {}))
