"""The route of the event stream."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from presswork.api.context import Context, Ctx, now_of
from presswork.api.http.auth import PublishRead, identify, in_environment
from presswork.api.http.openapi import refusals
from presswork.api.webhooks.event_schemas import ContentEvent, InsightsEvent, PingEvent, PostEvent, SocialAccountEvent
from presswork.callers.model import Principal
from presswork.callers.model import Scope as AuthScope
from presswork.core.enums import Environment
from presswork.core.errors import Code, Invalid, Issue, IssueCode, PressworkError
from presswork.core.ids import EVENT, parse_ulid, public_ulid
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.events.feed import EventFeed, EventStream

router: Final = APIRouter(tags=["Events"])
log = structlog.get_logger()

_HEADERS: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]
_FIRST_BLOCK: Final = b"retry: 2000\n: connected\n\n"
_EXAMPLE: Final = (
    "retry: 2000\n: connected\n\nid: evt_01KAW2V3M8T5R7W1X4Y6Z0ABCD\nevent: social_account.connected\n"
    'data: {"id":"evt_01KAW2V3M8T5R7W1X4Y6Z0ABCD","type":"social_account.connected","timestamp":"2026-11-24T18:30:04.512Z","data":{}}\n\n'
    ": heartbeat\n\n"
)
_STREAM: Final[Mapping[str, Any]] = {  # Any: a part of the OpenAPI document
    "text/event-stream": {
        "schema": {
            "type": "string",
            "description": "Server-sent events. `id` is the id of an event, `event` its type, and `data` the body that its webhook "
            "has, as JSON. `stream.reset` is no event: it says that events may be missing.",
            "x-event-data": {
                "oneOf": [
                    {"$ref": f"#/components/schemas/{model.__name__}"}
                    for model in (PostEvent, InsightsEvent, ContentEvent, SocialAccountEvent, PingEvent)
                ]
            },
        },
        "example": _EXAMPLE,
    }
}
_RESPONSE_HEADERS: Final[Mapping[str, Any]] = {  # Any: a part of the OpenAPI document
    "Last-Event-ID": {
        "schema": {"type": "string", "pattern": "^evt_[0-9A-HJKMNP-TV-Z]{26}$"},
        "description": "The event after which the stream starts: to resume before the first one has arrived.",
    }
}


class EventStreamResponse(Response):
    """A response that lasts until the client or the stream ends."""

    def __init__(
        self, feed: EventFeed, caller: Principal, after: UUID | None, request: Request, context: Context
    ) -> None:
        super().__init__()
        self._feed: Final = feed
        self._caller: Final = caller
        self._after: Final = after
        self._request: Final = request
        self._context: Final = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the stream ends, or the client closes the connection."""
        async with self._feed.open(self._caller, after=self._after, is_valid=self._is_valid) as stream:
            scope["state"]["is_stream"] = True
            headers = [*_HEADERS, (b"last-event-id", public_ulid(EVENT, stream.starts_after).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send(_body(_FIRST_BLOCK))
            gone = asyncio.create_task(_end_when_gone(receive, stream))
            try:
                async with contextlib.aclosing(stream.blocks()) as blocks:
                    async for block in blocks:
                        await send(_body(block))
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                gone.cancel()
                log.debug("event stream ended", reason=stream.ended)

    async def _is_valid(self) -> bool:
        """Whether the caller may still read what it may read at the start."""
        try:
            caller = await identify(self._request, self._context, await now_of(self._context))
            caller.require(AuthScope.PUBLISH_READ)
        except PressworkError:
            return False
        except TRANSIENT_ERRORS:
            return True  # no event can be read either; the next heartbeat checks again
        return _audience_of(caller) == _audience_of(self._caller)


def _audience_of(caller: Principal) -> tuple[UUID, Collection[UUID] | None, bool]:
    """Return what decides which events a caller reads, and whether they have links with which people decide on content."""
    return caller.organization_id, caller.project_ids, caller.may(AuthScope.CONTENT_APPROVE)


async def _end_when_gone(receive: Receive, stream: EventStream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end("the client has gone")


def _body(block: bytes) -> Message:
    return {"type": "http.response.body", "body": block, "more_body": True}


def _event_id(value: str | None) -> UUID | None:
    if not value:
        return None
    event_id = parse_ulid(EVENT, value)
    if event_id is None:
        problem = (
            "is not the id of an event. Send the `id` of the last event that you have received, evt_ and 26 characters."
        )
        raise Invalid([Issue.at("Last-Event-ID", problem, IssueCode.INVALID_FORMAT)])
    return event_id


@router.get(
    "/v1/events/stream",
    response_class=Response,
    response_model=None,
    response_description="Events, until the client closes the connection.",
    responses={
        200: {"content": dict(_STREAM), "headers": dict(_RESPONSE_HEADERS)},
        **refusals(Code.RATE_LIMITED, Code.UNAVAILABLE),
    },
    summary="Stream events",
)
async def stream_events(
    request: Request,
    caller: PublishRead,
    context: Ctx,
    environment: Annotated[
        Environment | None,
        Query(description="The environment of a session. That of a key is known, and must be the same if it is sent."),
    ] = None,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            max_length=100,
            description="Continue after this event, which occurred up to an hour ago. Browsers send it by themselves.",
        ),
    ] = None,
) -> Response:
    """Stream the events of all projects that the caller sees, as server-sent events, when they are committed.

    They are the same events as those of webhooks, with the same ids and bodies, and need no endpoint. Every 15 seconds a
    comment shows that the connection works. The stream ends with the key or session, when the process stops, and for a
    client that reads too slowly: connect again with the `Last-Event-ID` of the last event.
    """
    reader = in_environment(caller, environment)
    return EventStreamResponse(context.part(EventFeed), reader, _event_id(last_event_id), request, context)
