"""Containers: created, processed in the background, polled, and expired after 24 hours.

Source: Meta, "Threads API: Publishing" and "Troubleshooting", read 2026-11. Pictures are fetched while the call waits;
videos afterwards, and what is wrong with them is in `error_message`. Text takes its time too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import Fault
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.instagram.options import list_of
from presswork_sandbox.instagram.stored_container import StoredContainer, container_id
from presswork_sandbox.instagram.validation import check_url
from presswork_sandbox.media import Asset
from presswork_sandbox.threads.errors import GEO_NOT_AVAILABLE, invalid_children, media_not_found
from presswork_sandbox.threads.media_rules import fetch_picture, fetch_video
from presswork_sandbox.threads.options import media_type_of, read_options
from presswork_sandbox.threads.published import Published
from presswork_sandbox.wire import JSONValue, flag_of, text_of

CONTAINER_IDS: Final = 17_880_000_000_000_000
# A container is finished at this many status calls, or this long after its media was there, whichever comes first.
POLLS: Final = {"TEXT": 1, "IMAGE": 1, "CAROUSEL": 1, "VIDEO": 2}
SECONDS: Final = {"TEXT": 1.0, "IMAGE": 1.0, "CAROUSEL": 1.0, "VIDEO": 3.0}
FIELDS: Final = frozenset({"id", "status", "error_message"})
DEFAULT_ERROR: Final = "UNKNOWN"  # of a media_error fault that names none
REPLY_DELAY: Final = "replyDelaySeconds"
"""The setting of an account: how long after it went live nothing can be replied to a post or reply."""
GEO_GATING: Final = "geoGating"
"""The setting of an account: false means that its posts can't be limited to countries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(StoredContainer):
    """One container of Threads."""

    error_message: str | None

    @property
    def text(self) -> str:
        """What the post will say."""
        return text_of(self.params.get("text"))


