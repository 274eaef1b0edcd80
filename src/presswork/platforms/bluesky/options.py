"""What a target can request on Bluesky: the schema, and what it becomes in records.

Sources: lexicons app.bsky.feed.post, threadgate, postgate and com.atproto.label.defs, read 2026-11.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StringConstraints

from presswork.core.enums import Mode
from presswork.platforms.bluesky.record import TAG_GRAPHEMES
from presswork.platforms.names import PlatformName
from presswork.platforms.options import OptionField, OptionModel, PostOptions, labels, written_as

LANGUAGE_LIMIT: Final = 3
TAG_LIMIT: Final = 8
_SETTINGS: Final = "blueskyPostSettings"

_Language = Annotated[
    str,
    StringConstraints(max_length=35),
    written_as("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "is no language. Send a BCP 47 tag like en or pt-BR."),
]
_Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=TAG_GRAPHEMES),
    written_as(r"[^#\s\x00][^\s\x00]*", "is no tag. Send one without # and spaces."),
]

Rule = Literal["mentioned", "followers", "following"]
_RULES: Final[Mapping[Rule, str]] = {
    "mentioned": "app.bsky.feed.threadgate#mentionRule",
    "followers": "app.bsky.feed.threadgate#followerRule",
    "following": "app.bsky.feed.threadgate#followingRule",
}


class BlueskyPostSettings(OptionModel):
    """How a post appears on Bluesky."""

    languages: Annotated[list[_Language], Field(min_length=1, max_length=LANGUAGE_LIMIT)] | None = Field(
        title="Languages of the text",
        default=None,
        description="The languages of the text, as BCP 47 tags. Default: none is stated.",
    )
    reply_control: Annotated[list[Rule], Field(max_length=len(_RULES))] | None = Field(
        title="Who can reply",
        json_schema_extra=labels(
            {"mentioned": "Mentioned accounts", "followers": "Followers", "following": "Accounts that this one follows"}
        ),
        default=None,
        description="Who may reply: mentioned accounts, followers, accounts that this one follows; an empty list means no "
        "account. Default: everyone.",
    )
    quote_control: Literal["everyone", "none"] | None = Field(
        title="Who can quote the post",
        json_schema_extra=labels({"everyone": "Everyone", "none": "No one"}),
        default=None,
        description="Who may quote the post. Default: everyone.",
    )
    content_labels: (
        Annotated[list[Literal["sexual", "nudity", "porn", "graphic-media"]], Field(min_length=1, max_length=4)] | None
    ) = Field(
        title="Warn people of",
        json_schema_extra=labels(
            {"sexual": "Sexual content", "nudity": "Nudity", "porn": "Pornography", "graphic-media": "Graphic media"}
        ),
        default=None,
        description="What the media show, so that people are warned.",
    )
    tags: Annotated[list[_Tag], Field(min_length=1, max_length=TAG_LIMIT)] | None = Field(
        title="Tags",
        default=None,
        description="Hashtags without #, in addition to those in the text, which do not show them.",
    )


def settings_of(options: PostOptions) -> BlueskyPostSettings:
    """Return the requested settings."""
    return options.of(_SETTINGS, BlueskyPostSettings)


def record_fields(settings: BlueskyPostSettings) -> dict[str, JsonValue]:
    """Return the fields of the post's record."""
    fields: dict[str, JsonValue] = {}
    if settings.languages is not None:
        fields["langs"] = [*settings.languages]
    if settings.tags is not None:
        fields["tags"] = [*dict.fromkeys(settings.tags)]
    if settings.content_labels is not None:
        values: list[JsonValue] = [{"val": label} for label in dict.fromkeys(settings.content_labels)]
        fields["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return fields


GATES: Final = ("app.bsky.feed.threadgate", "app.bsky.feed.postgate")
"""The collections of the records that limit replies and quotes."""


def gates(settings: BlueskyPostSettings, *, post_uri: str, created_at: str) -> Mapping[str, dict[str, JsonValue]]:
    """Return the records that limit replies and quotes, by their collections. They have the post's own record key."""
    found: dict[str, dict[str, JsonValue]] = {}
    replies, quotes = GATES
    if settings.reply_control is not None:
        allow: list[JsonValue] = [{"$type": _RULES[rule]} for rule in dict.fromkeys(settings.reply_control)]
        found[replies] = {"post": post_uri, "allow": allow}
    if settings.quote_control == "none":
        rules: list[JsonValue] = [{"$type": "app.bsky.feed.postgate#disableRule"}]
        found[quotes] = {"post": post_uri, "embeddingRules": rules}
    return {name: {"$type": name, **fields, "createdAt": created_at} for name, fields in found.items()}


OPTIONS: Final = (
    OptionField(
        name=_SETTINGS,
        reviewed=("tags",),
        platform=PlatformName.BLUESKY,
        schema=BlueskyPostSettings,
        description="Bluesky targets in mode `publish`; handed to the provider in mode `managed`, ignored in mode `draft`.",
        modes=frozenset({Mode.PUBLISH, Mode.MANAGED}),
    ),
)
