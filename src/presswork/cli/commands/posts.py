"""`presswork posts`, `export-posts`, `post`, `cancel` and `republish`: the posts of a project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import FAILED_STATUS, Project, given, on_server, one_of
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import POST_COLUMNS, POST_LAYOUT, account_name, names_of, post_rows, print_post
from presswork.cli.client.watch import watch
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.options import AsJSON, argument, option
from presswork.cli.output import console, print_table
from presswork_client import NOT_GIVEN, APIStatusError, choices

if TYPE_CHECKING:
    from presswork_client import PostFilters, Presswork, ScheduledPost

commands: Final = Commands(on_server)

_STATES: Final[Sequence[choices.Status]] = get_args(choices.Status)
_FORMATS: Final[Sequence[Literal["csv", "jsonl"]]] = ("csv", "jsonl")
_STATE_NAMES: Final = ", ".join(_STATES)
_POSTS: Final = argument("POST", "Post ids, sp_….", ...)
_CANCEL_REFUSALS: Final = frozenset({"CONFLICT", "NOT_FOUND"})
_REPUBLISH_REFUSALS: Final = frozenset(
    {"CONFLICT", "NOT_FOUND", "APPROVAL_REQUIRED", "CONTENT_REJECTED", "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", "VALIDATION"}
)
"""Refusals of one post; after another error, no call would succeed."""


@commands.listing("posts")
def list_posts(
    client: Presswork,
    status: list[str] | None = option(
        "--status STATUS",
        f"Show this status only: {_STATE_NAMES}; can be repeated.",
        autocompletion=lambda incomplete: [state for state in _STATES if state.startswith(incomplete)],
    ),
    limit: int = option("--limit N", "Maximum number of posts.", 20, min=1, max=200),
    do_watch: bool = option("--watch", "Show changes until Ctrl-C.", False),
    project: Project = None,
    as_json: AsJSON = False,
) -> Output | None:
    """List the posts of a project, by scheduled time, latest first."""
    wanted = [state for state in _STATES if status is None or state in status]
    if status is not None and len(wanted) < len(set(status)):
        raise NotPossible(f"Unknown status. Use {_STATE_NAMES}.")
    if do_watch and as_json:
        raise NotPossible("--watch has no JSON output. Poll with --json, or use webhooks.")
    project_id = project_of(client, project)

    def fetch() -> Sequence[ScheduledPost]:
        listed = NOT_GIVEN if status is None else wanted
        return client.publishing.list_posts(project_id=project_id, status=listed, limit=limit).items

    if do_watch:
        with suppress(KeyboardInterrupt):
            watch(fetch, names_of(client.social_accounts.list(project_id=project_id)), until_finished=False)
        return None
    posts = fetch()

    def show(*, wide: bool) -> None:
        rows = post_rows(posts, names_of(client.social_accounts.list(project_id=project_id)) if posts else {})
        print_table(POST_COLUMNS, rows, empty="There are no such posts.", **POST_LAYOUT, wide=wide)

    return Output(document={"items": [post.raw for post in posts]}, show=show)


@commands.command("export-posts")
def export_posts(
    client: Presswork,
    form: str = option("--format FORMAT", "csv, for spreadsheets, or jsonl: JSON lines.", "csv"),
    output: Path | None = option("--output FILE", "Write to a new file, not to standard output."),
    status: list[str] | None = option("--status STATUS", f"Export this status only: {_STATE_NAMES}; can be repeated."),
    since: str | None = option("--since TIME", "First scheduled time, such as 2026-12-01T00:00:00Z."),
    until: str | None = option("--until TIME", "Last scheduled time."),
    every_project: bool = option("--all-projects", "Export the posts of all projects of the key.", False),
    project: Project = None,
    as_json: AsJSON = False,
) -> Output | None:
    """Export the posts of a project with their outcomes as one file, latest scheduled time first."""
    if as_json and output is None:
        raise NotPossible("--json describes the file: pass --output as well, or --format jsonl without it.")
    filters: PostFilters = {}
    if status is not None:
        filters["status"] = [one_of(_STATES, one, "status") for one in status]
    if since is not None:
        filters["since"] = since
    if until is not None:
        filters["until"] = until
    if not every_project:
        filters["project_id"] = project_of(client, project)
    chunks = client.publishing.export_posts(format=one_of(_FORMATS, form, "format"), **filters)
    if output is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return None
    size_bytes = _write_new(output, chunks)
    document = {"file": str(output), "sizeBytes": size_bytes}
    return sentences(document, f"{output} has the posts, {size_bytes:,} bytes.")


def _write_new(file: Path, chunks: Iterable[bytes]) -> int:
    """Write a file that does not exist, whole or not at all, and return its size. Raises NotPossible."""
    partial = file.with_name(f".{file.name}.part")
    try:
        if file.exists():
            raise NotPossible(f"{file} exists already. Choose another file with --output.")
        with partial.open("wb") as target:
            size_bytes = sum(target.write(chunk) for chunk in chunks)
        partial.rename(file)
    except OSError as error:
        raise NotPossible(f"{file} can't be written: {error.strerror}. Choose another file with --output.") from error
    finally:
        partial.unlink(missing_ok=True)
    return size_bytes


@commands.command("post")
def show_post(client: Presswork, post_id: str = argument("POST", "Post id, sp_….", ...)) -> Output:
    """Show a post and its timeline."""
    post = client.publishing.get_post(post_id=post_id)
    timeline = client.publishing.get_timeline(post_id=post_id)

    def show(**_: bool) -> None:
        account = client.social_accounts.get(social_account_id=post.social_account_id)
        print_post(post, timeline, account_name(account))

    return Output(document={**post.raw, "timeline": timeline.raw["items"]}, show=show)


@commands.command()
def cancel(
    client: Presswork,
    post_ids: list[str] = _POSTS,
    reason: str | None = option("--reason TEXT", "Reason, for the timeline."),
    as_json: AsJSON = False,
) -> Output:
    """Cancel posts whose platform was not yet asked to make them live.

    Each post is tried. Exit status 1: one can't be canceled.
    """

    def cancel_one(post_id: str) -> tuple[Mapping[str, object], str]:
        canceled = client.publishing.cancel_post(post_id=post_id, reason=given(reason))
        return canceled.raw, f"{post_id} was canceled."

    return _try_each(post_ids, cancel_one, "was not canceled", refusals=_CANCEL_REFUSALS, as_json=as_json)


@commands.command()
def republish(
    client: Presswork,
    post_ids: list[str] = _POSTS,
    confirm_not_live: bool = option(
        "--confirm-not-live",
        "Confirm that a post whose platform did not say is not live: look at the account first.",
        False,
    ),
    as_json: AsJSON = False,
) -> Output:
    """Publish posts again that failed or were canceled: each becomes a new post with the same target, due now.

    Each post is tried. Exit status 1: one can't be published again.
    """

    def republish_one(post_id: str) -> tuple[Mapping[str, object], str]:
        new = client.publishing.republish_post(post_id=post_id, confirm_not_live=confirm_not_live)
        return {"id": post_id, **new.raw}, f"{post_id} is published again as {new.scheduled_post_id}."

    return _try_each(post_ids, republish_one, "was not published again", refusals=_REPUBLISH_REFUSALS, as_json=as_json)


def _try_each(
    post_ids: Sequence[str],
    call: Callable[[str], tuple[Mapping[str, object], str]],
    failure: str,
    *,
    refusals: Collection[str],
    as_json: bool,
) -> Output:
    """Call for each post, and print for people at once how it went. Continues after a refusal of one post."""
    done: list[object] = []
    refused: list[object] = []
    for post_id in post_ids:
        try:
            document, sentence = call(post_id)
            done.append(document)
        except APIStatusError as error:
            if error.code not in refusals:
                raise
            refused.append({"id": post_id, "code": error.code, "message": error.message})
            sentence = f"{post_id} {failure}: {error.message}"
        if not as_json:
            console().print(sentence, markup=False)
    document = {"items": done, "refused": refused}
    return Output(document=document, show=lambda **_: None, status=FAILED_STATUS if refused else 0)
