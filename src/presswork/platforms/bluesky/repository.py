"""An account's repository: which server has it, by its DID document, and records of it that exist once at most, whatever response is lost.

A DID document belongs to the account's owner, and may name any URL: servers that the operator's settings do not name are
called through the guard (`Api.call`).
A record's key is chosen before the call, so repeating a call writes nothing new: the server compares the record that is there
with the one in the call, and an equal one is a success without a change. `swapRecord: null` demands that no other record is
there; another one answers InvalidSwap. Reading a record by its key is certain at once, and needs no access.
Several records are written by one applyWrites, all or none (200 at most): a thread of posts is live as a whole, or not at all.
A PDS counts points: 5,000 an hour and 35,000 a day, of which putRecord takes two, and each record that applyWrites creates three. Presswork keeps to the first by counting
posts of at most four records each (the post, its reply and quote control, the first comment), and leaves room for what the
person writes in the app; where a server still refuses a call, its headers say how long to wait.
Sources: atproto.com, "DID" and "Handle"; bluesky-social/atproto, packages/pds (putRecord, getRecord); docs.bsky.app, "Rate Limits";
read 2026-11.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import JsonObject
from presswork.platforms.bluesky.api import Api, Response, refusal
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.record import POST, Record
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.json_values import items_of, text_of
from presswork.platforms.port import Credentials, Limit

STEP: Final = "did_document"
_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,240}", re.ASCII)
_HANDLE: Final = re.compile(
    r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_PDS_TYPE: Final = "AtprotoPersonalDataServer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an account's DID document says."""

    did: str
    pds: str
    handle: str | None
    """As the document claims; whether the handle leads back to the account is another question."""


def is_did(text: str) -> bool:
    """Whether a text has the form of a DID."""
    return _DID.fullmatch(text) is not None


async def read_identity(api: Api, did: str) -> Identity:
    """Fetch an account's DID document. Raises Rejected, TryLater."""
    url = api.endpoints.document_of(did) if is_did(did) else None
    if url is None:
        raise unusable_account(f"its identity {did} is of a kind that Bluesky does not use")
    response = await api.get(url, step=STEP)
    if response.text("id") != did:
        raise unusable_account("its DID document belongs to another account")
    pds = _find_server(response)
    if pds is None or not api.endpoints.accepts_server(pds):
        raise unusable_account("its DID document names no server that can be called")
    return Identity(did=did, pds=pds.rstrip("/"), handle=_read_claimed_handle(response))


async def verified_handle(api: Api, identity: Identity) -> str:
    """Return the account's handle if it leads back to the account, else the DID: a document can claim any handle."""
    if identity.handle is None:
        return identity.did
    try:
        return identity.handle if await resolve_handle(api, identity.handle) == identity.did else identity.did
    except PlatformError:
        return identity.did


async def resolve_handle(api: Api, handle: str) -> str | None:
    """Return the DID that a handle leads to, None where it leads to none. Raises TryLater, Rejected."""
    url = f"{api.endpoints.entryway}/xrpc/com.atproto.identity.resolveHandle"
    try:
        did = (await api.get(url, step="resolve_handle", params={"handle": handle})).text("did")
    except Rejected:
        return None
    return did if did is not None and is_did(did) else None


def _find_server(response: Response) -> str | None:
    """Return the URL of the PDS in a DID document."""
    for service in items_of(response.body or {}, "service"):
        is_pds = str(service.get("id", "")).endswith("#atproto_pds") and service.get("type", _PDS_TYPE) == _PDS_TYPE
        if is_pds and (url := text_of(service.get("serviceEndpoint"))) is not None:
            return url
    return None


def _read_claimed_handle(response: Response) -> str | None:
    names = (response.body or {}).get("alsoKnownAs")
    for name in names if isinstance(names, list) else []:
        if isinstance(name, str) and name.startswith("at://"):
            handle = name.removeprefix("at://").lower()
            return handle if _HANDLE.fullmatch(handle) else None
    return None


def unusable_account(why: str) -> Rejected:
    """Return the error for an account whose documents are of no use."""
    return Rejected(
        f"The Bluesky account can't be used: {why}.",
        advice="Check the account's server, then connect the account again.",
        step=STEP,
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    )


PUT: Final = "put_record"
GET: Final = "get_record"
_MISSING: Final = "RecordNotFound"
POINTS_AN_HOUR: Final = 5000
POINTS_OF_A_PUT: Final = 2
RECORDS_OF_A_POST: Final = 4
_SHARE: Final = 0.8
"""The part of the points that Presswork uses."""

