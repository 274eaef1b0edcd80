"""What YouTube checks in the parts of a video that an app sends.

Source: Google, "Videos", "Videos: insert", "Videos: update" and the discovery document of youtube.v3 as google-api-python-client
2.202 carries it, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from presswork_sandbox.wire import JSONValue
from presswork_sandbox.youtube.errors import YouTubeRefusal

MAX_TITLE: Final = 100  # characters
MAX_DESCRIPTION_BYTES: Final = 5000  # bytes by the documentation; whether the server counts characters is not confirmed
MAX_TAGS: Final = 500  # characters in all, with a comma between two and quotes around a tag that has a space
DEFAULT_CATEGORY: Final = "22"  # People & Blogs
# The categories of videoCategories.list that can be assigned.
CATEGORIES: Final = frozenset(["1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"])
PRIVACY: Final = ("public", "unlisted", "private")
LICENSES: Final = ("youtube", "creativeCommon")
# The parts of a video. An app can send the first ones; it can ask for all.
WRITABLE_PARTS: Final = frozenset(
    {"snippet", "status", "localizations", "recordingDetails", "paidProductPlacementDetails"}
)
OWNER_PARTS: Final = frozenset({"fileDetails", "processingDetails", "suggestions"})
PARTS: Final = (
    WRITABLE_PARTS
    | OWNER_PARTS
    | frozenset({"id", "contentDetails", "statistics", "player", "topicDetails", "liveStreamingDetails"})
)
# Fields of a part and their types; those without a type are the server's own, and are ignored.
FIELDS: Final[Mapping[str, Mapping[str, type | None]]] = {
    "snippet": {
        "title": str,
        "description": str,
        "tags": list,
        "categoryId": str,
        "defaultLanguage": str,
        "defaultAudioLanguage": str,
        **dict.fromkeys(
            ("channelId", "channelTitle", "liveBroadcastContent", "localized", "publishedAt", "thumbnails"), None
        ),
    },
    "status": {
        "privacyStatus": str,
        "publishAt": str,
        "license": str,
        "embeddable": bool,
        "publicStatsViewable": bool,
        "selfDeclaredMadeForKids": bool,
        "containsSyntheticMedia": bool,
        **dict.fromkeys(("uploadStatus", "failureReason", "rejectionReason", "madeForKids"), None),
    },
}
TOP_LEVEL: Final = frozenset({"kind", "etag", "id", *PARTS})


def read_parts(text: str, known: frozenset[str] = PARTS) -> tuple[str, ...]:
    """Return the parts that a call names. Raises YouTubeRefusal for none and for unknown ones."""
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not parts:
        raise YouTubeRefusal(
            "missingRequiredParameter",
            "No values were passed for parameter part.",
            domain="youtube.parameter",
            location="part",
            location_type="parameter",
        )
    for part in parts:
        if part not in known:
            raise YouTubeRefusal(
                "unknownPart", f"'{part}'", domain="youtube.part", location="part", location_type="parameter"
            )
    return parts


def check_video(body: Mapping[str, JSONValue], parts: Sequence[str], now: float) -> dict[str, dict[str, JSONValue]]:
    """Return `snippet` and `status` as they will be stored, each only where it is among the parts.

    Raises YouTubeRefusal on anything that YouTube refuses.
    """
    for name, value in body.items():
        if name not in TOP_LEVEL:
            raise _build_unknown_name(name, "video")
        if name in WRITABLE_PARTS and name not in parts and value:
            raise YouTubeRefusal(
                "unexpectedPart", f"'{name}'", domain="youtube.part", location="part", location_type="parameter"
            )
    checked: dict[str, dict[str, JSONValue]] = {}
    if "snippet" in parts:
        checked["snippet"] = _fill_snippet(_fields(body, "snippet"))
    if "status" in parts:
        checked["status"] = _status(_fields(body, "status"), now)
    return checked


def _build_unknown_name(name: str, where: str) -> YouTubeRefusal:
    return YouTubeRefusal(
        "badRequest", f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
    )


def _fields(body: Mapping[str, JSONValue], part: str) -> dict[str, JSONValue]:
    """Return the fields of a part that an app can set."""
    sent = body.get(part)
    if sent is None:
        return {}
    if not isinstance(sent, Mapping):
        raise _build_wrong_type(part)
    fields: dict[str, JSONValue] = {}
    for name, value in sent.items():
        if name not in FIELDS[part]:
            raise _build_unknown_name(name, f"video.{part}")
        kind = FIELDS[part][name]
        if kind is None or value is None:
            continue
        if not isinstance(value, kind):
            raise _build_wrong_type(f"{part}.{name}")
        fields[name] = value
    return fields


def _build_wrong_type(where: str) -> YouTubeRefusal:
    return YouTubeRefusal("badRequest", f"Invalid value at 'video.{where}'")


def _build_refusal(reason: str, message: str, field: str) -> YouTubeRefusal:
    return YouTubeRefusal(reason, message, domain="youtube.video", location=f"body.{field}")


def _fill_snippet(fields: dict[str, JSONValue]) -> dict[str, JSONValue]:
    title, description = str(fields.get("title", "")), str(fields.get("description", ""))
    if not title.strip() or len(title) > MAX_TITLE or _has_brackets(title):
        raise _build_refusal(
            "invalidTitle", "The request metadata specifies an invalid or empty video title.", "snippet.title"
        )
    if len(description.encode()) > MAX_DESCRIPTION_BYTES or _has_brackets(description):
        raise _build_refusal(
            "invalidDescription",
            "The request metadata specifies an invalid video description.",
            "snippet.description",
        )
    tags = fields.get("tags", [])
    if isinstance(tags, list) and tags and not _tags_fit(tags):
        raise _build_refusal("invalidTags", "The request metadata specifies invalid video keywords.", "snippet.tags")
    if fields.get("categoryId", DEFAULT_CATEGORY) not in CATEGORIES:
        raise _build_refusal(
            "invalidCategoryId",
            "The snippet.categoryId property specifies an invalid category ID.",
            "snippet.categoryId",
        )
    return {"description": "", "categoryId": DEFAULT_CATEGORY, **fields}


def _has_brackets(text: str) -> bool:
    return "<" in text or ">" in text


def _tags_fit(tags: Sequence[JSONValue]) -> bool:
    texts = [tag for tag in tags if isinstance(tag, str) and tag.strip() and not _has_brackets(tag)]
    length = sum(len(tag) + (2 if " " in tag else 0) for tag in texts) + len(texts) - 1
    return len(texts) == len(tags) and length <= MAX_TAGS


def _status(fields: dict[str, JSONValue], now: float) -> dict[str, JSONValue]:
    for name, allowed in (("privacyStatus", PRIVACY), ("license", LICENSES)):
        if name in fields and fields[name] not in allowed:
            raise _build_wrong_type(f"status.{name}")
    # A part is replaced as a whole: what is not sent goes back to its default, which is public for privacyStatus.
    status: dict[str, JSONValue] = {
        "privacyStatus": "public",
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        **fields,
    }
    if "publishAt" in fields:
        at = instant_of(str(fields["publishAt"]))
        if at is None or status["privacyStatus"] != "private":
            raise _build_refusal(
                "invalidPublishAt",
                "The request metadata specifies an invalid scheduled publishing time.",
                "status.publishAt",
            )
        if at <= now:  # a date in the past publishes the video at once
            status["privacyStatus"] = "public"
            del status["publishAt"]
    return status


def instant_of(text: str) -> float | None:
    """Return an ISO 8601 instant in seconds since 1970; None for another text, or one without an offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.astimezone(UTC).timestamp()
