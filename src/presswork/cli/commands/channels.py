"""`presswork channels`: chat rooms and e-mail addresses that get the notices of a project."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, get_args

import typer

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import FAILED_STATUS, Limit, Project, on_server, one_if_given, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import argument, option
from presswork_client import NOT_GIVEN, choices

if TYPE_CHECKING:
    from presswork_client import NoticeChannel, Presswork

commands: Final = Commands(on_server, "Send notices of a project to chat rooms and e-mail addresses.")

_KINDS: Final = get_args(choices.ChannelKind)
_EVENTS: Final = get_args(choices.NoticeType)
_STATUSES: Final = get_args(choices.ChannelStatus)
_TEST_WITHIN_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.25
_CHANNEL: Final = argument("CHANNEL", "Channel id, chn_….", ...)
_EVENT_TYPES: Final = option(
    "--events EVENT,…", "Events, separated by commas; can be repeated.", show_default="all of them"
)


@commands.listing("list")
def list_channels(client: Presswork, limit: Limit = 100, project: Project = None) -> Output:
    """List the channels of a project, the oldest first, with the end of each address."""
    return table_of(
        client.channels.list(project_id=project_of(client, project), limit=limit).items,
        {
            "channel": lambda one: one.id,
            "kind": lambda one: one.kind,
            "status": lambda one: one.status,
            "to": lambda one: one.target,
            "events": lambda one: one.events,
            "last sent": lambda one: one.last_sent_at,
            "last error": lambda one: one.last_error,
        },
        empty="The project has no channels. Create one with `presswork channels create`.",
        drop=("last sent", "events"),
        cut=("events",),
        below=("last error",),
    )


@commands.command()
def create(
    client: Presswork,
    kind: str = argument("KIND", f"Where messages go: {', '.join(_KINDS)}.", ...),
    events: list[str] | None = _EVENT_TYPES,
    project: Project = None,
) -> Output:
    """Create a channel.

    Asks for the URL of the room's webhook, which is a secret, or for the e-mail address; without a terminal, reads it from standard
    input. The id of the channel is the only line on standard output.
    """
    known = one_of(_KINDS, kind, "kind")
    project_id = project_of(client, project)
    wanted = _read_events(events)
    target = _read_target("E-mail address" if known == "email" else "URL of the webhook")
    made = client.channels.create(
        project_id=project_id,
        kind=known,
        events=wanted,
        url=NOT_GIVEN if known == "email" else target,
        address=target if known == "email" else NOT_GIVEN,
    )
    return sentences(made.raw, made.id)


@commands.command()
def change(
    client: Presswork,
    channel: str = _CHANNEL,
    events: list[str] | None = option("--events EVENT,…", "Send these events from now on; can be repeated."),
    status: str | None = option("--status STATUS", f"{' or '.join(_STATUSES)}; active sends what waits."),
) -> Output:
    """Change which events a channel gets, pause it, or resume it."""
    if events is None and status is None:
        raise NotPossible("Nothing to change. Pass --events or --status.")
    changed = client.channels.update(
        channel_id=channel,
        events=NOT_GIVEN if events is None else _read_events(events),
        status=one_if_given(_STATUSES, status, "status"),
    )
    return sentences(changed.raw, f"{changed.id} is {changed.status} and gets {len(changed.events)} kinds of notices.")


@commands.command("test")
def send_test(client: Presswork, channel: str = _CHANNEL) -> Output:
    """Send a test message, even while the channel is paused. Exit status 1: it was not accepted."""
    before = client.channels.get(channel_id=channel)
    client.channels.send_test(channel_id=channel)
    after = _wait_for_attempt(client, before)
    if after.last_sent_at != before.last_sent_at:
        return sentences(after.raw, "The test message was accepted.")
    reason = after.last_error or "There was no attempt yet. Check that a worker runs."
    return sentences(after.raw, f"Not sent: {reason}", status=FAILED_STATUS)


@commands.command()
def delete(client: Presswork, channel: str = _CHANNEL) -> Output:
    """Delete a channel. What waits to be sent to it is not sent."""
    deleted = client.channels.delete(channel_id=channel)
    return sentences(deleted.raw, f"{deleted.id} is deleted.")


def _read_events(given: Sequence[str] | None) -> Sequence[choices.NoticeType]:
    names = [name.strip() for text in given or [] for name in text.split(",") if name.strip()]
    return [one_of(_EVENTS, name, "event") for name in names] or [*_EVENTS]


def _read_target(question: str) -> str:
    """Return where messages go, as the person types it or from standard input. Raises NotPossible for nothing."""
    target = str(typer.prompt(question, hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline()
    if not target.strip():
        raise NotPossible(f"Standard input is empty. Pass it there: the {question[0].lower()}{question[1:]}.")
    return target.strip()


def _wait_for_attempt(client: Presswork, before: NoticeChannel) -> NoticeChannel:
    """Return a channel after its test message was sent or refused, or as it is after a time."""
    end = time.monotonic() + _TEST_WITHIN_SECONDS
    after = before
    while time.monotonic() < end:
        after = client.channels.get(channel_id=before.id)
        if (after.last_sent_at, after.last_error) != (before.last_sent_at, before.last_error):
            break
        time.sleep(_POLL_SECONDS)
    return after
