"""Takes over what another product holds: matches its accounts, and schedules each of its queued posts once.

A post has an id that follows from the project, the product, and the ids of the foreign post and account. The service accepts an
id once, so that neither a run that is repeated, also after a crash, nor two runs at the same time create a post twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID, uuid5

from presswork.cli.client.choose import is_named
from presswork.cli.client.command import FAILED_STATUS
from presswork.cli.client.foreign.model import Customer, Export, ForeignAccount, ForeignPost, State
from presswork.cli.client.import_csv import split_by_fetches
from presswork.cli.client.login import NotPossible
from presswork.cli.command import Output, table_of_rows
from presswork.core.timestamps import write_instant
from presswork_client import NOT_GIVEN, APIStatusError, ConflictDuplicateIdError, NotFoundError
from presswork_client.params import ImportRowParam

if TYPE_CHECKING:
    from presswork_client import Presswork, SocialAccount
    from presswork_client.params import MediaSourceParam, PartRequest, TargetParam

_LINK_HOURS: Final = 168
_MAX_LOGINS: Final = 1000
"""Most logins of one connect link, as the API has it."""
_NO_PLATFORM: Final = "Presswork does not publish to {}."
_LATER: Final = "Connect {} and run the command again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The project of one customer: its foreign accounts, and those of the project that they are."""

    project: str | None
    """Without it, the project would be created, which a dry run does not do."""
    customer: Customer | None
    accounts: Mapping[str, ForeignAccount]
    matched: Mapping[str, SocialAccount]
    connect_url: str | None = None

    @property
    def missing(self) -> Sequence[ForeignAccount]:
        """The accounts that have to be connected."""
        return [one for one in self.accounts.values() if one.platform is not None and one.id not in self.matched]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a foreign post, or would become of it."""

    post: ForeignPost
    result: str
    accounts: Sequence[str]
    reason: str = ""
    post_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A post that was taken over before, or the schedule call that waits for approval in its place."""

    container_id: str
    scheduled_for: datetime
    text: str | None
    """Is None where nothing can be compared, since the post is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """Accounts of one foreign post that share content, by their foreign ids."""

    post: ForeignPost
    is_thread: bool
    targets: Mapping[str, SocialAccount]
    container_id: str | None = None

    @property
    def below(self) -> Sequence[str]:
        """The texts below the first which are no first comment."""
        return self.post.below if self.is_thread or self.post.first_comment else self.post.below[1:]

    @property
    def first_comment(self) -> str:
        """The first comment."""
        return "" if self.is_thread else self.post.first_comment or "".join(self.post.below[:1])


def find_places(
    client: Presswork,
    product: str,
    export: Export,
    project: str | None,
    named: Mapping[str, str],
    chosen: Mapping[str, str],
    *,
    creates_projects: bool,
    is_dry_run: bool,
) -> Sequence[Place]:
    """Return the project of each customer with its accounts.

    `project` is for all accounts whose customer is not in `named` (project ids by the customers' ids or names). Projects that
    are created keep the customer's id, and are found by it later. `chosen` has accounts of ours by foreign ids. Raises NotPossible
    if the project of a customer is not known.
    """
    if not export.accounts:
        raise NotPossible("The files have no accounts. Pass the file of accounts too.")
    customers = {one.customer for one in export.accounts}
    unknown = sorted(one.name for one in customers if one is not None and not {one.id, one.name} & named.keys())
    if unknown and project is None and not creates_projects:
        raise NotPossible(
            f"The files have accounts of the customers {', '.join(unknown)}. Pass --customer NAME=PROJECT for each, "
            "--create-projects, or --project for all of them."
        )
    by_customer: dict[Customer | None, list[ForeignAccount]] = {}
    for account in export.accounts:
        by_customer.setdefault(account.customer, []).append(account)
    places = []
    for customer, accounts in by_customer.items():
        found = project if customer is None else named.get(customer.id, named.get(customer.name))
        if customer is not None and found is None and creates_projects:
            found = _find_project(client, product, customer, is_dry_run=is_dry_run)
        elif (found := found or project) is None:
            raise NotPossible("Some accounts belong to no customer. Pass --project for them.")
        places.append(_match(client, found, customer, accounts, chosen))
    return places


def _find_project(client: Presswork, product: str, customer: Customer, *, is_dry_run: bool) -> str | None:
    external_id = f"{product}:{customer.id}"
    for found in client.projects.list(status="active", customer_external_id=external_id):
        return found.id
    if is_dry_run:
        return None
    key = sha256(f"project of {external_id}".encode()).hexdigest()
    return client.projects.create(name=customer.name, customer_external_id=external_id, idempotency_key=key).id


def _match(
    client: Presswork,
    project: str | None,
    customer: Customer | None,
    accounts: Sequence[ForeignAccount],
    chosen: Mapping[str, str],
) -> Place:
    there = [] if project is None else list(client.social_accounts.list(project_id=project))
    there = [one for one in there if one.status != "disconnected"]
    pairs = {one.id: _find_account(one, there, chosen.get(one.id)) for one in accounts}
    matched = {name: found for name, found in pairs.items() if found is not None}
    return Place(project=project, customer=customer, accounts={one.id: one for one in accounts}, matched=matched)


def _find_account(foreign: ForeignAccount, there: Sequence[SocialAccount], chosen: str | None) -> SocialAccount | None:
    """Return the account that was chosen, else the only one of the platform with the same handle or name.

    Of a handle with a server, as in `luna@server.example`, other products may have the name alone.
    """
    if chosen is not None:
        found = [one for one in there if is_named(one, chosen)]
        return found[0] if len(found) == 1 else None
    same = [one for one in there if one.platform == foreign.platform]
    found = [one for one in same if foreign.handle and one.handle.lower() == foreign.handle.lower()]
    found = found or [
        one for one in same if foreign.handle and one.handle.lower().partition("@")[0] == foreign.handle.lower()
    ]
    names = {name.casefold() for name in (foreign.handle, foreign.name) if name}
    found = found or [one for one in same if one.display_name is not None and one.display_name.casefold() in names]
    return found[0] if len(found) == 1 else None


def take_over(
    client: Presswork, product: str, export: Export, places: Sequence[Place], *, now: datetime, is_dry_run: bool
) -> Output:
    """Schedule the queued posts and keep the drafts, and make a connect link for accounts that are missing.

    A dry run writes nothing. The exit status is 1 if a post has a problem.
    """
    results: list[Result] = []
    home = {account: place for place in places for account in place.accounts}
    for post in export.posts:
        lost = [one for one in post.account_ids if one not in home]
        if post.state is State.QUEUED and (lost or not post.account_ids):
            reason = "The files do not have its accounts. Pass the file of accounts too."
            results.append(Result(post=post, result="problem", accounts=lost, reason=reason))
    threaded = {str(one.name) for one in client.platforms.list().items if one.capabilities.threads}
    for place in places:
        own = [post for post in export.posts if _belongs(post, place, home)]
        known = [replace(post, account_ids=[one for one in post.account_ids if home.get(one) is place]) for post in own]
        results += _Move(client, product, place, now, threaded, is_dry_run=is_dry_run).run(known)
    if not is_dry_run:
        places = [_with_link(client, place, now) for place in places]
    counted = sum(post.state is State.PAST for post in export.posts)
    return _show(product, places, results, counted, is_dry_run=is_dry_run)


def _belongs(post: ForeignPost, place: Place, home: Mapping[str, Place]) -> bool:
    """Return whether a post is for an account of the place. A draft without accounts is of the only place."""
    is_alone = post.state is State.DRAFT and all(one is place for one in home.values())
    return is_alone or any(home.get(one) is place for one in post.account_ids)


@dataclass(frozen=True, slots=True)
class _Move:
    """Takes over the posts of one project."""

    client: Presswork
    product: str
    place: Place
    now: datetime
    threaded: Set[str]
    """The platforms that have threads."""
    is_dry_run: bool = field(kw_only=True)

    def run(self, posts: Sequence[ForeignPost]) -> Sequence[Result]:
        results: list[Result] = []
        units: list[_Unit] = []
        waiting = self._read_intents() if any(post.state is State.QUEUED for post in posts) else {}
        for post in (post for post in posts if post.state is State.QUEUED):
            ready, found = self._plan(post, waiting)
            units += ready
            results += found
        checked = [(unit, " ".join(reasons)) for unit, reasons in zip(units, self._check(units), strict=True)]
        for unit, reason in checked:
            if reason:
                results.append(self._result(unit, "problem", reason))
            else:
                results.append(self._result(unit, "would be scheduled") if self.is_dry_run else self._schedule(unit))
        return [*results, *self._keep_drafts([post for post in posts if post.state is State.DRAFT])]

    def _post_id(self, post: ForeignPost, account_id: str) -> str:
        project = UUID((self.place.project or "").removeprefix("prj_"))
        return f"sp_{uuid5(project, f'{self.product}:{post.id}:{account_id}')}"

    def _read_intents(self) -> Mapping[str, _Held]:
        """Return the posts that wait for approval in the project, by the ids that they will have."""
        if self.place.project is None:
            return {}
        pending = self.client.content.list(project_id=self.place.project, approval_status=["pending"])
        return {
            target.scheduled_post_id: _Held(
                container_id=content.id, scheduled_for=intent.scheduled_for, text=content.caption
            )
            for content in pending
            for intent in self.client.approval.list_intents(container_id=content.id).items
            for target in intent.targets
            if target.scheduled_post_id is not None
        }

    def _find_held(self, post_id: str, waiting: Mapping[str, _Held]) -> _Held | None:
        if post_id in waiting:
            return waiting[post_id]
        try:
            found = self.client.publishing.get_post(post_id=post_id)
        except NotFoundError:
            return None
        text = None
        if found.status == "queued":
            text = found.caption_override
            if text is None:
                text = self.client.content.get(container_id=found.container_id).caption
        return _Held(container_id=found.container_id, scheduled_for=found.scheduled_for, text=text)

    def _plan(self, post: ForeignPost, waiting: Mapping[str, _Held]) -> tuple[Sequence[_Unit], Sequence[Result]]:
        """Return what is to be scheduled, and what is known already about the rest of the accounts."""
        results: list[Result] = []
        targets = {one: self.place.matched[one] for one in post.account_ids if one in self.place.matched}
        held = {one: found for one in targets if (found := self._find_held(self._post_id(post, one), waiting))}
        for account_id, found in held.items():
            results.append(self._compare(post, account_id, found))
        absent = [self.place.accounts[one] for one in post.account_ids if one not in targets]
        for account in absent:
            result, reason = ("waits", _LATER) if account.platform is not None else ("skipped", _NO_PLATFORM)
            reason = reason.format(account.label if account.platform is not None else account.network)
            results.append(Result(post=post, result=result, accounts=[account.label], reason=reason))
        units = []
        for is_thread in (False, True):
            alike = {
                one: account
                for one, account in targets.items()
                if (bool(post.below) and account.platform in self.threaded) is is_thread
            }
            left = {one: account for one, account in alike.items() if one not in held}
            if left:
                container_id = next((held[one].container_id for one in alike if one in held), None)
                units.append(_Unit(post=post, is_thread=is_thread, targets=left, container_id=container_id))
        return units, results

    def _compare(self, post: ForeignPost, account_id: str, held: _Held) -> Result:
        label, ids = self.place.accounts[account_id].label, [self._post_id(post, account_id)]
        has_other_time = post.due is not None and held.text is not None and post.due != held.scheduled_for
        has_other_text = held.text is not None and not post.below and held.text != post.text
        if not (has_other_time or has_other_text):
            return Result(post=post, result="taken over before", accounts=[label], post_ids=ids)
        what = " and ".join(["its time"] * has_other_time + ["its text"] * has_other_text)
        reason = f"Here, {what} differs. Change the post in one of the products."
        return Result(post=post, result="changed", accounts=[label], reason=reason, post_ids=ids)

    def _check(self, units: Sequence[_Unit]) -> Sequence[Sequence[str]]:
        """Return what is wrong with each unit, as sentences: by the checks of an import, where it has no problem before."""
        found = [self._find_problems(unit) for unit in units]
        rows = [(index, row) for index, unit in enumerate(units) if not found[index] for row in _build_rows(unit)]
        checked: Iterator[int] = iter([index for index, _ in rows])
        for part in split_by_fetches([row for _, row in rows]):
            if self.place.project is None:
                break
            params = [ImportRowParam(**row) for row in part]  # type: ignore[typeddict-item]  # the names are those of the columns
            for row in self.client.imports.create(project_id=self.place.project, rows=params).rows:
                found[next(checked)] += [one.message for one in row.findings if one.severity == "error"]
        return found

    def _find_problems(self, unit: _Unit) -> list[str]:
        post = unit.post
        problems = [] if post.problem is None else [post.problem]
        if post.due is None:
            problems.append("It has no time. Schedule it there, or make it again.")
        elif post.due <= self.now:
            problems.append(f"It was due at {write_instant(post.due)}. Move it to a later time.")
        if unit.below and not unit.is_thread:
            problems.append("It has several comments below it; one can be taken over. Make it again.")
        if unit.is_thread and post.media:
            problems.append("It is a thread with media. Make it again.")
        return problems

    def _schedule(self, unit: _Unit) -> Result:
        post, key = unit.post, f"{self.product} {self.place.project} {unit.post.fingerprint} {unit.is_thread}"
        ids = [self._post_id(post, one) for one in unit.targets]
        targets = [
            cast(
                "TargetParam",
                {
                    "socialAccountId": account.social_account_id,
                    "mode": "publish",
                    "scheduledPostId": post_id,
                    **post.options.get(account.platform, {}),
                },
            )
            for post_id, account in zip(ids, unit.targets.values(), strict=True)
        ]
        try:
            container_id = unit.container_id or self._create_content(unit, key)
            done = self.client.publishing.schedule(
                container_id=container_id,
                targets=targets,
                scheduled_for=post.due,
                strict=True,
                idempotency_key=_hash(f"{key} {container_id} {post.due} {ids}"),
            )
        except ConflictDuplicateIdError:
            return self._result(unit, "taken over before", "Another run was faster.")
        except APIStatusError as error:
            return self._result(unit, "problem", error.message)
        is_waiting = done.gate_status == "blocked_on_approval"
        return self._result(unit, "waits for approval" if is_waiting else "scheduled")

    def _create_content(self, unit: _Unit, key: str, *labels: str) -> str:
        post = unit.post
        media = [cast("MediaSourceParam", {"url": one.url, "altText": one.alt_text or None}) for one in post.media]
        parts = [cast("PartRequest", {"text": one}) for one in (post.text, *post.below)] if unit.is_thread else None
        return self.client.content.create(
            project_id=self.place.project or "",
            text=NOT_GIVEN if parts else post.text,
            media=media or NOT_GIVEN,
            parts=parts or NOT_GIVEN,
            first_comment=unit.first_comment or NOT_GIVEN,
            labels=[*post.labels, *labels],
            idempotency_key=_hash(key),
        ).id

    def _keep_drafts(self, drafts: Sequence[ForeignPost]) -> Sequence[Result]:
        """Make content of drafts. A draft whose text is among the content with the label is there already."""
        label = f"{self.product} draft"
        if not drafts:
            return []
        project = self.place.project
        texts: set[str] = set()
        if project is not None:
            texts = {one.caption for one in self.client.content.list(project_id=project, label=[label])}
        results = []
        for post in drafts:
            unit = _Unit(post=post, is_thread=False, targets={})
            reason = post.problem or ("" if post.text or post.media else "It is empty.")
            reason = reason or ("It has several texts below it. Make it again." if unit.below else "")
            if post.text in texts and not reason:
                results.append(self._result(unit, "taken over before"))
            elif reason or self.is_dry_run:
                results.append(self._result(unit, "problem" if reason else "would become content", reason))
            else:
                try:
                    key = f"{self.product} draft {project} {post.fingerprint}"
                    results.append(self._result(unit, "content", self._create_content(unit, key, label)))
                except APIStatusError as error:
                    results.append(self._result(unit, "problem", error.message))
        return results

    def _result(self, unit: _Unit, result: str, reason: str = "") -> Result:
        accounts = [f"{one.platform}:@{one.handle}" for one in unit.targets.values()]
        is_here = unit.targets and result not in ("problem", "would be scheduled")
        ids = [self._post_id(unit.post, one) for one in unit.targets] if is_here else []
        return Result(post=unit.post, result=result, accounts=accounts, reason=reason, post_ids=ids)


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _build_rows(unit: _Unit) -> Iterable[Mapping[str, str]]:
    """Return rows of an import that are checked like the unit: one for all accounts with the same options."""
    post = unit.post
    texts = {"parts": "\n---\n".join([post.text, *post.below])} if unit.is_thread else {"caption": post.text}
    shared = {
        **texts,
        "media": " ".join(one.url for one in post.media),
        "altText": "\n".join(re.sub(r"[|\n]", " ", one.alt_text) for one in post.media).rstrip("\n"),
        "firstComment": unit.first_comment,
        "labels": "\n".join(post.labels),
        "date": "" if post.due is None else write_instant(post.due),
    }
    by_options: dict[str, list[str]] = {}
    for account in unit.targets.values():
        options = post.options.get(account.platform)
        by_options.setdefault(json.dumps(options) if options else "", []).append(account.social_account_id)
    for cell_of_options, accounts in by_options.items():
        row = {**shared, "accounts": " ".join(accounts), "options": cell_of_options}
        yield {name: cell for name, cell in row.items() if cell}


def _with_link(client: Presswork, place: Place, now: datetime) -> Place:
    """Return the place with one connect link for all accounts that are missing. The same on one day is the same link."""
    if not place.missing or place.project is None:
        return place
    platforms = sorted({one.platform for one in place.missing if one.platform is not None})
    names = sorted(one.id for one in place.missing)
    link = client.connect_links.create(
        project_id=place.project,
        platforms=platforms,  # type: ignore[arg-type]  # they are names of platforms
        expires_in_hours=_LINK_HOURS,
        max_uses=min(2 * len(names), _MAX_LOGINS),
        idempotency_key=_hash(f"connect {place.project} {names} {now.date()}"),
    )
    return replace(place, connect_url=link.url)


def _show(
    product: str, places: Sequence[Place], results: Sequence[Result], counted: int, *, is_dry_run: bool
) -> Output:
    document = {
        "product": product,
        "dryRun": is_dry_run,
        "projects": [_describe_place(place) for place in places],
        "posts": [
            {
                "foreignId": f"{product}:{one.post.id}",
                "scheduledFor": None if one.post.due is None else write_instant(one.post.due),
                "accounts": list(one.accounts),
                "result": one.result,
                "reason": one.reason or None,
                "scheduledPostIds": list(one.post_ids),
            }
            for one in results
        ],
        "notTakenOver": counted,
    }
    rows = [
        (one.post.id, one.post.due or "", ", ".join(one.accounts), one.result, one.reason or ", ".join(one.post_ids))
        for one in results
    ]
    has_problem = any(one.result == "problem" for one in results)
    return table_of_rows(
        ("post", "time", "accounts", "result", "reason"),
        rows,
        document=document,
        empty="There are no queued posts and no drafts.",
        cut=("accounts",),
        drop=("time",),
        wrap="reason",
        notes=[*_describe_accounts(places), *_summarize(product, results, counted, is_dry_run=is_dry_run)],
        status=FAILED_STATUS if has_problem else 0,
    )


def _describe_place(place: Place) -> Mapping[str, object]:
    return {
        "projectId": place.project,
        "customer": None if place.customer is None else place.customer.name,
        "connectUrl": place.connect_url,
        "accounts": [
            {
                "foreignId": one.id,
                "network": one.network,
                "handle": one.handle or None,
                "name": one.name or None,
                "socialAccountId": place.matched[one.id].social_account_id if one.id in place.matched else None,
                "needsLogin": one in place.missing,
            }
            for one in place.accounts.values()
        ],
    }


def _describe_accounts(places: Sequence[Place]) -> Iterator[str]:
    for place in places:
        where = place.project or "a project that would be created"
        who = f"{place.customer.name} ({where})" if place.customer is not None else where
        yield f"{who}: {len(place.matched)} of {len(place.accounts)} accounts are connected."
        if place.missing:
            yield f"To connect: {', '.join(one.label for one in place.missing)}."
        if others := sorted({one.network for one in place.accounts.values() if one.platform is None}):
            yield f"Presswork does not publish to {', '.join(others)}."
        if place.connect_url is not None:
            yield f"One link for all of them, valid for {_LINK_HOURS // 24} days: {place.connect_url}"


def _summarize(product: str, results: Sequence[Result], counted: int, *, is_dry_run: bool) -> Iterator[str]:
    counts = {one.result: sum(other.result == one.result for other in results) for one in results}
    summary = ", ".join(f"{result}: {number}" for result, number in sorted(counts.items()))
    yield f"{summary or 'No posts'}. Published or ended before, and left there: {counted}."
    if is_dry_run:
        yield "Nothing was written. Run the command without --dry-run."
    elif counts.keys() & {"scheduled", "waits for approval", "taken over before", "changed"}:
        yield f"Pause or delete the posts in {product} that are here now: otherwise they go out twice."
