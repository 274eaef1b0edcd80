"""Fetch media as a platform's servers do, and store it once per content."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Final

import aiohttp

from presswork_sandbox.documents import keep_document
from presswork_sandbox.http_client import FETCH_SECONDS, HTTPClient
from presswork_sandbox.media_info import MediaInfo, NotMedia
from presswork_sandbox.probe import Prober
from presswork_sandbox.store import Store

COPY_LIMIT_BYTES: Final = 10 * 1024 * 1024  # of a video that the feed pages can play
# All but the poster, which only its own URL returns: pages and lists name thousands of assets.
COLUMNS: Final = "id, sha256, format, content_type, size_bytes, width, height, duration_seconds, fps, codec, copy"


class FetchFailed(Exception):
    """The URL could not be read: no response, a redirect, an error page, a wrong URL.

    `status` is the HTTP status that came instead of the file, or None.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class FetchTimedOut(FetchFailed):
    """The URL answered too slowly."""


class MediaTooLarge(FetchFailed):
    """The file is larger than the platform accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset(MediaInfo):
    """A file that was probed and stored under an id."""

    id: int
    copy: str | None = None

    def to_json(self) -> dict[str, str | int]:
        """Return it as the control surface shows a post's media."""
        return {"sha256": self.sha256, "contentType": self.content_type, "width": self.width, "height": self.height}


class MediaStore:
    """The files of posts, by content."""

    def __init__(self, store: Store, web: HTTPClient) -> None:
        self._store = store
        self._http_client = web
        self._prober = Prober()
        self._numbers = count(1)
        for left_over in store.folder.glob("fetch-*"):
            left_over.unlink()

    async def fetch(
        self,
        url: str,
        *,
        limit_bytes: int,
        progress: Callable[[int], None] | None = None,
        redirects: bool = False,
        agent: str | None = None,
        is_document: bool = False,
    ) -> Asset:
        """Fetch and probe a URL. Plain http and loopback are allowed; redirects only with `redirects`.

        `agent` is the User-Agent of the platform's crawler, where it is known. With `is_document`, the file is to be a document.

        Raises FetchFailed (FetchTimedOut and MediaTooLarge among them), and NotMedia for bytes that are no media.
        """
        path = self._store.folder / f"fetch-{next(self._numbers)}"
        try:
            sha256 = await self._download(url, path, limit_bytes, progress, redirects=redirects, agent=agent)
            return self._keep_document(path) if is_document else await self.keep(path, sha256)
        finally:
            path.unlink(missing_ok=True)

    async def _download(
        self,
        url: str,
        path: Path,
        limit: int,
        progress: Callable[[int], None] | None,
        *,
        redirects: bool,
        agent: str | None,
    ) -> str:
        session = await self._http_client.session()
        digest = hashlib.sha256()
        size = 0
        try:
            headers = {} if agent is None else {"User-Agent": agent}
            async with session.get(url, allow_redirects=redirects, headers=headers) as response:
                if response.status != 200:
                    raise FetchFailed(f"the URL answered {response.status}", response.status)
                with path.open("wb") as file:
                    async for part in response.content.iter_any():
                        size += len(part)
                        if size > limit:
                            raise MediaTooLarge(f"more than {limit} bytes")
                        digest.update(part)
                        file.write(part)
                        if progress is not None:
                            progress(size)
        except TimeoutError as slow:
            raise FetchTimedOut(f"no answer within {FETCH_SECONDS:g} seconds") from slow
        except (aiohttp.ClientError, ValueError, OSError) as wrong:
            raise FetchFailed(str(wrong)) from wrong
        return digest.hexdigest()

    async def keep(self, path: Path, sha256: str | None = None) -> Asset:
        """Probe a local file, in a child process unless its content is known, and store it. Raises NotMedia."""
        if sha256 is None:
            sha256 = await asyncio.to_thread(_digest, path)
        known = self._find_by_content(sha256)
        if known is not None:
            return known
        facts, poster = await self._prober.probe(path, sha256)
        draft: Path | None = None
        if facts.is_video and facts.size_bytes <= COPY_LIMIT_BYTES:
            draft = self._store.folder / f"fetch-{next(self._numbers)}"
            await asyncio.to_thread(shutil.copyfile, path, draft)
        # From here to the end nothing is awaited: the same bytes may have come twice at once, and one is the first.
        known = self._find_by_content(sha256)
        if known is not None:
            if draft is not None:
                draft.unlink()
            return known
        copy = None
        if draft is not None:
            copy = f"{sha256[:24]}.{facts.format.lower()}"
            draft.rename(self._store.folder / copy)
        number = self._store.insert("assets", **asdict(facts), poster=poster, copy=copy)
        return Asset(id=number, copy=copy, **asdict(facts))

    def _keep_document(self, path: Path) -> Asset:
        number = keep_document(self._store, path)
        asset = None if number is None else self.asset(number)
        if asset is None:
            raise NotMedia("no document")
        return asset

    def _find_by_content(self, sha256: str) -> Asset | None:
        row = self._store.first(f"SELECT {COLUMNS} FROM assets WHERE sha256 = ?", sha256)  # noqa: S608 - our own columns
        return None if row is None else Asset(**dict(row))

    def asset(self, number: int) -> Asset | None:
        """Return the file with an id, or None."""
        row = self._store.first(f"SELECT {COLUMNS} FROM assets WHERE id = ?", number)  # noqa: S608 - our own columns
        return None if row is None else Asset(**dict(row))

    def assets(self, numbers: Sequence[int]) -> list[Asset]:
        """Return several files in the order of their ids in `numbers`; unknown ids are left out."""
        return [asset for asset in map(self.asset, numbers) if asset is not None]

    def poster(self, number: int) -> bytes | None:
        """Return the poster of the file with an id, a small JPEG, or None."""
        row = self._store.first("SELECT poster FROM assets WHERE id = ?", number)
        return None if row is None else row["poster"]

    def copy_named(self, name: str) -> Path | None:
        """Return the file of a playable copy by its name, or None."""
        row = self._store.first("SELECT copy FROM assets WHERE copy = ?", name)
        return None if row is None else self._store.folder / str(row["copy"])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
