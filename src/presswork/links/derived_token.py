"""Tokens that are computed from the secret keys, for links whose URL is written into a stored event.

The event names the link and the secret key. The token is computed when the event is sent, so no table has it, and a reader of
the database can't open the page. When that key has been removed, an old event has no URL any more; the link still works.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final
from uuid import UUID

from presswork.core.enums import LinkKind
from presswork.core.ids import LINK_PREFIXES, parse_id, public_id
from presswork.crypto.keyring import Keyring
from presswork.links.model import page_path

_PURPOSE: Final = "tokens of links in events"
_KIND: Final = LinkKind.REVIEW


def derived_token(keyring: Keyring, link_id: UUID) -> tuple[str, str]:
    """Return the token of a link, and what is stored to compute it again: `rvl_<uuid>:<id of the secret key>`."""
    key_id = keyring.primary
    (key, *_) = keyring.derived(_PURPOSE)
    return _token(key, link_id), f"{public_id(LINK_PREFIXES[_KIND], link_id)}:{key_id}"


def url_of_derived(keyring: Keyring, stored: str, public_url: str) -> str | None:
    """Return the URL of the page; None if the secret key is gone, or the text is not of this version."""
    link, _, key_id = stored.partition(":")
    keys = dict(zip(_order_keys(keyring), keyring.derived(_PURPOSE), strict=True))
    try:
        link_id = parse_id(LINK_PREFIXES[_KIND], link)
    except ValueError:
        return None
    if key_id not in keys:
        return None
    return f"{public_url.rstrip('/')}{page_path(_KIND, _token(keys[key_id], link_id))}"


def _order_keys(keyring: Keyring) -> list[str]:
    """Return the ids of the secret keys in the order of derived keys: the primary first."""
    primary = keyring.primary
    return sorted(keyring.fingerprints(), key=lambda key_id: key_id != primary)


def _token(key: bytes, link_id: UUID) -> str:
    return urlsafe_b64encode(hmac.new(key, link_id.bytes, hashlib.sha256).digest()).rstrip(b"=").decode("ascii")
