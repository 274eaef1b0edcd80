"""Options of a target that belong to one platform: their schemas, their issue codes, where they apply, and the
document that stores them.

A platform declares an `OptionField` for each field that it adds to a target, in its plugin. Everything else works with the
document: a JSON object by wire names, `{"tiktokPostSettings": {…}}`, which the schema validated when it was sent.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final, Self, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from presswork.core.enums import EditField, MediaType, Mode
from presswork.core.errors import FieldError, IssueCode
from presswork.platforms.names import PlatformName


class OptionCode(StrEnum):
    """What is wrong with an option, or with the post that carries it: as public as `IssueCode`, and in the same table of docs/."""

    TRACK_ID_REQUIRED = "track_id_required"
    UNKNOWN_TRACK = "unknown_track"
    MUSIC_ON_DRAFT = "music_on_draft"
    NON_PUBLISH_MODE = "non_publish_mode"
    NON_INSTAGRAM_TARGET = "non_instagram_target"
    NON_TIKTOK_TARGET = "non_tiktok_target"
    NON_VIDEO_CONTAINER = "non_video_container"
    NON_IMAGE_CONTAINER = "non_image_container"
    NON_MEDIA_CONTAINER = "non_media_container"
    POLL_MEDIA = "poll_media"
    DOCUMENT_MEDIA = "document_media"
    STORY_MEDIA = "story_media"
    STORY_TEXT = "story_text"
    USER_TAG_POSITION = "user_tag_position"


def issue_code_of(text: str) -> IssueCode | OptionCode:
    """Return the issue code with this text. Raises ValueError where there is none."""
    return OptionCode(text) if text in set(OptionCode) else IssueCode(text)


_LABELS: Final = "x-labels"
_UNSET: Final = "x-unset"
_CHOICES: Final = "x-choices"
_NARROWEST: Final = "x-narrowest"
_NARROWEST_COMMENTED: Final = "x-narrowest-commented"
ON_BY_DEFAULT: Final[JsonDict] = {"x-default": True}
"""In the schema of a member that is true where it is not requested."""


def written_as(pattern: str, problem: str) -> AfterValidator:
    """Return a validator of texts. `problem` continues the name of the field: "is no handle. Send one like luna.bakes."."""
    form = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if form.fullmatch(text) is None:
            raise FieldError(problem, IssueCode.INVALID_FORMAT)
        return text

    return AfterValidator(check)


def labels(of_values: Mapping[str, str], *, unset: str | None = None) -> JsonDict:
    """Return what a form calls the values of a member, for its schema: the first holds without the member, unless `unset` says
    in words what does.
    """
    return {_LABELS: dict(of_values), **({} if unset is None else {_UNSET: unset})}


def choices_of_account(name: str) -> JsonDict:
    """Return that the values of a member are ids of what an account has, for its schema: a form lists `name` of the account, such as
    `boards`, by the route below `/v1/social-accounts/:id` that is called so."""
    return {_CHOICES: name}


def audiences(
    of_values: Mapping[str, str], *, narrowest: str, commented: str | None = None, unset: str | None = None
) -> JsonDict:
    """Return `labels` of a member that says who sees the post, with the value of the smallest audience, and of the smallest one whose
    posts can have comments where that is another.
    """
    return {**labels(of_values, unset=unset), _NARROWEST: narrowest, _NARROWEST_COMMENTED: commented or narrowest}


OptionText = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]*$")]
"""A text without NUL characters, which PostgreSQL can't store."""
OptionLine = Annotated[
    OptionText, written_as(r"[^\r\n]*\S[^\r\n]*", "is blank or has a line break. Send one line of text.")
]
"""One line of text."""


