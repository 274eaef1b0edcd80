"""What a post may be: the checks of its body, field by field.

Source: LinkedIn, "Posts API" (2026-05), "MultiImage", "Poll" and "Documents" APIs, read 2026-11. Whether LinkedIn counts the
characters of a commentary before or after it reads its elements is not documented; here those that people see count.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.linkedin.errors import LinkedInRefusal, unmet_schema, wrong_field
from presswork_sandbox.linkedin.little_text import LittleText, read_little_text
from presswork_sandbox.wire import JSONValue

MAX_COMMENTARY: Final = 3000
MAX_LINK_TITLE: Final = 400  # reported by clients
MAX_ALT_TEXT: Final = 4086
IMAGES: Final = (2, 20)
POLL_OPTIONS: Final = (2, 4)
MAX_POLL_QUESTION: Final = 140
MAX_POLL_OPTION: Final = 30
POLL_DURATIONS: Final = frozenset({"ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"})
PERSON: Final = re.compile(r"urn:li:person:[\w-]+", re.ASCII)
ORGANIZATION: Final = re.compile(r"urn:li:organization:\d{1,18}", re.ASCII)
MEDIA: Final = re.compile(r"urn:li:(image|video|document):[\w-]+", re.ASCII)
VISIBILITIES: Final = {"person": ("PUBLIC", "CONNECTIONS", "LOGGED_IN"), "organization": ("PUBLIC",)}
_REQUIRED: Final = ("author", "commentary", "visibility", "distribution", "lifecycleState")
_FIELDS: Final = frozenset({*_REQUIRED, "content", "isReshareDisabledByAuthor", "reshareContext"})
_CONTENTS: Final = ("media", "multiImage", "article", "poll")
_ARTICLE_FIELDS: Final = frozenset({"source", "title", "description", "thumbnail"})
_POLL_FIELDS: Final = frozenset({"question", "options", "settings"})
_SOURCE: Final = re.compile(r"https?://[^\s/?#]+\S*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostBody:
    """A post that fits the schema; whether its media are there is for others to say."""

    author: str
    text: LittleText
    visibility: str
    lifecycle: str
    media: Sequence[str]
    """URNs of its images, its video or its document."""
    subject: str
    """The URL of its article, or the question of its poll, or ""."""
    thumbnail: str | None
    sent: Mapping[str, JSONValue]

    @property
    def has_video(self) -> bool:
        """Whether its media is a video: LinkedIn publishes it a moment later, under another kind of URN."""
        return any(urn.startswith("urn:li:video:") for urn in self.media)


def _refuse(path: str, message: str, code: str = "INVALID_VALUE_FOR_FIELD", **more: JSONValue) -> LinkedInRefusal:
    return LinkedInRefusal(wrong_field(path, message, code, **more))


def object_of(value: JSONValue, path: str) -> Mapping[str, JSONValue]:
    """Return a field that must be an object. Raises LinkedInRefusal."""
    if not isinstance(value, Mapping):
        raise LinkedInRefusal(unmet_schema(f"/{path} :: field is required but not found and has no default value"))
    return value


def string_of(body: Mapping[str, JSONValue], name: str, path: str = "") -> str:
    """Return a field that must be a string. Raises LinkedInRefusal."""
    value = body.get(name)
    if not isinstance(value, str):
        problem = "field is required but not found and has no default value"
        if value is not None:
            problem = f"{value!r} is not a string"
        raise LinkedInRefusal(unmet_schema(f"/{path}{name} :: {problem}"))
    return value


def read_post(body: Mapping[str, JSONValue]) -> PostBody:
    """Read the body of POST /rest/posts. Raises LinkedInRefusal."""
    problems = [
        f"/{name} :: field is required but not found and has no default value"
        for name in _REQUIRED
        if body.get(name) is None
    ]
    problems += [f"/{name} :: unrecognized field found but not allowed" for name in sorted(set(body) - _FIELDS)]
    if problems:
        raise LinkedInRefusal(unmet_schema(*problems))
    author = string_of(body, "author")
    if PERSON.fullmatch(author) is None and ORGANIZATION.fullmatch(author) is None:
        raise _refuse("author", f"{author} is no URN of a person or an organization")
    visibility, lifecycle = string_of(body, "visibility"), string_of(body, "lifecycleState")
    allowed = VISIBILITIES["person" if PERSON.fullmatch(author) else "organization"]
    if visibility not in allowed:
        raise _refuse("visibility", f"{visibility} is not allowed; allowed are {', '.join(allowed)}")
    if lifecycle not in {"PUBLISHED", "DRAFT"}:
        raise _refuse("lifecycleState", f"{lifecycle} is not allowed; allowed are PUBLISHED, DRAFT")
    if not isinstance(body.get("isReshareDisabledByAuthor", False), bool):
        raise LinkedInRefusal(unmet_schema("/isReshareDisabledByAuthor :: is not a boolean"))
    _check_distribution(object_of(body["distribution"], "distribution"))
    text = _read_commentary(string_of(body, "commentary"), body.get("content"))
    content = _read_content(body.get("content"))
    return PostBody(
        author=author,
        text=text,
        visibility=visibility,
        lifecycle=lifecycle,
        media=content.media,
        subject=content.subject,
        thumbnail=content.thumbnail,
        sent=body,
    )


def _read_commentary(commentary: str, content: JSONValue) -> LittleText:
    """Return the commentary of a post with a content. Raises LinkedInRefusal."""
    text = read_little_text(commentary)
    if len(text.shown) > MAX_COMMENTARY:
        message = (
            f"ShareCommentary text length ({len(text.shown)} characters) exceeded the maximum allowed"
            f" ({MAX_COMMENTARY} characters)"
        )
        raise _refuse("commentary", message, "FIELD_ARRAY_SIZE_TOO_HIGH", maxLength=MAX_COMMENTARY)
    if not text.kept.strip() and content is None:
        raise _refuse("commentary", "A post needs a commentary or a content")
    return text


def read_patch(body: Mapping[str, JSONValue], content: JSONValue) -> tuple[str, LittleText]:
    """Return the commentary that the body of a PARTIAL_UPDATE sets, as it was sent and as LinkedIn reads it.

    `content` is that of the post. Of the other fields LinkedIn documents those of ads only. Raises LinkedInRefusal.
    """
    _refuse_unknown(body, frozenset({"patch"}), "")
    patch = object_of(body.get("patch"), "patch")
    _refuse_unknown(patch, frozenset({"$set"}), "patch/")
    fields = object_of(patch.get("$set"), "patch/$set")
    _refuse_unknown(fields, frozenset({"commentary"}), "patch/$set/")
    commentary = string_of(fields, "commentary", "patch/$set/")
    return commentary, _read_commentary(commentary, content)


def _check_distribution(distribution: Mapping[str, JSONValue]) -> None:
    feed = string_of(distribution, "feedDistribution", "distribution/")
    if feed not in {"MAIN_FEED", "NONE"}:
        raise _refuse("distribution/feedDistribution", f"{feed} is not allowed; allowed are MAIN_FEED, NONE")
    for name in ("targetEntities", "thirdPartyDistributionChannels"):
        if not isinstance(distribution.get(name, []), list):
            raise LinkedInRefusal(unmet_schema(f"/distribution/{name} :: is not an array"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a post is about beside its text."""

    media: Sequence[str] = ()
    subject: str = ""
    thumbnail: str | None = None


