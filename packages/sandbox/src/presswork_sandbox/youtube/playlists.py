"""Playlists of channels, and the list of all that a channel uploaded.

Source: Google, "Playlists", "PlaylistItems" and the discovery document of youtube.v3 of 2026-11-04, read 2026-11. An insert has no
key: the same video can be in a playlist twice, and the filter `videoId` says whether it is.
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, json_reply
from presswork_sandbox.youtube.errors import YouTubeRefusal
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.paging import page_of, paged, read_page
from presswork_sandbox.youtube.resources import PLAYLIST_ITEM_PARTS, Place, Resources, uploads_playlist
from presswork_sandbox.youtube.validation import PRIVACY, read_parts
from presswork_sandbox.youtube.videos import Video, Videos

UPLOADS_LAG_SECONDS: Final = (
    2.0  # until an upload is in the list of uploads: "seconds to minutes", as clients report it
)
MAX_TITLE: Final = 150  # characters; the number is reported by clients
MAX_ITEMS: Final = 5000  # reported by clients
MAX_NOTE: Final = 280
PLAYLIST_PARTS: Final = frozenset({"id", "snippet", "status", "contentDetails", "player", "localizations"})
DOMAIN: Final = "youtube.playlistItem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """One playlist that a channel made."""

    number: int
    playlist_id: str
    account_id: int
    title: str
    description: str
    privacy: str
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One video at one place of a playlist, from 0."""

    number: int
    item_id: str
    playlist_id: str
    video_id: str
    position: int
    note: str
    added_at: float


def _playlist(row: sqlite3.Row) -> Playlist:
    return Playlist(**dict(row))


def _item(row: sqlite3.Row) -> Item:
    return Item(**dict(row))


