"""Who an account is: its handle as a domain, its DID document, and the key that signs for it."""

from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from presswork_sandbox.accounts import Account, BadHandle, clean_handle
from presswork_sandbox.bluesky.errors import XRPCError
from presswork_sandbox.bluesky.facts import ENTRYWAY, FACTS
from presswork_sandbox.bluesky.identifiers import multikey_of
from presswork_sandbox.core import Sandbox
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue, text_of

SECP256K1_CODEC: Final = 0xE701  # multicodec of a compressed secp256k1 key, as a varint
_SCALARS: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364140  # of secp256k1, without zero
_STATUS_ERRORS: Final = {
    "takendown": ("AccountTakedown", "Account has been taken down"),
    "deactivated": ("AccountDeactivated", "Account is deactivated"),
}
"""Values of the account setting `accountStatus`, and the error of every call."""


def full_handle(account: Account) -> str:
    """Return a handle as Bluesky has them, a domain: a short one of this sandbox is below bsky.social."""
    return account.handle if "." in account.handle else f"{account.handle}.{ENTRYWAY}"


def find_account(sandbox: Sandbox, identifier: str) -> Account | None:
    """Return the account of a handle, with or without `.bsky.social`, or of a DID."""
    if identifier.startswith("did:"):
        sql = "SELECT id FROM accounts WHERE platform = ? AND user_id = ?"
        row = sandbox.store.first(sql, FACTS.name, identifier)
        return None if row is None else sandbox.accounts.by_id(row["id"])
    try:
        handle = clean_handle(identifier)
    except BadHandle:
        return None
    short = handle.lower().removesuffix(f".{ENTRYWAY}")
    found = sandbox.accounts.by_handle(FACTS.name, handle)
    return found or (sandbox.accounts.by_handle(FACTS.name, short) if short and "." not in short else None)


def status_of(account: Account) -> str | None:
    """Return what is wrong with an account, `takendown` or `deactivated`, or None."""
    status = text_of(account.settings.get("accountStatus"))
    return status if status in _STATUS_ERRORS else None


def require_active(account: Account) -> None:
    """Raise XRPCError for an account that was taken down or deactivated."""
    status = status_of(account)
    if status is not None:
        name, message = _STATUS_ERRORS[status]
        raise XRPCError(name, message)


def require_visible(account: Account) -> None:
    """Raise XRPCError as the AppView does for an account that was taken down or deactivated: with HTTP 400."""
    status = status_of(account)
    if status is not None:
        name, message = _STATUS_ERRORS[status]
        raise XRPCError(name, message, 400)


def signing_key(store: Store, account: Account) -> ec.EllipticCurvePrivateKey:
    """Return the account's signing key, which its server keeps for it: the same one for the same seed."""
    number = int.from_bytes(store.secret("bluesky signing key", account.id, 64).encode()[:40])
    return ec.derive_private_key(number % _SCALARS + 1, ec.SECP256K1())


def did_document(store: Store, account: Account, pds_url: str) -> Mapping[str, JSONValue]:
    """Return the DID document of an account, whose server is at `pds_url`."""
    point = signing_key(store, account).public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/suites/secp256k1-2019/v1",
        ],
        "id": account.user_id,
        "alsoKnownAs": [f"at://{full_handle(account)}"],
        "verificationMethod": [
            {
                "id": f"{account.user_id}#atproto",
                "type": "Multikey",
                "controller": account.user_id,
                "publicKeyMultibase": multikey_of(SECP256K1_CODEC, point),
            }
        ],
        "service": [
            {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds_url},
        ],
    }
