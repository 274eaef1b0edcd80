"""`presswork webhooks`: webhook endpoints and their deliveries, and forwarding events to this machine."""

import json
import re
import signal
import sys
import time
from collections.abc import Sequence
from typing import Annotated, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.listen import LISTENER_URL, POLL_SECONDS, Forwarded, Receiver, Subscription, subscribed
from presswork.cli.client.login import NotPossible, calling
from presswork.cli.client.options import FAILED_STATUS, Limit, one_of
from presswork.cli.options import AsJSON, Wide
from presswork.cli.output import console, print_alone, print_json, print_result, print_table, say
from presswork.cli.own_process import stop_as_interrupt
from presswork.cli.table import Layout, tab_separated
from presswork.core.clock import SystemClock
from presswork.core.visible import visible_json, visible_line
from presswork_client import NOT_GIVEN, Presswork, WebhookDelivery, choices

app: Final = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Manage webhook endpoints, and forward events to this machine."
)
_EVENTS: Final = get_args(choices.EventType)
_DELIVERY_STATUSES: Final = get_args(choices.DeliveryStatus)
_TEST_WITHIN_SECONDS: Final = 20.0
_STDIN: Final = "-"
_SECRET: Final = re.compile(r"whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

Endpoint = Annotated[
    str | None,
    typer.Argument(
        metavar="ENDPOINT", help="Id of the endpoint, whe_…; not needed if there is only one.", show_default=False
    ),
]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--events", metavar="EVENT,…", help="Event types, separated by commas; can be repeated.", show_default="all"
    ),
]
OneProject = Annotated[
    str | None,
    typer.Option(
        "--project",
        metavar="PROJECT",
        help="Only events of this project, by its id or name.",
        show_default="all projects",
    ),
]


@app.command("list")
def list_all(limit: Limit = 100, wide: Wide = False, as_json: AsJSON = False) -> None:
    """List webhook endpoints, oldest first."""
    with calling(as_json=as_json) as client:
        page = client.webhooks.list_endpoints(limit=limit)
    if as_json:
        print_json({"items": [one.raw for one in page.items]})
        return
    print_table(
        ("endpoint", "status", "failures", "url", "events", "project", "description", "created"),
        [
            (
                one.id,
                one.status,
                one.failures_in_row,
                one.url,
                one.events,
                one.project_id,
                one.description,
                one.created_at,
            )
            for one in page.items
        ],
        empty="There are no webhook endpoints. Create one with `presswork webhooks create URL`.",
        layout=Layout(drop=("created", "description", "project", "events"), cut=("events",), below=("url",)),
        wide=wide,
    )


@app.command()
def create(
    url: Annotated[str, typer.Argument(metavar="URL", help="URL that receives the events.")],
    events: Events = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="A note for yourself.")
    ] = None,
    project: OneProject = None,
    as_json: AsJSON = False,
) -> None:
    """Create an endpoint.

    Its signing secret is shown only once, as the only line on standard output.
    """
    with calling(as_json=as_json) as client:
        created = client.webhooks.create_endpoint(
            url=url,
            events=_events(events),
            description=NOT_GIVEN if description is None else description,
            project_id=NOT_GIVEN if project is None else project_of(client, project),
        )
    if as_json:
        print_json(created.raw)
        return
    print_alone(
        created.signing_secret,
        f"{created.endpoint.id} receives events from now on. Store its signing secret: it is not shown again.",
    )


@app.command()
def delete(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="Id of the endpoint, whe_….")],
    as_json: AsJSON = False,
) -> None:
    """Delete an endpoint, its deliveries and what is still to be delivered."""
    with calling(as_json=as_json) as client:
        deleted = client.webhooks.delete_endpoint(endpoint_id=endpoint)
    print_result(deleted.raw, f"{deleted.id} was deleted.", as_json=as_json)


@app.command()
def resume(endpoint: Endpoint = None, as_json: AsJSON = False) -> None:
    """Resume a paused endpoint; what is still to be delivered is delivered now."""
    with calling(as_json=as_json) as client:
        resumed = client.webhooks.update_endpoint(endpoint_id=_endpoint_of(client, endpoint), status="active")
    print_result(resumed.raw, f"{resumed.id} is active.", as_json=as_json)


@app.command("test")
def send_test(endpoint: Endpoint = None, as_json: AsJSON = False) -> None:
    """Send a `test.ping` to an endpoint and show how it responded.

    The id of the delivery is the only line on standard output. Exit status 1: the endpoint did not accept it.
    """
    with calling(as_json=as_json) as client:
        endpoint_id = _endpoint_of(client, endpoint)
        sent = client.webhooks.send_test(endpoint_id=endpoint_id)
        delivery = _attempted(client, endpoint_id, sent)
    if as_json:
        print_json(delivery.raw)
    else:
        print_alone(delivery.id, _result_of(delivery))
    if delivery.status != "delivered":
        raise typer.Exit(FAILED_STATUS)


@app.command()
def deliveries(
    endpoint: Endpoint = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help=f"Show this status only: {', '.join(_DELIVERY_STATUSES)}; can be repeated.",
        ),
    ] = None,
    limit: Limit = 20,
    wide: Wide = False,
    as_json: AsJSON = False,
) -> None:
    """List the deliveries of an endpoint, latest first, with the result of the last attempt."""
    with calling(as_json=as_json) as client:
        page = client.webhooks.list_deliveries(
            endpoint_id=_endpoint_of(client, endpoint),
            status=NOT_GIVEN if status is None else [one_of(_DELIVERY_STATUSES, one, "status") for one in status],
            limit=limit,
        )
    if as_json:
        print_json({"items": [one.raw for one in page.items]})
        return
    print_table(
        ("delivery", "event", "status", "attempts", "response", "error", "event id", "created"),
        [
            (
                one.id,
                one.event_type,
                one.status,
                len(one.attempts),
                one.attempts[-1].status_code if one.attempts else None,
                one.attempts[-1].error if one.attempts else None,
                one.event_id,
                one.created_at,
            )
            for one in page.items
        ],
        empty="There are no such deliveries. Send one with `presswork webhooks test`.",
        layout=Layout(drop=("created", "event id", "response", "attempts"), below=("error",)),
        wide=wide,
    )


