"""`presswork queues`: create queues of slots, list their slots, and close their gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast, get_args

from presswork.cli.client.choose import accounts_of, project_of, queue_of
from presswork.cli.client.command import Project, given, on_server
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import table_of
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import argument, option
from presswork_client import NOT_GIVEN, choices

if TYPE_CHECKING:
    from presswork_client import Presswork, Queue
    from presswork_client.params import QueueRefillParam, QueueSlotParam

commands: Final = Commands(on_server, "Create queues of slots, list their slots, and close their gaps.")

_DAYS: Final = get_args(choices.Weekday)
_SLOT: Final = re.compile(r"(?P<days>[a-z]{3}(?:[,-][a-z]{3})*)[ @](?P<time>\d{2}:\d{2})")
_QUEUE: Final = argument("QUEUE", "Name or id, que_…, or default.", ...)
_SLOTS_TEXT: Final = 'Times of the week, like "mon 09:00", "mon,thu 17:30" or "mon-fri 12:00"; can be repeated.'


@commands.listing("list")
def list_queues(client: Presswork, project: Project = None) -> Output:
    """List the queues of a project."""
    return table_of(
        list(client.queues.list(project_id=project_of(client, project))),
        {
            "queue": lambda one: one.id,
            "name": lambda one: one.name,
            "default": lambda one: "yes" if one.is_default else "",
            "slots": lambda one: len(one.slots),
            "timezone": lambda one: one.timezone,
            "paused until": lambda one: one.paused_until,
        },
        empty="There are no queues. Create one with `presswork queues create`.",
        drop=("paused until", "timezone"),
        cut=("name",),
    )


@commands.command()
def create(
    client: Presswork,
    name: str = argument("NAME", "Name for display.", ...),
    slot: list[str] = option("--slot SLOT", _SLOTS_TEXT, ...),
    timezone: str | None = option("--timezone ZONE", "Time zone of the slots; that of the project without it."),
    account: list[str] | None = option("--account ACCOUNT", "Only for this account, @handle or sa_…; can be repeated."),
    jitter: int = option("--jitter MINUTES", "Let posts be due up to so many minutes after their slot.", 0),
    default: bool = option("--default", "Make it the default queue of the project, as the first one is.", False),
    project: Project = None,
) -> Output:
    """Create a queue. Posts take its slots with `presswork publish --queue NAME`."""
    project_id = project_of(client, project)
    accounts = accounts_of(client, project_id, account or [])
    made = client.queues.create(
        project_id=project_id,
        name=name,
        slots=_read_slots(slot),
        timezone=given(timezone),
        social_account_ids=[one.social_account_id for one in accounts] if accounts else NOT_GIVEN,
        jitter_minutes=jitter,
        is_default=default,
    )
    return sentences(made.raw, f"Queue {made.name} has {len(made.slots)} slots a week: {made.id}")


@commands.command()
def change(
    client: Presswork,
    queue: str = _QUEUE,
    name: str | None = option("--name NAME", "Another name."),
    slot: list[str] | None = option("--slot SLOT", f"{_SLOTS_TEXT} They replace all of the queue; no post moves."),
    pause: str | None = option(
        "--pause TIME", "New posts take no slot before this time, such as 2026-12-27T00:00:00Z."
    ),
    resume: bool = option("--resume", "End the pause.", False),
    default: bool = option("--default", "Make it the default queue of the project.", False),
    project: Project = None,
) -> Output:
    """Change a queue."""
    changed = client.queues.update(
        queue_id=_find_queue(client, queue, project),
        name=given(name),
        slots=NOT_GIVEN if slot is None else _read_slots(slot),
        paused_until=None if resume else given(pause),
        is_default=True if default else NOT_GIVEN,
    )
    return sentences(changed.raw, f"Queue {changed.name} has {len(changed.slots)} slots a week.")


@commands.command()
def slots(
    client: Presswork,
    queue: str = _QUEUE,
    count: int = option("--count N", "How many slots, up to 200.", 20, min=1, max=200),
    project: Project = None,
) -> Output:
    """List the next slots of a queue, with the posts in them."""
    found = client.queues.list_slots(queue_id=_find_queue(client, queue, project), count=count)
    return table_of(
        found.items,
        {"slot": lambda one: one.slot_at, "taken by": lambda one: " ".join(one.taken_by) or "free"},
        empty="The queue has no slots.",
        cut=("taken by",),
    )


@commands.command()
def refill(
    client: Presswork,
    queue: str = _QUEUE,
    label: str | None = option("--label LABEL", "Fill free slots with content that has this label."),
    cooldown: int = option("--cooldown DAYS", "Days between two uses of the same content.", 30, min=1),
    uses: int | None = option("--uses N", "Use the same content at most so many times.", min=1),
    off: bool = option("--off", "Fill no slots any more.", False),
    project: Project = None,
) -> Output:
    """Fill the free slots of the next seven days with evergreen content, or stop."""
    if (label is None) is not off:
        raise NotPossible("Give either --label or --off.")
    filling: QueueRefillParam | None = None
    if label is not None:
        filling = {"label": label, "cooldownDays": cooldown}
        if uses is not None:
            filling["maximumUses"] = uses
    changed = client.queues.update(queue_id=_find_queue(client, queue, project), refill=filling)
    return sentences(
        changed.raw,
        f"Free slots of {changed.name} stay free." if off else f"Free slots of {changed.name} are filled from {label}.",
    )


@commands.command()
def reshuffle(
    client: Presswork,
    queue: str = _QUEUE,
    dry_run: bool = option("--dry-run", "Only show the moves.", False),
    project: Project = None,
) -> Output:
    """Move the queued posts of a queue to its first slots, in their order."""
    done = client.queues.reshuffle(queue_id=_find_queue(client, queue, project), dry_run=dry_run)
    return table_of(
        done.items,
        {
            "post": lambda one: one.scheduled_post_id,
            "before": lambda one: one.before,
            "after": lambda one: one.after,
        },
        empty="The queue has no gaps.",
    )


@commands.command()
def move(
    client: Presswork,
    post: str = argument("POST", "Post id, sp_….", ...),
    to: str | None = argument("SLOT", "A free slot, such as 2026-12-24T18:00:00Z; without it the next one.", None),
    queue: str | None = option("--queue QUEUE", "Into this queue, by name or id, or default."),
    last: bool = option("--last", "After all posts of the queue.", False),
    together: bool = option(
        "--together", "Move the posts of the same content that are due at the same time, too.", False
    ),
    project: Project = None,
) -> Output:
    """Move a queued post to another slot of its queue, or with --queue any queued post into a slot of a queue."""
    if queue is None:
        if to is None or last or together:
            raise NotPossible("Pass a slot of the queue that the post is in, or --queue.")
        moved = client.publishing.move_post(post_id=post, slot_at=to)
    elif last and to is not None:
        raise NotPossible("Pass either a slot or --last.")
    else:
        moved = client.publishing.reschedule_post(
            post_id=post,
            queue=_find_queue(client, queue, project),
            position="last" if last else NOT_GIVEN,
            slot_at=given(to),
            together=together,
        )
    count = len(moved.scheduled_post_ids)
    what = f"{moved.id} is" if count == 1 else f"{count} posts are"
    return sentences(moved.raw, f"{what} due at {moved.scheduled_for}.")


@commands.command()
def delete(client: Presswork, queue: str = _QUEUE, project: Project = None) -> Output:
    """Delete a queue. Its queued posts go out at the times that they have."""
    deleted = client.queues.delete(queue_id=_find_queue(client, queue, project))
    return sentences(deleted.raw, f"{deleted.id} is deleted. Its posts keep their times.")


def _find_queue(client: Presswork, named: str, project: str | None) -> str:
    """Return the id of a queue. Raises NotPossible."""
    if named.startswith("que_"):
        return named
    project_id = project_of(client, project)
    if named == "default":
        found: Sequence[Queue] = [one for one in client.queues.list(project_id=project_id) if one.is_default]
        if not found:
            raise NotPossible("This project has no default queue. `presswork queues list` lists its queues.")
        return found[0].id
    return queue_of(client, project_id, named)


def _read_slots(texts: Sequence[str]) -> Sequence[QueueSlotParam]:
    """Parse slots like `mon-fri 12:00`. Raises NotPossible."""
    read: list[QueueSlotParam] = []
    for text in texts:
        found = _SLOT.fullmatch(text.strip().lower())
        days = [] if found is None else [day for part in found["days"].split(",") for day in _days_in(part)]
        if found is None or not days:
            raise NotPossible(f'{text} is not a slot. Write one like "mon 09:00", "mon,thu 17:30" or "mon-fri 12:00".')
        read += [{"weekday": cast("choices.Weekday", day), "time": found["time"]} for day in days]
    return read


def _days_in(part: str) -> Sequence[str]:
    """Return the days of `mon`, or of `mon-fri`; none of another text."""
    first, _, last = part.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        return []
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return _DAYS[start : end + 1] if start <= end else [*_DAYS[start:], *_DAYS[: end + 1]]