def _read_content(value: JSONValue) -> _Content:
    """Return the content of a post. Raises LinkedInRefusal."""
    if value is None:
        return _Content()
    content = object_of(value, "content")
    if len(content) != 1 or next(iter(content)) not in _CONTENTS:
        names = ", ".join(sorted(content)) or "nothing"
        raise _refuse("content", f"The content has {names}; one of these is allowed: {', '.join(_CONTENTS)}")
    kind = next(iter(content))
    inner = object_of(content[kind], f"content/{kind}")
    match kind:
        case "media":
            return _Content(media=(_media_of(inner, "content/media", ("image", "video", "document")),))
        case "multiImage":
            return _Content(media=_images_of(inner))
        case "article":
            return _article_of(inner)
        case _:
            _check_poll(inner)
            return _Content(subject=string_of(inner, "question"))


def _refuse_unknown(inner: Mapping[str, JSONValue], known: frozenset[str], path: str) -> None:
    """Raise LinkedInRefusal if an object has fields that its schema does not name."""
    unknown = sorted(set(inner) - known)
    if unknown:
        raise LinkedInRefusal(
            unmet_schema(*(f"/{path}{name} :: unrecognized field found but not allowed" for name in unknown))
        )


def _article_of(article: Mapping[str, JSONValue]) -> _Content:
    """Return a link with its card. LinkedIn reads nothing from the page, so the card has what was sent.

    That a missing title is 400 on its field was reported by clients. Raises LinkedInRefusal.
    """
    path = "content/article"
    _refuse_unknown(article, _ARTICLE_FIELDS, f"{path}/")
    source = string_of(article, "source", f"{path}/")
    if _SOURCE.fullmatch(source) is None:
        raise _refuse(f"{path}/source", f"{source[:200]} is no URL")
    title, description, thumbnail = article.get("title"), article.get("description"), article.get("thumbnail")
    if title is None or not string_of(article, "title", f"{path}/").strip():
        raise _refuse(f"{path}/title", "An article has a title")
    if len(str(title)) > MAX_LINK_TITLE:
        message = f"A title has at most {MAX_LINK_TITLE} characters"
        raise _refuse(f"{path}/title", message, "FIELD_LENGTH_TOO_LONG", maxLength=MAX_LINK_TITLE)
    if description is not None:
        string_of(article, "description", f"{path}/")
    if thumbnail is None:
        return _Content(subject=source)
    urn = string_of(article, "thumbnail", f"{path}/")
    match = MEDIA.fullmatch(urn)
    if match is None or match[1] != "image":
        raise _refuse(f"{path}/thumbnail", f"{urn} is no URN of: image")
    return _Content(subject=source, thumbnail=urn)