@app.command()
def replay(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Id of the delivery, whd_….")],
    as_json: AsJSON = False,
) -> None:
    """Deliver an event again, with the same id and body.

    The id of the delivery is the only line on standard output.
    """
    with calling(as_json=as_json) as client:
        again = client.webhooks.replay_delivery(delivery_id=delivery)
    if as_json:
        print_json(again.raw)
        return
    print_alone(
        again.id,
        f"{again.event_type} is delivered again; `presswork webhooks deliveries {again.endpoint_id}` shows how it went.",
    )


@app.command()
def listen(
    forward_to: Annotated[
        str | None,
        typer.Option(
            "--forward-to", metavar="URL", help="Server that gets each event; any address that this machine reaches."
        ),
    ] = None,
    events: Events = None,
    project: OneProject = None,
    secret: Annotated[
        str | None,
        typer.Option(
            "--secret",
            metavar="whsec_…",
            help="Sign with this secret; - reads it from standard input, so that it is not in the process list.",
            show_default="a temporary one, which is printed",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document on a line for each event.")] = False,
) -> None:
    """Show events as they happen, and forward them to a server on this machine, until Ctrl-C.

    Presswork does not have to reach this machine, and other endpoints are not affected. Events come in order, within about a
    second. While the server refuses connections, they wait; each event is sent once, and is not repeated if it fails.
    """
    stop_as_interrupt()
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))  # a closed terminal ends it in order too
    with calling(as_json=as_json) as client:
        if forward_to is not None and not forward_to.startswith(("http://", "https://")):
            raise NotPossible(f"{forward_to!r} is not a URL. Use one such as http://localhost:3000/webhooks.")
        given = _secret(secret)
        wanted = _events(events)
        project_id = None if project is None else project_of(client, project)
        try:
            with subscribed(client, wanted, project_id, on_problem=say) as subscription:
                signing = given or subscription.secret
                receiver = None if forward_to is None else Receiver(forward_to, signing, SystemClock())
                _announce(forward_to, signing, is_given=given is not None, as_json=as_json)
                for delivery in subscription.events():
                    _print_forwarded(_handled(delivery, receiver, subscription, forward_to), as_json=as_json)
        except KeyboardInterrupt:
            say("Stopped listening.")


def _secret(given: str | None) -> str | None:
    """Return the given signing secret. Raises NotPossible if it is none."""
    secret = sys.stdin.readline().strip() if given == _STDIN else given
    if secret is not None and not _SECRET.fullmatch(secret):
        raise NotPossible("--secret is not a signing secret. Pass one such as `webhooks create` prints: whsec_…")
    return secret


def _handled(
    delivery: WebhookDelivery, receiver: Receiver | None, subscription: Subscription, url: str | None
) -> Forwarded:
    """Forward a delivery, once its receiver accepts connections."""
    if receiver is None:
        return Forwarded(event_id=delivery.event_id, event_type=delivery.event_type, payload=dict(delivery.payload))
    is_waiting = False
    while (forwarded := receiver.forward(delivery)) is None:
        if not is_waiting:
            say(f"{url} accepts no connections. Events wait until it does.")
        is_waiting = True
        subscription.renew()
        time.sleep(POLL_SECONDS)
    return forwarded


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
    now = SystemClock().now()
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


def _events(given: Sequence[str] | None) -> Sequence[choices.EventType]:
    names = [name.strip() for text in given or [] for name in text.split(",") if name.strip()]
    return [one_of(_EVENTS, name, "event type") for name in names] or [*_EVENTS]


def _endpoint_of(client: Presswork, given: str | None) -> str:
    """Return the named endpoint, or the only one. Raises NotPossible if there is none, or more than one."""
    if given is not None:
        return given
    found = [one for one in client.webhooks.list_endpoints(limit=100).items if one.url != LISTENER_URL]
    if len(found) == 1:
        return found[0].id
    if found:
        raise NotPossible(
            "There are several webhook endpoints. Pass the id of one; `presswork webhooks list` lists them."
        )
    raise NotPossible("There are no webhook endpoints. Create one with `presswork webhooks create URL`.")


def _attempted(client: Presswork, endpoint_id: str, sent: WebhookDelivery) -> WebhookDelivery:
    """Return a test delivery after its first attempt, or as it is after a time."""
    end = time.monotonic() + _TEST_WITHIN_SECONDS
    while time.monotonic() < end:
        found = client.webhooks.list_deliveries(endpoint_id=endpoint_id, event_type=["test.ping"], limit=10).items
        latest = next((one for one in found if one.id == sent.id), sent)
        if latest.attempts:
            return latest
        time.sleep(POLL_SECONDS / 3)
    return sent


def _result_of(delivery: WebhookDelivery) -> str:
    if not delivery.attempts:
        return "There was no attempt yet. Check that a worker runs."
    last = delivery.attempts[-1]
    return (
        f"Delivered: {last.status_code} in {last.duration_ms} ms."
        if last.error is None
        else f"Not delivered: {last.error}"
    )
