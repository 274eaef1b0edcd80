"""Asking to change live posts on their platforms. A worker does it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError

from presswork.accounts.readiness import edit_readiness
from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import EditField, MediaType
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode
from presswork.core.ids import ACCOUNT, CONTAINER, POST, public_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.platforms.findings import Problem
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.port import LiveEdit, Platform
from presswork.platforms.registry import Platforms, manual_instructions
from presswork.posts.fill_in import unknown_variables
from presswork.posts.known_problems import ContentFacts
from presswork.posts.live import TRIED_FOR, LivePost, lock_post, name_missing
from presswork.posts.model import ApprovalRequired, EditStatus, LastEdit, LiveStatus, NotPublishReady
from presswork.posts.preflight import stored_content
from presswork.posts.refusals import ContainerFacts, refuse_texts
from presswork.posts.targets import Target
from presswork.projects.model import FillValues
from presswork.snippets.fill import fill_text, missing_in

_SQL: Final = load("presswork.posts", "live.sql")
_NAMES: Final = {EditField.CAPTION: "caption", EditField.TITLE: "title", EditField.PRIVACY: "privacy_level"}
_SAID: Final = {EditField.CAPTION: "caption", EditField.TITLE: "title", EditField.PRIVACY: "privacy level"}
_STORED: Final = TypeAdapter(dict[EditField, str])
_WORDS: Final = frozenset({EditField.CAPTION, EditField.TITLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEdit:
    """A change of a live post that a worker will make."""

    post_id: UUID
    live_status: LiveStatus
    last_edit: LastEdit


def values_of(edit: LiveEdit) -> Mapping[EditField, str]:
    """Return what an edit changes."""
    values = {field: getattr(edit, name) for field, name in _NAMES.items()}
    return {field: value for field, value in values.items() if value is not None}


def write_edit(edit: LiveEdit) -> str:
    """Return an edit in the form that is stored."""
    return json.dumps({field.value: value for field, value in values_of(edit).items()})


def read_edit(text: str) -> LiveEdit:
    """Parse a stored edit. Raises pydantic.ValidationError."""
    return LiveEdit(**{_NAMES[field]: value for field, value in _STORED.validate_json(text).items()})


async def edit_live_post(
    connection: Connection,
    platforms: Platforms,
    post_id: UUID,
    edit: LiveEdit,
    *,
    visible_to: Principal,
    now: datetime,
) -> AskedEdit:
    """Have a live post changed, in the caller's transaction.

    Raises PostNotFound, PostNotLive, Conflict for content whose texts were erased, Invalid for what can't be changed or breaks a limit of the platform, NotPublishReady, and
    ApprovalRequired for texts that were not approved.
    """
    tenant = (visible_to.organization_id, visible_to.environment.value)
    is_erased = await connection.fetchval(_SQL["is_erased"], *tenant, post_id)
    post = await lock_post(connection, post_id, visible_to=visible_to)
    post.require_live()
    if is_erased:
        raise Conflict(
            "The texts of this post were erased with its content, so Presswork keeps no new ones. Change it on the platform.",
            reason="content_erased",
            containerId=public_id(CONTAINER, post.container_id),
        )
    platform, values = platforms.described()[post.login], values_of(edit)
    _require_offered(platform, post, values)
    _require_ready(platform, post)
    stored = await stored_content(connection, [post.container_id], caller=visible_to)
    container, content = stored[post.container_id]
    if values.keys() & _WORDS:
        _require_approved(platform, post, container, values)
    edit = _filled(edit, content.fill, platform)
    values = values_of(edit)
    _require_within_limits(platform, post, content, values)
    names = " and ".join(_SAID[field] for field in values)
    pending = LastEdit(status=EditStatus.PENDING, message=None)
    await connection.execute(
        _SQL["ask_edit"],
        post_id,
        now,
        now + TRIED_FOR,
        write_edit(edit),
        json.dumps({"status": pending.status.value, "message": None}),
        f"Presswork changes the {names} of the live post.",
        json.dumps({"by": visible_to.public_id, "fields": [field.value for field in values]}),
    )
    detail: dict[str, JsonValue] = {"fields": [field.value for field in values]}
    await record_act(connection, Action.POST_EDIT_LIVE, public_id(POST, post_id), by=visible_to, now=now, detail=detail)
    return AskedEdit(post_id=post_id, live_status=post.live_status or LiveStatus.LIVE, last_edit=pending)


def _filled(edit: LiveEdit, values: FillValues | None, platform: Platform) -> LiveEdit:
    """Return an edit with the texts that the platform gets. Raises Invalid for variables without a value."""
    if values is None:
        return edit
    words = {field: value for field, value in values_of(edit).items() if field in _WORDS}
    unknown = {field.value: missing for field, value in words.items() if (missing := missing_in(value, values))}
    if (refusal := unknown_variables(unknown)) is not None:
        raise refusal
    filled = {field: fill_text(value, values, platform=platform.name.value) for field, value in words.items()}
    return replace(edit, **{_NAMES[field]: value for field, value in filled.items()})


def applied(platform: Platform, options: Mapping[str, JsonValue], edit: LiveEdit) -> Mapping[str, JsonValue]:
    """Return a post's options as they are on the platform after an edit."""
    changed = dict(options)
    for field, value in values_of(edit).items():
        if (place := _member_of(platform, field)) is not None:
            name, member = place
            former = changed.get(name)
            changed[name] = {**(former if isinstance(former, dict) else {}), member: value}
    return changed


