"""`presswork publish`: publish files, texts and links to accounts, now or later, and show the results."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from uuid import uuid4

import typer

from presswork.cli.client.choose import accounts_of, complete_account, project_of, queue_of
from presswork.cli.client.command import (
    FAILED_STATUS,
    TIMEOUT_STATUS,
    Project,
    given,
    on_server,
    one_if_given,
    read_options,
)
from presswork.cli.client.csv_file import read_sheet
from presswork.cli.client.import_csv import DateOrder, import_sheet
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import POST_COLUMNS, POST_LAYOUT, names_of, post_rows, print_preflight, warning_sentences
from presswork.cli.client.watch import SUCCESSFUL, TERMINAL, watch
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import AsJSON, argument, option
from presswork.cli.output import print_table, say
from presswork.cli.progress import byte_counts
from presswork.cli.table import local_time
from presswork_client import NOT_GIVEN, APIConnectionError, NotGiven

if TYPE_CHECKING:
    from presswork_client import Presswork, ScheduledPost, SocialAccount, UploadProgress, choices
    from presswork_client.params import TargetParam

commands: Final = Commands(on_server)

_LATER: Final = re.compile(r"\+(\d+)([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def _refuse_contradictions(*, is_draft: bool, is_managed: bool, timeout: float) -> None:
    """Raise NotPossible for options that go with no call. A bound of the option would take room from the sentences of the help."""
    if is_draft and is_managed:
        raise NotPossible("--draft and --managed exclude each other. Use one of them.")
    if timeout < 0:
        raise NotPossible("--timeout is less than 0. Give the seconds to wait, or --no-wait.")


@commands.command()
def publish(
    client: Presswork,
    content: list[str] | None = argument(
        "FILE",
        "A video, a picture, a PDF, 2–35 pictures, 2–20 pictures and videos, or the id of content that exists (cnt_…); none with --text, --link and --part.",
    ),
    to: list[str] | None = option(
        "--to ACCOUNT", "@handle, instagram:@handle or sa_…; can be repeated.", autocompletion=complete_account
    ),
    text: str | None = option("--text TEXT", "Text of a post without files."),
    link: str | None = option("--link URL", "Page that a post without files shows as a card."),
    part: list[str] | None = option("--part TEXT", "Part of a thread of posts; repeat it in their order."),
    caption: str | None = option("--caption TEXT", "Caption of the files."),
    first_comment: str | None = option("--first-comment TEXT", "First comment, on platforms that support it."),
    label: list[str] | None = option("--label TEXT", "Label of the new content; can be repeated."),
    options: str | None = option(
        "--options JSON", "More fields of each target as JSON, or @FILE. See the example above."
    ),
    alt_text: list[str] | None = option("--alt-text TEXT", "Alternative text; repeat it in the order of the files."),
    at: str | None = option("--at TIME", "Time to publish: 2026-12-24T18:00 (local time), with an offset, or +2h."),
    queue: str | None = option("--queue QUEUE", "Take the next free slot of a queue: its name or id, or default."),
    position: str | None = option("--position PLACE", "With --queue, next or last: after all slots that are taken."),
    draft: bool = option("--draft", "Send a draft to the creator's phone.", False),
    managed: bool = option("--managed", "Publish through the accounts' managed provider.", False),
    dry_run: bool = option("--dry-run", "Create the content and check the targets, without publishing.", False),
    no_wait: bool = option("--no-wait", "Do not wait until every post is finished.", False),
    wait: bool = option("--wait", "Wait until every post is finished: the default.", False, hidden=True),
    timeout: float = option("--timeout SECONDS", "Maximum time to wait.", 600),
    idempotency_key: str | None = option(
        "--idempotency-key KEY", "Idempotency key of the call; repeating it with the same key uploads and posts once."
    ),
    csv: str | None = option("--csv FILE", "Publish and schedule the rows of a table instead, all or none."),
    dates: DateOrder | None = option(
        "--dates ORDER", "With --csv, day_first or month_first: how to read dates like 3/4/2026."
    ),
    project: Project = None,
    as_json: AsJSON = False,
) -> Output:
    """Publish files, a text, a link or a thread to accounts, and show the result of each post. --csv imports a table.

    More fields of a target, as JSON: --options '{"shareReelToFeed": false}'

    Exit status 0: every post is live, delivered or scheduled. 1: refused, a post failed or ended in part. 3: not finished in time.
    """
    _ = wait  # the default, which scripts may spell out
    _refuse_contradictions(is_draft=draft, is_managed=managed, timeout=timeout)
    if csv is not None:
        if any(
            (
                content,
                to,
                text,
                link,
                part,
                caption,
                first_comment,
                label,
                options,
                alt_text,
                at,
                queue,
                position,
                draft,
                managed,
            )
        ):
            raise NotPossible(
                "With --csv, the rows of the file say what is published. Pass no other files and options."
            )
        return import_sheet(
            client,
            project_of(client, project),
            read_sheet(csv),
            is_dry_run=dry_run,
            date_order=dates,
            idempotency_key=idempotency_key,
            as_json=as_json,
        )
    _require_one_content(content, text, link, part, has_file_texts=caption is not None or bool(alt_text))
    if not to:
        raise typer.BadParameter("Pass an account with --to, or a table of posts with --csv.")
    _refuse_wrong_place(at, queue, position, idempotency_key)
    due = None if at is None else _read_time(at, now=datetime.now(UTC))
    more = {} if options is None else read_options(options)
    project_id = project_of(client, project)
    accounts = accounts_of(client, project_id, to)
    place = _find_place(client, project_id, due, queue, position)
    if content:
        container = _prepare_content(
            client,
            project_id,
            content,
            caption,
            first_comment,
            alt_text or [],
            label,
            idempotency_key=idempotency_key,
            as_json=as_json,
        )
    else:
        container = _create_text(
            client,
            project_id,
            text,
            link,
            part,
            first_comment,
            label,
            idempotency_key=idempotency_key,
            as_json=as_json,
        )
    mode: choices.Mode = "draft" if draft else "managed" if managed else "publish"
    # The API checks what `more` has.
    targets = [
        cast("TargetParam", {**more, "socialAccountId": one.social_account_id, "mode": mode}) for one in accounts
    ]
    if dry_run:
        return _check_targets(client, container, targets, accounts, place)
    if place is not None:
        return _schedule_posts(client, container, targets, accounts, place, idempotency_key)
    published = client.publishing.publish_now(container_id=container, targets=targets, idempotency_key=idempotency_key)
    if not as_json:
        _print_sentences(warning_sentences(published.warnings, accounts))
    posts = watch(
        lambda: [client.publishing.get_post(post_id=post_id) for post_id in published.scheduled_post_ids],
        names_of(accounts),
        until_finished=True,
        timeout_seconds=0 if no_wait else timeout,
        quiet=as_json or no_wait,
    )
    status = 0
    if any(post.status in TERMINAL - SUCCESSFUL or post.thread_status in {"partial", "unknown"} for post in posts):
        status = FAILED_STATUS
    elif not no_wait and any(post.status not in TERMINAL for post in posts):
        status = TIMEOUT_STATUS
    document = {"items": [post.raw for post in posts]}
    return Output(document=document, show=partial(_print_posts, posts, accounts), status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """When posts go out: at a time, or in a slot of a queue."""

    scheduled_for: datetime | NotGiven = NOT_GIVEN
    queue: str | NotGiven = NOT_GIVEN
    position: choices.Position | NotGiven = NOT_GIVEN


def _refuse_wrong_place(at: str | None, queue: str | None, position: str | None, key: str | None) -> None:
    """Raise NotPossible for options that are not one place of a post."""
    if at is not None and queue is not None:
        raise NotPossible("A post has a time, or a slot of a queue. Pass --at or --queue.")
    if position is not None and queue is None:
        raise NotPossible("--position is for --queue. Pass both, or leave it out.")
    if at is not None and key is not None and _LATER.fullmatch(at.strip()):
        raise NotPossible(
            f"--at {at} is another time at each call, so a repetition with the same --idempotency-key would be refused. "
            "Pass the time itself, like 2026-12-24T18:00."
        )


def _find_place(
    client: Presswork, project: str, due: datetime | None, queue: str | None, position: str | None
) -> _Place | None:
    """Return when the posts go out, or None for now. Raises NotPossible."""
    if queue is not None:
        known: tuple[choices.Position, ...] = ("next", "last")
        return _Place(queue=queue_of(client, project, queue), position=one_if_given(known, position, "position"))
    return None if due is None else _Place(scheduled_for=due)


def _require_one_content(
    content: Sequence[str] | None,
    text: str | None,
    link: str | None,
    parts: Sequence[str] | None,
    *,
    has_file_texts: bool,
) -> None:
    """Check that there are files, a text, a link or parts. Raises BadParameter and NotPossible, which say what to do."""
    if parts and (content or text is not None or link is not None):
        raise NotPossible(
            "The parts of a thread are instead of FILE, --text and --link. Pass only the one or the other."
        )
    if parts and len(parts) == 1:
        raise NotPossible("A thread has two parts at least. Pass another --part, or use --text.")
    if content and link is not None:
        raise NotPossible("The card of a link goes without files. Pass no FILE, or write the URL into --caption.")
    if content and text is not None:
        raise NotPossible("--text is for a post without files. Pass no FILE, or use --caption.")
    if not content and has_file_texts:
        raise NotPossible(
            "--caption and --alt-text are for files. Pass a FILE, or write a post without one with --text."
        )
    if not (content or text or link or parts):
        raise typer.BadParameter("Pass a FILE, a --text, a --link or several --part, or a table of posts with --csv.")


def _read_time(text: str, *, now: datetime) -> datetime:
    """Parse a time to UTC: ISO 8601 (local time without an offset), or `+30m`, `+2h`, `+1d` from now.

    Raises NotPossible for other text.
    """
    try:
        if later := _LATER.fullmatch(text.strip()):
            return now + timedelta(**{_UNITS[later[2]]: int(later[1])})
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # overflow: after the year 9999
        raise NotPossible(
            f"{text!r} is not a time. Use 2026-12-24T18:00 (local time), 2026-12-24T18:00Z, or +2h."
        ) from error


def _prepare_content(
    client: Presswork,
    project: str,
    content: Sequence[str],
    caption: str | None,
    first_comment: str | None,
    alt_texts: Sequence[str],
    labels: Sequence[str] | None,
    *,
    idempotency_key: str | None,
    as_json: bool,
) -> str:
    """Return the id of the content; files are uploaded."""
    if content[0].startswith("cnt_"):
        if len(content) > 1 or caption is not None or first_comment is not None or alt_texts or labels:
            raise NotPossible(
                "Content that exists is published unchanged. Pass one id only, without --caption, --first-comment, --label and "
                "--alt-text."
            )
        return content[0]
    if len(alt_texts) > len(content):
        raise NotPossible(
            f"There are {len(alt_texts)} alternative texts for {len(content)} files. Pass one for each file."
        )
    names = ", ".join(Path(path).name for path in content)
    key = idempotency_key or str(uuid4())
    with _explain_interruption(key), byte_counts({} if as_json else {"upload": names}) as add_bytes:
        before = 0

        def count(progress: UploadProgress) -> None:
            nonlocal before
            add_bytes("upload", progress.sent_bytes - before, progress.total_bytes)
            before = progress.sent_bytes

        made = client.content.upload_files(
            content,
            project_id=project,
            caption=caption or "",
            first_comment=given(first_comment),
            labels=given(labels),
            on_progress=count,
            idempotency_key=key,
        )
    if alt_texts:
        texts = zip(made.media, alt_texts, strict=False)
        client.content.update(
            container_id=made.id,
            media=[{"assetId": item.id, "altText": text} for item, text in texts],
            idempotency_key=idempotency_key,
        )
    if not as_json:
        say(f"Content {made.id} uploaded.")
    return made.id


@contextlib.contextmanager
def _explain_interruption(key: str) -> Iterator[None]:
    """Say how an upload that was interrupted can be continued."""
    try:
        yield
    except (KeyboardInterrupt, APIConnectionError):
        say(
            "The upload was interrupted. To send only what is missing, run the command again within 24 hours with "
            f"--idempotency-key {key}"
        )
        raise


def _create_text(
    client: Presswork,
    project: str,
    text: str | None,
    link: str | None,
    parts: Sequence[str] | None,
    first_comment: str | None,
    labels: Sequence[str] | None,
    *,
    idempotency_key: str | None,
    as_json: bool,
) -> str:
    """Return the id of new content without files."""
    made = client.content.create(
        project_id=project,
        text=text or "",
        link=NOT_GIVEN if link is None else {"url": link},
        parts=[{"text": part} for part in parts] if parts else NOT_GIVEN,
        first_comment=given(first_comment),
        labels=given(labels),
        idempotency_key=idempotency_key,
    )
    if not as_json:
        say(f"Content {made.id} created.")
        _print_sentences(f"Warning: {one.code}: {one.message}" for one in made.warnings)
    return made.id


def _check_targets(
    client: Presswork,
    container: str,
    targets: Sequence[TargetParam],
    accounts: Sequence[SocialAccount],
    place: _Place | None,
) -> Output:
    slot = place or _Place()
    checked = client.publishing.preflight(
        container_id=container, targets=targets, queue=slot.queue, position=slot.position
    )

    def show(**_: bool) -> None:
        print_preflight(checked, accounts)
        say(f"Nothing was published. To publish this content, run `presswork publish {container} --to …`.")

    status = 0 if checked.ok else FAILED_STATUS
    return Output(document={"containerId": container, **checked.raw}, show=show, status=status)


def _schedule_posts(
    client: Presswork,
    container: str,
    targets: Sequence[TargetParam],
    accounts: Sequence[SocialAccount],
    place: _Place,
    idempotency_key: str | None,
) -> Output:
    scheduled = client.publishing.schedule(
        container_id=container,
        targets=targets,
        scheduled_for=place.scheduled_for,
        queue=place.queue,
        position=place.position,
        idempotency_key=idempotency_key,
    )
    due = scheduled.scheduled_for
    document = {"containerId": container, **scheduled.raw}

    def show(**_: bool) -> None:
        _print_sentences(warning_sentences(scheduled.warnings, accounts))
        if scheduled.gate_status == "blocked_on_approval":
            sentence = f"{container} waits for approval. Once approved, it is published at {local_time(due)}."
            sentences(document, sentence).print(as_json=False)
        else:
            ids = scheduled.scheduled_post_ids
            _print_posts([client.publishing.get_post(post_id=post_id) for post_id in ids], accounts)

    return Output(document=document, show=show)


def _print_sentences(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def _print_posts(posts: Sequence[ScheduledPost], accounts: Sequence[SocialAccount], **_: bool) -> None:
    rows = post_rows(posts, names_of(accounts))
    print_table(POST_COLUMNS, rows, empty="There are no posts.", **POST_LAYOUT)
