"""Receives events over the API and forwards them to a server that only this machine can reach.

The events come from a temporary webhook endpoint that is always paused, so the server itself sends nothing: its
delivery log is the queue. See docs/decisions/0028.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2
from standardwebhooks import Webhook

import presswork_client
from presswork.cli.client.command import given
from presswork.cli.client.connection import Unreachable
from presswork.core.clock import Clock
from presswork.core.timestamps import read_header_date
from presswork_client import Presswork, WebhookDelivery, choices

DESCRIPTION: Final = "Temporary endpoint of `presswork webhooks listen`"
LISTENER_URL: Final = "https://presswork-listen.invalid/"
"""A host that never exists (RFC 2606): what is sent to a paused endpoint, a test ping, fails without reaching anyone."""
RENEW_EVERY: Final = timedelta(minutes=30)
ABANDONED_AFTER: Final = timedelta(hours=2)
"""An endpoint that was not renewed for this long is of a command that was killed; the next command deletes it."""
POLL_SECONDS: Final = 0.75
_SCAN_EVERY_SECONDS: Final = 5.0
FORWARD_TIMEOUT_SECONDS: Final = 15.0
"""As long as a worker waits for a receiver."""
_PAGE: Final = 50
_MAX_REMEMBERED: Final = 10_000
_TRANSIENT: Final = (
    Unreachable,
    presswork_client.APIConnectionError,
    presswork_client.InternalError,
    presswork_client.UnavailableError,
    presswork_client.RateLimitedError,
)
_MAX_PAUSE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """An event and how its receiver responded; both are None if events are only shown."""

    event_id: str
    event_type: str
    payload: dict[str, object]
    status_code: int | None = None
    duration_ms: int | None = None
    error: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether a worker would count it as delivered."""
        return self.error is None and (self.status_code is None or self.status_code // 100 == 2)


@dataclass(slots=True)
class Receiver:
    """The server that events are forwarded to, signed with a secret."""

    url: str
    secret: str
    clock: Clock
    _http: httpx2.Client = field(
        init=False, default_factory=lambda: httpx2.Client(timeout=FORWARD_TIMEOUT_SECONDS, trust_env=False)
    )

    def forward(self, delivery: WebhookDelivery) -> Forwarded | None:
        """POST an event, signed, as a worker does. Return None if the receiver accepts no connection, so that it has got nothing."""
        payload = dict(delivery.payload)
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        now = self.clock.now()
        headers = {
            "webhook-id": delivery.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(delivery.event_id, now, body),
            "content-type": "application/json",
        }
        began, status_code, error = time.monotonic(), None, None
        try:
            status_code = self._http.post(self.url, content=body.encode(), headers=headers).status_code
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            return None
        except httpx2.TimeoutException:
            error = f"no response within {FORWARD_TIMEOUT_SECONDS:g} s"
        except httpx2.HTTPError as failed:
            error = str(failed) or type(failed).__name__
        return Forwarded(
            event_id=delivery.event_id,
            event_type=delivery.event_type,
            payload=payload,
            status_code=status_code,
            duration_ms=round((time.monotonic() - began) * 1000),
            error=error,
        )


@dataclass(slots=True, kw_only=True)
class Subscription:
    """The temporary endpoint, and which of its deliveries were received."""

    client: Presswork
    event_types: Sequence[choices.EventType]
    project_id: str | None
    on_problem: Callable[[str], None]
    secret: str = field(init=False)
    _endpoint_id: str = field(init=False)
    _received: dict[str, None] = field(init=False, default_factory=dict)
    _renewed_at: float = field(init=False, default_factory=time.monotonic)
    _scanned_at: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._endpoint_id, self.secret = self._create_endpoint()

    def events(self) -> Iterator[WebhookDelivery]:
        """Yield deliveries in order, each once, until the caller stops. A server that restarts is waited for."""
        pause = POLL_SECONDS
        while True:
            try:
                new = self._poll()
            except _TRANSIENT as error:
                if pause == POLL_SECONDS:
                    self.on_problem(f"{error.message} Trying again.")
                time.sleep(pause)
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)
                continue
            yield from new
            pause = POLL_SECONDS
            time.sleep(pause)

    def renew(self) -> None:
        """Renew the endpoint if it is time, so that no other command deletes it as abandoned."""
        if time.monotonic() - self._renewed_at > RENEW_EVERY.total_seconds():
            with suppress(*_TRANSIENT, presswork_client.NotFoundError):  # the next poll reports it
                self.client.webhooks.update_endpoint(endpoint_id=self._endpoint_id, description=DESCRIPTION)
                self._renewed_at = time.monotonic()

    def close(self) -> None:
        """Delete the endpoint. If the server can't be reached, a later command does."""
        with suppress(presswork_client.PressworkError, Unreachable):
            self.client.webhooks.delete_endpoint(endpoint_id=self._endpoint_id, max_retries=0)

    def _poll(self) -> Sequence[WebhookDelivery]:
        """Return the deliveries that are new, oldest first."""
        try:
            self.renew()
            new = list(self._fetch_new())
        except presswork_client.NotFoundError:
            self._endpoint_id, _ = self._create_endpoint()  # the CLI signs, so the first secret stays
            self.on_problem("The temporary endpoint was deleted. A new one receives events from now on.")
            return []
        self._received.update((delivery.id, None) for delivery in new)
        for old in list(self._received)[: max(0, len(self._received) - _MAX_REMEMBERED)]:
            del self._received[old]
        return new[::-1]

    def _fetch_new(self) -> Iterator[WebhookDelivery]:
        """Yield new deliveries, latest first.

        Most polls read the latest row only. A row that commits after a later one is found by a scan of the latest page.
        """
        is_scan = time.monotonic() - self._scanned_at > _SCAN_EVERY_SECONDS
        if not is_scan:
            latest = self.client.webhooks.list_deliveries(endpoint_id=self._endpoint_id, limit=1).items
            if not latest or latest[0].id in self._received:
                return
        self._scanned_at = time.monotonic()
        for page in self.client.webhooks.list_deliveries(endpoint_id=self._endpoint_id, limit=_PAGE).pages():
            unknown = [one for one in page.items if one.id not in self._received]
            yield from unknown
            if len(unknown) < len(page.items):
                return

    def _create_endpoint(self) -> tuple[str, str]:
        """Create an endpoint that is paused before it is subscribed to anything; return its id and its secret."""
        created = self.client.webhooks.create_endpoint(
            url=LISTENER_URL, events=["test.ping"], description=DESCRIPTION, project_id=given(self.project_id)
        )
        endpoint_id = created.endpoint.id
        self.client.webhooks.update_endpoint(endpoint_id=endpoint_id, status="paused", events=self.event_types)
        return endpoint_id, created.signing_secret


