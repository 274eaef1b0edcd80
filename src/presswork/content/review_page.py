"""What the page of a review link shows: content with its texts, its planned posts, and what was decided and changed.

Texts are shown as they go out: with the values of variables, and the parameters of links.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from presswork.content.discussion import ContentComment, list_external_comments
from presswork.content.model import Container, ContainerStatus, Review, TextChange
from presswork.content.review_link_model import PLAN, Texts, Visitor, changes_between
from presswork.content.review_policy import changes_since_review
from presswork.content.store import SQL, find_containers, list_reviews_of
from presswork.core.enums import Mode
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.links.model import OpenedLink
from presswork.platforms.names import PlatformName
from presswork.platforms.options import PostOptions
from presswork.posts.fill_in import PostTexts
from presswork.posts.model import Status
from presswork.posts.option_rules import option_words
from presswork.posts.targets import Target, targets_of
from presswork.projects.model import FillValues
from presswork.projects.store import find_project

_MAX_REVIEWS: Final = 100
_SEEN: Final = TypeAdapter(dict[UUID, dict[str, str | None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPost:
    """A post that is made, or goes out, when the content is approved, or that needs no approval. None as text: what is shown of the
    content."""

    at: datetime  # UTC
    status: Status | None  # None while an approval is missing
    platform: PlatformName
    handle: str
    mode: Mode
    caption: str | None
    first_comment: str | None
    words: Mapping[str, str]  # further reviewed texts, by the path of their option


_GONE: Final = (ContainerStatus.CANCELED, ContainerStatus.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedContent:
    """One container of a link."""

    container: Container
    reviews: Sequence[Review]
    plan: Sequence[PlannedPost]
    changes: Sequence[TextChange]  # since the last decision
    comments: Sequence[ContentComment] = ()  # only what is external, oldest first
    news: Sequence[TextChange] = ()  # since the person's last visit

    @property
    def texts(self) -> Texts:
        """All that a person reviews as text, to compare it at the next visit. What needs no approval is not reviewed."""
        lines = [
            [write_instant(one.at), one.platform, one.handle, one.mode, one.caption, one.first_comment, dict(one.words)]
            for one in self.plan
            if one.status is None
        ]
        return {**self.container.texts, PLAN: json.dumps(lines, ensure_ascii=False)}


async def read_review_page(pool: Pool, opened: OpenedLink) -> Sequence[ReviewedContent]:
    """Return the content of a link in the order of the link, without what was canceled or deleted."""
    ids, caller = opened.link.container_ids, opened.principal(())
    containers = await find_containers(pool, ids, visible_to=caller)
    values = (await find_project(pool, opened.link.project_id, visible_to=caller)).fill
    reviews = await list_reviews_of(pool, ids, limit=_MAX_REVIEWS)
    drafts = await _read_plans(pool, opened)
    comments = await list_external_comments(pool, ids)
    items = []
    for container_id in ids:
        container = containers.get(container_id)
        if container is None or container.status in _GONE:
            continue
        planned = drafts.get(container.id, ())
        shown = fill_in(container, values, {one.platform for one in planned})
        items.append(
            ReviewedContent(
                container=shown,
                reviews=reviews[container.id],
                plan=[_describe(one, container, shown, values) for one in planned],
                changes=_filled_changes(changes_since_review(container), values),
                comments=comments[container.id],
            )
        )
    return items


def fill_in(container: Container, values: FillValues, platforms: Set[PlatformName]) -> Container:
    """Return a container with its texts as they go out on all of these platforms."""
    texts = PostTexts(
        caption=container.caption, first_comment=container.first_comment, parts=container.parts, link=container.link
    ).filled_for_all(values, platforms)
    return replace(
        container, caption=texts.caption, first_comment=texts.first_comment, parts=texts.parts, link=texts.link
    )


def _filled_changes(changes: Sequence[TextChange], values: FillValues) -> Sequence[TextChange]:
    """Return changes as they go out, without those that change nothing there."""

    def fill(text: str | None) -> str | None:
        return (
            None
            if text is None
            else PostTexts(caption=text, first_comment=None).filled_for_all(values, frozenset()).caption
        )

    filled = [
        replace(one, before=fill(one.before), after=fill(one.after)) if one.field.endswith(_FILLED) else one
        for one in changes
    ]
    return [one for one in filled if one.before != one.after]


_FILLED: Final = ("caption", "firstComment", ".text", "link.url")
"""How the fields of texts end in which something is filled in."""


async def remember_visit(
    pool: Pool, opened: OpenedLink, visitor_id: UUID, items: Sequence[ReviewedContent], *, now: datetime
) -> tuple[str | None, Sequence[ReviewedContent]]:
    """Remember what a browser has seen; return the name that was given in it, and the content with what is new to it."""
    former = await find_visitor(pool, opened, visitor_id)
    visitor = Visitor.arriving(former, {one.container.id: one.texts for one in items}, now=now)
    await pool.execute(
        SQL["write_visit"],
        opened.link.id,
        visitor_id,
        _SEEN.dump_json(_SEEN.validate_python(visitor.seen)).decode(),
        None if visitor.before is None else _SEEN.dump_json(_SEEN.validate_python(visitor.before)).decode(),
        visitor.began_at,
    )
    return visitor.name, with_news(items, visitor.before)


def with_news(items: Sequence[ReviewedContent], before: Mapping[UUID, Texts] | None) -> Sequence[ReviewedContent]:
    """Return the content with what changed since a person has seen these texts."""
    known = before or {}
    return [replace(one, news=changes_between(known.get(one.container.id), one.texts)) for one in items]


async def find_visitor(pool: Pool, opened: OpenedLink, visitor_id: UUID) -> Visitor | None:
    """Return what is remembered of a browser."""
    row = await pool.fetchrow(SQL["find_visitor"], opened.link.id, visitor_id)
    if row is None:
        return None
    return Visitor(
        name=row["name"],
        seen=_SEEN.validate_json(row["seen"]),
        before=None if row["before"] is None else _SEEN.validate_json(row["before"]),
        began_at=row["began_at"],
    )


async def remember_name(pool: Pool, opened: OpenedLink, visitor_id: UUID, name: str) -> None:
    """Remember the name that was given in a browser."""
    await pool.execute(SQL["name_visitor"], opened.link.id, visitor_id, name)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A post of a plan with its texts as they were written."""

    at: datetime
    status: Status | None
    platform: PlatformName
    handle: str
    target: Target
    fill: str | None
    """The values that the post stores, once it exists."""


