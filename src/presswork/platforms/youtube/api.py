"""YouTube's Data API, and how its responses are read: an object, an error, or nothing usable."""

from presswork.platforms.api_client import ApiClient, ApiResponse, JsonObject, UnreadableResponse
from presswork.platforms.json_values import items_of, text_of
from presswork.platforms.transport import Reply
from presswork.platforms.youtube.endpoints import Endpoints
from presswork.platforms.youtube.error_mapping import YOUTUBE, meaning_of


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. The errors of the API and of the token endpoint have different forms."""
    body = reply.json_object()
    if reply.status < 300:
        return UnreadableResponse(status=reply.status) if body is None else body
    error = None if body is None else body.get("error")
    code, message = "", ""
    if isinstance(error, dict):
        code, message = _reason_of(error), text_of(error.get("message")) or ""
    elif isinstance(error, str) and body is not None:
        code, message = error, text_of(body.get("error_description")) or ""
    return YOUTUBE.error(reply, meaning_of, code=code, message=message)


def _reason_of(error: JsonObject) -> str:
    """Return the reason of the first listed error, or of the details, else the status of Google's newer envelope."""
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    reason = text_of(first.get("reason")) if isinstance(first, dict) else None
    if reason is not None:
        return reason
    for detail in items_of(error, "details"):
        if (reason := text_of(detail.get("reason"))) is not None:
            return reason
    return text_of(error.get("status")) or (str(error["code"]) if isinstance(error.get("code"), int) else "")


class Api(ApiClient[Endpoints]):
    """YouTube's Data API in one environment."""

    brand = YOUTUBE
    json_type = "application/json; charset=UTF-8"
    read = staticmethod(read_response)
