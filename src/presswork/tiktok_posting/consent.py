"""What a person at the page saw and agreed to: sealed into the form, and recorded with the post. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from pydantic import JsonValue

from presswork.platforms.port import CreatorInfo
from presswork.tiktok_posting.model import TEXTS_VERSION, Answers, PageContent, Part, interactions

_PURPOSE: Final = "tiktok posting form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The form as it was shown: of which link, when (UTC), in which language, and what TikTok had said of the account."""

    link_id: UUID
    at: datetime
    language: str
    creator: CreatorInfo

    def as_json(self) -> dict[str, JsonValue]:
        """Return the document that is sealed into the form."""
        return {
            "purpose": _PURPOSE,
            "link": str(self.link_id),
            "at": self.at.astimezone(UTC).isoformat(),
            "language": self.language,
            "creator": creator_json(self.creator),
            "avatar": self.creator.avatar_url,
        }

    @classmethod
    def parse(cls, document: Any, *, link_id: UUID) -> Self | None:  # Any: parsed JSON
        """Read a sealed document; None for that of another link, or of another purpose."""
        if not isinstance(document, dict) or document.get("purpose") != _PURPOSE or document["link"] != str(link_id):
            return None
        creator = document["creator"]
        longest = creator["maxVideoDurationSeconds"]
        return cls(
            link_id=link_id,
            at=datetime.fromisoformat(document["at"]),
            language=document["language"],
            creator=CreatorInfo(
                nickname=creator["nickname"],
                username=creator["username"],
                avatar_url=document["avatar"],
                privacy_levels=creator["privacyLevels"],
                is_comment_disabled=creator["isCommentDisabled"],
                is_duet_disabled=creator["isDuetDisabled"],
                is_stitch_disabled=creator["isStitchDisabled"],
                max_video_duration=None if longest is None else timedelta(seconds=longest),
            ),
        )


def creator_json(creator: CreatorInfo) -> dict[str, JsonValue]:
    """Return what TikTok said of the account, under the names of the API."""
    longest = creator.max_video_duration
    return {
        "nickname": creator.nickname,
        "username": creator.username,
        "privacyLevels": list(creator.privacy_levels),
        "isCommentDisabled": creator.is_comment_disabled,
        "isDuetDisabled": creator.is_duet_disabled,
        "isStitchDisabled": creator.is_stitch_disabled,
        "maxVideoDurationSeconds": None if longest is None else longest.total_seconds(),
    }


def consent_detail(
    shown: Shown, answers: Answers, content: PageContent, *, agreement: str, media: Sequence[str | None]
) -> Mapping[str, JsonValue]:
    """Return what the audit log keeps of a consent: what was shown, what was chosen, and the sentence that was agreed to.

    `agreement` is the sentence in the language of the page, `media` the SHA-256 of the files that were previewed.
    """
    label = answers.label
    return {
        "shown": {
            "at": shown.at.isoformat(),
            "language": shown.language,
            "creator": creator_json(shown.creator),
            "mediaSha256": list(media),
        },
        "chosen": {
            "caption": answers.caption,
            "title": answers.title or None,
            "privacyLevel": answers.privacy,
            "allowed": [part.value.removeprefix("allow_") for part in interactions(content) if answers.has(part)],
            "disclosesAdvertising": answers.has(Part.DISCLOSURE),
            "isYourBrand": answers.has(Part.YOUR_BRAND),
            "isBrandedContent": answers.has(Part.BRANDED_CONTENT),
            "label": None if label is None else label.value,
            "isAiGenerated": answers.has(Part.AI_GENERATED),
        },
        "agreed": {
            "sentence": agreement,
            "policies": [policy.value for policy in answers.policies],
            "textsVersion": TEXTS_VERSION,
        },
    }
