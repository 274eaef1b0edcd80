"""The records of accounts, with the real server's rules for writing them.

Source: bluesky-social/atproto, packages/pds/src/api/com/atproto/repo and src/repo/prepare.ts, read 2026-11: a create on a
key that is taken answers HTTP 500, a put of the same content is a no-op before any swap is compared, any other put overwrites.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.blobs import Blobs
from presswork_sandbox.bluesky.errors import XRPCError, invalid
from presswork_sandbox.bluesky.identifiers import AT_URI, TID, NotDataModel, record_cid, tid_of, uri_of
from presswork_sandbox.bluesky.identity import find_account
from presswork_sandbox.bluesky.lexicon import InvalidRecord
from presswork_sandbox.bluesky.lexicons import LIKE, POST, RECORDS, TID_KEYED
from presswork_sandbox.bluesky.shown import Shown, object_of, root_of
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue

MAX_LIST: Final = 100
LIST_DEFAULT: Final = 50


class Action(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One change of one record, checked. `value`, `cid` and `status` are empty for a deletion."""

    action: Action
    collection: str
    rkey: str
    value: Mapping[str, JSONValue]
    cid: str = ""
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One stored record."""

    uri: str
    rkey: str
    cid: str
    value: Mapping[str, JSONValue]
    blobs: Sequence[str]
    indexed_at: float

    def to_json(self) -> Mapping[str, JSONValue]:
        """Return it as reads answer it."""
        return {"uri": self.uri, "cid": self.cid, "value": self.value}


class Repo:
    """The repositories of all accounts."""

    def __init__(self, sandbox: Sandbox, blobs: Blobs) -> None:
        self._sandbox = sandbox
        self._blobs = blobs
        self._shown = Shown(sandbox, blobs)

    def find(self, account: Account, collection: str, rkey: str) -> Record | None:
        """Return a record, or None."""
        sql = "SELECT * FROM bluesky_records WHERE account_id = ? AND collection = ? AND rkey = ?"
        row = self._sandbox.store.first(sql, account.id, collection, rkey)
        return None if row is None else _record(account, collection, row)

    def deleted_post(self, account: Account, rkey: str, within_seconds: float) -> Record | None:
        """Return the record of a post that was deleted less than a time ago, or None."""
        sql = "SELECT *, '[]' AS blobs FROM bluesky_deleted WHERE account_id = ? AND rkey = ? AND deleted_at + ? > ?"
        row = self._sandbox.store.first(sql, account.id, rkey, within_seconds, self._sandbox.clock.now())
        return None if row is None else _record(account, POST, row)

    def listed(
        self, account: Account, collection: str, *, cursor: str | None, limit: int, is_reverse: bool
    ) -> Sequence[Record]:
        """Return records by their keys, the greatest key first unless `is_reverse`."""
        order, beyond = ("ASC", ">") if is_reverse else ("DESC", "<")
        sql = (
            "SELECT * FROM bluesky_records WHERE account_id = ?1 AND collection = ?2"  # noqa: S608  two words of our own
            f" AND (?3 IS NULL OR rkey {beyond} ?3) ORDER BY rkey {order} LIMIT ?4"
        )
        rows = self._sandbox.store.all(sql, account.id, collection, cursor, limit)
        return [_record(account, collection, row) for row in rows]

    def at(self, uri: str) -> tuple[Account, Record] | None:
        """Return the author and the record of a post's URL, or None."""
        match = AT_URI.fullmatch(uri)
        account = None if match is None else find_account(self._sandbox, match[1])
        if match is None or account is None:
            return None
        record = self.find(account, match[2], match[3])
        return None if record is None else (account, record)

    def replies_to(self, uri: str) -> Sequence[tuple[Account, Record]]:
        """Return the posts that answer a post, with their authors, oldest first."""
        sql = (
            f"SELECT * FROM bluesky_records WHERE collection = '{POST}' AND value ->> '$.reply.parent.uri' = ?"  # noqa: S608  a word of our own
            " ORDER BY indexed_at, rkey"
        )
        return self._with_authors(POST, self._sandbox.store.all(sql, uri))

    def likes_of(self, uri: str) -> Sequence[tuple[Account, Record]]:
        """Return the likes of a post, with the accounts that gave them, oldest first."""
        sql = (
            f"SELECT * FROM bluesky_records WHERE collection = '{LIKE}' AND value ->> '$.subject.uri' = ?"  # noqa: S608  a word of our own
            " ORDER BY indexed_at, rkey"
        )
        return self._with_authors(LIKE, self._sandbox.store.all(sql, uri))

    def _with_authors(self, collection: str, rows: Sequence[sqlite3.Row]) -> Sequence[tuple[Account, Record]]:
        found = [(self._sandbox.accounts.by_id(row["account_id"]), row) for row in rows]
        return [(account, _record(account, collection, row)) for account, row in found if account is not None]

    def next_tid(self) -> str:
        """Return the key for one more record."""
        return tid_of(self._sandbox.clock.now(), self._sandbox.store.next_number("bluesky tid"))

    def prepare(self, action: Action, collection: str, rkey: str, value: JSONValue, *, validate: bool | None) -> Write:
        """Check what is to be written; without `rkey` a new record gets a key. Raises XRPCError."""
        if action is Action.DELETE:
            return Write(action=action, collection=collection, rkey=rkey, value={})
        record = dict(object_of(value))
        record.setdefault("$type", collection)
        if record["$type"] != collection:
            raise invalid(f"Invalid $type: expected {collection}, got {record['$type']}")
        rkey = rkey or self.next_tid()
        try:
            status = _validate_record(collection, rkey, record, validate)
            return Write(
                action=action, collection=collection, rkey=rkey, value=record, cid=record_cid(record), status=status
            )
        except (InvalidRecord, NotDataModel) as wrong:
            raise invalid(f"Invalid {collection} record: {wrong}") from wrong

    def commit(
        self,
        account: Account,
        writes: Sequence[Write],
        *,
        swap_commit: str | None = None,
        swap_record: tuple[str | None] | None = None,
    ) -> Mapping[str, JSONValue]:
        """Make all changes or none, and return the new commit.

        `swap_record`: in a tuple, the CID that the record must have before, None for none. Raises XRPCError.
        """
        store = self._sandbox.store
        made = {
            uri_of(account.user_id, POST, write.rkey)
            for write in writes
            if write.action is Action.CREATE and write.collection == POST
        }
        with store.transaction():
            head = store.first("SELECT * FROM bluesky_repos WHERE account_id = ?", account.id)
            if swap_commit is not None and (head is None or head["commit_cid"] != swap_commit):
                raise XRPCError("InvalidSwap", f"Commit was at {None if head is None else head['commit_cid']}")
            for write in writes:
                self._apply(account, write, swap_record, is_part=root_of(write.value) in made)
            rev = self.next_tid()
            cid = record_cid({"did": account.user_id, "rev": rev, "version": 3})
            sql = (
                "INSERT INTO bluesky_repos VALUES (?, ?, ?)"
                " ON CONFLICT (account_id) DO UPDATE SET rev = excluded.rev, commit_cid = excluded.commit_cid"
            )
            store.run(sql, account.id, rev, cid)
        return {"cid": cid, "rev": rev}

    def _apply(self, account: Account, write: Write, swap_record: tuple[str | None] | None, *, is_part: bool) -> None:
        current = self.find(account, write.collection, write.rkey)
        if swap_record is not None and swap_record[0] != (None if current is None else current.cid):
            raise XRPCError("InvalidSwap", f"Record was at {'null' if current is None else current.cid}")
        if (current is None) != (write.action is Action.CREATE):
            # The tree of records throws, and nothing maps that to an error with a name.
            raise XRPCError("InternalServerError", "Internal Server Error")
        if write.action is Action.DELETE:
            self._delete(account, write, current)
            return
        blobs = self._blobs.attach(account, write.value)
        comment = None
        if write.collection == POST:
            comment = self._shown.show(account, write.rkey, write.value, is_part=is_part)
        self._sandbox.store.run(
            "INSERT INTO bluesky_records VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET cid = excluded.cid,"
            " value = excluded.value, blobs = excluded.blobs, comment = excluded.comment,"
            " indexed_at = excluded.indexed_at",
            account.id,
            write.collection,
            write.rkey,
            write.cid,
            json.dumps(write.value),
            json.dumps(list(blobs)),
            comment,
            self._sandbox.clock.now(),
        )
        self._shown.follow(account, write.collection, {} if current is None else current.value, write.value)
        if current is not None:
            self._blobs.drop(account, current.blobs)

    def _delete(self, account: Account, write: Write, current: Record | None) -> None:
        if write.collection == POST:
            self._shown.hide(account, write.rkey)
            kept = (
                "INSERT OR REPLACE INTO bluesky_deleted SELECT account_id, rkey, cid, value, comment, indexed_at, ?"
                " FROM bluesky_records WHERE account_id = ? AND collection = ? AND rkey = ?"
            )
            self._sandbox.store.run(kept, self._sandbox.clock.now(), account.id, POST, write.rkey)
        sql = "DELETE FROM bluesky_records WHERE account_id = ? AND collection = ? AND rkey = ?"
        self._sandbox.store.run(sql, account.id, write.collection, write.rkey)
        if current is not None:
            self._shown.follow(account, write.collection, current.value, {})
            self._blobs.drop(account, current.blobs)


def _record(account: Account, collection: str, row: sqlite3.Row) -> Record:
    return Record(
        uri=uri_of(account.user_id, collection, row["rkey"]),
        rkey=row["rkey"],
        cid=row["cid"],
        value=json.loads(row["value"]),
        blobs=json.loads(row["blobs"]),
        indexed_at=row["indexed_at"],
    )


def _validate_record(collection: str, rkey: str, record: Mapping[str, JSONValue], validate: bool | None) -> str | None:
    """Return the validationStatus of a record; `validate`: true demands a lexicon, false asks for no check."""
    if validate is False:
        return None
    check = RECORDS.get(collection)
    if check is None:
        if validate:
            raise InvalidRecord(f"Unknown lexicon type: {collection}")
        return "unknown"
    if collection in TID_KEYED and TID.fullmatch(rkey) is None:
        raise InvalidRecord(f'the record key "{rkey}" must be a TID')
    check("Record", record)
    return "valid"
