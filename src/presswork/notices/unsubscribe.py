"""Unsubscribe from one kind of e-mail, without a login, with the link that each e-mail has (RFC 8058)."""

import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor, ActorKind
from presswork.core.enums import Environment
from presswork.core.ids import NOTICE_CHANNEL, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.links.model import LinkUnknown
from presswork.notices.model import ChannelPause, ChannelStatus, NoticeType, default_preference
from presswork.notices.push import decode_base64url, encode_base64url
from presswork.notices.store import SQL
from presswork.people.model import Role

_PURPOSE: Final = "unsubscribe links"
_MAC_BYTES: Final = 16
_ID_BYTES: Final = 16


class Audience(StrEnum):
    """Who gets an e-mail."""

    USER = "u"
    CHANNEL = "c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscription:
    """One kind of e-mail to one person or channel. Its token changes nothing else, and does not expire."""

    audience: Audience
    id: UUID
    event: NoticeType

    def token(self, keyring: Keyring) -> str:
        """Return the token of the link. It is signed, so nothing is stored for it."""
        plain = self.audience.value.encode() + self.id.bytes + self.event.value.encode()
        return encode_base64url(plain + _sign(keyring.derived(_PURPOSE)[0], plain))

    @classmethod
    def of_token(cls, token: str, keyring: Keyring) -> Self:
        """Parse a token. Raises LinkUnknown for one that was not signed here."""
        try:
            signed = decode_base64url(token)
        except (ValueError, binascii.Error) as error:
            raise LinkUnknown from error
        plain, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
        if not any(hmac.compare_digest(_sign(key, plain), mac) for key in keyring.derived(_PURPOSE)):
            raise LinkUnknown
        try:
            return cls(
                audience=Audience(plain[:1].decode()),
                id=UUID(bytes=plain[1 : 1 + _ID_BYTES]),
                event=NoticeType(plain[1 + _ID_BYTES :].decode()),
            )
        except ValueError as error:
            raise LinkUnknown from error


def _sign(key: bytes, plain: bytes) -> bytes:
    return hmac.digest(key, plain, sha256)[:_MAC_BYTES]


async def find_address(connection: Connection | Pool, unsubscription: Unsubscription) -> str:
    """Return the address that the e-mails go to. Raises LinkUnknown if the person or the channel is no more."""
    statement = "find_role" if unsubscription.audience is Audience.USER else "find_channel_by_id"
    row = await connection.fetchrow(SQL[statement], unsubscription.id)
    if row is None:
        raise LinkUnknown
    return str(row["email"] if unsubscription.audience is Audience.USER else row["shown_target"])


async def unsubscribe(
    connection: Connection, unsubscription: Unsubscription, *, request_id: str | None, now: datetime
) -> None:
    """Send no more e-mails of one kind, in the caller's transaction. Doing so again changes nothing. Raises LinkUnknown."""
    await find_address(connection, unsubscription)
    if unsubscription.audience is Audience.USER:
        await _unsubscribe_user(connection, unsubscription)
    else:
        await _unsubscribe_channel(connection, unsubscription, request_id=request_id, now=now)
    await connection.execute(SQL["delete_deliveries_of_type"], unsubscription.id, unsubscription.event.value)


async def _unsubscribe_user(connection: Connection, unsubscription: Unsubscription) -> None:
    row = await connection.fetchrow(SQL["find_role"], unsubscription.id)
    role = Role.VIEWER if row is None else Role(row["role"])
    default = default_preference(unsubscription.event, role)
    await connection.execute(
        SQL["unsubscribe_user"], unsubscription.id, unsubscription.event.value, default.in_app, default.push
    )


async def _unsubscribe_channel(
    connection: Connection, unsubscription: Unsubscription, *, request_id: str | None, now: datetime
) -> None:
    row = await connection.fetchrow(
        SQL["unsubscribe_channel"],
        unsubscription.id,
        unsubscription.event.value,
        ChannelStatus.PAUSED.value,
        ChannelPause.UNSUBSCRIBED.value,
        now,
    )
    if row is None:
        return  # it was unsubscribed before
    detail: dict[str, JsonValue] = {"event": unsubscription.event.value}
    await record(
        connection,
        Action.CHANNEL_UPDATE,
        public_id(NOTICE_CHANNEL, unsubscription.id),
        by=Actor(kind=ActorKind.WORKER, request_id=request_id),
        organization_id=row["organization_id"],
        environment=Environment(row["environment"]),
        now=now,
        detail=detail,
    )
