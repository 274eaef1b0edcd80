"""List the accounts of all projects that a caller sees."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from presswork.accounts.model import AccountStatus, SocialAccount
from presswork.accounts.store import LOGINS, SQL, account_of
from presswork.callers.model import Principal
from presswork.db.found_page import MAX_SCANNED, FoundPage, Position, conditions_of, found_page
from presswork.db.pool import Pool
from presswork.db.rows import FIRST
from presswork.platforms.names import PlatformName

_NOTHING: Final[FoundPage[SocialAccount]] = FoundPage((), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts to list; None does not filter."""

    project_id: UUID | None = None
    platforms: Sequence[PlatformName] | None = None
    statuses: Sequence[AccountStatus] | None = None
    text: str | None = None
    """Part of the handle or of the display name, ignoring case."""


async def search_accounts(
    pool: Pool,
    wanted: AccountFilter,
    *,
    after: Position | None,
    limit: int,
    visible_to: Principal,
    max_scanned: int = MAX_SCANNED,
) -> FoundPage[SocialAccount]:
    """Return up to `limit` accounts by their first connection; none of a project that the caller does not see.

    A page has fewer accounts than `limit`, possibly none, if `max_scanned` have been read before it is full.
    """
    project = wanted.project_id
    if project is not None and not visible_to.may_see(project):
        return _NOTHING
    statuses = [status.value for status in dict.fromkeys(wanted.statuses or AccountStatus)]
    platforms = [platform.value for platform in dict.fromkeys(wanted.platforms or PlatformName)]
    limited_to = visible_to.project_ids
    name, key, filters = (
        (
            "all",
            (statuses, platforms),
            {"projects": None if limited_to is None else [str(one) for one in sorted(limited_to)]},
        )
        if project is None
        else (
            "project",
            (project,),
            {"statuses": wanted.statuses and statuses, "platforms": wanted.platforms and platforms},
        )
    )
    handle = None if wanted.text is None else (wanted.text.removeprefix("@") or wanted.text)
    conditions = conditions_of({**filters, "text": wanted.text, "handle": handle})
    rows = await pool.fetch(
        SQL[f"search_{name}"],
        visible_to.organization_id,
        visible_to.environment.value,
        *(after or FIRST),
        max_scanned if conditions else limit + 1,
        limit + 1,
        json.dumps(conditions),
        *key,
        LOGINS,
    )
    found = [account_of(row) for row in rows if row["id"] is not None]
    return found_page(
        rows,
        [((account.created_at, account.id), account) for account in found],
        limit=limit,
        scanned=max_scanned if conditions else None,
    )
