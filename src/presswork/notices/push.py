"""Push messages to browsers: the key of the installation, subscriptions, and encryption (RFC 8030, 8188, 8291 and 8292)."""

import base64
import binascii
import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from joserfc import jwt
from joserfc.jwk import ECKey

from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import new_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool, affected
from presswork.notices.model import MAX_SUBSCRIPTIONS
from presswork.notices.store import SQL
from presswork.safe_http.failure import URLRefused
from presswork.safe_http.guard import AddressGuard

TTL: Final = timedelta(days=1)
"""How long a push service keeps a message for a browser that is not running."""
MAX_PAYLOAD_BYTES: Final = 3000
"""Push services accept 4,096 bytes with the encryption (RFC 8030, section 7.2)."""
_TOKEN_LIFETIME: Final = timedelta(hours=12)
"""At most 24 hours (RFC 8292, section 2)."""
_RECORD_BYTES: Final = 4096
_CURVE: Final = ec.SECP256R1()
_AUTH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class PushKey:
    """The key pair by which push services know this installation (VAPID)."""

    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Return a new one."""
        return cls(ec.generate_private_key(_CURVE))

    @classmethod
    def load(cls, der: bytes) -> Self:
        """Parse what `dump` returned."""
        key = load_der_private_key(der, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the stored push key is no EC key")
        return cls(key)

    def dump(self) -> bytes:
        """Return the private key, to be sealed."""
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> str:
        """The public key as browsers take it: an uncompressed point in base64url."""
        return encode_base64url(_point_of(self._key.public_key()))

    def authorization(self, endpoint: str, *, subject: str, now: datetime) -> str:
        """Return the value of the header Authorization for a push service. `subject` says whom it may contact."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + _TOKEN_LIFETIME).timestamp()),
            "sub": subject,
        }
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, ECKey.import_key(pem))
        return f"vapid t={token}, k={self.public}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSubscription:
    """Where and how a browser gets messages. All of it is secret: who knows it can send."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    @classmethod
    def load(cls, plain: bytes) -> Self:
        """Parse what `dump` returned."""
        return cls(**json.loads(plain))

    def dump(self) -> bytes:
        """Return it as it is sealed."""
        return json.dumps({"endpoint": self.endpoint, "p256dh": self.p256dh, "auth": self.auth}).encode()

    def encrypt(
        self, payload: bytes, *, salt: bytes | None = None, sender: ec.EllipticCurvePrivateKey | None = None
    ) -> bytes:
        """Return the body of the message, which only the browser can read: one record of aes128gcm.

        Tests pass `salt` and `sender`. Raises ValueError for keys that are none.
        """
        salt = os.urandom(16) if salt is None else salt
        sender = ec.generate_private_key(_CURVE) if sender is None else sender
        point = decode_base64url(self.p256dh)
        own = _point_of(sender.public_key())
        shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))
        secret = _derive(shared, decode_base64url(self.auth), b"WebPush: info\x00" + point + own, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
        header = salt + _RECORD_BYTES.to_bytes(4, "big") + bytes([len(own)]) + own
        return header + AESGCM(key).encrypt(nonce, payload + b"\x02", None)


async def find_key(pool: Pool, keyring: Keyring, *, now: datetime) -> PushKey:
    """Return the installation's key, which is made when it is first asked for."""
    sealed = await pool.fetchval(SQL["find_push_key"])
    if sealed is None:
        await pool.execute(SQL["insert_push_key"], keyring.seal(PushKey.generate().dump()), now)
        sealed = await pool.fetchval(SQL["find_push_key"])
    return PushKey.load(keyring.open(sealed))


async def subscribe(
    connection: Connection,
    keyring: Keyring,
    user_id: UUID,
    subscription: BrowserSubscription,
    *,
    allow_private: bool,
    now: datetime,
) -> tuple[UUID, datetime]:
    """Store a person's browser, in the caller's transaction; return its id and when it was stored. Raises Invalid."""
    _require_valid(subscription, allow_private=allow_private)
    row = await connection.fetchrow(
        SQL["insert_subscription"],
        new_id(),
        user_id,
        _hash_endpoint(subscription.endpoint),
        keyring.seal(subscription.dump()),
        now,
    )
    if row is None:
        raise RuntimeError("insert_subscription returned no row")
    await connection.execute(SQL["drop_oldest_subscriptions"], user_id, MAX_SUBSCRIPTIONS)
    return row["id"], row["created_at"]


async def unsubscribe(connection: Connection, user_id: UUID, endpoint: str) -> bool:
    """Remove a person's browser, in the caller's transaction; return whether there was one."""
    found = await connection.fetchval(SQL["find_subscription"], user_id, _hash_endpoint(endpoint))
    return found is not None and affected(await connection.execute(SQL["delete_subscription_by_id"], found)) > 0


def payload_of(*, title: str, text: str, path: str, tag: str) -> bytes:
    """Return what a browser gets, as JSON. `tag` is the same where one notice is sent again, so it is shown once."""
    while True:
        payload = json.dumps(
            {"title": title, "text": text, "path": path, "tag": tag}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        if len(payload) <= MAX_PAYLOAD_BYTES:
            return payload
        text = text[: len(text) // 2]


def decode_base64url(text: str) -> bytes:
    """Return the bytes of a base64url text, with or without padding. Raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def encode_base64url(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _require_valid(subscription: BrowserSubscription, *, allow_private: bool) -> None:
    issues = []
    try:
        target = AddressGuard.for_setting(allow_private=allow_private).check_url(subscription.endpoint)
        if target.scheme != "https" and not allow_private:
            issues.append(
                Issue.at("endpoint", "is not an https URL. Send what the browser returned.", IssueCode.HTTPS_REQUIRED)
            )
    except URLRefused as error:
        issues.append(Issue.at("endpoint", f"is refused. {error.message}", IssueCode.URL_REFUSED))
    problem = "is not the key of a browser. Send what the browser's PushSubscription.toJSON() returns."
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode_base64url(subscription.p256dh))
    except (ValueError, binascii.Error):
        issues.append(Issue.at("keys.p256dh", problem, IssueCode.INVALID_FORMAT))
    try:
        is_long_enough = len(decode_base64url(subscription.auth)) == _AUTH_BYTES
    except (ValueError, binascii.Error):
        is_long_enough = False
    if not is_long_enough:
        issues.append(Issue.at("keys.auth", problem, IssueCode.INVALID_FORMAT))
    if issues:
        raise Invalid(issues)


def _hash_endpoint(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()


def _point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
