"""Tracks of the TikTok music catalogue. Pure."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track; unknown facts are None. `link` is its public URL on TikTok."""

    id: UUID
    title: str
    author: str | None
    album: str | None
    duration_seconds: float | None
    preview_url: str | None
    cover_url: str | None
    language: str | None
    user_count: int  # videos that use it
    is_commerce_music: bool  # cleared for commercial use
    link: str | None
