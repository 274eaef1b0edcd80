"""Preflight: check every target as publishing and its platform would, without writing. Imports check their rows with it."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from presswork.accounts.model import AccountStatus, managed_not_ready
from presswork.accounts.store import LOGINS
from presswork.callers.model import Principal
from presswork.core.enums import Environment, MediaType, Mode
from presswork.core.errors import Conflict, Invalid, PressworkError, Unavailable
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import Keyring
from presswork.db.errors import PlanLimitReached
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.media.link_card import parse_card
from presswork.orgs.limits import NEAR_PERCENT, Standing, read_post_limits
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found
from presswork.platforms.names import LoginName
from presswork.platforms.option_registry import extras_of
from presswork.platforms.parts import parse_parts
from presswork.platforms.port import (
    Draft,
    Extra,
    Money,
    Platform,
    PostPart,
    QuotaCost,
    SupportsQuotaCost,
    TargetAccount,
    Validator,
)
from presswork.platforms.registry import Platforms
from presswork.posts.budgets import cost_of, find_overruns
from presswork.posts.constraints import AccountQuery, fetch_constraints
from presswork.posts.fill_in import PostTexts, unknown_variables
from presswork.posts.known_problems import (
    CallFacts,
    ContentFacts,
    StoredMedia,
    TargetWarning,
    known_findings,
    known_warnings,
    long_titles,
    with_parts,
)
from presswork.posts.model import NotPublishReady, no_container
from presswork.posts.option_rules import ignored_options
from presswork.posts.refusals import (
    AccountFacts,
    ContainerFacts,
    Facts,
    account_of,
    container_refusals,
    refuse,
    refuse_id,
    target_refusals,
)
from presswork.posts.targets import Target, repeated
from presswork.projects.model import FillValues
from presswork.queues.model import QueueChoice
from presswork.queues.take_slot import find_due_time

_SQL: Final = load("presswork.posts", "preflight.sql")


_MEDIA: Final = TypeAdapter(list[StoredMedia])


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckedTarget:
    """One target with its account and its refusals. Without an account, the only refusal says so."""

    target: Target
    account: AccountFacts | None
    refusals: Sequence[PressworkError]
    index: int
    ahead: int
    """The number of targets before it that go to the same account."""

    @property
    def is_account_usable(self) -> bool:
        """Whether the account can be used, so that its constraints can be fetched from the platform."""
        is_blocked = any(isinstance(refusal, NotPublishReady | Unavailable) for refusal in self.refusals)
        return self.account is not None and not is_blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVerdict:
    """The errors and warnings of one target."""

    social_account_id: UUID
    errors: Sequence[PressworkError | Problem]
    warnings: Sequence[Warned]
    parts: Sequence[PostPart]
    """The parts of the thread that is published, in order; none: a single post."""
    texts: PostTexts | None
    """The texts that go out, if its project has anything to fill in, and each variable has a value."""
    quota_cost: QuotaCost | None
    """What its post uses of the quota of the operator's app, or None where the platform charges nothing."""
    cost: Money | None
    """What its post costs at most, or None where it is free."""

    @property
    def is_ok(self) -> bool:
        """Whether nothing known now prevents publishing."""
        return not self.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class CallVerdict:
    """The refusals of the container, which apply to all targets, and a verdict for each target in order."""

    refusals: Sequence[PressworkError]
    targets: Sequence[TargetVerdict]
    warnings: Sequence[Warned] = ()
    """Those about the call as a whole."""
    scheduled_for: datetime | None = None
    """When the posts would be due, of a call that takes a slot of a queue."""

    @property
    def cost(self) -> Money | None:
        """What the posts cost together, or None where all are free."""
        costs = [target.cost for target in self.targets if target.cost is not None]
        return replace(costs[0], amount=sum(cost.amount for cost in costs)) if costs else None

    @property
    def is_ok(self) -> bool:
        """Whether the container and every target can be published."""
        return not self.refusals and all(target.is_ok for target in self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """What one call would publish: content, stored or not, and the targets that it goes to."""

    container: ContainerFacts
    content: ContentFacts
    targets: Sequence[Target]
    may_wait: bool = False
    """Whether the call is kept while the content waits for approval; if not, that is a refusal."""
    is_later: bool = False
    """Whether it is due so late that the quotas of today do not matter."""


async def preflight(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    container_id: UUID,
    targets: Sequence[Target],
    *,
    choice: QueueChoice | None = None,
    caller: Principal,
    now: datetime,
) -> CallVerdict:
    """Return a verdict for every target, in order, with all its errors at once.

    With `choice`, the call is one that takes a slot of a queue, which is found but not taken: the slot may be another one's a
    moment later. Fetches what the platforms allow each account now, within a few seconds. Raises NotFound if there is no such
    container or queue.
    """
    slot: datetime | Conflict | Invalid | None = None
    async with pool.acquire() as connection:
        stored = (await stored_content(connection, [container_id], caller=caller)).get(container_id)
        if stored is None:
            raise no_container()
        container, content = stored
        if choice is not None:
            accounts = [target.social_account_id for target in targets]
            try:
                slot = await find_due_time(
                    connection, container.project_id, accounts, choice, visible_to=caller, now=now
                )
            except (Conflict, Invalid) as refusal:
                slot = refusal
        limits = await read_post_limits(connection, caller.organization_id, caller.environment, now=now)
    is_queued = choice is not None
    call = PlannedCall(container=container, content=content, targets=targets, may_wait=is_queued, is_later=is_queued)
    (verdict,) = await judge(pool, keyring, platforms, [call], caller=caller, now=now)
    if isinstance(slot, PressworkError):
        verdict = replace(verdict, refusals=[*verdict.refusals, slot])
    else:
        verdict = replace(verdict, scheduled_for=slot)
    return verdict if container.approval_status == "pending" else _add_limits(verdict, limits)


def _add_limits(verdict: CallVerdict, limits: Sequence[Standing]) -> CallVerdict:
    """Return the verdict with what the limits of the organization say about so many posts."""
    refusals, warnings = [*verdict.refusals], [*verdict.warnings]
    for one in limits:
        maximum, used = one.maximum or 0, one.used or 0
        after, resets_at = used + len(verdict.targets), None if one.resets_at is None else write_instant(one.resets_at)
        if after > maximum:
            refusals.append(PlanLimitReached(limit=one.limit, maximum=maximum, used=used, resets_at=resets_at))
        elif after * 100 >= maximum * NEAR_PERCENT:
            warnings.append(
                Warned(
                    Advice.PLAN_LIMIT_NEAR,
                    f"With this call, the organization has {after} of the {maximum} that the limit {one.limit} allows.",
                    {"limit": one.limit, "maximum": maximum, "used": used, "resetsAt": resets_at},
                )
            )
    return replace(verdict, refusals=refusals, warnings=warnings)


async def stored_content(
    connection: Connection, container_ids: Collection[UUID], *, caller: Principal
) -> Mapping[UUID, tuple[ContainerFacts, ContentFacts]]:
    """Return what the checks read of those containers that the caller's organization has in its environment."""
    tenant = (caller.organization_id, caller.environment.value)
    rows = await connection.fetch(_SQL["containers"], *tenant, list(container_ids), len(container_ids))
    has_phone = await has_operator_phone(connection, caller=caller)
    return {row["id"]: (_container(row), _content(row, has_phone=has_phone)) for row in rows}


async def has_operator_phone(connection: Connection, *, caller: Principal) -> bool:
    """Return whether there is a verified phone for drafts by SMS."""
    tenant = (caller.organization_id, caller.environment.value)
    return bool(await connection.fetchval(_SQL["has_operator_phone"], *tenant))


async def judge(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    calls: Sequence[PlannedCall],
    *,
    caller: Principal,
    now: datetime,
) -> Sequence[CallVerdict]:
    """Return the verdict of each call. Each account is read, and its platform asked, once for all calls."""
    targets = [target for call in calls for target in call.targets]
    async with pool.acquire() as connection:
        named = await _read_named(connection, targets, caller=caller)
        calls = [await _with_spent(connection, call, now=now) for call in calls]
    accounts = named.accounts
    checked = []
    for call in calls:
        facts = named.facts_about(call.container, platforms, caller.environment)
        checked.append((call, facts, _check_targets(facts, call.container, call.targets)))
    usable = {
        (item.account.id, item.target.mode): await platforms.for_app(
            item.account.login, caller.environment, accounts[item.account.id]["app_id"]
        )
        for _, _, items in checked
        for item in items
        if item.account is not None and item.is_account_usable
    }
    validators = await fetch_constraints(
        {
            (account_id, mode): _query_of(platform, mode, accounts[account_id])
            for (account_id, mode), platform in usable.items()
        },
        keyring,
        now=now,
    )
    return [
        CallVerdict(
            refusals=list(container_refusals(call.container, may_wait=call.may_wait)),
            targets=_within_budgets(
                facts,
                call,
                items,
                [
                    _verdict(facts, item, call, validators, Warned(Advice.REPEATED_TARGET, hint) if hint else None)
                    for item, hint in zip(items, repeated(call.targets), strict=True)
                ],
            ),
        )
        for call, facts, items in checked
    ]


async def _with_spent(connection: Connection, call: PlannedCall, *, now: datetime) -> PlannedCall:
    """Return the call with what its project has spent this month, if it has a budget."""
    if call.content.budgets is None:
        return call
    month = now.astimezone(UTC).date().replace(day=1)
    spent = await connection.fetchval(_SQL["spent"], call.container.project_id, month)
    return replace(call, content=replace(call.content, spent=json.loads(spent or "{}")))


def _within_budgets(
    facts: Facts, call: PlannedCall, items: Sequence[_CheckedTarget], verdicts: Sequence[TargetVerdict]
) -> Sequence[TargetVerdict]:
    """Return the verdicts, refused where the budget of the project has no room for a post and those before it."""
    names = [None if item.account is None else facts.platforms[item.account.login].name for item in items]
    costs = [
        None if name is None or verdict.cost is None else (name, verdict.cost.amount)
        for name, verdict in zip(names, verdicts, strict=True)
    ]
    return [
        verdict if overrun is None else replace(verdict, errors=[*verdict.errors, overrun])
        for verdict, overrun in zip(verdicts, find_overruns(call.content, call.targets, costs), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class CheckedPost:
    """What is known about a post that exists."""

    warnings: Sequence[TargetWarning]
    fill: str | None
    """What it stores of its project's values."""


async def check_stored(
    connection: Connection, platforms: Platforms, container_id: UUID, target: Target, *, caller: Principal
) -> CheckedPost:
    """Check one target as publishing does, for a post that exists, and return what publishing would store and warn about.

    Asks no platform, so that a transaction may call it. Content that waits for approval is no reason to refuse: the post waits
    with it. Raises the refusals of `refusals.refuse`, and Invalid for variables without a value.
    """
    container, content = (await stored_content(connection, [container_id], caller=caller))[container_id]
    named = await _read_named(connection, [target], caller=caller)
    facts = named.facts_about(container, platforms, caller.environment)
    if refusal := refuse(facts, [target], may_wait=True):
        raise refusal
    account = named.accounts[target.social_account_id]
    name = platforms.described()[LoginName(account["login"])].name
    if (unknown := unknown_variables(content.unknown_variables(target, name, 0))) is not None:
        raise unknown
    fill = None if content.fill is None else content.texts(target).stored_fill(content.fill, name)
    privacy = account["reduced_privacy"]
    known = CallFacts.about(
        content,
        logins={account["id"]: LoginName(account["login"])},
        reduced_privacy={account["id"]: privacy} if privacy else {},
    )
    return CheckedPost(known_warnings(known, platforms.described(), [target]), fill)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What the targets of calls name: accounts, tracks of the catalogue, and ids that exist already."""

    accounts: Mapping[UUID, asyncpg.Record]
    tracks: frozenset[UUID]
    existing_ids: frozenset[UUID]

    def facts_about(self, container: ContainerFacts, platforms: Platforms, environment: Environment) -> Facts:
        """Return the input of the checks of a call for a container."""
        return Facts(
            container=container,
            accounts={account_id: _account(account) for account_id, account in self.accounts.items()},
            tracks=self.tracks,
            existing_ids=self.existing_ids,
            platforms=platforms.described(),
            unavailable=platforms.unavailable(environment),
            unavailable_with_app=platforms.unavailable(environment, has_app=True),
            guard=platforms.media_guard,
        )


async def _read_named(connection: Connection, targets: Sequence[Target], *, caller: Principal) -> _Named:
    tenant = (caller.organization_id, caller.environment.value)
    named = list({target.social_account_id for target in targets})
    accounts = await connection.fetch(_SQL["accounts"], *tenant, named, len(named), LOGINS)
    own_ids = [target.scheduled_post_id for target in targets if target.scheduled_post_id]
    existing = await connection.fetch(_SQL["existing_ids"], own_ids, len(own_ids))
    wanted = list({track for target in targets if (track := target.wanted_track)})
    tracks = await connection.fetch(_SQL["tracks"], wanted, len(wanted), caller.environment.value)
    return _Named(
        accounts={account["id"]: account for account in accounts},
        tracks=frozenset(track["id"] for track in tracks),
        existing_ids=frozenset(post["id"] for post in existing),
    )


def _container(row: asyncpg.Record) -> ContainerFacts:
    return ContainerFacts(
        id=row["id"],
        project_id=row["project_id"],
        status=row["status"],
        approval_status=row["approval_status"],
        media_type=MediaType(row["media_type"]),
        project_status=row["project_status"],
        caption=row["caption"],
        first_comment=row["first_comment"],
        is_covered=row["is_covered"],
        parts=row["parts"],
        approved_overrides=row["approved_overrides"],
    )


def _account(row: asyncpg.Record) -> AccountFacts:
    return AccountFacts(
        id=row["id"],
        project_id=row["project_id"],
        login=LoginName(row["login"]),
        status=AccountStatus(row["status"]),
        scopes=frozenset(row["scopes"]),
        managed=managed_not_ready(row["template_id"], is_provider_known=row["is_provider_known"]),
        has_app=row["app_id"] is not None,
    )


def _query_of(platform: Platform, mode: Mode, row: asyncpg.Record) -> AccountQuery:
    account = TargetAccount(
        id=row["id"], external_id=row["external_id"], handle=row["handle"], scopes=frozenset(row["scopes"])
    )
    return AccountQuery(
        platform=platform.name, connector=platform.channel(mode).connector, account=account, sealed=row["sealed_tokens"]
    )


def _content(row: asyncpg.Record, *, has_phone: bool) -> ContentFacts:
    return ContentFacts(
        caption=row["caption"],
        first_comment=row["first_comment"],
        link=parse_card(row["link"]),
        parts=parse_parts(row["parts"]),
        media_type=MediaType(row["media_type"]),
        media=_MEDIA.validate_json(row["media"] or "[]"),
        fill=None if row["fill"] is None else FillValues.parse(row["fill"]),
        budgets=None if row["budgets"] is None else json.loads(row["budgets"]),
        has_phone=has_phone,
    )


def _check_targets(facts: Facts, container: ContainerFacts, targets: Sequence[Target]) -> Sequence[_CheckedTarget]:
    before: Counter[UUID] = Counter()
    checked = []
    for index, target in enumerate(targets):
        id_refusal = refuse_id(facts, target)
        refusals = [*target_refusals(facts, container, target, index), *([id_refusal] if id_refusal else [])]
        account, ahead = account_of(facts, container, target), before[target.social_account_id]
        checked.append(_CheckedTarget(target=target, account=account, refusals=refusals, index=index, ahead=ahead))
        before[target.social_account_id] += 1
    return checked


def _verdict(
    facts: Facts,
    checked: _CheckedTarget,
    call: PlannedCall,
    validators: Mapping[tuple[UUID, Mode], Validator],
    repetition: Warned | None,
) -> TargetVerdict:
    """Return the refusals of a target, and the findings of the platform's fixed limits and of what it allows the account now."""
    findings = Findings()
    parts: Sequence[PostPart] = ()
    texts, unknown = None, None
    if (account := checked.account) is not None:
        platform = facts.platforms[account.login]
        unknown = unknown_variables(call.content.unknown_variables(checked.target, platform.name, checked.index))
        content, target, texts = call.content.filled(checked.target, platform.name)
        call, checked = replace(call, content=content), replace(checked, target=target)
        draft, unsplit = with_parts(platform, content.draft(target, ahead=checked.ahead), content)
        parts = draft.parts
        findings = unsplit if unsplit.errors else _findings(platform, checked, account, call, draft, validators)
        if texts is not None:
            findings += found(*long_titles(target, platform.name))
    findings += found(repetition)
    return TargetVerdict(
        social_account_id=checked.target.social_account_id,
        errors=[*checked.refusals, *([] if unknown is None else [unknown]), *findings.errors],
        warnings=findings.warnings,
        parts=parts,
        texts=texts,
        quota_cost=_quota_cost(facts, checked, call),
        cost=None if account is None else cost_of(facts.platforms[account.login], checked.target, call.content),
    )


def _findings(
    platform: Platform,
    checked: _CheckedTarget,
    account: AccountFacts,
    call: PlannedCall,
    draft: Draft,
    validators: Mapping[tuple[UUID, Mode], Validator],
) -> Findings:
    target, content = checked.target, call.content
    findings = known_findings(platform, target, draft, content) + found(ignored_options(target, platform=platform))
    if checked.is_account_usable:
        allowed_now = validators[account.id, target.mode](draft)
        findings += _drop_quotas(allowed_now) if call.is_later else allowed_now
    if target.mode is not Mode.PUBLISH:
        return findings  # the person who finishes the post receives the comment and writes it
    extras = extras_of(draft.options, platform=platform.name, mode=target.mode)
    return findings + found(
        _comment_advice(platform, account) if content.comment(target) else None,
        _extras_advice(platform, account, extras),
    )


def _quota_cost(facts: Facts, checked: _CheckedTarget, call: PlannedCall) -> QuotaCost | None:
    if checked.account is None or checked.target.mode is not Mode.PUBLISH:
        return None
    connector, content = facts.platforms[checked.account.login].connector, call.content
    if not isinstance(connector, SupportsQuotaCost) or content.media_type is not MediaType.VIDEO:
        return None
    return connector.quota_cost(content.draft(checked.target), has_comment=bool(content.comment(checked.target)))


def _drop_quotas(findings: Findings) -> Findings:
    return Findings(
        [one for one in findings.errors if one.code is not FailureCode.PLATFORM_RATE_LIMITED],
        [one for one in findings.warnings if one.code not in (Advice.QUOTA_LOW, Advice.RATE_LIMITED)],
    )


def _comment_advice(platform: Platform, account: AccountFacts) -> Warned | None:
    if not platform.connector.can_comment:
        sentence = f"No first comment is written: {platform.name.value} does not support one. The post is published."
        return Warned(Advice.COMMENT_UNSUPPORTED, sentence)
    if missing := sorted(platform.comment_scopes - account.scopes):
        return Warned(
            Advice.COMMENT_NOT_PERMITTED,
            "No first comment is written: the account did not grant the permission for it. Connect it again and grant "
            "every permission. The post is published.",
            {"missingScopes": list(missing)},
        )
    return None


def _extras_advice(platform: Platform, account: AccountFacts, extras: Sequence[Extra]) -> Warned | None:
    needed = {extra.kind: platform.extra_scopes.get(extra.kind, frozenset()) - account.scopes for extra in extras}
    kinds = [kind for kind, missing in needed.items() if missing]
    if not kinds:
        return None
    missing = sorted(set[str]().union(*needed.values()))
    return Warned(
        Advice.EXTRA_NOT_PERMITTED,
        f"The post is published without these extras: {', '.join(kinds)}. The account did not grant the permission for them "
        f"({', '.join(missing)}). Connect it again and grant every permission.",
        {"missingScopes": list(missing), "extras": list(kinds)},
    )
