"""Targets of a publish call: an account with its options, and the JSON form in which they are stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from uuid import UUID

from presswork.core.enums import Mode
from presswork.core.ids import ACCOUNT, POST, parse_id, public_id
from presswork.platforms.port import PostOptions, TikTokSettings

MAX_TARGETS: Final = 50
"""The most targets of one call."""

MusicMode = Literal["none", "auto", "manual"]

_SETTINGS: Final = {
    "privacy_level": "privacyLevel",
    "disable_comment": "disableComment",
    "disable_duet": "disableDuet",
    "disable_stitch": "disableStitch",
    "is_brand_organic": "isBrandOrganic",
    "is_branded_content": "isBrandedContent",
}
"""The stored name of each setting, which is also its name in the API."""
_MUSIC_KEYS: Final = frozenset({"mode", "trackId"})


@dataclass(frozen=True, slots=True)
class TikTokMusic:
    """Background music of a TikTok image or slideshow."""

    mode: MusicMode
    track_id: UUID | None = None

    @property
    def wanted_track(self) -> UUID | None:
        """Return the track that must be in the catalogue; a track beside `none` or `auto` is ignored."""
        return self.track_id if self.mode == "manual" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account that the content goes to. None means the container's value or the platform's default."""

    social_account_id: UUID
    mode: Mode
    scheduled_post_id: UUID | None = None
    caption_override: str | None = None
    first_comment_override: str | None = None
    tiktok_post_settings: TikTokSettings | None = None
    tiktok_music: TikTokMusic | None = None
    share_reel_to_feed: bool | None = None

    @property
    def wanted_track(self) -> UUID | None:
        """Return the track that must be in the catalogue."""
        return None if self.tiktok_music is None else self.tiktok_music.wanted_track


def repeated(targets: Sequence[Target]) -> Sequence[str | None]:
    """Return for each target a warning if it repeats the account and mode of an earlier one, or None."""
    seen: set[tuple[UUID, Mode]] = set()
    hints: list[str | None] = []
    for target in targets:
        pair = (target.social_account_id, target.mode)
        sentence = "This account and mode appear more than once in the call: the content is posted each time."
        hints.append(sentence if pair in seen else None)
        seen.add(pair)
    return hints


def options_of(
    settings: TikTokSettings | None, music: TikTokMusic | None, *, share_reel_to_feed: bool | None
) -> PostOptions:
    """Return the options of a target in the form that connectors accept."""
    return PostOptions(
        tiktok=settings or TikTokSettings(),
        music_mode=None if music is None else music.mode,
        share_reel_to_feed=share_reel_to_feed,
    )


def settings_text(settings: TikTokSettings | None) -> str | None:
    """Serialize settings for storage, without the omitted ones."""
    return None if settings is None else _dump(_settings_json(settings))


def settings_of(text: str | None) -> TikTokSettings | None:
    """Parse stored settings. Raises ValueError."""
    return None if text is None else _settings_of(_object(json.loads(text)))


def music_text(music: TikTokMusic | None) -> str | None:
    """Serialize music for storage."""
    return None if music is None else _dump(_music_json(music))


def music_of(text: str | None) -> TikTokMusic | None:
    """Parse stored music. Raises ValueError."""
    return None if text is None else _music_of(_object(json.loads(text)))


def unknown_options(settings: str | None, music: str | None) -> Sequence[str]:
    """Return the stored options that this version does not know: a newer version wrote them. Raises ValueError."""
    known = {"tiktokPostSettings": set(_SETTINGS.values()), "tiktokMusic": _MUSIC_KEYS}
    stored = {
        name: _object(json.loads(text))
        for name, text in (("tiktokPostSettings", settings), ("tiktokMusic", music))
        if text is not None
    }
    unknown = [f"{name}.{key}" for name, options in stored.items() for key in options if key not in known[name]]
    if (mode := stored.get("tiktokMusic", {}).get("mode")) is not None and mode not in get_args(MusicMode):
        unknown.append(f"tiktokMusic.mode={mode!r}")
    return unknown


def targets_text(targets: Sequence[Target]) -> str:
    """Serialize the targets of a schedule intent."""
    return _dump([_target_json(target) for target in targets])


def targets_of(text: str) -> Sequence[Target]:
    """Parse the targets of a schedule intent. Raises ValueError."""
    return [_target_of(_object(item)) for item in json.loads(text)]


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(value: object) -> Mapping[str, Any]:  # Any: a JSON document, checked where it is read
    if not isinstance(value, dict):
        raise ValueError("a stored option is not a JSON object")  # noqa: TRY004  callers expect ValueError of bad rows
    return value


def _settings_json(settings: TikTokSettings) -> dict[str, object]:
    return {stored: value for name, stored in _SETTINGS.items() if (value := getattr(settings, name)) is not None}


def _settings_of(stored: Mapping[str, Any]) -> TikTokSettings:
    return TikTokSettings(**{name: stored.get(key) for name, key in _SETTINGS.items()})


def _music_json(music: TikTokMusic) -> dict[str, object]:
    return {"mode": music.mode, **({} if music.track_id is None else {"trackId": str(music.track_id)})}


def _music_of(stored: Mapping[str, Any]) -> TikTokMusic:
    track = stored.get("trackId")
    return TikTokMusic(stored["mode"], None if track is None else UUID(track))


def _target_json(target: Target) -> dict[str, object]:
    post_id, settings, music = target.scheduled_post_id, target.tiktok_post_settings, target.tiktok_music
    stored: dict[str, object] = {
        "socialAccountId": public_id(ACCOUNT, target.social_account_id),
        "mode": target.mode.value,
        "scheduledPostId": None if post_id is None else public_id(POST, post_id),
        "captionOverride": target.caption_override,
        "firstCommentOverride": target.first_comment_override,
        "tiktokPostSettings": None if settings is None else _settings_json(settings),
        "tiktokMusic": None if music is None else _music_json(music),
        "shareReelToFeed": target.share_reel_to_feed,
    }
    return {name: value for name, value in stored.items() if value is not None}


def _target_of(stored: Mapping[str, Any]) -> Target:
    post_id, settings, music = (stored.get(name) for name in ("scheduledPostId", "tiktokPostSettings", "tiktokMusic"))
    return Target(
        social_account_id=parse_id(ACCOUNT, stored["socialAccountId"]),
        mode=Mode(stored["mode"]),
        scheduled_post_id=None if post_id is None else parse_id(POST, post_id),
        caption_override=stored.get("captionOverride"),
        first_comment_override=stored.get("firstCommentOverride"),
        tiktok_post_settings=None if settings is None else _settings_of(settings),
        tiktok_music=None if music is None else _music_of(music),
        share_reel_to_feed=stored.get("shareReelToFeed"),
    )