POSTS: Final = Limit(
    call="put_record",
    max_calls=int(POINTS_AN_HOUR * _SHARE) // (POINTS_OF_A_PUT * RECORDS_OF_A_POST),
    window=timedelta(hours=1, seconds=4),
    late_by=timedelta(minutes=2),
    sentence="Bluesky lets an account write a limited number of records an hour, and other posts of this account come first.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record that exists."""

    cid: str | None
    value: JsonObject

    def is_same(self, record: JsonObject) -> bool:
        """Whether it is the record that Presswork wrote at the key that it chose. Its instant is enough: a server may normalize
        the rest, its text is read without control characters, and may be that of an earlier attempt.
        """
        return self.value.get("createdAt") == record.get("createdAt")


async def put_record(
    api: Api, account: Credentials, *, did: str, collection: str, rkey: str, record: JsonValue, step: str = PUT
) -> Response:
    """Write a record where none is. Raises CallFailed, CredentialInvalid, TryLater as `Api.send`."""
    return await swap_record(
        api, account, did=did, collection=collection, rkey=rkey, record=record, swap=None, step=step
    )


async def swap_record(
    api: Api,
    account: Credentials,
    *,
    did: str,
    collection: str,
    rkey: str,
    record: JsonValue,
    swap: str | None,
    step: str,
) -> Response:
    """Write a record in place of the one with the CID `swap`, or where none is. Raises as `put_record`."""
    body: Record = {
        "repo": did,
        "collection": collection,
        "rkey": rkey,
        "validate": True,
        "swapRecord": swap,
        "record": record,
    }
    response, _ = await api.send(account, "POST", "com.atproto.repo.putRecord", step=step, json=body)
    return response


APPLY: Final = "apply_writes"
POINTS_OF_A_CREATE: Final = 3


def count_as_posts(parts: int) -> int:
    """Return how many posts of POSTS have the points of a thread with so many parts, its reply and quote control, and a comment."""
    points = parts * POINTS_OF_A_CREATE + (RECORDS_OF_A_POST - 1) * POINTS_OF_A_PUT
    return -(-points // (POINTS_OF_A_PUT * RECORDS_OF_A_POST))


async def create_records(
    api: Api, account: Credentials, *, did: str, collection: str, records: Sequence[tuple[str, JsonValue]]
) -> Response:
    """Write records by their keys, all or none; none where one of the keys is taken. Raises as `put_record`."""
    writes: list[JsonValue] = [
        {
            "$type": "com.atproto.repo.applyWrites#create",
            "collection": collection,
            "rkey": rkey,
            "value": record,
        }
        for rkey, record in records
    ]
    body: Record = {"repo": did, "validate": True, "writes": writes}
    response, _ = await api.send(account, "POST", "com.atproto.repo.applyWrites", step=APPLY, json=body)
    return response


DELETE: Final = "delete_record"


async def delete_record(api: Api, account: Credentials, *, did: str, collection: str, rkey: str) -> None:
    """Delete a record; one that does not exist is a success, too. Raises Rejected, CredentialInvalid, TryLater."""
    body: Record = {"repo": did, "collection": collection, "rkey": rkey}
    await api.send_repeatable(account, "POST", "com.atproto.repo.deleteRecord", step=DELETE, json=body)


async def get_record(api: Api, *, did: str, pds: str, rkey: str, collection: str = POST) -> Stored | None:
    """Fetch a record, that of a post or of another collection, or None if it certainly does not exist. Raises TryLater, and Rejected where the account can't be read.

    `pds` is the server that had the account last. Unless it has the record, the DID document is asked which one has the
    account now: a server answers for accounts of others from a copy that lags behind.
    """
    response = await _read_record(api, did=did, pds=pds, rkey=rkey, collection=collection)
    if not response.is_ok and (moved_to := await _find_other_server(api, did, pds)) is not None:
        response = await _read_record(api, did=did, pds=moved_to, rkey=rkey, collection=collection)
    if response.error == _MISSING or (
        response.status in (400, 404) and "could not locate record" in response.message.lower()
    ):
        return None
    if response.is_ok and response.text("uri") is not None:
        return Stored(cid=response.text("cid"), value=response.object("value"))
    if response.is_ok:
        raise TryLater("Bluesky's response names no record.", step=GET)
    error = refusal(response, step=GET)
    if isinstance(error, TryLater | Rejected):
        raise error
    raise TryLater(error.what, advice=error.advice, step=GET, **error.reported)


async def _find_other_server(api: Api, did: str, pds: str) -> str | None:
    """Return the server that has the account now, where it is another one than `pds`, and that can be found out."""
    try:
        found = (await read_identity(api, did)).pds
    except PlatformError:
        return None
    return None if found == pds else found


async def _read_record(api: Api, *, did: str, pds: str, rkey: str, collection: str) -> Response:
    with BLUESKY.lost(step=GET):
        return await api.call(
            "GET",
            f"{pds}/xrpc/com.atproto.repo.getRecord",
            step=GET,
            params={"repo": did, "collection": collection, "rkey": rkey},
        )