def _media_of(media: Mapping[str, JSONValue], path: str, kinds: Sequence[str]) -> str:
    urn = string_of(media, "id", f"{path}/")
    match = MEDIA.fullmatch(urn)
    if match is None or match[1] not in kinds:
        raise _refuse(f"{path}/id", f"{urn} is no URN of: {', '.join(kinds)}")
    for name, max_length in (("altText", MAX_ALT_TEXT), ("title", MAX_COMMENTARY)):
        if media.get(name) is not None and len(string_of(media, name, f"{path}/")) > max_length:
            message = f"{name} has more than {max_length} characters"
            raise _refuse(f"{path}/{name}", message, "FIELD_LENGTH_TOO_LONG", maxLength=max_length)
    return urn


def _images_of(inner: Mapping[str, JSONValue]) -> Sequence[str]:
    images, path = inner.get("images"), "content/multiImage/images"
    if not isinstance(images, list) or not IMAGES[0] <= len(images) <= IMAGES[1]:
        raise _refuse(path, f"There must be {IMAGES[0]} to {IMAGES[1]} images")
    return [
        _media_of(object_of(image, f"{path}/{number}"), f"{path}/{number}", ("image",))
        for number, image in enumerate(images)
    ]


def _check_poll(poll: Mapping[str, JSONValue]) -> None:
    _refuse_unknown(poll, _POLL_FIELDS, "content/poll/")
    question, options = string_of(poll, "question", "content/poll/"), poll.get("options")
    if not question.strip() or len(question) > MAX_POLL_QUESTION:
        raise _refuse("content/poll/question", f"A question has 1 to {MAX_POLL_QUESTION} characters")
    if not isinstance(options, list) or not POLL_OPTIONS[0] <= len(options) <= POLL_OPTIONS[1]:
        raise _refuse("content/poll/options", f"A poll has {POLL_OPTIONS[0]} to {POLL_OPTIONS[1]} options")
    for number, option in enumerate(options):
        path = f"content/poll/options/{number}"
        text = string_of(object_of(option, path), "text", f"{path}/")
        if not text.strip() or len(text) > MAX_POLL_OPTION:
            raise _refuse(f"{path}/text", f"An option has 1 to {MAX_POLL_OPTION} characters")
    settings = object_of(poll.get("settings"), "content/poll/settings")
    if string_of(settings, "duration", "content/poll/settings/") not in POLL_DURATIONS:
        raise _refuse("content/poll/settings/duration", f"Allowed are {', '.join(sorted(POLL_DURATIONS))}")
