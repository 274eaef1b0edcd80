"""Containers: created, processed in the background, polled, and expired after 24 hours.

Source: Meta, "IG User Media" and "IG Container", read 2026-11. Pictures are fetched while the call waits, so that
what is wrong with them is said at once; videos are fetched afterwards, and what is wrong with them is in `status`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.uploads import UploadTarget
from presswork_sandbox.faults import Fault
from presswork_sandbox.instagram.errors import (
    CHILD_NOT_READY,
    CONTAINER_LIMIT,
    FETCH_TIMED_OUT,
    IMAGE_FORMAT,
    IMAGE_TOO_LARGE,
    INVALID_PARAMETER,
    NOT_FETCHED,
    GraphRefusal,
    not_fetched,
)
from presswork_sandbox.instagram.login import Login
from presswork_sandbox.instagram.options import read_options, thumb_offset_of
from presswork_sandbox.instagram.stored_container import StoredContainer, container_id
from presswork_sandbox.instagram.validation import (
    IMAGE_BYTES,
    STORY_VIDEO_BYTES,
    VIDEO_BYTES,
    check_children,
    check_combination,
    check_image,
    check_texts,
    check_url,
    media_type_of,
    video_subcode,
)
from presswork_sandbox.media import Asset, FetchFailed, FetchTimedOut, MediaTooLarge
from presswork_sandbox.media_info import NotMedia, TooManyPixels
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, json_reply, text_of

UPLOAD_HOST: Final = "rupload.facebook.com"
DEFAULT_VERSION: Final = "v25.0"
VERSION_IN_PATH: Final = re.compile(r"/+(v\d+\.\d+)/")
CONTAINER_IDS: Final = 17_889_000_000_000_000
CONTAINERS_PER_DAY: Final = 400
# A container is finished at this many status calls, or this long after its media was there, whichever comes first.
POLLS: Final = {"IMAGE": 1, "CAROUSEL": 1, "STORIES": 1, "REELS": 2, "VIDEO": 2}
SECONDS: Final = {"IMAGE": 1.0, "CAROUSEL": 1.0, "STORIES": 1.0, "REELS": 3.0, "VIDEO": 3.0}
CRAWLER: Final = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
SENTENCES: Final = {
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "IN_PROGRESS": "In Progress: Media is still being processed.",
    "PUBLISHED": "Published: Media has been successfully published.",
    "EXPIRED": "Expired: Media was not published within 24 hours and the container has expired.",
}
CONTAINER_FIELDS: Final = frozenset({"id", "status", "status_code", "copyright_check_status", "video_status"})
TRIAL_SUBCODE: Final = 2207081  # not documented; seen where an account can't have trial reels
DEFAULT_SUBCODE: Final = 2207026  # of a media_error fault that names none


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(StoredContainer):
    """One container of Instagram."""

    caption: str
    error_subcode: int | None


class Containers:
    """Create containers, fetch their videos and report their status."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        sandbox.on_first_request.append(self._resume)

    def find(self, text: str) -> Container | None:
        """Find a container by its id as a client writes it."""
        if (number := container_id(text)) is None:
            return None
        row = self._sandbox.store.first("SELECT * FROM containers WHERE id = ?", number)
        return None if row is None else Container.of_row(row)

    def of_account(self, account: Account, text: str) -> Container | None:
        """Find a container of this account."""
        container = self.find(text)
        return container if container is not None and container.account_id == account.id else None

    def target(self, text: str) -> UploadTarget | None:
        """Find a container that a video may be uploaded to."""
        container = self.find(text)
        if container is None:
            return None
        return UploadTarget(
            number=container.id,
            account_id=container.account_id,
            fault_id=container.fault_id,
            is_open=container.state == "uploading" and self.status_code(container) == "IN_PROGRESS",
            limit_bytes=STORY_VIDEO_BYTES if container.media_type == "STORIES" else VIDEO_BYTES,
        )

    def status_code(self, container: Container) -> str:
        """Return IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED."""
        return container.status(self._sandbox, POLLS, SECONDS)

    async def create(self, call: Call, account: Account, params: Mapping[str, JSONValue], login: Login) -> Reply:
        """POST /{ig-id}/media. Raises GraphRefusal with the code pair of the first thing that is wrong."""
        sandbox = self._sandbox
        kind = media_type_of(params)
        uploads = check_combination(kind, params, resumable=login.is_resumable)
        caption = check_texts(params)
        since = sandbox.clock.now() - DAY
        sql = "SELECT count(*) AS n FROM containers WHERE account_id = ? AND created_at > ?"
        if int(sandbox.store.one(sql, account.id, since)["n"]) >= CONTAINERS_PER_DAY:
            raise GraphRefusal(CONTAINER_LIMIT)
        params = read_options(kind, params, login, is_item=flag_of(params.get("is_carousel_item")))
        children: list[int] = []
        asset: Asset | None = None
        source: str | None = None
        if kind == "CAROUSEL":
            children = check_children(params.get("children"))
            self._check_owned(account, children)
        elif uploads:
            pass  # its bytes come to the upload host
        elif kind == "IMAGE" or (kind == "STORIES" and params.get("image_url")):
            asset = await self._picture(text_of(params["image_url"]), any_ratio=kind == "STORIES")
        else:
            source = check_url(text_of(params["video_url"]))
        cover = await self._picture(text_of(params["cover_url"]), any_ratio=True) if params.get("cover_url") else None
        now = sandbox.clock.now()
        held = call.job_fault if call.job_fault is not None and call.job_fault.kind == "stuck_processing" else None
        with sandbox.store.transaction():
            number = CONTAINER_IDS + sandbox.store.next_number("container") * 10_007
            sandbox.store.insert(
                "containers",
                id=number,
                account_id=account.id,
                media_type=kind,
                is_child=flag_of(params.get("is_carousel_item")),
                params=json.dumps(params),
                caption=caption if kind != "STORIES" else "",
                children=json.dumps(children),
                source_url=source,
                asset_id=None if asset is None else asset.id,
                state="uploading" if uploads else "ready" if source is None else "fetching",
                error_subcode=None,
                created_at=now,
                ready_at=now if source is None and not uploads else None,
                fault_id=None if held is None else held.id,
            )
            if cover is not None:
                sandbox.store.insert("covers", container_id=number, asset_id=cover.id)
            if call.job_fault is not None and held is None:
                self.apply_fault(number, call.job_fault)
            elif params.get("trial_params") and account.settings.get("trialReels") is False:
                self.fail(number, TRIAL_SUBCODE)
        if source is not None:
            self._fetch(number)
        if uploads:
            version = VERSION_IN_PATH.match(call.path)
            place = f"ig-api-upload/{version.group(1) if version else DEFAULT_VERSION}/{number}"
            return json_reply({"id": str(number), "uri": f"{base_url(call.request, UPLOAD_HOST)}/{place}"})
        return json_reply({"id": str(number)})

    def _check_owned(self, account: Account, children: list[int]) -> None:
        for child in children:
            container = self.of_account(account, str(child))
            if container is None or not container.is_child:
                raise GraphRefusal(
                    INVALID_PARAMETER.about(f"(#100) Param children: {child} is not a carousel item of this account")
                )
            status = self.status_code(container)
            if status == "IN_PROGRESS" and container.media_type == "VIDEO":
                raise GraphRefusal(CHILD_NOT_READY)
            if status not in {"IN_PROGRESS", "FINISHED"}:
                raise GraphRefusal(INVALID_PARAMETER.about(f"(#100) Param children: {child} is {status}"))

    async def _picture(self, url: str, *, any_ratio: bool) -> Asset:
        check_url(url)
        try:
            asset = await self._sandbox.media_store.fetch(url, limit_bytes=IMAGE_BYTES, agent=CRAWLER)
        except FetchTimedOut as slow:
            raise GraphRefusal(FETCH_TIMED_OUT) from slow
        except MediaTooLarge as big:
            raise GraphRefusal(IMAGE_TOO_LARGE) from big
        except TooManyPixels as bomb:
            raise GraphRefusal(IMAGE_TOO_LARGE if bomb.kind == "JPEG" else IMAGE_FORMAT) from bomb
        except FetchFailed as failed:
            raise GraphRefusal(not_fetched(failed.status)) from failed
        except NotMedia as wrong:
            raise GraphRefusal(NOT_FETCHED) from wrong
        check_image(asset, any_ratio=any_ratio)
        return asset

    def _resume(self) -> None:
        for row in self._sandbox.store.all("SELECT id FROM containers WHERE state = 'fetching' ORDER BY id"):
            self._fetch(row["id"])

    def fill_from(self, number: int, url: str | None) -> None:
        """Give a container that waits for an upload its video, from a URL or from the uploaded bytes."""
        sql = "UPDATE containers SET state = 'fetching', source_url = ? WHERE id = ? AND state = 'uploading'"
        if self._sandbox.store.run(sql, url, number):
            self._fetch(number)

    def upload_path(self, number: int) -> Path:
        """Return where the bytes of an upload are until they have been looked at."""
        return self._sandbox.store.folder / f"container-{number}"

    def hold(self, number: int, fault: Fault) -> None:
        """Let a stuck_processing or media_error fault act on a container."""
        if fault.kind == "stuck_processing":
            self._sandbox.store.run("UPDATE containers SET fault_id = ? WHERE id = ?", fault.id, number)
        else:
            self.apply_fault(number, fault)

    def apply_fault(self, number: int, fault: Fault) -> None:
        """Let a media_error fault end a container's processing, with its message behind the sentence of the status."""
        self.fail(number, subcode_of(fault))
        message = text_of(fault.value.get("message"))
        if message:
            sql = "INSERT INTO container_errors VALUES (?, ?) ON CONFLICT (container_id) DO NOTHING"
            self._sandbox.store.run(sql, number, message)

    def stored_bytes(self, number: int) -> tuple[int, int | None]:
        """Return how much of an upload is there, and how much there will be: None before that was said."""
        row = self._sandbox.store.first(
            "SELECT stored_bytes, file_size FROM container_uploads WHERE container_id = ?", number
        )
        return (0, None) if row is None else (row["stored_bytes"], row["file_size"])

    def store_bytes(self, number: int, stored: int, file_size: int) -> None:
        """Note how much of an upload is there."""
        self._sandbox.store.run(
            "INSERT INTO container_uploads VALUES (?1, ?2, ?3)"
            " ON CONFLICT (container_id) DO UPDATE SET stored_bytes = ?2, file_size = ?3",
            number,
            stored,
            file_size,
        )

    def _fetch(self, number: int) -> None:
        self._sandbox.start_task(f"container {number}", self._fetch_video(number))

    async def _video(self, container: Container) -> Asset:
        if container.source_url is None:
            path = self.upload_path(container.id)
            try:
                return await self._sandbox.media_store.keep(path)
            finally:
                path.unlink(missing_ok=True)
        limit = STORY_VIDEO_BYTES if container.media_type == "STORIES" else VIDEO_BYTES
        return await self._sandbox.media_store.fetch(container.source_url, limit_bytes=limit, agent=CRAWLER)

    async def _fetch_video(self, number: int) -> None:
        container = self.find(str(number))
        if container is None:
            return
        subcode: int | None = None
        asset_id: int | None = None
        try:
            asset = await self._video(container)
            asset_id = asset.id
            subcode = video_subcode(
                asset, container.media_type, thumb_offset_of(container.media_type, container.params)
            )
        except FetchTimedOut:
            subcode = FETCH_TIMED_OUT.subcode
        except (MediaTooLarge, TooManyPixels):
            subcode = DEFAULT_SUBCODE
        except NotMedia:
            subcode = DEFAULT_SUBCODE if container.source_url is None else NOT_FETCHED.subcode
        except (FetchFailed, FileNotFoundError):
            subcode = NOT_FETCHED.subcode
        if subcode is not None:
            self.fail(number, subcode)
            return
        self._sandbox.store.run(
            "UPDATE containers SET state = 'ready', ready_at = ?, asset_id = ? WHERE id = ? AND state = 'fetching'",
            self._sandbox.clock.now(),
            asset_id,
            number,
        )

    def fail(self, number: int, subcode: int) -> None:
        """End a container's processing in ERROR."""
        self._sandbox.store.run(
            "UPDATE containers SET state = 'error', error_subcode = ? WHERE id = ? AND state IN ('uploading', 'fetching', 'ready')",
            subcode,
            number,
        )

    def poll(self, call: Call, container: Container) -> Mapping[str, JSONValue]:
        """Count one status call and return the container's fields."""
        store = self._sandbox.store
        with store.transaction():
            store.run("UPDATE containers SET polls = polls + 1 WHERE id = ?", container.id)
            if call.job_fault is not None and call.job_fault.kind == "stuck_processing":
                store.run("UPDATE containers SET fault_id = ? WHERE id = ?", call.job_fault.id, container.id)
            elif call.job_fault is not None:
                self.apply_fault(container.id, call.job_fault)
            container = Container.of_row(store.one("SELECT * FROM containers WHERE id = ?", container.id))
        code = self.status_code(container)
        row = store.first("SELECT message FROM container_errors WHERE container_id = ?", container.id)
        error = f"Error: Media upload has failed with error code {container.error_subcode}"
        sentence = SENTENCES.get(code, error if row is None else f"{error}: {row['message']}")
        return {
            "id": str(container.id),
            "status_code": code,
            "status": sentence,
            "copyright_check_status": {"status": "completed", "matches_found": False},
            "video_status": self._video_status(container, code),
        }

    def _video_status(self, container: Container, code: str) -> JSONValue:
        """How far an upload is, in Meta's own spelling; of other containers there is nothing to say."""
        stored, _ = self.stored_bytes(container.id)
        phase = "complete" if code in {"FINISHED", "PUBLISHED"} else "error" if code == "ERROR" else "in_progress"
        uploading = "in_progress" if container.state == "uploading" else "complete"
        processing = "not_started" if container.state == "uploading" else phase
        return {
            "uploading_phase": {"status": uploading, "bytes_transfered": stored},
            "processing_phase": {"status": processing},
        }


def subcode_of(fault: Fault) -> int:
    """Return the subcode that a media_error fault puts into `status`: its subcode, or its code when that is one."""
    for name in ("subcode", "code"):
        text = text_of(fault.value.get(name))
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
    return DEFAULT_SUBCODE
