"""Notices in the formats of chat services and of e-mail. Pure.

Limits: Slack, "Block Kit" and "Incoming webhooks" (header 150 characters, section 3,000); Microsoft, "Create incoming webhooks
with Workflows" (Adaptive Card in an attachment, 28 KB); Discord, "Webhook" and "Embed" (title 256, description 4,096).
Read 2026-12.
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

import jinja2

from presswork.core.ids import NOTICE, public_id
from presswork.notices.model import ChannelKind, Notice

_MARKDOWN: Final = re.compile(r"([\\*_~`|\[\]()#>-])")
_OPEN: Final = "Open in Presswork"
_COLOR: Final = 0x2B6CB0
_CARD_VERSION: Final = "1.4"
"""The latest version that Teams shows on phones too."""


def chat_body(kind: ChannelKind, notice: Notice, *, base_url: str) -> bytes:
    """Return the body of a POST to the incoming webhook of a chat service. Raises ValueError for e-mail."""
    if kind is ChannelKind.EMAIL:
        raise ValueError("an e-mail is no POST")
    write = {ChannelKind.SLACK: _write_slack, ChannelKind.TEAMS: _write_teams, ChannelKind.DISCORD: _write_discord}[
        kind
    ]
    return json.dumps(write(notice, notice.url(base_url)), ensure_ascii=False).encode()


def _write_slack(notice: Notice, url: str) -> dict[str, object]:
    """Return Block Kit. In mrkdwn, `&`, `<` and `>` are escaped, so a text can mention no channel and no person."""
    escaped = html.escape(notice.text, quote=False)
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": notice.headline, "emoji": False}}
    ]
    if escaped:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": escaped, "verbatim": True}})
    button = {"type": "button", "text": {"type": "plain_text", "text": _OPEN}, "url": url}
    blocks.append({"type": "actions", "elements": [button]})
    return {"text": html.escape(notice.headline, quote=False), "blocks": blocks, "unfurl_links": False}


def _write_teams(notice: Notice, url: str) -> dict[str, object]:
    """Return an Adaptive Card. Its texts are Markdown, so what people wrote is escaped."""
    lines = [
        {"type": "TextBlock", "text": _escape(notice.headline), "weight": "Bolder", "size": "Medium", "wrap": True}
    ]
    lines += [{"type": "TextBlock", "text": _escape(line), "wrap": True} for line in notice.text.split("\n") if line]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": _CARD_VERSION,
        "body": lines,
        "actions": [{"type": "Action.OpenUrl", "title": _OPEN, "url": url}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _write_discord(notice: Notice, url: str) -> dict[str, object]:
    """Return an embed that mentions no one."""
    embed = {
        "title": _escape(notice.headline)[:256],
        "description": _escape(notice.text),
        "url": url,
        "color": _COLOR,
        "timestamp": notice.at.isoformat(),
    }
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _escape(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An e-mail about some notices of one kind: one, or those of ten minutes."""

    sender: str
    recipient: str
    notices: Sequence[Notice]
    base_url: str
    unsubscribe_url: str
    message_domain: str

    def message(self) -> EmailMessage:
        """Return it as text and HTML. Raises ValueError if an address can't be in a header.

        The Message-ID is the same whenever the same e-mail is sent, so that a mail program shows one of two.
        """
        first = self.notices[0]
        message = EmailMessage()
        message["From"], message["To"] = self.sender, self.recipient
        message["Subject"] = self._subject()
        message["Date"] = format_datetime(self.notices[-1].at)
        mark = sha256(self.recipient.encode()).hexdigest()[:12]
        message["Message-ID"] = f"<{public_id(NOTICE, first.id)}.{mark}@{self.message_domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{self.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        values = {
            "items": [(notice, notice.url(self.base_url)) for notice in self.notices],
            "subject": self._subject(),
            "unsubscribe_url": self.unsubscribe_url,
        }
        message.set_content(_template("mail.txt").render(values))
        message.add_alternative(_template("mail.html").render(values), subtype="html")
        return message

    def _subject(self) -> str:
        first = self.notices[0]
        return first.headline if len(self.notices) == 1 else f"{first.headline}, and {len(self.notices) - 1} more"


@lru_cache(maxsize=2)
def _template(name: str) -> jinja2.Template:
    loader = jinja2.PackageLoader("presswork.notices")
    environment = jinja2.Environment(
        loader=loader, autoescape=name.endswith(".html"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(name)
