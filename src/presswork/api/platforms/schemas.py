"""Response bodies about what platforms can do."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

from pydantic import Field
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, Out, with_examples
from presswork.api.http.paging import NoNextPage
from presswork.core.enums import EditField, MediaType, Mode
from presswork.platforms.limits import LimitEffect, LimitRow, LimitSubject
from presswork.platforms.live_support import CommentAction
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import OptionField
from presswork.platforms.port import Platform
from presswork.platforms.registry import logins_of, manual_instructions, review_of, rules_of, takes_customer_apps

Effect = Literal["error", "warning", "copy"]
_EFFECTS: Final[Mapping[LimitEffect, Effect]] = {
    LimitEffect.ERROR: "error",
    LimitEffect.WARNING: "warning",
    LimitEffect.COPY: "copy",
}
_LIMIT: Final[JsonDict] = {
    "subject": "caption",
    "measure": "utf8_bytes",
    "unit": "bytes",
    "min": None,
    "max": 500,
    "values": [],
    "effect": "error",
    "mediaTypes": ["image", "video", "multi"],
    "modes": ["publish"],
    "condition": None,
    "title": "Caption",
    "text": "500 bytes in UTF-8",
}
_OPTION: Final[JsonDict] = {
    "name": "threadsPostSettings",
    "description": "Threads targets in the modes `publish` and `managed`; validated, then ignored for others.",
    "modes": ["publish", "managed"],
    "mediaTypes": ["image", "video", "multi"],
    "members": [{"name": "topicTag", "mediaTypes": ["image", "video", "multi"]}],
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "topicTag": {
                "type": "string",
                "minLength": 1,
                "maxLength": 50,
                "title": "Topic",
                "description": "The topic of the post, without #.",
            }
        },
    },
}
_PERMISSION: Final[JsonDict] = {
    "login": "threads",
    "name": "threads_content_publish",
    "why": "Presswork publishes the posts that the customer has scheduled.",
}
_CAPABILITIES: Final[JsonDict] = {
    "firstComment": True,
    "altText": True,
    "takeDown": True,
    "edit": False,
    "editFields": [],
    "lookUp": True,
    "insights": True,
    "comments": True,
    "commentActions": ["reply", "hide", "delete"],
    "maxReplyText": 500,
    "threads": True,
}
_PLATFORM: Final[JsonDict] = {
    "name": "threads",
    "title": "Threads",
    "handlePrefix": "@",
    "mediaTypes": ["image", "video", "multi"],
    "modes": ["publish", "draft", "managed"],
    "limits": [_LIMIT],
    "options": [_OPTION],
    "capabilities": _CAPABILITIES,
    "permissions": [_PERMISSION],
    "takesCustomerApps": True,
    "priceCurrency": None,
}
_ACTIONS: Final = list(CommentAction)


class PlatformLimit(Out):
    """A limit of posts of a platform, and what a post beyond it gets."""

    model_config = with_examples(_LIMIT)

    subject: LimitSubject = Field(description="What it limits. `account`: what the platform reports of the account.")
    measure: str = Field(
        description="What of the subject is limited. Of a text, how it is counted: `code_points`, `visible_code_points` (a mention "
        "counts as its name), `escaped_utf16_units`, `utf16_units`, `utf8_bytes`, `graphemes`, `shortened_graphemes` (each URL "
        "counts 23, `@user@server` as `@user`), `weighted_characters` (each URL counts 23, some letters 2), `hashtags`, `mentions` or `links`. Of "
        "media: `count`, `ratio` (width over height), `duration`, `size`, `format`, `codec`, `frame_rate`, `width` or `height`. "
        "`stated`: only `text` says it."
    )
    unit: str | None = Field(description="Of `min` and `max`.")
    min: float | None
    max: float | None
    values: Sequence[str] = Field(description="What is accepted, where that is not a range.")
    effect: Effect = Field(
        description="`error`: the platform would refuse the post; `warning`: it is accepted, and something may not be as you wish; "
        "`copy`: a converted copy is sent."
    )
    media_types: Sequence[MediaType]
    modes: Sequence[Mode]
    condition: str | None = Field(description="Which posts it is for, where media type and mode don't say it.")
    title: str
    text: str = Field(description="The limit in words.")

    @classmethod
    def of(cls, row: LimitRow) -> Self:
        """Convert a row of the documentation."""
        return cls(
            subject=row.subject,
            measure=row.measure,
            unit=row.unit,
            min=row.min,
            max=row.max,
            values=row.values,
            effect=_EFFECTS[row.beyond],
            media_types=[kind for kind in MediaType if kind in row.media_types],
            modes=[mode for mode in Mode if mode in row.modes],
            condition=row.condition,
            title=row.what,
            text=row.limit,
        )


class OptionMember(Out):
    """A member of an option."""

    name: str
    media_types: Sequence[MediaType] = Field(description="The content that can carry it.")


class PlatformOption(Out):
    """A field of a target that only this platform knows."""

    model_config = with_examples(_OPTION)

    name: str
    description: str
    modes: Sequence[Mode] = Field(description="Where it has an effect; in other modes it is ignored or refused.")
    media_types: Sequence[MediaType] = Field(description="The content that can carry it.")
    members: Sequence[OptionMember]
    json_schema: Mapping[str, Any] = Field(  # a JSON schema
        alias="schema",
        description="A JSON Schema with titles, descriptions and bounds. `x-labels` names the values of an enumeration, `x-narrowest` "
        "is the one with the smallest audience (`x-narrowest-commented`: the smallest in which posts can have comments), `x-choices` names "
        "the list of the account that has the values, `x-default` is what holds without the member, and `x-unset` says it in words "
        "where it is none of the values.",
    )

    @classmethod
    def of(cls, option: OptionField) -> Self:
        """Convert a declared option."""
        schema = option.json_schema()
        members: Any = schema.get("properties", {})  # a JSON schema
        return cls(
            name=option.name,
            description=option.description,
            modes=[mode for mode in Mode if mode in option.modes],
            media_types=option.media_types(),
            members=[OptionMember(name=name, media_types=option.media_types(name)) for name in members],
            json_schema=schema,
        )


class PlatformCapabilities(FromDomain):
    """What Presswork can do on a platform, beyond publishing."""

    model_config = with_examples(_CAPABILITIES)

    first_comment: bool
    alt_text: bool
    take_down: bool = Field(default=False, description="Live posts can be taken down, with at least one login.")
    edit: bool = Field(default=False, description="Something of live posts can be changed: `editFields`.")
    edit_fields: Sequence[EditField] = ()
    look_up: bool = Field(
        default=True,
        description="Presswork can ask the platform whether a post is live, of at least some accounts. Without it, the outcome of a "
        "post stays unknown (`OUTCOME_UNKNOWN`) where the platform's response was lost.",
    )
    insights: bool = Field(default=False, description="Numbers of live posts are read.")
    comments: bool = Field(
        default=False, description="Comments on live posts can be read or answered: `commentActions`."
    )
    comment_actions: Sequence[CommentAction] = Field(
        default=(), description="What can be done with comments; each comment says what of it (`actions`)."
    )
    max_reply_text: int | None = Field(
        default=None, description="Length of a reply at most, as the platform counts; null without replies."
    )
    threads: bool = Field(default=False, description="Posts that continue each other.")


class PlatformPermission(Out):
    """A permission that a login asks for, some only where a setting says so."""

    model_config = with_examples(_PERMISSION)

    login: LoginName
    name: str
    why: str = Field(description="What Presswork does with it.")


class PlatformDescription(Out):
    """What a platform accepts and offers. The same in every environment and for every account."""

    model_config = with_examples(_PLATFORM)

    name: PlatformName
    title: str = Field(description="As the platform writes it.")
    handle_prefix: Literal["@", ""] = Field(description="What the platform writes before a handle.")
    media_types: Sequence[MediaType]
    modes: Sequence[Mode]
    limits: Sequence[PlatformLimit]
    options: Sequence[PlatformOption]
    capabilities: PlatformCapabilities
    permissions: Sequence[PlatformPermission]
    takes_customer_apps: bool = Field(description="Whether organizations can register platform apps of their own.")
    price_currency: str | None = Field(
        description="The currency (ISO 4217) in which the platform charges the operator of the app for posts, for which projects can have "
        "`budgets`; null where posts are free."
    )

    @classmethod
    def of(cls, platform: Platform, *, can_take_down: bool) -> Self:
        """Describe a platform by its rules, its options and its plugins."""
        name, rules = platform.name, rules_of(platform.name)
        editable = platform.editable(Mode.PUBLISH)
        instructions = manual_instructions(name)
        return cls(
            name=name,
            title=instructions.title,
            handle_prefix=instructions.handle_prefix,
            media_types=[kind for kind in MediaType if kind in platform.media_types],
            modes=[mode for mode in Mode if mode in platform.required_scopes],
            limits=[PlatformLimit.of(row) for row in rules.rows()],
            options=[PlatformOption.of(option) for option in OPTIONS if option.platform is name],
            capabilities=PlatformCapabilities(
                first_comment=platform.connector.can_comment,
                alt_text=rules.has_alt_texts,
                take_down=can_take_down,
                edit=bool(editable),
                edit_fields=[one for one in EditField if one in editable],
                look_up=platform.can_look_up,
                comments=platform.comments is not None,
                comment_actions=[]
                if platform.comments is None
                else sorted(platform.comments.actions, key=_ACTIONS.index),
                max_reply_text=None if platform.comments is None else platform.comments.max_text,
                insights=platform.insights is not None,
                threads=platform.thread_support is not None,
            ),
            permissions=[
                PlatformPermission(login=login, name=permission, why=why)
                for login in logins_of(name)
                for permission, why in review_of(login).scopes.items()
            ],
            takes_customer_apps=takes_customer_apps(logins_of(name)[0]),
            price_currency=None if platform.price is None else platform.price.currency,
        )


class PlatformList(Out):
    """All platforms."""

    model_config = with_examples({"items": [_PLATFORM], "nextCursor": None})

    items: Sequence[PlatformDescription]
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, platforms: Mapping[LoginName, Platform]) -> Self:
        """Describe each platform, with its usual login."""
        return cls(
            items=[
                PlatformDescription.of(
                    platforms[logins_of(name)[0]],
                    can_take_down=any(platforms[login].can_take_down(Mode.PUBLISH) for login in logins_of(name)),
                )
                for name in PlatformName
            ]
        )
