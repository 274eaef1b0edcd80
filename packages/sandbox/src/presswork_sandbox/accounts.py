"""The fake people: accounts on all platforms, made by the control surface or by an authorize URL."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.clock import iso
from presswork_sandbox.platform_facts import SERVER
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue

TIERS: Final = ("personal", "creator", "business")
SETTINGS: Final = frozenset(
    {"quotaTotal", "audited", "verifiedPrefixes", "appVersion", "trialReels", "followers"}.union(
        *(facts.settings for facts in PLATFORMS.values())
    )
)
HANDLE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OF_SERVER: Final = re.compile(rf"([^@]+)@{SERVER}")


_OFFERED: Final = "id NOT IN (SELECT account_id FROM visitors)"


class BadHandle(ValueError):
    """The handle has characters that no platform allows, or is too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One fake account."""

    id: int
    platform: str
    handle: str
    tier: str
    display_name: str
    user_id: str
    app_scoped_id: str
    creator_info: Mapping[str, JSONValue]
    granted_scopes: frozenset[str] | None
    settings: Mapping[str, JSONValue]
    created_at: float

    def to_json(self) -> dict[str, JSONValue]:
        """Return it as the control surface shows it."""
        return {
            "platform": self.platform,
            "handle": self.handle,
            "tier": self.tier,
            "displayName": self.display_name,
            "id": self.user_id,
            "creatorInfo": self.creator_info,
            "grantedScopes": None if self.granted_scopes is None else sorted(self.granted_scopes),
            "createdAt": iso(self.created_at),
            **self.settings,
        }

    def allows(self, scopes: Sequence[str]) -> list[str]:
        """Return those of the scopes that this person grants."""
        return [scope for scope in scopes if self.granted_scopes is None or scope in self.granted_scopes]


def clean_handle(text: str) -> str:
    """Return a handle without its @ and the server behind it. Raises BadHandle."""
    handle = text.strip().removeprefix("@")
    of_server = _OF_SERVER.fullmatch(handle)
    handle = handle if of_server is None else of_server[1]
    if HANDLE.fullmatch(handle) is None:
        raise BadHandle("A handle is 1 to 64 letters, digits, dots, underscores and hyphens.")
    return handle


def _account(row: sqlite3.Row) -> Account:
    scopes = row["granted_scopes"]
    return Account(
        id=row["id"],
        platform=row["platform"],
        handle=row["handle"],
        tier=row["tier"],
        display_name=row["display_name"],
        user_id=row["user_id"],
        app_scoped_id=row["app_scoped_id"],
        creator_info=json.loads(row["creator_info"]),
        granted_scopes=None if scopes is None else frozenset(json.loads(scopes)),
        settings=json.loads(row["settings"]),
        created_at=row["created_at"],
    )


class Accounts:
    """Create and find accounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listed(self, platform: str | None = None, handle: str | None = None) -> Iterator[Account]:
        """Return accounts in the order they were made."""
        rows = self._store.pages(
            "SELECT * FROM accounts WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR handle = ?2)",
            "id",
            platform,
            handle,
        )
        return (_account(row) for row in rows)

    def offered(self, platform: str | None = None) -> Iterator[Account]:
        """Return the accounts that pages show, in the order they were made: all but those that only ever commented."""
        sql = f"SELECT * FROM accounts WHERE (?1 IS NULL OR platform = ?1) AND {_OFFERED}"  # noqa: S608 - our own SQL
        rows = self._store.pages(sql, "id", platform)
        return (_account(row) for row in rows)

    def newest(self, max_count: int) -> list[Account]:
        """Return those of the offered accounts that were made last, newest first."""
        sql = f"SELECT * FROM accounts WHERE {_OFFERED} ORDER BY id DESC LIMIT ?"  # noqa: S608 - our own SQL
        return [_account(row) for row in self._store.all(sql, max_count)]

    def by_handle(self, platform: str, handle: str) -> Account | None:
        """Find an account by its handle; case does not matter."""
        row = self._store.first("SELECT * FROM accounts WHERE platform = ? AND handle = ?", platform, handle)
        return None if row is None else _account(row)

    def by_user_id(self, platform: str, user_id: str) -> Account | None:
        """Find an account by its id at the platform."""
        row = self._store.first("SELECT * FROM accounts WHERE platform = ? AND user_id = ?", platform, user_id)
        return None if row is None else _account(row)

    def by_id(self, number: int) -> Account | None:
        """Find an account by the sandbox's own number."""
        row = self._store.first("SELECT * FROM accounts WHERE id = ?", number)
        return None if row is None else _account(row)

    def ensure(self, platform: str, handle: str, now: float) -> Account:
        """Return the account of that handle; an unknown one becomes a business account. Raises BadHandle."""
        handle = clean_handle(handle)
        found = self.by_handle(platform, handle) or self.save(platform, handle, {}, now)
        self._store.run("DELETE FROM visitors WHERE account_id = ?", found.id)
        return found

    def visit(self, platform: str, handle: str, name: str, now: float) -> Account:
        """Return the account of that handle; an unknown one becomes a personal account that no page offers."""
        found = self.by_handle(platform, handle)
        if found is None:
            found = self.save(platform, handle, {"tier": "personal", "displayName": name}, now)
            self._store.insert("visitors", account_id=found.id)
        return found

    def save(self, platform: str, handle: str, changes: Mapping[str, JSONValue], now: float) -> Account:
        """Make an account, or change one that exists; what `changes` does not name stays as it is.

        Keys of `changes`: tier, displayName, creatorInfo, grantedScopes, and those of SETTINGS.
        """
        with self._store.transaction():
            account = self.by_handle(platform, handle) or self._make(platform, handle, now)
            self._store.run("DELETE FROM visitors WHERE account_id = ?", account.id)
            settings = dict(account.settings)
            settings |= {key: changes[key] for key in SETTINGS if key in changes}
            scopes = changes.get("grantedScopes", account.granted_scopes)
            self._store.run(
                "UPDATE accounts SET tier = ?, display_name = ?, creator_info = ?, granted_scopes = ?, settings = ?"
                " WHERE id = ?",
                changes.get("tier", account.tier),
                changes.get("displayName", account.display_name),
                json.dumps({**account.creator_info, **_mapping(changes.get("creatorInfo"))}),
                json.dumps(sorted(scopes)) if isinstance(scopes, list | frozenset) else None,
                json.dumps(settings),
                account.id,
            )
        saved = self.by_handle(platform, handle)
        if saved is None:
            raise LookupError(handle)
        return saved

    def _make(self, platform: str, handle: str, now: float) -> Account:
        number = self._store.next_number("account")
        user_id, app_scoped_id = PLATFORMS[platform].ids_of(number, self._store.secret("account", number, 64))
        self._store.insert(
            "accounts",
            platform=platform,
            handle=handle,
            tier="business",
            display_name=handle.replace("_", " ").replace(".", " ").title(),
            user_id=user_id,
            app_scoped_id=app_scoped_id,
            creator_info="{}",
            granted_scopes=None,
            settings="{}",
            created_at=now,
        )
        made = self.by_handle(platform, handle)
        if made is None:
            raise LookupError(handle)
        return made


def _mapping(value: JSONValue) -> Mapping[str, JSONValue]:
    return value if isinstance(value, Mapping) else {}
