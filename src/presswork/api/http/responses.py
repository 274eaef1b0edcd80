"""Build JSON responses from models."""

from collections.abc import Mapping
from hashlib import sha256

from pydantic import BaseModel
from starlette.responses import Response

from presswork.api.http.stored_json import StoredTexts
from presswork.idempotency.stored_replies import Reply


def reply_of(model: BaseModel, *, status: int = 200, exclude_none: bool = False, exclude_unset: bool = False) -> Reply:
    """Serialize a model. With `exclude_none`, fields that are None are left out; with `exclude_unset`, those not set."""
    stored = StoredTexts()
    serialized = model.model_dump_json(
        by_alias=True, exclude_none=exclude_none, exclude_unset=exclude_unset, context=stored
    )
    return Reply(status, stored.inserted_into(serialized).encode())


def response_of(reply: Reply, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of a reply. A replay has the header Idempotent-Replayed."""
    all_headers = {**(headers or {}), **({"Idempotent-Replayed": "true"} if reply.is_replay else {})}
    return Response(reply.body, status_code=reply.status, media_type="application/json", headers=all_headers)


def respond_unless_known(reply: Reply, if_none_match: str | None) -> Response:
    """Return the response with its ETag, or an empty 304 where the caller has it: its If-None-Match names that ETag."""
    etag = etag_of(reply.body)
    if if_none_match is not None and etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return Response(status_code=304, headers={"ETag": etag})
    return response_of(reply, {"ETag": etag})


def etag_of(body: bytes) -> str:
    """Return the ETag of a body."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def matches(if_match: str | None, body: bytes) -> bool:
    """Return whether a call may change what has this body: it has no If-Match, or one that names the ETag. `*` is any."""
    return if_match is None or not {"*", etag_of(body)}.isdisjoint(tag.strip() for tag in if_match.split(","))


def respond(
    model: BaseModel, *, status: int = 200, exclude_none: bool = False, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the response of a model; see `reply_of`."""
    return response_of(reply_of(model, status=status, exclude_none=exclude_none), headers)
