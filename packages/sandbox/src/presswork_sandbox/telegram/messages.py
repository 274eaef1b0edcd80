"""Messages in channels: sent, edited and deleted. An album is one post of several messages.

Source: Telegram, "Bot API" (10.0), read 2026-12; that a bot without the right deletes its own messages for 48 hours is general
knowledge. Telegram names no exact limits: here 20 messages a minute in a channel and 30 a second of a bot.
"""

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.telegram.bots import Bots
from presswork_sandbox.telegram.errors import bad, too_many
from presswork_sandbox.telegram.facts import FACTS
from presswork_sandbox.wire import JSONValue

CHANNEL_LIMIT: Final = (20, 60.0)  # messages, and the seconds of their window
BOT_LIMIT: Final = (30, 1.0)
DELETABLE_SECONDS: Final = 48 * HOUR
FILE_ID: Final = "AgACAgQAAx"
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and"
    " reply markup of the message"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One live message. `root` is the first message of its album, or itself."""

    number: int
    account_id: int
    bot_id: str | None  # None: a person posted it
    root: int
    body: Mapping[str, JSONValue]
    asset_id: int | None
    sent_at: float
    removed_at: float | None


def _message(row: sqlite3.Row) -> Message:
    return Message(**{**dict(row), "body": json.loads(row["body"])})


def url_of(account: Account, message_id: int | str) -> str:
    """Return the link of a message."""
    if account.settings.get("privateChannel") is True:
        return f"https://t.me/c/{account.user_id.removeprefix('-100')}/{message_id}"
    return f"https://t.me/{account.handle}/{message_id}"


def describe_file(asset: Asset) -> dict[str, JSONValue]:
    """Return a photo or a video as the API writes it."""
    file: dict[str, JSONValue] = {
        "file_id": f"{FILE_ID}{asset.id}",
        "file_unique_id": f"AQAD{asset.id}",
        "width": asset.width,
        "height": asset.height,
        "file_size": asset.size_bytes,
    }
    if not asset.is_video:
        return {"photo": [file]}
    return {"video": {**file, "duration": round(asset.duration_seconds or 0), "mime_type": asset.content_type}}


class Messages:
    """Send, find, edit and delete. Whatever is refused raises TelegramRefusal."""

    def __init__(self, sandbox: Sandbox, bots: Bots) -> None:
        self._sandbox = sandbox
        self._bots = bots

    def new_number(self) -> int:
        """Return the id of one more message: ids rise in every channel."""
        return 400 + self._sandbox.store.next_number("telegram message")

    def find(self, account: Account, message_id: int) -> Message | None:
        """Find a live message of a channel."""
        sql = "SELECT * FROM telegram_messages WHERE number = ? AND account_id = ? AND removed_at IS NULL"
        row = self._sandbox.store.first(sql, message_id, account.id)
        return None if row is None else _message(row)

    def count(self, account: Account, bot_id: str, count: int) -> None:
        """Count messages against the limits. Raises TelegramRefusal with HTTP 429: nothing is sent then."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        with store.transaction():
            for key, (limit, seconds) in (
                (f"telegram {account.user_id}", CHANNEL_LIMIT),
                (f"telegram bot {bot_id}", BOT_LIMIT),
            ):
                store.run("DELETE FROM hits WHERE account_id = 0 AND operation = ? AND at <= ?", key, now - seconds)
                sql = "SELECT count(*) AS n, min(at) AS first FROM hits WHERE account_id = 0 AND operation = ?"
                row = store.one(sql, key)
                if row["n"] + count > limit:
                    raise too_many(max(1, math.ceil((row["first"] or now) + seconds - now)))
                for _ in range(count):
                    store.insert("hits", account_id=0, operation=key, at=now)

    def send(
        self,
        account: Account,
        bot_id: str,
        content: Mapping[str, JSONValue],
        assets: Sequence[Asset],
        sent: Mapping[str, JSONValue],
    ) -> list[JSONValue]:
        """Post a message, or an album of several files, and return its messages.

        `content`: what the messages say beside their files; the first message has it. `sent`: the parameters of the call.
        """
        store, now = self._sandbox.store, self._sandbox.clock.now()
        messages: list[JSONValue] = []
        with store.transaction():
            numbers = [self.new_number() for _ in assets or (None,)]
            group = {"media_group_id": str(13_000_000_000_000_000 + numbers[0])} if len(numbers) > 1 else {}
            for place, number in enumerate(numbers):
                file = describe_file(assets[place]) if assets else {}
                words = content if place == 0 else {}
                body = {**self._head(account, number), **group, **file, **words}
                self._insert(number, account, bot_id, numbers[0], body, assets[place].id if assets else None)
                messages.append(body)
            caption = content.get("text") or content.get("caption") or ""
            self._sandbox.posts.add(
                FACTS.name,
                account.id,
                kind="telegram_post" if assets else "poll" if "poll" in content else "text",
                external_id=str(numbers[0]),
                url=url_of(account, numbers[0]),
                caption=str(caption),
                params=sent,
                asset_ids=[asset.id for asset in assets],
                now=now,
            )
        return messages

    def _head(self, account: Account, number: int) -> dict[str, JSONValue]:
        chat = self._bots.chat(account)
        return {"message_id": number, "sender_chat": chat, "chat": chat, "date": int(self._sandbox.clock.now())}

    def _insert(
        self,
        number: int,
        account: Account,
        bot_id: str | None,
        root: int,
        body: Mapping[str, JSONValue],
        asset_id: int | None,
    ) -> None:
        self._sandbox.store.insert(
            "telegram_messages",
            number=number,
            account_id=account.id,
            bot_id=bot_id,
            root=root,
            body=json.dumps(body),
            asset_id=asset_id,
            sent_at=self._sandbox.clock.now(),
        )

    def post_by_person(self, account: Account, text: str) -> int:
        """Post a text as a person does, which the bots of the channel get as an update. Belongs in a transaction.

        It is in no feed: what a test looks for there is what bots post.
        """
        number = self.new_number()
        body = {**self._head(account, number), "text": text}
        self._insert(number, account, None, number, body, None)
        self._bots.post_by_person(account, body)
        return number

    def edit(self, message: Message, words: Mapping[str, JSONValue], caption: str) -> JSONValue:
        """Change the text or the caption of a message. Raises TelegramRefusal if nothing changes."""
        if all(message.body.get(name) == value for name, value in words.items()):
            raise bad(NOT_MODIFIED)
        now = self._sandbox.clock.now()
        body = {**message.body, **words, "edit_date": int(now)}
        with self._sandbox.store.transaction():
            sql = "UPDATE telegram_messages SET body = ? WHERE number = ?"
            self._sandbox.store.run(sql, json.dumps(body), message.number)
            post = self._sandbox.posts.by_external_id(FACTS.name, str(message.root))
            if post is not None and message.number == message.root:
                self._sandbox.posts.change(post, caption=caption, params={**post.params, **words}, edited_at=now)
        return body

    def delete(self, message: Message, rights: frozenset[str], bot_id: str) -> None:
        """Delete a message. Raises TelegramRefusal if the bot may not any more."""
        is_fresh = self._sandbox.clock.now() < message.sent_at + DELETABLE_SECONDS
        if "can_delete_messages" not in rights and not (message.bot_id == bot_id and is_fresh):
            raise bad("message can't be deleted")
        with self._sandbox.store.transaction():
            self._remove(message)

    def remove_post(self, external_id: str, handle: str | None) -> bool:
        """Delete all messages of a post, for the person; return whether there was one. Belongs in a transaction."""
        post = self._sandbox.posts.by_external_id(FACTS.name, external_id)
        if post is None or not post.is_of(handle):
            return False
        now = self._sandbox.clock.now()
        self._sandbox.store.run("UPDATE telegram_messages SET removed_at = ? WHERE root = ?", now, int(external_id))
        self._sandbox.posts.remove(post, now)
        return True

    def _remove(self, message: Message) -> None:
        store, now = self._sandbox.store, self._sandbox.clock.now()
        store.run("UPDATE telegram_messages SET removed_at = ? WHERE number = ?", now, message.number)
        post = self._sandbox.posts.by_external_id(FACTS.name, str(message.root))
        sql = "SELECT asset_id FROM telegram_messages WHERE root = ? AND removed_at IS NULL ORDER BY number"
        left = [row["asset_id"] for row in store.all(sql, message.root)]
        if post is not None and left:
            store.run("UPDATE posts SET asset_ids = ? WHERE external_id = ?", json.dumps(left), post.external_id)
        elif post is not None:
            self._sandbox.posts.remove(post, now)
