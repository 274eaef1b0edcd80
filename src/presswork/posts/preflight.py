"""Preflight: what publishing would say to each target, and what its platform would, without writing anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from presswork.accounts.model import AccountStatus, managed_lack
from presswork.core.enums import LoginName, MediaType, Mode
from presswork.core.errors import PressworkError, Unavailable
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.media.model import Probe
from presswork.orgs.model import Principal
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found
from presswork.platforms.port import Draft, Media, Platform, TargetAccount, Validator
from presswork.platforms.registry import Platforms
from presswork.platforms.sms_port import PHONE_MISSING
from presswork.posts.constraints import Asked, fetch_constraints
from presswork.posts.model import NotPublishReady
from presswork.posts.refusals import (
    AccountFacts,
    ContainerFacts,
    Facts,
    account_of,
    container_refusals,
    no_container,
    refuse_id,
    target_refusals,
)
from presswork.posts.targets import MAX_TARGETS, Target, options_of, repeated

_SQL: Final = load("presswork.posts", "preflight.sql")


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of media as it was stored."""

    asset_id: UUID
    probe: Probe


_PIECES: Final = TypeAdapter(list[_Piece])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What would go out, whatever the target."""

    caption: str
    first_comment: str | None
    media_type: MediaType
    media: Sequence[Media]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """One target with what is known of it. Without an account, that is its one refusal."""

    target: Target
    account: AccountFacts | None
    refusals: Sequence[PressworkError]
    ahead: int
    """Targets before it that go to the same account."""

    @property
    def may_be_asked_about(self) -> bool:
        """Whether the account can be used, so that its platform can be asked what it allows."""
        is_barred = any(isinstance(refusal, NotPublishReady | Unavailable) for refusal in self.refusals)
        return self.account is not None and not is_barred


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVerdict:
    """What would become of one target."""

    social_account_id: UUID
    errors: Sequence[PressworkError | Problem]
    warnings: Sequence[Warned]

    @property
    def is_ok(self) -> bool:
        """Whether nothing that is known now keeps it from being published."""
        return not self.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong with a container, for all targets alike, and with each target in their order."""

    refusals: Sequence[PressworkError]
    targets: Sequence[TargetVerdict]

    @property
    def is_ok(self) -> bool:
        """Whether the container and every target are fine."""
        return not self.refusals and all(target.is_ok for target in self.targets)


async def preflight(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    container_id: UUID,
    targets: Sequence[Target],
    *,
    caller: Principal,
    now: datetime,
) -> Verdict:
    """Return a verdict for every target, in their order, with all that is wrong at once.

    The platforms are asked what they allow each account now, for a few seconds at most. Raises NotFound for a container
    that is not there.
    """
    tenant = (caller.organization_id, caller.environment.value)
    async with pool.acquire() as connection:
        row = await connection.fetchrow(_SQL["container"], *tenant, container_id)
        if row is None:
            raise no_container()
        named = list({target.social_account_id for target in targets})
        accounts = {
            account["id"]: account for account in await connection.fetch(_SQL["accounts"], *tenant, named, MAX_TARGETS)
        }
        own_ids = [target.scheduled_post_id for target in targets if target.scheduled_post_id]
        taken = await connection.fetch(_SQL["taken"], own_ids, MAX_TARGETS)
        wanted = [track for target in targets if (track := target.wanted_track)]
        tracks = await connection.fetch(_SQL["tracks"], wanted, MAX_TARGETS)
        has_phone = bool(await connection.fetchval(_SQL["has_operator_phone"], *tenant))
    container = _container(row)
    facts = Facts(
        container=container,
        accounts={account_id: _account(account) for account_id, account in accounts.items()},
        tracks={track["id"] for track in tracks},
        taken={post["id"] for post in taken},
        platforms=platforms.described(),
        unavailable=platforms.unavailable(caller.environment),
    )
    aims = _aims(facts, container, targets)
    askable = {
        (aim.account.id, aim.target.mode): platforms.get(aim.account.login, caller.environment)
        for aim in aims
        if aim.account is not None and aim.may_be_asked_about
    }
    validators = await fetch_constraints(
        {
            (account_id, mode): _asked(platform, mode, accounts[account_id])
            for (account_id, mode), platform in askable.items()
        },
        keyring,
        now=now,
    )
    content = _content(row)
    repeats = _repeats(targets)
    verdicts = [
        _verdict(
            aim,
            _findings(facts, aim, content, validators)
            + found(repeat, None if has_phone else _phone_problem(facts, aim)),
        )
        for aim, repeat in zip(aims, repeats, strict=True)
    ]
    return Verdict(refusals=list(container_refusals(container)), targets=verdicts)


def _container(row: asyncpg.Record) -> ContainerFacts:
    return ContainerFacts(
        id=row["id"],
        project_id=row["project_id"],
        status=row["status"],
        approval_status=row["approval_status"],
        media_type=MediaType(row["media_type"]),
        project_status=row["project_status"],
    )


