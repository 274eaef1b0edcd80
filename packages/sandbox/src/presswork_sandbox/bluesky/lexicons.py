"""The lexicons of the records that this server validates, as one table. Other collections are stored as they come.

Source: bluesky-social/atproto, lexicons/app/bsky, read 2026-11; the numbers of the gallery, of images and of videos as of
2026-08.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.bluesky.lexicon import (
    Check,
    InvalidRecord,
    anything,
    array,
    blob,
    flag,
    integer,
    nullable,
    record,
    text,
    union,
)
from presswork_sandbox.wire import JSONValue

POST: Final = "app.bsky.feed.post"
THREADGATE: Final = "app.bsky.feed.threadgate"
POSTGATE: Final = "app.bsky.feed.postgate"
LIKE: Final = "app.bsky.feed.like"
IMAGES: Final = "app.bsky.embed.images"
GALLERY: Final = "app.bsky.embed.gallery"
VIDEO_EMBED: Final = "app.bsky.embed.video"
EXTERNAL: Final = "app.bsky.embed.external"
QUOTE: Final = "app.bsky.embed.record"
QUOTE_WITH_MEDIA: Final = "app.bsky.embed.recordWithMedia"

IMAGE_BYTES: Final = 2_000_000
THUMB_BYTES: Final = 1_000_000
"""Of the picture on a link card: half of what a picture of the post may have."""
VIDEO_BYTES: Final = 300_000_000
CAPTION_BYTES: Final = 20_000
TEXT_BYTES: Final = 3000
TEXT_GRAPHEMES: Final = 300
GALLERY_ITEMS: Final = 20
"""Of the schema; authors are asked to stop at ten."""

_REF: Final = record({"uri": text("at-uri"), "cid": text("cid")})
_RATIO: Final = record({"width": integer(1), "height": integer(1)})
_IMAGE: Final = {"image": blob("image/*", IMAGE_BYTES), "alt": text()}
_MEDIA: Final[Mapping[str, Check]] = {
    IMAGES: record({"images": array(record(_IMAGE, {"aspectRatio": _RATIO}), max_items=4)}),
    GALLERY: record(
        {
            "items": array(
                union({f"{GALLERY}#image": record({**_IMAGE, "aspectRatio": _RATIO})}), max_items=GALLERY_ITEMS
            )
        }
    ),
    VIDEO_EMBED: record(
        {"video": blob("video/mp4", VIDEO_BYTES)},
        {
            "alt": text(max_bytes=10_000, max_graphemes=1000),
            "aspectRatio": _RATIO,
            "captions": array(
                record({"lang": text("language"), "file": blob("text/vtt", CAPTION_BYTES)}), max_items=20
            ),
        },
    ),
    EXTERNAL: record(
        {
            "external": record(
                {"uri": text("uri"), "title": text(), "description": text()},
                {"thumb": blob("image/*", THUMB_BYTES), "associatedRefs": array(_REF)},
            )
        }
    ),
}
_QUOTE: Final = record({"record": _REF})
_EMBED: Final = union({**_MEDIA, QUOTE: _QUOTE, QUOTE_WITH_MEDIA: record({"record": _QUOTE, "media": union(_MEDIA)})})
_FEATURE: Final = union(
    {
        "app.bsky.richtext.facet#mention": record({"did": text("did")}),
        "app.bsky.richtext.facet#link": record({"uri": text("uri")}),
        "app.bsky.richtext.facet#tag": record({"tag": text(max_bytes=640, max_graphemes=64)}),
    }
)
_FACET: Final = record({"index": record({"byteStart": integer(0), "byteEnd": integer(0)}), "features": array(_FEATURE)})
_LABELS: Final = union(
    {"com.atproto.label.defs#selfLabels": record({"values": array(record({"val": text(max_bytes=128)}), max_items=10)})}
)
_RULES: Final[Mapping[str, Check]] = {
    f"{THREADGATE}#mentionRule": anything,
    f"{THREADGATE}#followerRule": anything,
    f"{THREADGATE}#followingRule": anything,
    f"{THREADGATE}#listRule": record({"list": text("at-uri")}),
}
_POST_FIELDS: Final = record(
    {"text": text(max_bytes=TEXT_BYTES, max_graphemes=TEXT_GRAPHEMES), "createdAt": text("datetime")},
    {
        "facets": array(_FACET),
        "reply": record({"root": _REF, "parent": _REF}),
        "embed": _EMBED,
        "langs": array(text("language"), max_items=3),
        "labels": _LABELS,
        "tags": array(text(max_bytes=640, max_graphemes=64), max_items=8),
    },
)


def _check_facets(path: str, value: JSONValue) -> None:
    """Check that facets are inside the text, between characters. Raises InvalidRecord.

    The real server stores others, and apps don't show them: here they are refused, so that a wrong count is seen.
    """
    fields = value if isinstance(value, Mapping) else {}
    data, facets = str(fields.get("text", "")).encode(), fields.get("facets")
    for number, facet in enumerate(facets if isinstance(facets, list) else ()):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        where = f"{path}/facets/{number}/index"
        if not 0 <= start < end <= len(data):
            raise InvalidRecord(f"{where} must be inside the text, which has {len(data)} bytes of UTF-8")
        if any(place < len(data) and data[place] & 0xC0 == 0x80 for place in (start, end)):
            raise InvalidRecord(f"{where} must not cut a character: byteStart and byteEnd count bytes of UTF-8")


def _post(path: str, value: JSONValue) -> None:
    _POST_FIELDS(path, value)
    _check_facets(path, value)


RECORDS: Final[Mapping[str, Check]] = {
    POST: _post,
    THREADGATE: record(
        {"post": text("at-uri"), "createdAt": text("datetime")},
        {"allow": array(union(_RULES), max_items=5), "hiddenReplies": array(text("at-uri"), max_items=300)},
    ),
    POSTGATE: record(
        {"post": text("at-uri"), "createdAt": text("datetime")},
        {
            "detachedEmbeddingUris": array(text("at-uri"), max_items=50),
            "embeddingRules": array(union({f"{POSTGATE}#disableRule": anything}), max_items=5),
        },
    ),
    LIKE: record({"subject": _REF, "createdAt": text("datetime")}, {"via": _REF}),
}
"""By collection."""
TID_KEYED: Final = frozenset({POST, THREADGATE, POSTGATE, LIKE})
"""Collections whose record keys must be TIDs."""

_REPO: Final = {"repo": text("at-identifier"), "collection": text("nsid")}
_KEY: Final = {"rkey": text("record-key", max_bytes=512)}
_WRITE: Final = {"validate": flag, "swapCommit": text("cid")}
INPUTS: Final[Mapping[str, Check]] = {
    "create_session": record({"identifier": text(), "password": text()}, {"authFactorToken": text()}),
    "create_record": record({**_REPO, "record": anything}, {**_KEY, **_WRITE}),
    "put_record": record({**_REPO, **_KEY, "record": anything}, {**_WRITE, "swapRecord": nullable(text("cid"))}),
    "delete_record": record({**_REPO, **_KEY}, {"swapRecord": text("cid"), "swapCommit": text("cid")}),
    "apply_writes": record(
        {
            "repo": text("at-identifier"),
            "writes": array(
                union(
                    {
                        "com.atproto.repo.applyWrites#create": record(
                            {"collection": text("nsid"), "value": anything}, _KEY
                        ),
                        "com.atproto.repo.applyWrites#update": record(
                            {"collection": text("nsid"), **_KEY, "value": anything}
                        ),
                        "com.atproto.repo.applyWrites#delete": record({"collection": text("nsid"), **_KEY}),
                    },
                    is_closed=True,
                )
            ),
        },
        _WRITE,
    ),
}
"""Bodies of procedures, by operation."""
QUERIES: Final[Mapping[str, Check]] = {
    "get_record": record({**_REPO, **_KEY}, {"cid": text("cid")}),
    "list_records": record(_REPO),
    "resolve_handle": record({"handle": text("handle")}),
    "get_profile": record({"actor": text("at-identifier")}),
    "get_post_thread": record({"uri": text("at-uri")}),
    "get_service_auth": record({"aud": text("did")}, {"lxm": text("nsid")}),
}
"""Parameters of queries, by operation."""
