"""The events resource: streams of server-sent events that reconnect by themselves."""

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

import httpx2

from presswork_client._calls import Call, Options, backoff_seconds, is_retryable, retry_reason, serialize, status_error
from presswork_client._generated.events import WebhookEvent
from presswork_client._log import log_retry
from presswork_client._model import Decode, Model, as_is, read
from presswork_client._response import ApiResponse
from presswork_client._transport import connection_error, response_of
from presswork_client.errors import APIConnectionError
from presswork_client.webhooks import UnknownEvent, read_event

if TYPE_CHECKING:
    from presswork_client._transport import AsyncTransport, Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReset(Model):
    """No event: events may be missing, since the one to resume after is not kept. Read again what you show."""

    _WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {"type": ("type", as_is)}

    type: Literal["stream.reset"]


StreamEvent: TypeAlias = WebhookEvent | UnknownEvent | StreamReset
"""What a stream yields; `type` says which."""

_PATH: Final = "/v1/events/stream"
_CALL: Final = Call(method="GET", path=_PATH, answer=UnknownEvent)
_SILENT_SECONDS: Final = 45.0
"""A stream without a byte for this long has lost its connection: a heartbeat comes every 15 seconds."""


@dataclass(slots=True)
class _Messages:
    """Parses the messages of one response."""

    rest: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)

    def feed(self, chunk: bytes) -> Iterator[Mapping[str, str]]:
        """Yield the messages that are complete."""
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r").decode()
            if text:
                name, _, value = text.partition(":")
                value = value.removeprefix(" ")
                self.fields[name] = f"{self.fields[name]}\n{value}" if name == "data" in self.fields else value
            else:
                found, self.fields = self.fields, {}
                if "data" in found:
                    yield found


@dataclass(slots=True)
class _Position:
    """How far a stream has come, and how often it could not connect since."""

    after: str | None
    environment: str | None
    max_retries: int | None
    options: Options
    failures: int = 0
    starts_after: str | None = None
    """The event after which the response starts, until its first message has arrived."""
    messages: _Messages = field(default_factory=_Messages)

    def arguments(self, transport: "Transport | AsyncTransport") -> dict[str, object]:
        """Return the arguments for httpx2."""
        headers = {"Accept": "text/event-stream", **({} if self.after is None else {"Last-Event-ID": self.after})}
        query = {} if self.environment is None else {"environment": self.environment}
        request = serialize(_CALL, path={}, query=query, body=None, options=self.options)
        arguments = dict(transport.settings.arguments(request, self.options))
        own = {name: value for name, value in request.headers.items() if name != "Accept"}
        key = {"Authorization": f"Bearer {transport.settings.api_key}"}
        seconds = transport.settings.timeout_seconds
        timeout = httpx2.Timeout(seconds, read=_SILENT_SECONDS)
        return {**arguments, "headers": {**key, **headers, **own}, "timeout": timeout}

    def connected(self, headers: httpx2.Headers) -> None:
        """Note that a stream has begun, and after which event.

        It may be a later one than was asked for, and a connection that is lost before `stream.reset` must not hide that.
        """
        self.failures = 0
        self.messages = _Messages()
        self.starts_after = headers.get("last-event-id")
        if self.after is None:
            self.after = self.starts_after

    def take(self, chunk: bytes) -> Iterator[StreamEvent]:
        """Yield the events that are complete; the stream has come as far as the last one."""
        for message in self.messages.feed(chunk):
            is_reset = message.get("event") == "stream.reset"
            event = read(StreamReset, {"type": "stream.reset"}) if is_reset else read_event(message["data"])
            self.after = message.get("id") or self.starts_after or self.after
            self.starts_after = None
            yield event

    def pause(self, outcome: ApiResponse | APIConnectionError | None) -> float:
        """Return how long to wait before connecting again. Raises what ends the stream."""
        self.failures += 1
        is_last = self.max_retries is not None and self.failures > self.max_retries
        if isinstance(outcome, ApiResponse):
            if is_last or not is_retryable(outcome):
                raise status_error(outcome)
        elif is_last and outcome is not None:
            raise outcome from outcome.__cause__
        response = outcome if isinstance(outcome, ApiResponse) else None
        pause = backoff_seconds(self.failures, response)
        reason = "the stream has ended" if outcome is None else "no connection"
        log_retry(f"GET {_PATH}", pause, self.failures, reason if response is None else retry_reason(response))
        return pause


class Events:
    """Follow events as they happen."""

    def __init__(self, transport: "Transport") -> None:
        """Create the resource of a client."""
        self._transport = transport

    def stream(
        self,
        *,
        after: str | None = None,
        environment: Literal["live", "test"] | None = None,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Generator[StreamEvent]:
        """Yield each event of the organization as it is committed: those of webhooks, without an endpoint.

        Connects again after a lost connection, and resumes after the last event: none is missed or yielded twice. Where
        that is not possible, after more than an hour, it yields StreamReset. `after` is the id of an event to resume after.
        It ends when you leave the loop, or raises the error of a refusal, such as UnauthenticatedError for a key that was
        revoked. `max_retries` is the most attempts in a row that fail; by default it tries until it succeeds.
        """
        position = _Position(after, environment, max_retries, Options(extra_headers=extra_headers or {}))
        for attempt in count(1):
            outcome: ApiResponse | APIConnectionError | None = None
            try:
                with self._transport.http.stream(**position.arguments(self._transport)) as response:  # type: ignore[arg-type]  # built in _Position.arguments
                    if response.status_code == HTTPStatus.OK:
                        position.connected(response.headers)
                        for chunk in response.iter_bytes():
                            yield from position.take(chunk)
                    else:
                        response.read()
                        outcome = response_of(response, attempt)
            except httpx2.HTTPError as error:
                outcome = connection_error(error, f"GET {_PATH}", self._transport.settings.base_url, attempt)
            self._transport.sleep(position.pause(outcome))


class AsyncEvents:
    """Follow events as they happen."""

    def __init__(self, transport: "AsyncTransport") -> None:
        """Create the resource of a client."""
        self._transport = transport

    async def stream(
        self,
        *,
        after: str | None = None,
        environment: Literal["live", "test"] | None = None,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[StreamEvent]:
        """Yield each event of the organization as it is committed: those of webhooks, without an endpoint.

        Connects again after a lost connection, and resumes after the last event: none is missed or yielded twice. Where
        that is not possible, after more than an hour, it yields StreamReset. `after` is the id of an event to resume after.
        It ends when you leave the loop, or raises the error of a refusal, such as UnauthenticatedError for a key that was
        revoked. `max_retries` is the most attempts in a row that fail; by default it tries until it succeeds.
        """
        position = _Position(after, environment, max_retries, Options(extra_headers=extra_headers or {}))
        for attempt in count(1):
            outcome: ApiResponse | APIConnectionError | None = None
            try:
                async with self._transport.http.stream(**position.arguments(self._transport)) as response:  # type: ignore[arg-type]  # built in _Position.arguments
                    if response.status_code == HTTPStatus.OK:
                        position.connected(response.headers)
                        async for chunk in response.aiter_bytes():
                            for event in position.take(chunk):
                                yield event
                    else:
                        await response.aread()
                        outcome = response_of(response, attempt)
            except httpx2.HTTPError as error:
                outcome = connection_error(error, f"GET {_PATH}", self._transport.settings.base_url, attempt)
            await self._transport.sleep(position.pause(outcome))
