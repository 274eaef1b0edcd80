"""Bots: their tokens, their place in channels, and the updates that they fetch or get at a URL.

Source: Telegram, "Bot API" (10.0), read 2026-12. Any token of the form <digits>:<letters> is a bot's. A bot gets no update for
what it posts itself. `getUpdates` answers at once here, whatever `timeout` says.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.callbacks import Callbacks, Delivery
from presswork_sandbox.core import Sandbox
from presswork_sandbox.telegram.errors import TelegramRefusal, bad, forbidden
from presswork_sandbox.telegram.facts import FACTS
from presswork_sandbox.tokens import LAPSED, Token
from presswork_sandbox.wire import JSONValue

TOKEN: Final = re.compile(r"(\d{1,15}):[\w-]{1,100}", re.ASCII)
ADMINISTRATOR: Final = "administrator"
STATUSES: Final = (ADMINISTRATOR, "member", "left", "kicked")
RIGHTS: Final = {
    "can_post_messages": "Post messages",
    "can_edit_messages": "Edit messages of others",
    "can_delete_messages": "Delete messages of others",
}
MAX_UPDATES: Final = 100
ANONYMOUS: Final = 1_087_968_824
"""The user as whom people post in channels."""
_KIND: Final = "telegram_bot"


class WebhookFormat:
    """Updates at a URL: with the secret in a header, repeated until the answer is a success."""

    waits: Sequence[float] = (5.0, 30.0, 60.0, 300.0, 600.0, *[3600.0] * 23)

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return X-Telegram-Bot-Api-Secret-Token, where there is a secret."""
        _ = now
        return {"X-Telegram-Bot-Api-Secret-Token": delivery.secret} if delivery.secret else {}

    def arrived(self, status: int) -> bool:
        """Any success will do."""
        return 200 <= status < 300