@contextmanager
def subscribed(
    client: Presswork,
    event_types: Sequence[choices.EventType],
    project_id: str | None,
    *,
    on_problem: Callable[[str], None],
) -> Iterator[Subscription]:
    """Yield a subscription, whose endpoint is deleted when the block ends, and delete those that killed commands left."""
    _delete_abandoned(client)
    subscription = Subscription(client=client, event_types=event_types, project_id=project_id, on_problem=on_problem)
    try:
        yield subscription
    finally:
        subscription.close()


def _delete_abandoned(client: Presswork) -> None:
    page = client.webhooks.list_endpoints(limit=100)
    for endpoint in page:
        if endpoint.url == LISTENER_URL and _read_server_time(page.answer) - endpoint.updated_at > ABANDONED_AFTER:
            with suppress(presswork_client.NotFoundError):
                client.webhooks.delete_endpoint(endpoint_id=endpoint.id)


def _read_server_time(page: presswork_client.models.WebhookEndpointPage) -> datetime:
    """Return the server's time, so that this machine's clock does not decide which endpoints are abandoned."""
    date = "" if page.response is None else page.response.headers.get("date", "")
    return read_header_date(date) or datetime.min.replace(tzinfo=UTC)  # unknown: nothing counts as abandoned


def forward_events(
    subscription: Subscription, receiver: Receiver | None, *, on_wait: Callable[[str], None]
) -> Iterator[Forwarded]:
    """Yield each event once its receiver accepted a connection for it; without a receiver, at once. Calls `on_wait` with a sentence."""
    for delivery in subscription.events():
        if receiver is None:
            yield Forwarded(event_id=delivery.event_id, event_type=delivery.event_type, payload=dict(delivery.payload))
            continue
        is_waiting = False
        while (forwarded := receiver.forward(delivery)) is None:
            if not is_waiting:
                on_wait(f"{receiver.url} accepts no connections. Events wait until it does.")
            is_waiting = True
            subscription.renew()
            time.sleep(POLL_SECONDS)
        yield forwarded
