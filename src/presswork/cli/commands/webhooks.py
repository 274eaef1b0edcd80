"""`presswork webhooks`: webhook endpoints and their deliveries, and forwarding events to this machine."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import FAILED_STATUS, Limit, given, on_server, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences, value_alone
from presswork.cli.options import argument, option
from presswork.cli.output import console, say
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.table import tab_separated
from presswork.core.visible import visible_json, visible_line
from presswork_client import NOT_GIVEN, choices

if TYPE_CHECKING:
    from presswork.cli.client.listen import Forwarded
    from presswork_client import Presswork, WebhookDelivery

commands: Final = Commands(on_server, "Manage webhook endpoints, and forward events to this machine.")

_EVENTS: Final = get_args(choices.EventType)
_DELIVERY_STATUSES: Final = get_args(choices.DeliveryStatus)
_STATUS_NAMES: Final = ", ".join(_DELIVERY_STATUSES)
_TEST_WITHIN_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.25
_SECRET: Final = re.compile(r"whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

_ENDPOINT: Final = argument("ENDPOINT", "Id of the endpoint, whe_…; not needed if there is only one.")
_EVENT_TYPES: Final = option(
    "--events EVENT,…", "Event types, separated by commas; can be repeated.", show_default="all"
)
_PROJECT: Final = option(
    "--project PROJECT", "Only events of this project, by its id or name.", show_default="all projects"
)


@commands.listing("list")
def list_endpoints(client: Presswork, limit: Limit = 100) -> Output:
    """List webhook endpoints, oldest first."""
    return table_of(
        client.webhooks.list_endpoints(limit=limit).items,
        {
            "endpoint": lambda one: one.id,
            "status": lambda one: one.status,
            "failures": lambda one: one.failures_in_row,
            "url": lambda one: one.url,
            "events": lambda one: one.events,
            "project": lambda one: one.project_id,
            "description": lambda one: one.description,
            "created": lambda one: one.created_at,
        },
        empty="There are no webhook endpoints. Create one with `presswork webhooks create URL`.",
        drop=("created", "description", "project", "events"),
        cut=("events",),
        below=("url",),
    )


@commands.command()
def create(
    client: Presswork,
    url: str = argument("URL", "URL that receives the events.", ...),
    events: list[str] | None = _EVENT_TYPES,
    description: str | None = option("--description TEXT", "A note for yourself."),
    project: str | None = _PROJECT,
) -> Output:
    """Create an endpoint.

    Its signing secret is shown only once, as the only line on standard output.
    """
    created = client.webhooks.create_endpoint(
        url=url,
        events=_read_events(events),
        description=given(description),
        project_id=NOT_GIVEN if project is None else project_of(client, project),
    )
    return value_alone(
        created.raw,
        created.signing_secret,
        f"{created.endpoint.id} receives events from now on. Store its signing secret: it is not shown again.",
    )


@commands.command()
def delete(client: Presswork, endpoint: str = argument("ENDPOINT", "Id of the endpoint, whe_….", ...)) -> Output:
    """Delete an endpoint, its deliveries and what is still to be delivered."""
    deleted = client.webhooks.delete_endpoint(endpoint_id=endpoint)
    return sentences(deleted.raw, f"{deleted.id} was deleted.")


@commands.command()
def resume(client: Presswork, endpoint: str | None = _ENDPOINT) -> Output:
    """Resume a paused endpoint; what is still to be delivered is delivered now."""
    resumed = client.webhooks.update_endpoint(endpoint_id=_find_endpoint(client, endpoint), status="active")
    return sentences(resumed.raw, f"{resumed.id} is active.")


@commands.command("test")
def send_test(client: Presswork, endpoint: str | None = _ENDPOINT) -> Output:
    """Send a `test.ping` to an endpoint and show how it responded.

    The id of the delivery is the only line on standard output. Exit status 1: the endpoint did not accept it.
    """
    endpoint_id = _find_endpoint(client, endpoint)
    delivery = _wait_for_attempt(client, endpoint_id, client.webhooks.send_test(endpoint_id=endpoint_id))
    status = 0 if delivery.status == "delivered" else FAILED_STATUS
    return value_alone(delivery.raw, delivery.id, _describe_attempt(delivery), status=status)


@commands.listing("deliveries")
def list_deliveries(
    client: Presswork,
    endpoint: str | None = _ENDPOINT,
    status: list[str] | None = option("--status STATUS", f"Show this status only: {_STATUS_NAMES}; can be repeated."),
    limit: Limit = 20,
) -> Output:
    """List the deliveries of an endpoint, latest first, with the result of the last attempt."""
    page = client.webhooks.list_deliveries(
        endpoint_id=_find_endpoint(client, endpoint),
        status=NOT_GIVEN if status is None else [one_of(_DELIVERY_STATUSES, one, "status") for one in status],
        limit=limit,
    )
    return table_of(
        page.items,
        {
            "delivery": lambda one: one.id,
            "event": lambda one: one.event_type,
            "status": lambda one: one.status,
            "attempts": lambda one: len(one.attempts),
            "response": lambda one: one.attempts[-1].status_code if one.attempts else None,
            "error": lambda one: one.attempts[-1].error if one.attempts else None,
            "event id": lambda one: one.event_id,
            "created": lambda one: one.created_at,
        },
        empty="There are no such deliveries. Send one with `presswork webhooks test`.",
        drop=("created", "event id", "response", "attempts"),
        below=("error",),
    )


@commands.command()
def replay(client: Presswork, delivery: str = argument("DELIVERY", "Id of the delivery, whd_….", ...)) -> Output:
    """Deliver an event again, with the same id and body.

    The id of the delivery is the only line on standard output.
    """
    again = client.webhooks.replay_delivery(delivery_id=delivery)
    return value_alone(
        again.raw,
        again.id,
        f"{again.event_type} is delivered again; `presswork webhooks deliveries {again.endpoint_id}` shows how it went.",
    )


@commands.command()
def listen(
    client: Presswork,
    forward_to: str | None = option(
        "--forward-to URL", "Server that gets each event; any address that this machine reaches."
    ),
    events: list[str] | None = _EVENT_TYPES,
    project: str | None = _PROJECT,
    secret: str | None = option(
        "--secret whsec_…",
        "Sign with this secret; - reads it from standard input, so that it is not in the process list.",
        show_default="a temporary one, which is printed",
    ),
    as_json: bool = option("--json", "Print a JSON document on a line for each event.", False),
) -> None:
    """Show events as they happen, and forward them to a server on this machine, until Ctrl-C.

    Presswork does not have to reach this machine, and other endpoints are not affected. Events come in order, within about a
    second. While the server refuses connections, they wait; each event is sent once, and is not repeated if it fails.
    """
    from presswork.cli.client.listen import Receiver, forward_events, subscribed  # noqa: PLC0415 - loads the client
    from presswork.core.clock import SystemClock  # noqa: PLC0415 - loads the event loop

    stop_as_interrupt()
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))  # a closed terminal ends it in order too
    if forward_to is not None and not forward_to.startswith(("http://", "https://")):
        raise NotPossible(f"{forward_to!r} is not a URL. Use one such as http://localhost:3000/webhooks.")
    given_secret = _read_secret(secret)
    wanted = _read_events(events)
    project_id = None if project is None else project_of(client, project)
    try:
        with subscribed(client, wanted, project_id, on_problem=say) as subscription:
            signing = given_secret or subscription.secret
            receiver = None if forward_to is None else Receiver(forward_to, signing, SystemClock())
            _announce(forward_to, signing, is_given=given_secret is not None, as_json=as_json)
            for one in forward_events(subscription, receiver, on_wait=say):
                _print_forwarded(one, as_json=as_json)
    except KeyboardInterrupt:
        say("Stopped listening.")


def _read_secret(given: str | None) -> str | None:
    """Return the given signing secret. Raises NotPossible if it is none."""
    secret = sys.stdin.readline().strip() if given == "-" else given
    if secret is not None and not _SECRET.fullmatch(secret):
        raise NotPossible("--secret is not a signing secret. Pass one such as `webhooks create` prints: whsec_…")
    return secret


def _announce(forward_to: str | None, secret: str, *, is_given: bool, as_json: bool) -> None:
    if as_json:
        _print_line({"ready": True, "forwardTo": forward_to, "signingSecret": secret})
        return
    if forward_to is not None and not is_given:
        say(f"The signing secret is {secret}")
    say(f"Ready: events are forwarded to {forward_to}." if forward_to else "Ready: events are shown here.")
    if not sys.stdout.isatty():
        typer.echo(tab_separated(("time", "event", "type", "response", "ms", "error")))


def _print_forwarded(one: Forwarded, *, as_json: bool) -> None:
    if as_json:
        _print_line(
            {"event": one.payload, "statusCode": one.status_code, "durationMs": one.duration_ms, "error": one.error}
        )
        return
    now = datetime.now(UTC)
    if not sys.stdout.isatty():
        typer.echo(tab_separated((now, one.event_id, one.event_type, one.status_code, one.duration_ms, one.error)))
        return
    took = "" if one.duration_ms is None else f"{one.duration_ms} ms"
    parts = (
        f"{now.astimezone():%H:%M:%S}",
        one.event_id,
        str(one.status_code or ""),
        took,
        one.event_type,
        one.error or "",
    )
    text = "  ".join(visible_line(part) for part in parts if part)
    console().print(text, markup=False, style="" if one.is_accepted else "red")


def _print_line(document: object) -> None:
    """Print a JSON document on one line: a reader of a stream gets each at once."""
    typer.echo(visible_json(json.dumps(document, ensure_ascii=False)))
    sys.stdout.flush()


def _read_events(given: Sequence[str] | None) -> Sequence[choices.EventType]:
    names = [name.strip() for text in given or [] for name in text.split(",") if name.strip()]
    return [one_of(_EVENTS, name, "event type") for name in names] or [*_EVENTS]


def _find_endpoint(client: Presswork, given: str | None) -> str:
    """Return the named endpoint, or the only one. Raises NotPossible if there is none, or more than one."""
    if given is not None:
        return given
    from presswork.cli.client.listen import LISTENER_URL  # noqa: PLC0415 - loads the client

    found = [one for one in client.webhooks.list_endpoints(limit=100).items if one.url != LISTENER_URL]
    if len(found) == 1:
        return found[0].id
    if found:
        raise NotPossible(
            "There are several webhook endpoints. Pass the id of one; `presswork webhooks list` lists them."
        )
    raise NotPossible("There are no webhook endpoints. Create one with `presswork webhooks create URL`.")


def _wait_for_attempt(client: Presswork, endpoint_id: str, sent: WebhookDelivery) -> WebhookDelivery:
    """Return a test delivery after its first attempt, or as it is after a time."""
    end = time.monotonic() + _TEST_WITHIN_SECONDS
    while time.monotonic() < end:
        found = client.webhooks.list_deliveries(endpoint_id=endpoint_id, event_type=["test.ping"], limit=10).items
        latest = next((one for one in found if one.id == sent.id), sent)
        if latest.attempts:
            return latest
        time.sleep(_POLL_SECONDS)
    return sent


def _describe_attempt(delivery: WebhookDelivery) -> str:
    if not delivery.attempts:
        return "There was no attempt yet. Check that a worker runs."
    last = delivery.attempts[-1]
    return (
        f"Delivered: {last.status_code} in {last.duration_ms} ms."
        if last.error is None
        else f"Not delivered: {last.error}"
    )