class Bots:
    """The bots of a sandbox."""

    def __init__(self, sandbox: Sandbox, callbacks: Callbacks) -> None:
        self._sandbox = sandbox
        self._callbacks = callbacks
        callbacks.add_format(FACTS.name, WebhookFormat())

    # Tokens

    def remember(self, given: str) -> Token | None:
        """Return the token of a call, kept since its first one; None for what is no token."""
        match = TOKEN.fullmatch(given)
        if match is None:
            return None
        found = self._sandbox.tokens.find(FACTS.name, given)
        if found is None:
            self._sandbox.store.insert(
                "tokens",
                token=given,
                kind=_KIND,
                platform=FACTS.name,
                account_id=0,
                grant_id=0,
                client_id=match[1],
                scopes="",
                issued_at=self._sandbox.clock.now(),
                expires_at=1e12,
                dead_reason=None,
            )
        return self._sandbox.tokens.find(FACTS.name, given)

    def check(self, token: Token | None) -> str:
        """Return the id of the bot of a token. Raises TelegramRefusal."""
        if token is None:
            raise TelegramRefusal(404, "Not Found")
        rules, secret = self._sandbox.app_rules, token.token.partition(":")[2]
        accepted = rules.accepts(secret, token.client_id) or rules.accepts(token.token, token.client_id)
        # Read again, since a token_expired fault may have been applied in between.
        fresh = self._sandbox.tokens.find(FACTS.name, token.token)
        if not accepted or fresh is None or fresh.dead_reason is not None or rules.is_blocked(token.client_id):
            raise TelegramRefusal(401, "Unauthorized")
        return token.client_id

    def describe(self, bot_id: str) -> dict[str, JSONValue]:
        """Return a bot as the API writes it."""
        name = self._sandbox.app_rules.name_of(bot_id) or "Sandbox bot"
        return {"id": int(bot_id), "is_bot": True, "first_name": name, "username": f"sandbox_{bot_id}_bot"}

    # Channels

    def membership(self, bot_id: str, account: Account) -> tuple[str, frozenset[str]]:
        """Return the status of a bot in a channel, and its rights; "" if it never was there."""
        sql = "SELECT status, rights FROM telegram_members WHERE bot_id = ? AND account_id = ?"
        row = self._sandbox.store.first(sql, bot_id, account.id)
        if row is None:
            return "", frozenset()
        return row["status"], frozenset(account.allows(json.loads(row["rights"])))

    def describe_member(self, bot_id: str, account: Account) -> dict[str, JSONValue]:
        """Return a bot as a member of a channel."""
        status, rights = self.membership(bot_id, account)
        return self._describe_member(bot_id, status or "left", rights)

    def _describe_member(self, bot_id: str, status: str, rights: frozenset[str]) -> dict[str, JSONValue]:
        member: dict[str, JSONValue] = {"user": self.describe(bot_id), "status": status}
        if status == ADMINISTRATOR:
            member |= {"can_be_edited": False, "is_anonymous": False, "can_manage_chat": True}
            member |= {name: name in rights for name in RIGHTS}
        return member | ({"until_date": 0} if status == "kicked" else {})

    def chat(self, account: Account) -> dict[str, JSONValue]:
        """Return a channel as the API writes it."""
        chat: dict[str, JSONValue] = {"id": int(account.user_id), "type": "channel", "title": account.display_name}
        return chat | ({} if account.settings.get("privateChannel") is True else {"username": account.handle})

    def set_member(self, bot_id: str, account: Account, status: str, rights: Sequence[str]) -> None:
        """Give a bot another place in a channel, and report that to it. Belongs in a transaction."""
        before = self.describe_member(bot_id, account)
        sql = "INSERT OR REPLACE INTO telegram_members VALUES (?, ?, ?, ?)"
        self._sandbox.store.run(sql, bot_id, account.id, status, json.dumps(sorted(rights)))
        # A bot whose token a fault ended is connected again, as a new token does it.
        revive = "UPDATE tokens SET dead_reason = NULL WHERE client_id = ? AND platform = ? AND dead_reason = ?"
        self._sandbox.store.run(revive, bot_id, FACTS.name, LAPSED)
        person: JSONValue = {"id": 777_000_001, "is_bot": False, "first_name": "Owner"}
        change: dict[str, JSONValue] = {
            "chat": self.chat(account),
            "from": person,
            "date": int(self._sandbox.clock.now()),
            "old_chat_member": before,
            "new_chat_member": self.describe_member(bot_id, account),
        }
        self._report(bot_id, "my_chat_member", change)

    def kick(self, account: Account) -> int:
        """Let the person remove every bot from a channel; return how many there were. Belongs in a transaction."""
        sql = "SELECT bot_id FROM telegram_members WHERE account_id = ? AND status IN (?, 'member') ORDER BY bot_id"
        rows = self._sandbox.store.all(sql, account.id, ADMINISTRATOR)
        for row in rows:
            self.set_member(row["bot_id"], account, "kicked", ())
        return len(rows)

    def require_place(self, bot_id: str, account: Account, right: str | None) -> frozenset[str]:
        """Return the rights of a bot that may do something in a channel. Raises TelegramRefusal."""
        status, rights = self.membership(bot_id, account)
        match status:
            case "":
                raise bad("chat not found")
            case "kicked":
                raise forbidden("bot was kicked from the channel chat")
            case "left":
                raise forbidden("bot is not a member of the channel chat")
            case "member":
                raise bad("need administrator rights in the channel chat")
            case _:
                if right is not None and right not in rights:
                    raise forbidden("not enough rights")
        return rights

    def post_by_person(self, account: Account, message: Mapping[str, JSONValue]) -> None:
        """Report what a person posted in a channel to the bots there. Belongs in a transaction."""
        sql = "SELECT bot_id FROM telegram_members WHERE account_id = ? AND status = ? ORDER BY bot_id"
        for row in self._sandbox.store.all(sql, account.id, ADMINISTRATOR):
            self._report(row["bot_id"], "channel_post", message)

    # Updates

    def _report(self, bot_id: str, kind: str, body: Mapping[str, JSONValue]) -> None:
        number = self._sandbox.store.next_number("telegram update") + 700_000_000
        hook = self._hook(bot_id)
        allowed = [] if hook is None else json.loads(hook["allowed"])
        if hook is not None and hook["url"]:
            if not allowed or kind in allowed:
                update = json.dumps({"update_id": number, kind: body}, separators=(",", ":"))
                self._callbacks.post(
                    FACTS.name,
                    lane=f"telegram {bot_id}",
                    event=kind,
                    url=hook["url"],
                    body=update,
                    secret=hook["secret"],
                )
            return
        self._sandbox.store.insert("telegram_updates", number=number, bot_id=bot_id, kind=kind, body=json.dumps(body))

    def _hook(self, bot_id: str) -> Mapping[str, str] | None:
        row = self._sandbox.store.first("SELECT * FROM telegram_webhooks WHERE bot_id = ?", bot_id)
        return None if row is None else dict(row)

    def fetch(self, bot_id: str, offset: int, limit: int, allowed: Sequence[str] | None) -> Sequence[JSONValue]:
        """Return the updates from an offset on, and forget those before it: a negative one counts from the end.

        Raises TelegramRefusal while a URL is set.
        """
        hook = self._hook(bot_id)
        if hook is not None and hook["url"]:
            description = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise TelegramRefusal(409, description)
        if allowed is not None:
            self.set_webhook(bot_id, "", "", allowed)
        elif hook is not None:
            allowed = json.loads(hook["allowed"])
        store = self._sandbox.store
        if offset < 0:
            sql = "SELECT number FROM telegram_updates WHERE bot_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?"
            row = store.first(sql, bot_id, -offset - 1)
            offset = 0 if row is None else row["number"]
        store.run("DELETE FROM telegram_updates WHERE bot_id = ? AND number < ?", bot_id, offset)
        rows = store.all("SELECT * FROM telegram_updates WHERE bot_id = ? ORDER BY number LIMIT ?", bot_id, MAX_UPDATES)
        fits = [row for row in rows if not allowed or row["kind"] in allowed]
        return [{"update_id": row["number"], row["kind"]: json.loads(row["body"])} for row in fits[:limit]]

    def set_webhook(self, bot_id: str, url: str, secret: str, allowed: Sequence[str]) -> None:
        """Send updates to a URL, or keep them until they are fetched."""
        sql = "INSERT OR REPLACE INTO telegram_webhooks VALUES (?, ?, ?, ?)"
        self._sandbox.store.run(sql, bot_id, url, secret, json.dumps(list(allowed)))

    def webhook_info(self, bot_id: str) -> JSONValue:
        """Return where updates go."""
        hook = self._hook(bot_id)
        sql = "SELECT count(*) AS n FROM telegram_updates WHERE bot_id = ?"
        waiting = int(self._sandbox.store.one(sql, bot_id)["n"])
        return {
            "url": "" if hook is None else hook["url"],
            "has_custom_certificate": False,
            "pending_update_count": waiting,
        }
