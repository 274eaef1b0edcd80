"""Responses: a model written as JSON once, straight to bytes."""

from collections.abc import Mapping

from pydantic import BaseModel
from starlette.responses import Response

from presswork.idempotency.stored_replies import Reply


def reply_of(model: BaseModel, *, status: int = 200, exclude_none: bool = False) -> Reply:
    """Write a model; with `exclude_none`, what does not apply is absent rather than null."""
    return Reply(status, model.model_dump_json(by_alias=True, exclude_none=exclude_none).encode())


def response_of(reply: Reply, headers: Mapping[str, str] | None = None) -> Response:
    """Return a reply as a response; a replay is marked by a header."""
    all_headers = {**(headers or {}), **({"Idempotent-Replayed": "true"} if reply.is_replay else {})}
    return Response(reply.body, status_code=reply.status, media_type="application/json", headers=all_headers)


def respond(
    model: BaseModel, *, status: int = 200, exclude_none: bool = False, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a model as a response."""
    return response_of(reply_of(model, status=status, exclude_none=exclude_none), headers)
