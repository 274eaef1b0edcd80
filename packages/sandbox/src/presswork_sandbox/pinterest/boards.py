"""Boards and their sections, each in one of the two worlds.

Source: pinterest/api-description 5.23.0 (2025-12), `boards`. A person who never had a board has "Quick Saves", which Pinterest makes
by itself; an account with `hasNoBoard` has none. The code of a second board of one name is not documented.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import graph_time
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pinterest.errors import FORBIDDEN, NO_BOARD, invalid, refuse
from presswork_sandbox.wire import JSONValue, text_of

BOARD_IDS: Final = 549_755_000_000_000_000
SECTION_IDS: Final = 521_700_000_000_000_000
DEFAULT_BOARD: Final = "Quick Saves"
MAX_NAME: Final = 180  # characters
MAX_DESCRIPTION: Final = 500
_DIGITS: Final = re.compile(r"^\d+$", re.ASCII)
PRIVACIES: Final = ("PUBLIC", "PROTECTED", "SECRET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One board."""

    number: int
    board_id: str
    account_id: int
    host: str
    name: str
    description: str
    privacy: str
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of a board."""

    number: int
    section_id: str
    board_id: str
    name: str


def pinterest_time(instant: float) -> str:
    """Write an instant as Pinterest does: 2026-11-26T09:00:00, UTC."""
    return graph_time(instant)[:19]


class Boards:
    """Create and find boards."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def listed(self, host: str, account: Account) -> list[Board]:
        """Return the boards of an account in a world, oldest first."""
        sql = "SELECT * FROM pinterest_boards WHERE account_id = ? AND host = ? ORDER BY number"
        rows = self._sandbox.store.all(sql, account.id, host)
        if not rows and account.settings.get("hasNoBoard") is not True:
            return [self.create(host, account, DEFAULT_BOARD)]
        return [_board(row) for row in rows]

    def all(self, handle: str | None) -> Iterator[Board]:
        """Return the boards of an account, or of all, in both worlds."""
        sql = (
            "SELECT * FROM pinterest_boards WHERE ?1 IS NULL"
            " OR account_id IN (SELECT id FROM accounts WHERE handle = ?1 AND platform = 'pinterest')"
        )
        return (_board(row) for row in self._sandbox.store.pages(sql, "number", handle))

    def at(self, board_id: str) -> Board | None:
        """Find a board by its id, in either world."""
        row = self._sandbox.store.first("SELECT * FROM pinterest_boards WHERE board_id = ?", board_id)
        return None if row is None else _board(row)

    def find_own(self, host: str, account: Account, board_id: str) -> Board:
        """Return a board of an account. Raises PinterestError for one that is not there, or is of another account."""
        if _DIGITS.match(board_id) is None:
            raise invalid(f"{board_id!r} does not match {_DIGITS.pattern!r}")
        board = self.at(board_id)
        if board is None or board.host != host:
            raise refuse(NO_BOARD)
        if board.account_id != account.id:
            raise refuse(FORBIDDEN)
        return board

    def create(
        self, host: str, account: Account, name: str, description: str = "", privacy: str = PRIVACIES[0]
    ) -> Board:
        """Create a board."""
        store = self._sandbox.store
        number = store.next_number("pinterest board")
        store.insert(
            "pinterest_boards",
            number=number,
            board_id=str(BOARD_IDS + number * 3_011),
            account_id=account.id,
            host=host,
            name=name,
            description=description,
            privacy=privacy,
            created_at=self._sandbox.clock.now(),
        )
        return _board(store.one("SELECT * FROM pinterest_boards WHERE number = ?", number))

    def create_from(self, host: str, account: Account, body: Mapping[str, JSONValue]) -> Board:
        """Create a board as a call asks. Raises PinterestError."""
        name, description = read_text(body, "name", MAX_NAME), read_text(body, "description", MAX_DESCRIPTION)
        privacy = text_of(body.get("privacy")) or PRIVACIES[0]
        if not name.strip():
            raise invalid("'name' is a required property")
        if privacy not in PRIVACIES:
            raise invalid(f"'{privacy}' is not one of {list(PRIVACIES)}")
        if name.lower() in {board.name.lower() for board in self.listed(host, account)}:
            raise invalid("You already have a board with this name.")
        return self.create(host, account, name, description, privacy)

    def sections(self, board: Board) -> list[Section]:
        """Return the sections of a board, oldest first."""
        sql = "SELECT * FROM pinterest_sections WHERE board_id = ? ORDER BY number"
        return [Section(**dict(row)) for row in self._sandbox.store.all(sql, board.board_id)]

    def require_section(self, board: Board, section_id: str) -> None:
        """Raise PinterestError unless a board has a section."""
        if section_id not in {section.section_id for section in self.sections(board)}:
            raise refuse(NO_BOARD, "Board section not found.")

    def create_section(self, board: Board, body: Mapping[str, JSONValue]) -> Section:
        """Create a section as a call asks. Raises PinterestError."""
        name, store = read_text(body, "name", MAX_NAME), self._sandbox.store
        if not name.strip():
            raise invalid("'name' is a required property")
        number = store.next_number("pinterest section")
        section_id = str(SECTION_IDS + number * 2_003)
        store.insert("pinterest_sections", number=number, section_id=section_id, board_id=board.board_id, name=name)
        return Section(number=number, section_id=section_id, board_id=board.board_id, name=name)

    def count_pins(self, board: Board) -> int:
        """Return how many Pins a board has."""
        sql = "SELECT count(*) AS n FROM pinterest_pins JOIN live_posts ON external_id = pin_id WHERE board_id = ?"
        return int(self._sandbox.store.one(sql, board.board_id)["n"])

    def describe(self, board: Board, owner: Account) -> dict[str, JSONValue]:
        """Return a board as the API shows it."""
        return {
            "id": board.board_id,
            "created_at": pinterest_time(board.created_at),
            "board_pins_modified_at": pinterest_time(board.created_at),
            "name": board.name,
            "description": board.description,
            "collaborator_count": 0,
            "pin_count": self.count_pins(board),
            "follower_count": 0,
            "media": {"image_cover_url": None, "pin_thumbnail_urls": []},
            "owner": {"username": owner.handle},
            "privacy": board.privacy,
            "is_ads_only": False,
        }

    def to_json(self, board: Board) -> JSONValue:
        """Return a board as the control surface shows it."""
        account = self._sandbox.accounts.by_id(board.account_id)
        return {
            "handle": None if account is None else account.handle,
            "id": board.board_id,
            "name": board.name,
            "privacy": board.privacy,
            "host": board.host,
            "sections": [{"id": one.section_id, "name": one.name} for one in self.sections(board)],
        }


def read_text(body: Mapping[str, JSONValue], name: str, max_length: int) -> str:
    """Return a string of a body; "" for none. Raises PinterestError for what is no string, or too long."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid(f"{value!r} is not of type 'string'")
    if len(value) > max_length:
        raise invalid(f"'{value[:60]}' is too long; {name} constraint: maxLength={max_length}")
    return value


def _board(row: sqlite3.Row) -> Board:
    return Board(**dict(row))