def _account(row: asyncpg.Record) -> AccountFacts:
    return AccountFacts(
        id=row["id"],
        project_id=row["project_id"],
        login=LoginName(row["login"]),
        status=AccountStatus(row["status"]),
        scopes=frozenset(row["scopes"]),
        managed=managed_lack(row["template_id"], is_provider_known=row["is_provider_known"]),
    )


def _asked(platform: Platform, mode: Mode, row: asyncpg.Record) -> Asked:
    account = TargetAccount(
        id=row["id"], external_id=row["external_id"], handle=row["handle"], scopes=frozenset(row["scopes"])
    )
    return Asked(
        platform=platform.name, connector=platform.channel(mode).connector, account=account, sealed=row["sealed_tokens"]
    )


def _content(row: asyncpg.Record) -> _Content:
    pieces = _PIECES.validate_json(row["media"] or "[]")
    return _Content(
        caption=row["caption"],
        first_comment=row["first_comment"],
        media_type=MediaType(row["media_type"]),
        media=[Media.of(piece.asset_id, place, piece.probe) for place, piece in enumerate(pieces)],
    )


def _aims(facts: Facts, container: ContainerFacts, targets: Sequence[Target]) -> Sequence[_Aim]:
    before: Counter[UUID] = Counter()
    aims = []
    for index, target in enumerate(targets):
        id_refusal = refuse_id(facts, target)
        refusals = [*target_refusals(facts, container, target, index), *([id_refusal] if id_refusal else [])]
        account, ahead = account_of(facts, container, target), before[target.social_account_id]
        aims.append(_Aim(target=target, account=account, refusals=refusals, ahead=ahead))
        before[target.social_account_id] += 1
    return aims


def _repeats(targets: Sequence[Target]) -> Sequence[Warned | None]:
    """Return, for each target, the warning that it repeats one before it."""
    seen: set[tuple[UUID, str]] = set()
    hints = iter(repeated(targets))  # one for each target that repeats another, in their order
    repeats = []
    for target in targets:
        pair = (target.social_account_id, target.mode.value)
        repeats.append(Warned(Advice.REPEATED_TARGET, next(hints).message) if pair in seen else None)
        seen.add(pair)
    return repeats


def _findings(
    facts: Facts, aim: _Aim, content: _Content, validators: Mapping[tuple[UUID, Mode], Validator]
) -> Findings:
    """Return what the platform would say to one target, by its fixed limits and by what it allows the account now."""
    target, account = aim.target, aim.account
    if account is None:
        return Findings()
    platform = facts.platforms[account.login]
    if target.mode not in platform.required_scopes:
        return Findings()  # the mode is not offered, so nothing of the platform is asked
    draft = Draft(
        mode=target.mode,
        media_type=content.media_type,
        caption=content.caption if target.caption_override is None else target.caption_override,
        media=content.media,
        options=options_of(
            target.tiktok_post_settings, target.tiktok_music, share_reel_to_feed=target.share_reel_to_feed
        ),
        ahead=aim.ahead,
    )
    findings = platform.channel(target.mode).connector.check(draft)
    if aim.may_be_asked_about:
        findings += validators[account.id, target.mode](draft)
    if target.mode is not Mode.PUBLISH:
        return findings  # the person who finishes the post gets the comment and writes it
    comment = content.first_comment if target.first_comment_override is None else target.first_comment_override
    return findings + found(_comment_advice(platform, account) if comment else None)


def _phone_problem(facts: Facts, aim: _Aim) -> Problem | None:
    """Return what a draft by text ends with while there is no phone to text."""
    if (
        aim.account is None
        or aim.target.mode is not Mode.DRAFT
        or not facts.platforms[aim.account.login].drafts_by_text
    ):
        return None
    return Problem(FailureCode.OPERATOR_PHONE_UNVERIFIED, PHONE_MISSING, {"reason": "operator_phone"})


def _comment_advice(platform: Platform, account: AccountFacts) -> Warned | None:
    if not platform.connector.can_comment:
        sentence = f"There will be no first comment: {platform.name.value} takes none. The post itself is published."
        return Warned(Advice.COMMENT_UNSUPPORTED, sentence)
    if missing := sorted(platform.comment_scopes - account.scopes):
        return Warned(
            Advice.COMMENT_NOT_PERMITTED,
            "There will be no first comment: the account did not grant what it needs. Connect it again and agree to "
            "every permission. The post itself is published.",
            {"missingScopes": list(missing)},
        )
    return None


def _verdict(aim: _Aim, findings: Findings) -> TargetVerdict:
    return TargetVerdict(
        social_account_id=aim.target.social_account_id,
        errors=[*aim.refusals, *findings.errors],
        warnings=findings.warnings,
    )
