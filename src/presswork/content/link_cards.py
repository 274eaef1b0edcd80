"""Reading the card of a link while content comes in: what is missing is read from its page, and the picture is stored."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from presswork.content.intake import Intake, Scratch, UncommittedObjects, error_path
from presswork.core.errors import Invalid, Issue, IssueCode, MediaUnreachable, MediaUnsupported
from presswork.core.ids import new_id
from presswork.media.fetch import FetchLimits, fetch_page, fetch_to_file
from presswork.media.link_card import PICTURE, CardPicture, LinkCard, read_page
from presswork.media.links import preview_key
from presswork.media.model import MAX_IMAGE_BYTES
from presswork.safe_http.failure import FailureKind, GuardedFailure, URLRefused
from presswork.safe_http.guard import AddressGuard

_MAX_PAGE_BYTES: Final = 1024 * 1024
_LIMITS: Final = FetchLimits(total=timedelta(seconds=10))
"""For the page, and again for the picture."""
_REFUSED: Final = frozenset({FailureKind.REFUSED_URL, FailureKind.REFUSED_ADDRESS})
_FILE: Final = "link"


async def read_card(
    intake: Intake, objects: UncommittedObjects, card: LinkCard, scratch: Scratch, *, owner: UUID, container_id: UUID
) -> LinkCard:
    """Return a new card with what it does not have yet: title, description and picture, as they are on its page.

    `owner` is the organization. A page that can't be read leaves the bare link, and `unreadable` says why; so does a picture that
    only the page names. Raises Invalid for an address that is not public, MediaUnreachable and MediaUnsupported for a picture that
    was asked for, OrganizationSpaceFull, TempSpaceFull, Unavailable.
    """
    is_picture_chosen = card.image_url is not None
    card = await read_texts(intake, card, owner=owner)
    if card.image_url is None:
        return card
    unreadable = card.unreadable
    try:
        picture = await _store_picture(intake, objects, card.image_url, scratch, owner=owner, container_id=container_id)
    except (MediaUnreachable, MediaUnsupported) as error:
        if is_picture_chosen:
            _refuse_private(error, "link.imageUrl")
            with error_path("link.imageUrl"):
                raise
        picture, unreadable = None, f"Its picture: {_first_sentence(error)}"
    return replace(card, picture=picture, unreadable=unreadable)


async def read_texts(intake: Intake, card: LinkCard, *, owner: UUID) -> LinkCard:
    """Return a new card with what its page says, before its picture is fetched. Stores nothing; raises as `read_card`."""
    _check_url(card.url, "link.url", allow_private=intake.allow_private)
    if card.title and card.description and card.image_url is not None:
        return card
    try:
        page = await fetch_page(
            card.url, max_bytes=_MAX_PAGE_BYTES, limits=_LIMITS, allow_private=intake.allow_private, owner=owner
        )
    except MediaUnreachable as error:
        _refuse_private(error, "link.url")
        return replace(card, unreadable=_first_sentence(error))
    return card.filled(read_page(card.url, page))


async def _store_picture(
    intake: Intake, objects: UncommittedObjects, url: str, scratch: Scratch, *, owner: UUID, container_id: UUID
) -> CardPicture:
    """Fetch a picture and store it in the form that every platform takes. Raises MediaUnreachable, MediaUnsupported."""
    source, copy = scratch.folder / _FILE, scratch.folder / f"{_FILE}.jpg"
    await fetch_to_file(
        url,
        source,
        max_bytes=MAX_IMAGE_BYTES,
        before_write=scratch.room.grow,
        limits=_LIMITS,
        allow_private=intake.allow_private,
        owner=owner,
    )
    probe = await intake.media_pool.convert_image(source, copy, PICTURE)
    asset_id = new_id()
    key = preview_key(owner, container_id, f"{asset_id}-link")
    await objects.put(key, copy, probe.content_type.value)
    return CardPicture(asset_id=asset_id, object_key=key, probe=probe)


def _check_url(url: str, path: str, *, allow_private: bool) -> None:
    try:
        AddressGuard.for_setting(allow_private=allow_private).check_url(url)
    except URLRefused as error:
        raise _refuse(path, error.message) from error


def _refuse_private(error: MediaUnreachable | MediaUnsupported, path: str) -> None:
    """Raise Invalid where the reason is the address, and not what its server does."""
    reason = error.__cause__
    if isinstance(reason, GuardedFailure) and reason.kind in _REFUSED:
        raise _refuse(path, reason.message) from error


def _refuse(path: str, problem: str) -> Invalid:
    return Invalid([Issue.at(path, f"is refused. {problem}", IssueCode.URL_REFUSED)])


def _first_sentence(error: MediaUnreachable | MediaUnsupported) -> str:
    """Return what happened, without the advice for a media URL."""
    return f"{error.message.partition('. ')[0].rstrip('.')}."
