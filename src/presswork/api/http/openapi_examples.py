"""Example error responses of the OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Final

from presswork.api.http.envelope import INTERNAL
from presswork.api.http.error_guide import ErrorLinks
from presswork.core.errors import Code

Json = dict[str, Any]  # Any: an OpenAPI document has nested JSON values of all types

LINKS: Final = ErrorLinks("https://presswork.example.com/errors/")
REQUEST_ID: Final = "req_01K9ZQ2V3M8T5R7W1X4Y6Z0ABC"
_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"

EXAMPLES: Final[Mapping[Code, tuple[str, Mapping[str, object]]]] = {
    Code.UNAUTHENTICATED: (
        "The request has no valid API key. Send `Authorization: Bearer lp_…`; create a key with `presswork key create`.",
        {},
    ),
    Code.FORBIDDEN_SCOPE: ("This key does not have the scope publish:write.", {"requiredScope": "publish:write"}),
    Code.FORBIDDEN_ORIGIN: (
        "A write with a session needs the header `X-Presswork-Console: 1` and the Origin of this server.",
        {},
    ),
    Code.CONFIRMATION_REQUIRED: (
        "Confirm that it is you: send one of `details.methods` to POST /v1/auth/confirm, then the request again.",
        {"methods": ["totp", "recovery_code"]},
    ),
    Code.APPROVAL_REQUIRED: (
        "This content is waiting for approval. Approve it, then publish it again.",
        {"containerId": f"cnt_{_UUID}", "approvalStatus": "pending"},
    ),
    Code.RETURN_URL_NOT_ALLOWED: (
        "evil.example is not a return domain of this key. Create a key with that return domain.",
        {"host": "evil.example", "allowedDomains": ["app.example.com"]},
    ),
    Code.PLAN_LIMIT: (
        "This organization may have 500 of what the limit postsPerMonth counts, and has 500. Ask for a higher limit.",
        {"limit": "postsPerMonth", "maximum": 500, "used": 500, "resetsAt": "2026-12-01T00:00:00.000Z"},
    ),
    Code.NOT_FOUND: ("The object was not found. Check its id and the environment of the key.", {}),
    Code.METHOD_NOT_ALLOWED: ("PUT does not work on this path. Use one of: GET.", {"allowed": "GET"}),
    Code.CONFLICT: (
        "The status of the object does not allow this operation. Check its status.",
        {"status": "archived"},
    ),
    Code.CONFLICT_DUPLICATE_ID: (
        f"sp_{_UUID} exists already. Choose a new id; to retry a call safely, send an Idempotency-Key.",
        {"scheduledPostId": f"sp_{_UUID}"},
    ),
    Code.CONTENT_REJECTED: (
        "This content was rejected in review. Create a new container and publish it.",
        {"containerId": f"cnt_{_UUID}", "approvalStatus": "rejected"},
    ),
    Code.IDEMPOTENCY_CONFLICT: (
        "This Idempotency-Key was used for a different request on this route. Send a new key for a new request.",
        {},
    ),
    Code.PAYLOAD_TOO_LARGE: (
        "The body is over 1048576 bytes. Send media by URL or by presigned upload, not in the body.",
        {"maxBytes": 1048576},
    ),
    Code.UNSUPPORTED_MEDIA_TYPE: ("The body is not declared as JSON. Send it with Content-Type: application/json.", {}),
    Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY: (
        "The account's access has ended. Connect the account again before you publish to it.",
        {"socialAccountId": f"sa_{_UUID}", "mode": "publish", "reason": "reauth_required"},
    ),
    Code.PHONE_REQUIRED: ("No phone number is known. Send phoneNumber, like +351912345678.", {}),
    Code.OWNER_PHONE_UNVERIFIED: (
        "The operator's phone is not verified. Verify it, or send another phone in phoneNumber.",
        {},
    ),
    Code.MEDIA_UNREACHABLE: ("The server of media[0] answered 404. Check the URL.", {"path": "media[0].url"}),
    Code.MEDIA_UNSUPPORTED: (
        "media[0] is a GIF; send JPEG, PNG or WebP, or MP4 or MOV video.",
        {"path": "media[0].url"},
    ),
    Code.RATE_LIMITED: ("This key may send 60 write requests per minute. Retry in 12 s.", {"retryAfterSeconds": 12}),
    Code.INTERNAL: (INTERNAL, {}),
    Code.KILL_SWITCH: (
        "This key was killed. Ask the operator of this service for the reason.",
        {},
    ),
    Code.UNAVAILABLE: (
        "A dependency is unavailable. Try again in a few seconds.",
        {},
    ),
}
"""Message and details by code. VALIDATION is not included: its example depends on the route."""


def example_of(code: Code, *, scope: str | None, issue: Mapping[str, str]) -> Json:
    """Return an example error response. A missing scope and a validation issue are those of the route."""
    message: str
    details: Json
    if code is Code.VALIDATION:
        message, details = issue["message"], {"issues": [dict(issue)]}
    elif code is Code.FORBIDDEN_SCOPE and scope is not None:
        message, details = f"This key does not have the scope {scope}. Use a key that has it.", {"requiredScope": scope}
    else:
        message, details = EXAMPLES[code][0], dict(EXAMPLES[code][1])
    error: Json = {"code": code.value, "message": message, "requestId": REQUEST_ID}
    if details:
        error["details"] = details
    return {"error": {**error, "docUrl": LINKS.to(code)}}
