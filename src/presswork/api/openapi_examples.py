"""An example of every refusal, as the OpenAPI document shows it."""

from collections.abc import Mapping
from typing import Any, Final

from presswork.api.envelope import INTERNAL
from presswork.core.errors import Code

Json = dict[str, Any]  # an OpenAPI document nests freely

REQUEST_ID: Final = "req_01K9ZQ2V3M8T5R7W1X4Y6Z0ABC"
_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"

EXAMPLES: Final[Mapping[Code, tuple[str, Mapping[str, object]]]] = {
    Code.UNAUTHENTICATED: (
        "No usable API key came with this call. Send `Authorization: Bearer lp_…`; `presswork key create` makes a key.",
        {},
    ),
    Code.FORBIDDEN_SCOPE: ("This key lacks the scope publish:write.", {"requiredScope": "publish:write"}),
    Code.APPROVAL_REQUIRED: (
        "This content waits for approval. Approve it, then publish again.",
        {"containerId": f"cnt_{_UUID}", "approvalStatus": "pending"},
    ),
    Code.RETURN_URL_NOT_ALLOWED: (
        "This key may not send people to evil.example. Make a key with that return domain.",
        {"host": "evil.example", "allowedDomains": ["app.example.com"]},
    ),
    Code.NOT_FOUND: ("There is no such thing here. Check the id, and that the key is of the right environment.", {}),
    Code.METHOD_NOT_ALLOWED: ("PUT does not work on this path. Use one of: GET.", {"allowed": "GET"}),
    Code.CONFLICT: ("This is not in a state that allows it. Look at its status first.", {"status": "archived"}),
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
    Code.UNSUPPORTED_MEDIA_TYPE: ("The body must be JSON: send it with Content-Type: application/json.", {}),
    Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY: (
        "This account must be connected again before it can publish.",
        {"socialAccountId": f"sa_{_UUID}", "mode": "publish", "reason": "reauth_required"},
    ),
    Code.PHONE_REQUIRED: ("Say which phone to text: phoneNumber, like +351912345678.", {}),
    Code.OWNER_PHONE_UNVERIFIED: ("The operator's phone is not verified. Verify it, or name another phone.", {}),
    Code.MEDIA_UNREACHABLE: ("The server of media[0] answered 404. Check the URL.", {"path": "media[0].url"}),
    Code.MEDIA_UNSUPPORTED: (
        "media[0] is a GIF; send JPEG, PNG or WebP, or MP4 or MOV video.",
        {"path": "media[0].url"},
    ),
    Code.RATE_LIMITED: ("This key may make 60 write calls a minute. Wait 12 s, then go on.", {"retryAfterSeconds": 12}),
    Code.INTERNAL: (INTERNAL, {}),
    Code.KILL_SWITCH: (
        "This key was switched off in an emergency. Ask the operator of this service what happened.",
        {},
    ),
    Code.UNAVAILABLE: (
        "Something that this needs is not there now, and the message says what. Try again shortly.",
        {},
    ),
}
"""Sentence and details by code. VALIDATION has none here: its example depends on the route."""


def example_of(code: Code, *, scope: str | None, issue: Mapping[str, str]) -> Json:
    """Return the envelope of a refusal. A missing scope and a validation issue read as in the route's own reply."""
    message: str
    details: Json
    if code is Code.VALIDATION:
        message, details = f"{issue['path']}: {issue['message']}", {"issues": [dict(issue)]}
    elif code is Code.FORBIDDEN_SCOPE and scope is not None:
        message, details = f"This key lacks the scope {scope}. Use a key that carries it.", {"requiredScope": scope}
    else:
        message, details = EXAMPLES[code][0], dict(EXAMPLES[code][1])
    error: Json = {"code": code.value, "message": message, "requestId": REQUEST_ID}
    return {"error": {**error, "details": details} if details else error}
