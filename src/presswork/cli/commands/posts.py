"""`presswork posts`, `export-posts`, `post`, `cancel`, `take-down`, `edit`, `edit-live` and `republish`: the posts of a project."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from presswork.cli.client.choose import project_of
from presswork.cli.client.command import FAILED_STATUS, Project, given, on_server, one_of, read_options
from presswork.cli.client.login import NotPossible
from presswork.cli.client.show import POST_COLUMNS, POST_LAYOUT, account_name, names_of, post_rows, print_post
from presswork.cli.client.watch import watch
from presswork.cli.command import Commands, Output, sentences
from presswork.cli.new_file import write_new
from presswork.cli.options import AsJSON, argument, option
from presswork.cli.output import console, print_table
from presswork_client import NOT_GIVEN, APIStatusError, choices
from presswork_client.params import TargetParam

if TYPE_CHECKING:
    from presswork_client import PostFilters, Presswork, ScheduledPost

commands: Final = Commands(on_server)

_STATES: Final[Sequence[choices.Status]] = get_args(choices.Status)
_FORMATS: Final[Sequence[Literal["csv", "jsonl"]]] = ("csv", "jsonl")
_STATE_NAMES: Final = ", ".join(_STATES)
_TEXTS: Final = ("captionOverride", "firstCommentOverride")
_RESETS: Final = ("caption", "first-comment")
_OVERRIDES: Final = {"caption": "caption_override", "first_comment": "first_comment_override"}
_FIXED: Final = frozenset({"socialAccountId", "mode", "scheduledPostId", *_TEXTS})
"""Fields of a target that an edit has no options for."""
_POSTS: Final = argument("POST", "Post ids, sp_….", ...)
_CANCEL_REFUSALS: Final = frozenset({"CONFLICT", "NOT_FOUND"})
_EDIT_REFUSALS: Final = frozenset(
    {"CONFLICT", "NOT_FOUND", "APPROVAL_REQUIRED", "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", "VALIDATION"}
)
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
    label: list[str] | None = option(
        "--label TEXT", "Show only posts whose content has this label; repeat it: any of them."
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
        return client.publishing.list_posts(project_id=project_id, status=listed, label=given(label), limit=limit).items

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
    label: list[str] | None = option(
        "--label TEXT", "Export only posts whose content has this label; repeat it: any of them."
    ),
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
    if label is not None:
        filters["label"] = label
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
    size_bytes = write_new(output, chunks)
    document = {"file": str(output), "sizeBytes": size_bytes}
    return sentences(document, f"{output} has the posts, {size_bytes:,} bytes.")


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


@commands.command("take-down")
def take_down(
    client: Presswork,
    post_ids: list[str] | None = argument("POST", "Post ids, sp_….", None),
    content: str | None = option(
        "--content ID", "Take down all posts of this content, cnt_…, instead of single posts."
    ),
    reason: str | None = option("--reason TEXT", "Reason, for the timeline."),
    as_json: AsJSON = False,
) -> Output:
    """Delete published posts on their platforms. A worker does it; `presswork post` shows the outcome.

    Each post is tried. Exit status 1: one can't be taken down by a call.
    """
    if bool(post_ids) == (content is not None):
        raise NotPossible("Name posts, or the content with --content; not both.")
    if content is not None:
        return _take_down_content(client, content, reason, as_json=as_json)
    failed: list[str] = []

    def take_down_one(post_id: str) -> tuple[Mapping[str, object], str]:
        taken = client.publishing.take_down_post(post_id=post_id, reason=given(reason))
        if taken.live_status in _STILL_LIVE:
            failed.append(post_id)
        return taken.raw, _describe_take_down(post_id, taken.live_status)

    output = _try_each(post_ids or [], take_down_one, "was not taken down", refusals=_CANCEL_REFUSALS, as_json=as_json)
    return replace(output, status=FAILED_STATUS if failed else output.status)


_STILL_LIVE: Final = frozenset({"take_down_failed", "not_supported"})


def _take_down_content(client: Presswork, content: str, reason: str | None, *, as_json: bool) -> Output:
    taken = client.publishing.take_down_content(container_id=content, reason=given(reason))
    is_failed = False
    for item in taken.items:
        is_failed |= item.live_status is None or item.live_status in _STILL_LIVE
        sentence = (
            f"{item.post_id} was not taken down: {item.error.message}"
            if item.error is not None
            else _describe_take_down(item.post_id, item.live_status or "")
        )
        if not as_json:
            console().print(sentence, markup=False)
    if not taken.items and not as_json:
        console().print("The content has no posts.")
    return Output(document=taken.raw, show=lambda **_: None, status=FAILED_STATUS if is_failed else 0)


def _describe_take_down(post_id: str, live_status: str) -> str:
    if live_status == "taking_down":
        return f"{post_id} is being taken down. See: presswork post {post_id}"
    if live_status in _STILL_LIVE:
        return f"{post_id} is still live, and no call can take it down. What to do: presswork post {post_id}"
    return f"{post_id} is not live any more."


@commands.command("edit-live")
def edit_live(
    client: Presswork,
    post_id: str = argument("POST", "Post id, sp_….", ...),
    caption: str | None = option("--caption TEXT", "New text; of a video with a title, its description."),
    title: str | None = option("--title TEXT", "New title of a video."),
    privacy_level: str | None = option("--privacy-level LEVEL", "Who can see it, by the platform's own name."),
    as_json: AsJSON = False,
) -> Output:
    """Change a published post on its platform. A worker does it; `presswork post` shows the outcome.

    Exit status 1: it can't be changed.
    """
    if caption is None and title is None and privacy_level is None:
        raise NotPossible("Say what to change: --caption, --title or --privacy-level.")

    def edit_one(post_id: str) -> tuple[Mapping[str, object], str]:
        edited = client.publishing.edit_live_post(
            post_id=post_id, caption=given(caption), title=given(title), privacy_level=given(privacy_level)
        )
        return edited.raw, f"{post_id} is being changed. See: presswork post {post_id}"

    return _try_each([post_id], edit_one, "was not changed", refusals=_EDIT_REFUSALS, as_json=as_json)


@commands.command()
def edit(
    client: Presswork,
    post_ids: list[str] = _POSTS,
    caption: str | None = option("--caption TEXT", "Text of these posts, in place of the content's."),
    caption_file: str | None = option(
        "--caption-file FILE", "Read that text from a file, or with - from standard input."
    ),
    first_comment: str | None = option("--first-comment TEXT", "First comment of these posts; empty: none."),
    reset: list[str] | None = option(
        "--reset FIELD", "caption or first-comment: the one of the content again; can be repeated."
    ),
    options: str | None = option(
        "--options JSON",
        "Options as JSON, or @FILE: each replaces the whole object, null removes it. See the example above.",
    ),
    revision: int | None = option(
        "--revision NUMBER", "The revision that you have seen: refused if the post was edited since.", min=1
    ),
    as_json: AsJSON = False,
) -> Output:
    """Change the text, first comment or options of posts that no worker has started.

    Options, as JSON: --options '{"shareReelToFeed": false, "joinParts": null}'

    Each post is tried. Exit status 1: one can't be edited.
    """
    if caption is not None and caption_file is not None:
        raise NotPossible("--caption and --caption-file exclude each other. Use one of them.")
    if revision is not None and len(post_ids) > 1:
        raise NotPossible("--revision is that of one post. Pass one post.")
    text = caption if caption_file is None else _read_text(caption_file)
    changes: dict[str, Any] = {} if options is None else _read_edit_options(options)  # Any: the API checks them
    changes |= {
        name: value for name, value in {"caption": text, "first_comment": first_comment}.items() if value is not None
    }
    for field in reset or []:
        name = one_of(_RESETS, field, "--reset").replace("-", "_")
        if name in changes:
            raise NotPossible(f"--reset {field} and a text for it exclude each other. Use one of them.")
        changes[name] = None
    changes = {_OVERRIDES.get(name, name): value for name, value in changes.items()}
    if not changes:
        raise NotPossible("Nothing to change. Pass --caption, --caption-file, --first-comment, --reset or --options.")

    def edit_one(post_id: str) -> tuple[Mapping[str, object], str]:
        edited = client.publishing.edit_post(post_id=post_id, revision=given(revision), **changes)
        warnings = "".join(f" Warning: {one.message}" for one in edited.warnings or ())
        return edited.raw, f"{post_id} was edited: revision {edited.revision}.{warnings}"

    return _try_each(post_ids, edit_one, "was not edited", refusals=_REPUBLISH_REFUSALS, as_json=as_json)


def _read_text(path: str) -> str:
    """Return the text of a file, or with `-` of standard input, without the line end at its end. Raises NotPossible."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise NotPossible(f"--caption-file can't be read: {error}. Pass a file of UTF-8 text, or -.") from error
    return text.removesuffix("\n").removesuffix("\r")


def _read_edit_options(text: str) -> dict[str, object]:
    """Return options by the names of the client's parameters. Raises NotPossible."""
    known = TargetParam.__annotations__.keys() - _FIXED
    read = read_options(text)
    if unknown := sorted(read.keys() - known):
        raise NotPossible(f"--options can't have {', '.join(unknown)}. Use {', '.join(sorted(known))}.")
    return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): value for name, value in read.items()}


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
