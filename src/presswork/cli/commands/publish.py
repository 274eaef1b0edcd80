"""`presswork publish`: publish files to accounts, now or later, and show the results."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from presswork.cli.client.choose import accounts_of, project_of
from presswork.cli.client.complete import complete_account
from presswork.cli.client.csv_file import read_sheet
from presswork.cli.client.import_csv import DateOrder, import_sheet
from presswork.cli.client.login import NotPossible, calling
from presswork.cli.client.options import FAILED_STATUS, TIMEOUT_STATUS, Project
from presswork.cli.client.show import (
    POST_COLUMNS,
    POST_LAYOUT,
    account_name,
    post_rows,
    print_verdicts,
    warning_sentences,
)
from presswork.cli.client.watch import SUCCESSFUL, TERMINAL, watch
from presswork.cli.options import AsJSON
from presswork.cli.output import print_json, print_result, print_table, say
from presswork.cli.progress import byte_counts
from presswork.cli.table import local_time
from presswork_client import (
    NOT_GIVEN,
    Presswork,
    ScheduledPost,
    ScheduleResult,
    SocialAccount,
    TargetWarning,
    UploadProgress,
    choices,
)
from presswork_client.params import TargetParam

app: Final = typer.Typer(add_completion=False)

_LATER: Final = re.compile(r"\+(\d+)([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


@app.command()
def publish(
    content: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="A video, a picture, 2–10 pictures, or the id of uploaded content (cnt_…).",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="ACCOUNT",
            help="@handle, instagram:@handle or sa_…; can be repeated.",
            autocompletion=complete_account,
        ),
    ] = None,
    caption: Annotated[str | None, typer.Option("--caption", metavar="TEXT", help="Caption.")] = None,
    first_comment: Annotated[
        str | None, typer.Option("--first-comment", metavar="TEXT", help="First comment, on platforms that support it.")
    ] = None,
    options: Annotated[
        str | None,
        typer.Option(
            "--options",
            metavar="JSON",
            help="More fields of each target as JSON, or @FILE. See the example above.",
        ),
    ] = None,
    alt_text: Annotated[
        list[str] | None,
        typer.Option("--alt-text", metavar="TEXT", help="Alternative text; repeat it in the order of the files."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="Time to publish: 2026-12-24T18:00 (local time), with an offset, or +2h."
        ),
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Send a draft to the creator's phone.")] = False,
    managed: Annotated[bool, typer.Option("--managed", help="Publish through the accounts' managed provider.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Upload the content and check the targets, without publishing.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until every post is finished.")] = True,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0, help="Maximum time to wait.")] = 600,
    idempotency_key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key",
            metavar="KEY",
            help="Idempotency key of the call; repeating it with the same key uploads and posts once.",
        ),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option("--csv", metavar="FILE", help="Publish and schedule the rows of a table instead, all or none."),
    ] = None,
    dates: Annotated[
        DateOrder | None,
        typer.Option(
            "--dates",
            metavar="ORDER",
            help="With --csv, day_first or month_first: how to read dates like 3/4/2026.",
            show_default=False,
        ),
    ] = None,
    project: Project = None,
    as_json: AsJSON = False,
) -> None:
    """Publish a video, a picture or a slideshow to accounts, and show the result of each post. --csv imports a table.

    More fields of a target, as JSON: --options '{"shareReelToFeed": false}'

    Exit status 0: every post is live, delivered or scheduled. 1: refused, or a post failed. 3: not finished in time.
    """
    with calling(as_json=as_json) as client:
        if draft and managed:
            raise NotPossible("--draft and --managed exclude each other. Use one of them.")
        if csv is not None:
            if any((content, to, caption, first_comment, options, alt_text, at, draft, managed)):
                raise NotPossible(
                    "With --csv, the rows of the file say what is published. Pass no other files and options."
                )
            import_sheet(
                client,
                project_of(client, project),
                read_sheet(csv),
                is_dry_run=dry_run,
                date_order=dates,
                idempotency_key=idempotency_key,
                as_json=as_json,
            )
            return
        if not content or not to:
            missing = "a FILE" if not content else "an account with --to"
            raise typer.BadParameter(f"Pass {missing}, or a table of posts with --csv.")
        if at is not None and idempotency_key is not None and _LATER.fullmatch(at.strip()):
            raise NotPossible(
                f"--at {at} is another time at each call, so a repetition with the same --idempotency-key would be refused. "
                "Pass the time itself, like 2026-12-24T18:00."
            )
        due = None if at is None else _read_time(at, now=datetime.now(UTC))
        more = {} if options is None else _read_options(options)
        place = project_of(client, project)
        accounts = accounts_of(client, place, to)
        container = _content(
            client,
            place,
            content,
            caption,
            first_comment,
            alt_text or [],
            idempotency_key=idempotency_key,
            as_json=as_json,
        )
        mode: choices.Mode = "draft" if draft else "managed" if managed else "publish"
        targets = [_target(one, mode, more) for one in accounts]
        if dry_run:
            _dry_run(client, container, targets, accounts, as_json=as_json)
        elif due is not None:
            answer = client.publishing.schedule(
                container_id=container, targets=targets, scheduled_for=due, idempotency_key=idempotency_key
            )
            _show_scheduled(client, container, answer, accounts, due, as_json=as_json)
        else:
            published = client.publishing.publish_now(
                container_id=container, targets=targets, idempotency_key=idempotency_key
            )
            if not as_json:
                _warn(published.warnings, accounts)
            _follow(client, published.scheduled_post_ids, accounts, wait=wait, timeout=timeout, as_json=as_json)


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


def _target(account: SocialAccount, mode: choices.Mode, more: Mapping[str, object]) -> TargetParam:
    return cast(
        "TargetParam", {**more, "socialAccountId": account.social_account_id, "mode": mode}
    )  # the API checks `more`


def _read_options(text: str) -> Mapping[str, object]:
    """Parse fields of a target: JSON, or `@` and the name of a file with JSON. Raises NotPossible for anything else."""
    try:
        given = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except (OSError, ValueError) as error:
        raise NotPossible(f"--options can't be read: {error}. Pass JSON, or @ and the name of a file.") from error
    if not isinstance(given, dict):
        raise NotPossible(
            '--options is not a JSON object. Pass one like {"tiktokPostSettings": {"disableDuet": true}}.'
        )
    return given


def _content(
    client: Presswork,
    project: str,
    content: Sequence[str],
    caption: str | None,
    first_comment: str | None,
    alt_texts: Sequence[str],
    *,
    idempotency_key: str | None,
    as_json: bool,
) -> str:
    """Return the id of the content; files are uploaded."""
    if content[0].startswith("cnt_"):
        if len(content) > 1 or caption is not None or first_comment is not None or alt_texts:
            raise NotPossible(
                "Uploaded content is published unchanged. Pass one id only, without --caption, --first-comment and --alt-text."
            )
        return content[0]
    if len(alt_texts) > len(content):
        raise NotPossible(
            f"There are {len(alt_texts)} alternative texts for {len(content)} files. Pass one for each file."
        )
    names = {path: Path(path).name for path in content}
    with byte_counts({} if as_json else {"upload": ", ".join(names.values())}) as add_bytes:
        before = 0

        def count(progress: UploadProgress) -> None:
            nonlocal before
            add_bytes("upload", progress.sent_bytes - before, progress.total_bytes)
            before = progress.sent_bytes

        made = client.content.upload_files(
            content,
            project_id=project,
            caption=caption or "",
            first_comment=NOT_GIVEN if first_comment is None else first_comment,
            on_progress=count,
            idempotency_key=idempotency_key,
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


def _dry_run(
    client: Presswork,
    container: str,
    targets: Sequence[TargetParam],
    accounts: Sequence[SocialAccount],
    *,
    as_json: bool,
) -> None:
    answer = client.publishing.preflight(container_id=container, targets=targets)
    if as_json:
        print_json({"containerId": container, **answer.raw})
    else:
        print_verdicts(answer, accounts)
        say(f"Nothing was published. To publish this content, run `presswork publish {container} --to …`.")
    if not answer.ok:
        raise typer.Exit(FAILED_STATUS)


def _show_scheduled(
    client: Presswork,
    container: str,
    answer: ScheduleResult,
    accounts: Sequence[SocialAccount],
    due: datetime,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json({"containerId": container, **answer.raw})
        return
    _warn(answer.warnings, accounts)
    if answer.gate_status == "blocked_on_approval":
        print_result(
            {}, f"{container} waits for approval. Once approved, it is published at {local_time(due)}.", as_json=False
        )
    else:
        posts = [client.publishing.get_post(post_id=post_id) for post_id in answer.scheduled_post_ids]
        _print_posts(posts, accounts)


def _warn(warnings: Sequence[TargetWarning] | None, accounts: Sequence[SocialAccount]) -> None:
    for sentence in warning_sentences(warnings, accounts):
        say(sentence)


def _print_posts(posts: Sequence[ScheduledPost], accounts: Sequence[SocialAccount]) -> None:
    names = {one.social_account_id: account_name(one) for one in accounts}
    print_table(POST_COLUMNS, post_rows(posts, names), empty="There are no posts.", layout=POST_LAYOUT)


def _follow(
    client: Presswork,
    post_ids: Sequence[str],
    accounts: Sequence[SocialAccount],
    *,
    wait: bool,
    timeout: float,
    as_json: bool,
) -> None:
    names = {one.social_account_id: account_name(one) for one in accounts}
    posts = watch(
        lambda: [client.publishing.get_post(post_id=post_id) for post_id in post_ids],
        names,
        until_finished=True,
        timeout_seconds=timeout if wait else 0,
        quiet=as_json or not wait,
    )
    if as_json:
        print_json({"items": [post.raw for post in posts]})
    else:
        _print_posts(posts, accounts)
    if any(post.status in TERMINAL - SUCCESSFUL for post in posts):
        raise typer.Exit(FAILED_STATUS)
    if wait and any(post.status not in TERMINAL for post in posts):
        raise typer.Exit(TIMEOUT_STATUS)