class OptionModel(BaseModel):
    """Base of the schemas: camelCase on the wire, unknown names are refused, None where nothing is requested."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


Model = TypeVar("Model", bound=OptionModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsuitable:
    """Why a post of one media type can't carry an option."""

    path: str
    """Of the option within its field, such as `.coverUrl`; empty: the field itself."""
    reason: OptionCode
    problem: str
    """What is wrong and what to do, after the name of the field: "is supported for images only. Omit it."."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriers:
    """The content that can carry an option, and why other content can't."""

    media_types: frozenset[MediaType]
    reason: OptionCode
    problem: str
    """As of `Unsuitable`."""


VIDEO_ONLY: Final = Carriers(
    media_types=frozenset({MediaType.VIDEO}),
    reason=OptionCode.NON_VIDEO_CONTAINER,
    problem="is supported for a single video only. Omit it for other content.",
)
PICTURES_ONLY: Final = Carriers(
    media_types=frozenset({MediaType.IMAGE, MediaType.MULTI}),
    reason=OptionCode.NON_IMAGE_CONTAINER,
    problem="is supported for images only. Omit it.",
)
MEDIA_ONLY: Final = Carriers(
    media_types=frozenset(MediaType) - {MediaType.TEXT},
    reason=OptionCode.NON_MEDIA_CONTAINER,
    problem="is supported for media only. Omit it.",
)
POLL: Final = Carriers(
    media_types=frozenset({MediaType.TEXT}),
    reason=OptionCode.POLL_MEDIA,
    problem="is supported for a text without media only. Omit it, or publish the text alone.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What a target asks for beside its post, such as a thumbnail: added once the post is live, and never a reason for it to fail."""

    kind: str
    subject: str | None = None
    """Which one it is, where a post may have several of a kind: the id of a playlist, the language of captions."""

    @property
    def key(self) -> str:
        """What distinguishes it from the others of its post."""
        return self.kind if self.subject is None else f"{self.kind} {self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionField:
    """One field of a target that not every platform knows."""

    name: str
    """On the wire, such as `instagramPostSettings`."""
    platform: PlatformName | None
    """The only one that knows it, or None if several do."""
    description: str
    schema: Any  # the type that Pydantic validates
    modes: frozenset[Mode]
    """Where the field has an effect; in other modes it is validated and then ignored."""
    refused: Mapping[Mode, tuple[str, OptionCode]] = field(default_factory=dict)
    """Modes in which the field is refused: the problem, after the name of the field, and its code."""
    carriers: Mapping[str, Carriers] = field(default_factory=dict)
    """Members that not all content can carry; an empty name: the field itself."""
    unfit: Callable[[JsonValue, MediaType], Iterable[Unsuitable]] = lambda _value, _media_type: ()
    """Returns what else posts of a media type can't carry. Pure."""
    forbids_text: Callable[[JsonValue], Unsuitable | None] = lambda _value: None
    """Returns why the post may have neither caption nor first comment, if that is so."""
    checked: Sequence[str] = ()
    """Members about which `Connector.check` may report an error, beyond the platform's bounds."""
    is_refused_elsewhere: bool = False
    """Whether the field is refused, and not ignored, on accounts of other platforms."""

    edited: Mapping[EditField, str] = field(default_factory=dict)
    """Members that show what a change of the live post has changed."""
    reviewed: Sequence[str] = ()
    """Members that add words or media: an approval of texts covers them."""
    filled: Sequence[str] = ()
    """Members that are texts in which variables are filled in."""
    extras: Callable[[JsonValue], Sequence[Extra]] = lambda _value: ()
    """Returns what is added to posts in the mode `publish` once they are live. Pure."""
    fetched: Callable[[JsonValue], Mapping[str, str]] = lambda _value: {}
    """Returns the URLs that Presswork itself fetches, by their paths within the field, such as `.thumbnail.url`. Pure."""

    def own_words(self, value: JsonValue) -> Mapping[str, str]:
        """Return the reviewed members that a value has, by their paths, such as `tiktokPostSettings.title`."""
        members = _members(value, self.reviewed).items()
        return dict(words for name, member in members for words in _list_words(f"{self.name}.{name}", member))

    def unsuitable(self, value: JsonValue, media_type: MediaType) -> Sequence[Unsuitable]:
        """Return what posts of a media type can't carry, on the field's own platform."""
        refused = [*self.unfit(value, media_type)]
        for name in _members(value, [*self.carriers]):
            carriers = self.carriers[name]
            if media_type not in carriers.media_types:
                path = f".{name}" if name else ""
                refused.append(Unsuitable(path=path, reason=carriers.reason, problem=carriers.problem))
        return refused

    def may_fail(self, value: JsonValue) -> bool:
        """Whether `Connector.check` may report an error because of the field, beyond the platform's bounds."""
        return any(member is not False for member in _members(value, self.checked).values())

    def json_schema(self) -> JsonDict:
        """Return the schema of the field with titles, descriptions, `x-labels` and `x-narrowest` of values, and `x-choices`. Every member is
        optional, null apart.
        """
        schema = TypeAdapter(self.schema).json_schema()
        definitions = schema.pop("$defs", {})
        plain: JsonDict = _resolve_references(schema, definitions)
        return plain

    def max_length(self, member: str) -> int:
        """Return the most characters of a member that is a text with a limit."""
        schema: Any = self.json_schema()  # a JSON schema
        limit: int = schema["properties"][member]["maxLength"]
        return limit

    def media_types(self, member: str = "") -> Sequence[MediaType]:
        """Return the content that can carry a member; without one, the field itself."""
        carriers = self.carriers.get(member)
        return [kind for kind in MediaType if carriers is None or kind in carriers.media_types]

    def is_for(self, platform: PlatformName, mode: Mode) -> bool:
        """Whether the field has an effect on posts of a platform in a mode."""
        return self.platform in (None, platform) and mode in self.modes


def _resolve_references(schema: Any, definitions: Any) -> Any:  # parts of a JSON schema
    """Return a schema without references, and without the null that stands for an option that is not requested."""
    if isinstance(schema, list):
        return [_resolve_references(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: part
        for name, part in schema.items()
        if name not in {"$ref", "anyOf"} and (name, part) != ("default", None)
    }
    if reference := schema.get("$ref"):
        return _resolve_references({**definitions[reference.rpartition("/")[2]], **kept}, definitions)
    if alternatives := [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]:
        (requested,) = alternatives
        return _resolve_references({**requested, **kept}, definitions)
    return {name: _resolve_references(part, definitions) for name, part in kept.items()}


def _members(value: JsonValue, names: Sequence[str]) -> Mapping[str, JsonValue]:
    members = {"": value, **(value if isinstance(value, dict) else {})}
    return {name: members[name] for name in names if members.get(name) is not None}


def _list_words(path: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield the values within a member, each with its path, such as `linkedinPostSettings.poll.options[0]`."""
    if isinstance(value, dict):
        parts = [(f"{path}.{name}", part) for name, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{index}]", part) for index, part in enumerate(value)]
    else:
        yield path, str(value)
        return
    for inner, part in parts:
        if part is not None:
            yield from _list_words(inner, part)


@dataclass(frozen=True, slots=True)
class PostOptions:
    """The options of one post. A connector reads only its own platform's."""

    document: Mapping[str, JsonValue] = field(default_factory=dict)

    def of(self, name: str, model: type[Model]) -> Model:
        """Return the options of one field, as they were accepted. Those that were not requested are None.

        A rule may have become stricter since. The worker refuses such a post before its call; after it, the platform is asked
        about the post as it was sent.
        """
        stored: Any = self.document.get(name) or {}  # an object; a damaged one fails here
        try:
            return model.model_validate(stored)
        except ValidationError:
            return cast("Model", model.model_construct(**stored))

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Parse a stored document. Raises ValueError."""
        return cls() if text is None else cls(_DOCUMENT.validate_json(text))


_DOCUMENT: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])