class Playlists:
    """Create playlists, and put videos into them. All calls raise YouTubeRefusal."""

    def __init__(self, sandbox: Sandbox, videos: Videos, resources: Resources) -> None:
        self._sandbox = sandbox
        self._videos = videos
        self._resources = resources

    # Finding

    def of_channel(self, account: Account) -> Sequence[Playlist]:
        """Return the playlists of a channel, the oldest first."""
        sql = "SELECT * FROM youtube_playlists WHERE account_id = ? ORDER BY number"
        return [_playlist(row) for row in self._sandbox.store.all(sql, account.id)]

    def listed(self, handle: str | None) -> Sequence[JSONValue]:
        """Return the playlists of one channel, or of all, as the control surface shows them."""
        return [
            self.to_json(account, playlist)
            for account in self._sandbox.accounts.listed(FACTS.name, handle)
            for playlist in self.of_channel(account)
        ]

    def to_json(self, account: Account, playlist: Playlist) -> dict[str, JSONValue]:
        """Return a playlist as the control surface shows it."""
        return {
            "platform": FACTS.name,
            "handle": account.handle,
            "id": playlist.playlist_id,
            "title": playlist.title,
            "privacyStatus": playlist.privacy,
            "videoIds": [item.video_id for item in self._items(playlist)],
        }

    def with_video(self, video_id: str) -> list[JSONValue]:
        """Return where a video is, one entry for each time, as the control surface shows it."""
        rows = self._sandbox.store.all(
            "SELECT playlist_id AS id, title, item_id AS itemId, position FROM youtube_playlist_items"
            " JOIN youtube_playlists USING (playlist_id) WHERE video_id = ? ORDER BY youtube_playlist_items.number",
            video_id,
        )
        return [dict(row) for row in rows]

    def _find(self, playlist_id: str) -> Playlist | None:
        sql = "SELECT * FROM youtube_playlists WHERE playlist_id = ?"
        row = self._sandbox.store.first(sql, playlist_id)
        return None if row is None else _playlist(row)

    def _items(self, playlist: Playlist) -> Sequence[Item]:
        sql = "SELECT * FROM youtube_playlist_items WHERE playlist_id = ? ORDER BY position, number"
        return [_item(row) for row in self._sandbox.store.all(sql, playlist.playlist_id)]

    # Playlists

    def create(self, account: Account, title: str, description: str = "", privacy: str = "public") -> Playlist:
        """Make a playlist of a channel; its title need not be another one than those of earlier playlists."""
        store = self._sandbox.store
        with store.transaction():
            number = store.next_number("youtube playlist")
            playlist_id = "PL" + store.secret("youtube playlist", number, 32)
            store.insert(
                "youtube_playlists",
                number=number,
                playlist_id=playlist_id,
                account_id=account.id,
                title=title,
                description=description,
                privacy=privacy,
                created_at=self._sandbox.clock.now(),
            )
        made = self._find(playlist_id)
        if made is None:
            raise LookupError(playlist_id)
        return made

    def insert(self, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]) -> Reply:
        """POST playlists."""
        parts = read_parts(query.get("part", ""), PLAYLIST_PARTS)
        snippet, status = _inner_mapping(body, "snippet"), _inner_mapping(body, "status")
        title, description, privacy = snippet.get("title"), snippet.get("description", ""), status.get("privacyStatus")
        if not isinstance(title, str) or not title.strip():
            raise YouTubeRefusal(
                "playlistTitleRequired",
                "The request must specify a playlist title.",
                domain="youtube.playlist",
                location="body.snippet.title",
            )
        if len(title) > MAX_TITLE or not isinstance(description, str):
            raise YouTubeRefusal(
                "invalidPlaylistSnippet",
                "The request provides an invalid playlist snippet.",
                domain="youtube.playlist",
                location="body.snippet",
            )
        if privacy is not None and privacy not in PRIVACY:
            raise YouTubeRefusal("badRequest", "Invalid value at 'playlist.status.privacy_status'")
        made = self.create(account, title, description, str(privacy or "public"))
        return json_reply(self._describe(made, account, parts))

    def list(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET playlists: one's own (`mine`), those of a channel, or some by id; private ones for their owner only."""
        parts = read_parts(query.get("part", ""), PLAYLIST_PARTS)
        owners: Sequence[Account] = list(self._sandbox.accounts.listed(FACTS.name))
        if query.get("mine") == "true":
            owners = [account]
        elif "channelId" in query:
            owners = [owner for owner in owners if owner.user_id == query["channelId"]]
        elif "id" not in query:
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: channelId, id, mine",
                domain="youtube.parameter",
                location="parameters.",
            )
        wanted = set(query["id"].split(",")) if "id" in query else None
        found = [
            (playlist, owner)
            for owner in owners
            for playlist in self.of_channel(owner)
            if (wanted is None or playlist.playlist_id in wanted)
            and (owner.id == account.id or playlist.privacy == "public" or (wanted and playlist.privacy == "unlisted"))
        ]
        chosen, page = page_of(found, query, default=5, max_count=50)
        items = [self._describe(playlist, owner, parts) for playlist, owner in chosen]
        return json_reply(paged("youtube#playlistListResponse", items, page))

    def _describe(self, playlist: Playlist, owner: Account, parts: Sequence[str]) -> JSONValue:
        sql = "SELECT count(*) AS n FROM youtube_playlist_items WHERE playlist_id = ?"
        count = int(self._sandbox.store.one(sql, playlist.playlist_id)["n"])
        return self._resources.playlist(
            playlist.playlist_id,
            owner,
            title=playlist.title,
            description=playlist.description,
            privacy=playlist.privacy,
            created_at=playlist.created_at,
            item_count=count,
            parts=parts,
        )

    # Items

    def insert_item(self, account: Account, body: Mapping[str, JSONValue], query: Mapping[str, str]) -> Reply:
        """POST playlistItems: a video at a position, by default the last one."""
        parts = read_parts(query.get("part", ""), PLAYLIST_ITEM_PARTS)
        snippet, details = _inner_mapping(body, "snippet"), _inner_mapping(body, "contentDetails")
        resource, playlist_id = _inner_mapping(snippet, "resourceId"), snippet.get("playlistId")
        if not isinstance(playlist_id, str) or not playlist_id:
            raise YouTubeRefusal(
                "playlistIdRequired",
                "The subscribe request does not specify a value for the required playlistId property.",
                domain=DOMAIN,
                location="body.snippet.playlistId",
            )
        if resource.get("kind") != "youtube#video":
            raise YouTubeRefusal(
                "invalidResourceType",
                "The type specified for the resource that is being added to the playlist is not supported.",
                domain=DOMAIN,
                location="body.snippet.resourceId.kind",
            )
        playlist = self._own_playlist(account, playlist_id)
        video = self._visible_video(account, resource.get("videoId"))
        note = details.get("note", "")
        if not isinstance(note, str) or len(note) > MAX_NOTE:
            raise YouTubeRefusal(
                "invalidContentDetails",
                "The contentDetails property in the request is not valid.",
                domain=DOMAIN,
                location="body.contentDetails.note",
            )
        items = self._items(playlist)
        if len(items) >= MAX_ITEMS:
            raise YouTubeRefusal(
                "playlistContainsMaximumNumberOfVideos",
                "The playlist already contains the maximum allowed number of items.",
                domain=DOMAIN,
                location="body.snippet.playlistId",
            )
        position = snippet.get("position", len(items))
        if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position <= len(items):
            raise YouTubeRefusal(
                "invalidPlaylistItemPosition",
                "The request attempts to set the playlist item's position to an invalid or unsupported value.",
                domain=DOMAIN,
                location="body.snippet.position",
            )
        made = self._add(playlist, video, position, note)
        return json_reply(self._describe_item(made, account, parts))

    def _add(self, playlist: Playlist, video: Video, position: int, note: str) -> Item:
        store = self._sandbox.store
        with store.transaction():
            number = store.next_number("youtube playlist item")
            sql = "UPDATE youtube_playlist_items SET position = position + 1 WHERE playlist_id = ? AND position >= ?"
            store.run(sql, playlist.playlist_id, position)
            store.insert(
                "youtube_playlist_items",
                number=number,
                item_id="UEx" + store.secret("youtube playlist item", number, 40),
                playlist_id=playlist.playlist_id,
                video_id=video.video_id,
                position=position,
                note=note,
                added_at=self._sandbox.clock.now(),
            )
        return _item(store.one("SELECT * FROM youtube_playlist_items WHERE number = ?", number))

    def delete_item(self, account: Account, query: Mapping[str, str]) -> Reply:
        """DELETE playlistItems?id=."""
        store = self._sandbox.store
        row = store.first("SELECT * FROM youtube_playlist_items WHERE item_id = ?", query.get("id", ""))
        if row is None:
            raise YouTubeRefusal(
                "playlistItemNotFound",
                "The playlist item identified with the request's <code>id</code> parameter cannot be found.",
                domain=DOMAIN,
                location="id",
                location_type="parameter",
            )
        item = _item(row)
        self._own_playlist(account, item.playlist_id)
        with store.transaction():
            store.run("DELETE FROM youtube_playlist_items WHERE number = ?", item.number)
            sql = "UPDATE youtube_playlist_items SET position = position - 1 WHERE playlist_id = ? AND position > ?"
            store.run(sql, item.playlist_id, item.position)
        return Reply(status=204)

    def list_items(self, account: Account, query: Mapping[str, str]) -> Reply:
        """GET playlistItems: those of a playlist, or of the list of uploads, or some by id; with `videoId` those of one video."""
        parts, playlist_id = read_parts(query.get("part", ""), PLAYLIST_ITEM_PARTS), query.get("playlistId", "")
        if not playlist_id and not query.get("id"):
            raise YouTubeRefusal(
                "missingRequiredParameter",
                "No filter selected. Expected one of: id, playlistId",
                domain="youtube.parameter",
                location="parameters.",
            )
        uploader = self._owner_of_uploads(account, playlist_id) if playlist_id else None
        if uploader is not None:
            return self._list_uploads(account, uploader, query, parts)
        if playlist_id:
            playlist = self._find(playlist_id)
            if playlist is None:
                raise _build_no_playlist("playlistId")
            if playlist.privacy == "private" and playlist.account_id != account.id:
                raise _build_not_accessible()
            found = self._items(playlist)
        else:
            sql = "SELECT * FROM youtube_playlist_items WHERE item_id = ?"
            rows = [self._sandbox.store.first(sql, item_id) for item_id in query["id"].split(",")]
            found = [_item(row) for row in rows if row is not None]
        wanted = query.get("videoId")
        chosen, page = page_of(
            [item for item in found if wanted in {None, item.video_id}], query, default=5, max_count=50
        )
        items = [self._describe_item(item, account, parts) for item in chosen]
        return json_reply(paged("youtube#playlistItemListResponse", items, page))

    def _list_uploads(self, account: Account, owner: Account, query: Mapping[str, str], parts: Sequence[str]) -> Reply:
        """Return what a channel uploaded, newest first; private videos for the owner only."""
        until = self._sandbox.clock.now() - UPLOADS_LAG_SECONDS
        page = read_page(query, self._videos.count(owner.id, until), default=5, max_count=50)
        playlist, wanted = uploads_playlist(owner), query.get("videoId")
        items: list[JSONValue] = []
        for position, video in enumerate(self._videos.of_channel(owner.id, until, page.size, page.start), page.start):
            if owner.id != account.id and video.privacy != "public":
                continue
            if wanted not in {None, video.video_id}:
                continue
            number = hashlib.sha256(f"{playlist}.{video.video_id}".encode()).hexdigest()[:40]
            place = Place(
                item_id=f"UEx{number}", playlist_id=playlist, position=position, added_at=video.uploaded_at, note=""
            )
            items.append(self._resources.playlist_item(place, owner, video.video_id, video, owner, parts))
        return json_reply(paged("youtube#playlistItemListResponse", items, page))

    def _describe_item(self, item: Item, account: Account, parts: Sequence[str]) -> JSONValue:
        playlist, video = self._find(item.playlist_id), self._videos.find(item.video_id)
        owner = None if playlist is None else self._sandbox.accounts.by_id(playlist.account_id)
        uploader = None if video is None else self._sandbox.accounts.by_id(video.account_id)
        place = Place(
            item_id=item.item_id,
            playlist_id=item.playlist_id,
            position=item.position,
            added_at=item.added_at,
            note=item.note,
        )
        return self._resources.playlist_item(place, owner or account, item.video_id, video, uploader, parts)

    def _owner_of_uploads(self, account: Account, playlist_id: str) -> Account | None:
        channels: Sequence[Account] = [account, *self._sandbox.accounts.listed(FACTS.name)]
        return next((channel for channel in channels if uploads_playlist(channel) == playlist_id), None)

    def _own_playlist(self, account: Account, playlist_id: str) -> Playlist:
        """Return a playlist that a channel may change, which the list of its uploads is not."""
        playlist = self._find(playlist_id)
        if playlist is None and self._owner_of_uploads(account, playlist_id) is None:
            raise _build_no_playlist("body.snippet.playlistId")
        if playlist is None or playlist.account_id != account.id:
            raise _build_not_accessible()
        return playlist

    def _visible_video(self, account: Account, video_id: JSONValue) -> Video:
        video = self._videos.find(video_id) if isinstance(video_id, str) else None
        if video is None or (video.account_id != account.id and video.privacy == "private"):
            raise YouTubeRefusal(
                "videoNotFound",
                "Video not found.",
                domain=DOMAIN,
                location="body.snippet.resourceId.videoId",
            )
        return video


def _build_no_playlist(location: str) -> YouTubeRefusal:
    return YouTubeRefusal(
        "playlistNotFound",
        "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
        domain=DOMAIN,
        location=location,
        location_type="parameter" if location == "playlistId" else "other",
    )


def _build_not_accessible() -> YouTubeRefusal:
    return YouTubeRefusal(
        "playlistItemsNotAccessible",
        "The request is not properly authorized to change or retrieve the items of this playlist.",
        domain=DOMAIN,
    )


def _inner_mapping(value: Mapping[str, JSONValue], name: str) -> Mapping[str, JSONValue]:
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}
