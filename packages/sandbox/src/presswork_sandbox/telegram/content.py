"""Reading what a bot sends: texts with their entities, polls, and photos and videos by file, URL or file id.

Source: Telegram, "Bot API" (10.0), read 2026-12. Of the parse modes, HTML is read.
"""

import json
import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Final

from presswork_sandbox.core import Sandbox
from presswork_sandbox.forms import Sent
from presswork_sandbox.media import Asset, FetchFailed
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.telegram.errors import TelegramRefusal, bad
from presswork_sandbox.telegram.messages import FILE_ID
from presswork_sandbox.wire import JSONValue, text_of

MAX_TEXT: Final = 4096  # characters, after parsing
MAX_CAPTION: Final = 1024
MAX_ENTITIES: Final = 100
ALBUM: Final = (2, 10)
MAX_QUESTION: Final = 300
MAX_OPTION: Final = 100
OPTIONS: Final = (1, 12)
MEBIBYTE: Final = 1024 * 1024
UPLOAD_BYTES: Final = {"photo": 10 * MEBIBYTE, "video": 50 * MEBIBYTE}
URL_BYTES: Final = {"photo": 5 * MEBIBYTE, "video": 20 * MEBIBYTE}
MAX_SIDES: Final = 10_000  # width and height together
MAX_RATIO: Final = 20
PHOTO_FORMATS: Final = frozenset({"JPEG", "PNG", "WEBP"})
_TAG: Final = re.compile(r"<(/?)([a-z-]+)((?:\s[^<>]*)?)>", re.ASCII | re.IGNORECASE)
_TAGS: Final = frozenset(
    [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "a",
        "code",
        "pre",
        "tg-spoiler",
        "tg-emoji",
        "blockquote",
        "span",
    ]
)


def structured(params: Mapping[str, JSONValue], name: str) -> JSONValue:
    """Return a list or an object, which a form carries as JSON. Raises TelegramRefusal."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        found: JSONValue = json.loads(value)
    except (ValueError, RecursionError) as wrong:
        raise bad(f"can't parse {name}: can't parse JSON object") from wrong
    return found


def read_words(params: Mapping[str, JSONValue], name: str, max_length: int) -> str:
    """Return the text or the caption of a message as people see it. Raises TelegramRefusal."""
    text, mode = text_of(params.get(name)), text_of(params.get("parse_mode"))
    if mode and mode.lower() != "html":
        raise bad(
            "unsupported parse_mode" if mode not in {"Markdown", "MarkdownV2"} else f"the sandbox reads no {mode}"
        )
    if mode:
        text = _strip_tags(text)
    entities = structured(params, "entities" if name == "text" else "caption_entities")
    if isinstance(entities, list):
        _check_entities(entities, text)
    if len(text) > max_length:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text


def _check_entities(entities: Sequence[JSONValue], text: str) -> None:
    length = len(text.encode("utf-16-le")) // 2
    if len(entities) > MAX_ENTITIES:
        raise bad("too many entities")
    for one in entities:
        start, size = (one.get(key) if isinstance(one, Mapping) else None for key in ("offset", "length"))
        if not isinstance(start, int) or not isinstance(size, int) or start < 0 or size < 1 or start + size > length:
            raise bad("entity beginning or end is out of the text")


def _strip_tags(text: str) -> str:
    stack: list[str] = []
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if name not in _TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {match.start()}')
        if not match[1]:
            stack.append(name)
        elif not stack or stack.pop() != name:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {match.start()}")
    if stack:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{stack[-1]}\"")
    plain = _TAG.sub("", text)
    if "<" in plain:
        raise bad(f"can't parse entities: Unsupported start tag at byte offset {plain.index('<')}")
    return unescape(plain)


def read_poll(params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """Return the poll of a call. Raises TelegramRefusal."""
    question, options = text_of(params.get("question")), structured(params, "options")
    if not 0 < len(question) <= MAX_QUESTION:
        raise bad("poll question length must not exceed 300" if question else "poll question must be non-empty")
    texts = (
        [one.get("text") if isinstance(one, Mapping) else one for one in options] if isinstance(options, list) else []
    )
    if not OPTIONS[0] <= len(texts) <= OPTIONS[1]:
        raise bad("poll must have between 1 and 12 options")
    if not all(isinstance(one, str) and 0 < len(one) <= MAX_OPTION for one in texts):
        raise bad("poll options length must not exceed 100")
    counted: list[JSONValue] = [{"text": one, "voter_count": 0} for one in texts]
    return {"question": question, "options": counted, "total_voter_count": 0, "is_closed": False, "is_anonymous": True}


class Files:
    """Photos and videos of calls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def album(self, sent: Sent) -> tuple[list[Asset], Mapping[str, JSONValue]]:
        """Return the files of an album, and its first item, whose caption is the album's. Raises TelegramRefusal."""
        media = structured(sent.params, "media")
        if not isinstance(media, list) or not ALBUM[0] <= len(media) <= ALBUM[1]:
            raise bad("media group must include 2-10 items")
        items = [one for one in media if isinstance(one, Mapping)]
        if len(items) < len(media) or any(one.get("type") not in UPLOAD_BYTES for one in items):
            raise bad("the sandbox has photos and videos in albums; type must be one of photo, video")
        return [await self.find(sent, str(one["type"]), text_of(one.get("media"))) for one in items], items[0]

    async def find(self, sent: Sent, kind: str, source: str) -> Asset:
        """Return a photo or a video: an uploaded file, one at a URL, or one that was sent before. Raises TelegramRefusal."""
        path = sent.files.get(source.removeprefix("attach://") if source.startswith("attach://") else kind)
        try:
            if path is not None and (source.startswith("attach://") or not source):
                if path.stat().st_size > UPLOAD_BYTES[kind]:
                    raise TelegramRefusal(413, "Request Entity Too Large")
                asset = await self._sandbox.media_store.keep(path)
            elif source.startswith(("http://", "https://")):
                store = self._sandbox.media_store
                asset = await store.fetch(source, limit_bytes=URL_BYTES[kind], redirects=True)
            else:
                found = self._by_id(source)
                if found is None:
                    raise bad("wrong file identifier/HTTP URL specified")
                asset = found
        except FetchFailed as failed:
            raise bad("failed to get HTTP URL content") from failed
        except NotMedia as wrong:
            raise bad("IMAGE_PROCESS_FAILED" if kind == "photo" else "wrong type of the web page content") from wrong
        _check_file(asset, kind)
        return asset

    def _by_id(self, source: str) -> Asset | None:
        number = source.removeprefix(FILE_ID)
        is_id = source.startswith(FILE_ID) and number.isascii() and number.isdigit() and len(number) < 18
        return self._sandbox.media_store.asset(int(number)) if is_id else None


def _check_file(asset: Asset, kind: str) -> None:
    if kind == "video":
        if not asset.is_video or asset.format not in {"MP4", "MOV"}:
            raise bad("wrong type of the web page content")
        return
    if asset.is_video or asset.format not in PHOTO_FORMATS:
        raise bad("IMAGE_PROCESS_FAILED")
    sides = sorted((asset.width, asset.height))
    if sum(sides) > MAX_SIDES or sides[1] > MAX_RATIO * sides[0]:
        raise bad("PHOTO_INVALID_DIMENSIONS")