async def _read_plans(pool: Pool, opened: OpenedLink) -> Mapping[UUID, Sequence[_Planned]]:
    rows = await pool.fetch(SQL["planned_posts"], list(opened.link.container_ids))
    planned = [(row, target) for row in rows for target in _targets(row)]
    accounts = await pool.fetch(
        SQL["account_names"],
        list({target.social_account_id for _, target in planned}),
        opened.link.organization_id,
        opened.link.environment.value,
    )
    known = {account["id"]: account for account in accounts}
    plans: dict[UUID, list[_Planned]] = {}
    for row, target in planned:
        if (account := known.get(target.social_account_id)) is not None:
            plans.setdefault(row["container_id"], []).append(
                _Planned(
                    at=row["scheduled_for"],
                    status=None if row["status"] is None else Status(row["status"]),
                    platform=PlatformName(account["platform"]),
                    handle=account["handle"],
                    target=target,
                    fill=row["fill"],
                )
            )
    return plans


def _describe(planned: _Planned, container: Container, shown: Container, values: FillValues) -> PlannedPost:
    """Return a post with its texts as they go out; of a call that waits, with the project's values of now."""
    target, platform = planned.target, planned.platform
    own_caption, own_comment = target.caption_override, target.first_comment_override
    texts = PostTexts(
        caption=container.caption if own_caption is None else own_caption,
        first_comment=container.first_comment if own_comment is None else own_comment,
        options=target.options,
    ).filled_if_possible(values if planned.fill is None else FillValues.parse(planned.fill), platform)
    words = option_words(
        Target(social_account_id=target.social_account_id, mode=target.mode, options=texts.options)
    ).get(platform.value)
    return PlannedPost(
        at=planned.at,
        status=planned.status,
        platform=platform,
        handle=planned.handle,
        mode=target.mode,
        caption=None if own_caption is None and texts.caption == shown.caption else texts.caption,
        first_comment=None
        if own_comment is None and texts.first_comment == shown.first_comment
        else texts.first_comment,
        words={} if words is None else json.loads(words),
    )


def _targets(row: asyncpg.Record) -> Sequence[Target]:
    if row["targets"] is not None:
        return targets_of(row["targets"])
    return [
        Target(
            social_account_id=row["account_id"],
            mode=Mode(row["mode"]),
            caption_override=row["caption"],
            first_comment_override=row["first_comment"],
            options=PostOptions.read(row["options"]).document,
        )
    ]
