"""Publish now: one statement checks everything and writes all posts, or nothing."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.errors import PressworkError, Unavailable
from presswork.http.answers import Reply
from presswork.http.idempotency import Once
from presswork.ids import new_id
from presswork.orgs.model import Principal
from presswork.platforms.registry import Platforms
from presswork.posts.model import DuplicateId
from presswork.posts.refusals import AccountFacts, ContainerFacts, Facts, refuse, wanted_track
from presswork.posts.schemas import (
    PublishAnswer,
    PublishRequest,
    RepeatedTarget,
    Target,
    TikTokMusic,
    TikTokPostSettings,
)
from presswork.terms import Environment, PlatformName

_SQL: Final = load("presswork.posts", "publish.sql")
_CONTAINER: Final = TypeAdapter(ContainerFacts)
_ACCOUNTS: Final = TypeAdapter(list[AccountFacts])


async def publish(
    pool: Pool,
    platforms: Platforms,
    container_id: UUID,
    request: PublishRequest,
    *,
    caller: Principal,
    once: Once | None,
    now: datetime,
) -> Reply:
    """Queue one post per target and return the answer, or its replay.

    Raises the refusals of `refusals.refuse`, IdempotencyConflict and DuplicateId; then nothing was written.
    """
    post_ids = [target.scheduled_post_id or new_id() for target in request.targets]
    body = _answer(post_ids, request.targets)
    arguments = _arguments(platforms, container_id, request, post_ids, body, caller, once, now)
    while True:
        try:
            row = await pool.fetchrow(_SQL["publish"], *arguments)
        except asyncpg.UniqueViolationError as error:
            # Another call took one of the ids between this statement's look and its insert.
            taken = await pool.fetchval(_SQL["taken"], post_ids)
            if error.constraint_name != "scheduled_posts_pkey" or taken is None:
                raise
            raise DuplicateId(taken) from error
        if row is None:
            raise RuntimeError("the publish statement gave no row back")
        if once is not None and row["stored_body"] is not None:
            return once.reply_of(row["stored_fingerprint"], row["stored_status"], row["stored_body"])
        if row["is_set"]:
            return Reply(200, body)
        if not row["fits"]:
            raise _refusal(row, platforms, request.targets, caller.environment)
        # A twin under the same idempotency key wrote first, while this call waited: replay what it stored. Should it
        # be gone already (swept), this call is the first again.
        if once is not None and (stored := await once.find(pool)) is not None:
            return stored


def _answer(post_ids: Sequence[UUID], targets: Sequence[Target]) -> bytes:
    seen: set[tuple[UUID, str]] = set()
    warnings: list[RepeatedTarget] = []
    for target in targets:
        pair = (target.social_account_id, target.mode.value)
        if pair in seen:
            sentence = "This account and mode stand more than once in the call: the content is posted each time."
            warnings.append(
                RepeatedTarget(message=sentence, social_account_id=target.social_account_id, mode=target.mode)
            )
        seen.add(pair)
    answer = PublishAnswer(scheduled_post_ids=list(post_ids), warnings=warnings or None)
    return answer.model_dump_json(by_alias=True, exclude_none=True).encode()


def _arguments(
    platforms: Platforms,
    container_id: UUID,
    request: PublishRequest,
    post_ids: Sequence[UUID],
    body: bytes,
    caller: Principal,
    once: Once | None,
    now: datetime,
) -> list[object]:
    targets = request.targets
    offers = [
        (platform, mode, scopes)
        for platform in platforms.described().values()
        for mode, scopes in platform.required_scopes.items()
    ]
    return [
        caller.key_id,
        caller.organization_id,
        caller.environment.value,
        container_id,
        now,
        once.stale_before if once else None,
        once.route if once else None,
        once.idempotency_key if once else None,
        once.fingerprint if once else None,
        body,
        [target.scheduled_post_id for target in targets if target.scheduled_post_id],
        list(post_ids),
        [target.social_account_id for target in targets],
        [target.mode.value for target in targets],
        [target.caption_override for target in targets],
        [target.first_comment_override for target in targets],
        [_json(target.tiktok_post_settings) for target in targets],
        [_json(target.tiktok_music) for target in targets],
        [wanted_track(target) for target in targets],
        [target.share_reel_to_feed for target in targets],
        [platform.name.value for platform, _, _ in offers],
        [mode.value for _, mode, _ in offers],
        [",".join(sorted(scopes)) for _, _, scopes in offers],
        [platform.offers_reel_placement for platform, _, _ in offers],
        [platform.offers_music for platform, _, _ in offers],
        [platforms.is_available(platform.name, caller.environment) for platform, _, _ in offers],
    ]


def _json(part: TikTokPostSettings | TikTokMusic | None) -> str | None:
    return None if part is None else part.model_dump_json(by_alias=True, exclude_none=True)


def _refusal(
    row: asyncpg.Record, platforms: Platforms, targets: Sequence[Target], environment: Environment
) -> PressworkError:
    container = None if row["container"] is None else _CONTAINER.validate_json(row["container"])
    accounts = [] if row["accounts"] is None else _ACCOUNTS.validate_json(row["accounts"])
    facts = Facts(
        container=container,
        accounts={account.id: account for account in accounts},
        tracks=frozenset(row["tracks"]),
        taken=frozenset(row["taken"]),
        platforms=platforms.described(),
        unavailable={name: reason for name in PlatformName if (reason := _unavailable(platforms, name, environment))},
    )
    refusal = refuse(facts, targets)
    if refusal is None:
        raise RuntimeError(f"the statement refused what the checks allow: {json.dumps(dict(row), default=str)}")
    return refusal


def _unavailable(platforms: Platforms, name: PlatformName, environment: Environment) -> Unavailable | None:
    try:
        platforms.get(name, environment)
    except Unavailable as error:
        return error
    return None