class Containers:
    """Create containers, fetch their videos and report their status."""

    def __init__(self, sandbox: Sandbox, published: Published) -> None:
        self._sandbox = sandbox
        self._published = published
        sandbox.on_first_request.append(self._resume)

    def find(self, text: str) -> Container | None:
        """Find a container by its id as a client writes it."""
        if (number := container_id(text)) is None:
            return None
        row = self._sandbox.store.first("SELECT * FROM threads_containers WHERE id = ?", number)
        return None if row is None else Container.of_row(row)

    def of_account(self, account: Account, text: str) -> Container | None:
        """Find a container of this account."""
        container = self.find(text)
        return container if container is not None and container.account_id == account.id else None

    def parts(self, container: Container) -> Sequence[Container]:
        """Return the containers whose media a post has: the children in their order, or else itself."""
        found = [self.find(str(child)) for child in container.children]
        return [child for child in found if child is not None] or [container]

    def status(self, container: Container) -> str:
        """Return IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED."""
        return container.status(self._sandbox, POLLS, SECONDS)

    async def create(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Container:
        """Make a container. Raises GraphRefusal with the code pair of the first thing that is wrong."""
        sandbox = self._sandbox
        kind = media_type_of(params)
        read = read_options(kind, params)
        self._check_links_to_posts(account, read)
        children = [int(child) for child in list_of(read.get("children"))]
        self._check_children(account, children)
        asset: Asset | None = None
        source: str | None = None
        if kind == "IMAGE":
            asset = await fetch_picture(sandbox.media_store, text_of(read["image_url"]))
        elif kind == "VIDEO":
            source = check_url(text_of(read["video_url"]))
        now = sandbox.clock.now()
        held = call.job_fault if call.job_fault is not None and call.job_fault.kind == "stuck_processing" else None
        with sandbox.store.transaction():
            number = CONTAINER_IDS + sandbox.store.next_number("threads_container") * 10_007
            sandbox.store.insert(
                "threads_containers",
                id=number,
                account_id=account.id,
                media_type=kind,
                is_child=flag_of(read.get("is_carousel_item")),
                params=json.dumps(read),
                children=json.dumps(children),
                source_url=source,
                asset_id=None if asset is None else asset.id,
                state="ready" if source is None else "fetching",
                created_at=now,
                ready_at=now if source is None else None,
                fault_id=None if held is None else held.id,
            )
            if call.job_fault is not None and held is None:
                self._apply_fault(number, call.job_fault)
        if source is not None:
            self._fetch(number)
        return Container.of_row(sandbox.store.one("SELECT * FROM threads_containers WHERE id = ?", number))

    def _check_links_to_posts(self, account: Account, params: Mapping[str, JSONValue]) -> None:
        if params.get("allowlisted_country_codes") and account.settings.get(GEO_GATING) is False:
            raise GraphRefusal(GEO_NOT_AVAILABLE)
        quoted, replied_to = text_of(params.get("quote_post_id")), text_of(params.get("reply_to_id"))
        if quoted and self._published.find(quoted) is None:
            raise GraphRefusal(media_not_found(quoted))
        # The id of a container is none of a post. The real API has been seen to make an orphan of such a reply instead.
        target = self._published.find(replied_to)
        delay = account.settings.get(REPLY_DELAY)
        answerable_at = 0.0 if target is None else target.created_at + (delay if isinstance(delay, int) else 0)
        if replied_to and (target is None or self._sandbox.clock.now() < answerable_at):
            raise GraphRefusal(media_not_found(replied_to))

    def _check_children(self, account: Account, children: Sequence[int]) -> None:
        """Raise GraphRefusal unless all are finished items of this account: pictures that are not finished fail, too."""
        found = {child: self.of_account(account, str(child)) for child in children}
        invalid = [
            str(child)
            for child, container in found.items()
            if container is None or not container.is_child or self.status(container) != "FINISHED"
        ]
        if invalid:
            raise GraphRefusal(invalid_children(invalid))

    def _resume(self) -> None:
        for row in self._sandbox.store.all("SELECT id FROM threads_containers WHERE state = 'fetching' ORDER BY id"):
            self._fetch(row["id"])

    def _fetch(self, number: int) -> None:
        self._sandbox.start_task(f"container {number} of Threads", self._fetch_video(number))

    async def _fetch_video(self, number: int) -> None:
        container = self.find(str(number))
        if container is None or container.source_url is None:
            return
        asset_id, problem = await fetch_video(self._sandbox.media_store, container.source_url)
        if problem is not None:
            self._fail(number, problem)
            return
        self._sandbox.store.run(
            "UPDATE threads_containers SET state = 'ready', ready_at = ?, asset_id = ?"
            " WHERE id = ? AND state = 'fetching'",
            self._sandbox.clock.now(),
            asset_id,
            number,
        )

    def _fail(self, number: int, message: str) -> None:
        self._sandbox.store.run(
            "UPDATE threads_containers SET state = 'error', error_message = ?"
            " WHERE id = ? AND state IN ('fetching', 'ready')",
            message,
            number,
        )

    def _apply_fault(self, number: int, fault: Fault) -> None:
        """Let a media_error fault end a container's processing with the error_message that it names."""
        self._fail(number, text_of(fault.value.get("message")) or text_of(fault.value.get("code")) or DEFAULT_ERROR)

    def poll(self, call: Call, container: Container) -> Mapping[str, JSONValue]:
        """Count one status call and return the container's fields."""
        store = self._sandbox.store
        with store.transaction():
            store.run("UPDATE threads_containers SET polls = polls + 1 WHERE id = ?", container.id)
            if call.job_fault is not None and call.job_fault.kind == "stuck_processing":
                store.run("UPDATE threads_containers SET fault_id = ? WHERE id = ?", call.job_fault.id, container.id)
            elif call.job_fault is not None:
                self._apply_fault(container.id, call.job_fault)
            container = Container.of_row(store.one("SELECT * FROM threads_containers WHERE id = ?", container.id))
        status = self.status(container)
        fields: dict[str, JSONValue] = {"status": status, "id": str(container.id)}
        return fields | ({"error_message": container.error_message} if status == "ERROR" else {})