def _member_of(platform: Platform, field: EditField) -> tuple[str, str] | None:
    """Return the option and its member that show a field of live posts."""
    found = ((one.name, one.edited[field]) for one in OPTIONS if one.platform is platform.name and field in one.edited)
    return next(found, None)


def _require_offered(platform: Platform, post: LivePost, values: Mapping[EditField, str]) -> None:
    offered = frozenset() if post.has_parts else platform.editable(post.mode)
    title, issues = manual_instructions(platform.name).title, []
    for field in values.keys() - offered:
        can = " and ".join(sorted(_SAID[one] for one in offered))
        what = f"there, only {can} can be. Omit it." if can else "change the post there, or publish it again."
        problem = f"of a live post on {title} can't be changed by Presswork: {what}"
        issues.append(Issue.at(field.value, problem, IssueCode.INVALID_VALUE))
    if issues:
        raise Invalid(sorted(issues, key=lambda issue: issue.path), reason="edit_not_supported")


def _require_ready(platform: Platform, post: LivePost) -> None:
    ready = edit_readiness(platform, status=post.account_status, scopes=post.scopes, mode=post.mode)
    if ready.reason is None:
        return
    why = name_missing(ready) if ready.missing_scopes else "Presswork has no access to this account."
    raise NotPublishReady(
        f"{why} Connect it again (reauth-url) and grant every permission, then send the change again.",
        socialAccountId=public_id(ACCOUNT, post.account_id),
        mode=post.mode.value,
        reason=ready.reason.value,
        missingScopes=list(ready.missing_scopes) or None,
    )


def _target(post: LivePost, platform: Platform, values: Mapping[EditField, str]) -> Target:
    """Return the target that would have published the post with these values."""
    edit = LiveEdit(**{_NAMES[field]: value for field, value in values.items()})
    return Target(
        social_account_id=post.account_id,
        mode=post.mode,
        caption_override=post.caption_override if edit.caption is None else edit.caption,
        first_comment_override=post.first_comment_override,
        options=applied(platform, post.options, edit),
    )


def _require_within_limits(
    platform: Platform, post: LivePost, content: ContentFacts, values: Mapping[EditField, str]
) -> None:
    """Check each value by the rules for new posts. What is wrong with the rest of the post does not matter: it is live."""
    connector = platform.channel(post.mode).connector
    known = set(map(_identify, connector.check(content.draft(_target(post, platform, {}))).errors))
    issues: list[Issue] = []
    for field, value in values.items():
        target = _target(post, platform, {field: value})
        if (refused := _refuse_value(platform, target, field, content.media_type)) is not None:
            issues.append(refused)
            continue
        errors = connector.check(content.draft(target)).errors
        new = [error for error in errors if _identify(error) not in known]
        issues += [Issue(field.value, error.message, IssueCode.WOULD_FAIL) for error in new]
    if issues:
        raise Invalid(issues)


def _identify(problem: Problem) -> tuple[str, str]:
    return problem.code.value, problem.message


def _refuse_value(platform: Platform, target: Target, field: EditField, media_type: MediaType) -> Issue | None:
    """Return what the option refuses that shows the field: by its schema, or for content of this type."""
    if (place := _member_of(platform, field)) is None:
        return None
    name, member = place
    option = next(option for option in OPTIONS if option.name == name)
    try:
        TypeAdapter(option.schema).validate_python(target.options[name])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        schema: Any = option.json_schema()  # a JSON schema
        if choices := schema["properties"][member].get("enum"):
            problem = f"is no value that the platform has. Send one of: {', '.join(choices)}."
            return Issue.at(field.value, problem, IssueCode.INVALID_CHOICE)
        if first["type"] == "string_too_long":
            problem = f"is longer than {option.max_length(member)} characters. Shorten it."
            return Issue.at(field.value, problem, IssueCode.TOO_LONG)
        return Issue.at(field.value, "is not accepted by the platform. Send another one.", IssueCode.INVALID_VALUE)
    unfit = (one for one in option.unsuitable(target.options[name], media_type) if one.path == f".{member}")
    return next((Issue.at(field.value, one.problem, one.reason) for one in unfit), None)


def _require_approved(
    platform: Platform, post: LivePost, container: ContainerFacts, values: Mapping[EditField, str]
) -> None:
    """Raise ApprovalRequired where an approval covers the texts and did not cover these."""
    if not container.is_covered or container.approval_status == "not_required":
        return
    account_id = public_id(ACCOUNT, post.account_id)
    is_approved = container.approval_status == "approved"
    if is_approved and refuse_texts(container, platform, _target(post, platform, values), account_id) is None:
        return
    names = [field.value for field in values if field in _WORDS]
    raise ApprovalRequired(
        f"The approval of this content covers its texts, and {' and '.join(names)} was not approved. Edit the content, have it "
        "approved, and send the change again.",
        reason="text_not_approved",
        socialAccountId=account_id,
        containerId=public_id(CONTAINER, container.id),
        fields=names,
    )
