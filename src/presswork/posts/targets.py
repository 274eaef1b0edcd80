"""Targets of a publish call: an account with its options, and the JSON form in which they are stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from presswork.core.enums import Mode
from presswork.core.ids import ACCOUNT, POST, parse_id, public_id
from presswork.core.json_text import compact_json

MAX_TARGETS: Final = 50
"""The most targets of one call."""

_MUSIC: Final = "tiktokMusic"
"""The option that names a track of the catalogue."""
_OPTIONS: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


@dataclass(slots=True, kw_only=True)
class Target:
    """One account that the content goes to. None means the container's value or the platform's default.

    Type checkers hold that it does not change. Frozen at run time, it would take three times as long to create.
    """

    social_account_id: Final[UUID]
    mode: Final[Mode]
    scheduled_post_id: Final[UUID | None] = None
    caption_override: Final[str | None] = None
    first_comment_override: Final[str | None] = None
    options: Final[Mapping[str, JsonValue]] = field(default_factory=dict)
    """Options of single platforms by their wire names, validated by the platform."""

    @property
    def wanted_track(self) -> UUID | None:
        """Return the track that must be in the catalogue; a track beside `none` or `auto` is ignored."""
        music = self.options.get(_MUSIC)
        if not isinstance(music, dict) or music.get("mode") != "manual":
            return None
        return UUID(str(music["trackId"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTarget:
    """What the row of a post says about its target."""

    social_account_id: UUID
    mode: Mode
    caption_override: str | None
    first_comment_override: str | None
    options: str | None

    def target(self) -> Target:
        """Return it as a publish call has it, without the id of the post."""
        return Target(
            social_account_id=self.social_account_id,
            mode=self.mode,
            caption_override=self.caption_override,
            first_comment_override=self.first_comment_override,
            options={} if self.options is None else _OPTIONS.validate_json(self.options),
        )


def repeated(targets: Sequence[Target]) -> Sequence[str | None]:
    """Return for each target a warning if it repeats the account and mode of an earlier one, or None."""
    pairs = [(target.social_account_id, target.mode) for target in targets]
    if len(set(pairs)) == len(pairs):
        return [None] * len(pairs)
    seen: set[tuple[UUID, Mode]] = set()
    hints: list[str | None] = []
    for pair in pairs:
        sentence = "This account and mode appear more than once in the call: the content is posted each time. Remove one, unless that is meant."
        hints.append(sentence if pair in seen else None)
        seen.add(pair)
    return hints


def options_text(target: Target) -> str | None:
    """Serialize the options of a target for storage, or None if none were sent."""
    return compact_json(target.options) if target.options else None


def targets_text(targets: Sequence[Target]) -> str:
    """Serialize the targets of a schedule intent."""
    return compact_json([target_json(target) for target in targets])


def targets_of(text: str) -> Sequence[Target]:
    """Parse the targets of a schedule intent. Raises ValueError."""
    return [_target_of(_object(item)) for item in json.loads(text)]


def _object(value: object) -> Mapping[str, Any]:  # Any: a JSON document, checked where it is read
    if not isinstance(value, dict):
        raise ValueError("a stored option is not a JSON object")  # noqa: TRY004  callers expect ValueError of bad rows
    return value


def target_json(target: Target) -> dict[str, object]:
    """Return a target under the names of the API, without the fields that were not sent."""
    post_id = target.scheduled_post_id
    stored: dict[str, object] = {
        "socialAccountId": public_id(ACCOUNT, target.social_account_id),
        "mode": target.mode.value,
        "scheduledPostId": None if post_id is None else public_id(POST, post_id),
        "captionOverride": target.caption_override,
        "firstCommentOverride": target.first_comment_override,
        **target.options,
    }
    return {name: value for name, value in stored.items() if value is not None}


def _target_of(stored: Mapping[str, Any]) -> Target:
    post_id = stored.get("scheduledPostId")
    return Target(
        social_account_id=parse_id(ACCOUNT, stored["socialAccountId"]),
        mode=Mode(stored["mode"]),
        scheduled_post_id=None if post_id is None else parse_id(POST, post_id),
        caption_override=stored.get("captionOverride"),
        first_comment_override=stored.get("firstCommentOverride"),
        options={name: value for name, value in stored.items() if name not in _OWN},
    )


_OWN: Final = frozenset({"socialAccountId", "mode", "scheduledPostId", "captionOverride", "firstCommentOverride"})
"""The stored fields of a target that belong to no platform."""
