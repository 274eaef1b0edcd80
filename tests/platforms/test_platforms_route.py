"""What `GET /v1/platforms` says, held against the rules themselves."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from tests.platforms.drafts import draft, media, reasons

from presswork.core.enums import MediaType
from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.port import Mode
from presswork.platforms.registry import rules_of

_TEXTS: Final[Mapping[str, Callable[[int], str]]] = {
    "code_points": lambda count: "漢" * count,
    "visible_code_points": lambda count: "漢" * count,
    "utf16_units": lambda count: "🎬" * (count // 2) + "a" * (count % 2),
    "utf8_bytes": lambda count: "a" * (2 + count % 2) + "\u0301" * (count // 2 - 1),  # accents, of two bytes each
    "graphemes": lambda count: "🎬" * count,
    "weighted_characters": lambda count: "https://example.com/ " + "日" * ((count - 24) // 2) + "a" * (count % 2),
    "shortened_graphemes": lambda count: f"https://example.com/{'a' * 99} @luna@mastodon.example" + "🎬" * (count - 29),
}
"""Texts that have as many, as each platform counts them."""


async def test_every_platform_says_what_it_takes(api: Any) -> None:
    """A key without any scope of its own reads all platforms, with limits, options, capabilities and permissions."""
    client = await api.client(scopes=["projects:read"])
    response = await client.get("/v1/platforms")
    body = response.json()
    assert (response.status_code, body["nextCursor"]) == (200, None)
    assert [one["name"] for one in body["items"]] == [name.value for name in PlatformName]
    assert all(one["limits"] and one["permissions"] for one in body["items"])
    assert sorted(option["name"] for one in body["items"] for option in one["options"]) == sorted(
        option.name for option in OPTIONS if option.platform is not None
    )
    platforms = {one["name"]: one for one in body["items"]}
    assert platforms["youtube"]["mediaTypes"] == ["video"]
    assert [name for name, one in platforms.items() if not one["capabilities"]["firstComment"]] == [
        "tiktok",
        "telegram",
        "pinterest",
    ]
    assert all(one["capabilities"]["insights"] for one in body["items"])
    assert [name for name, one in platforms.items() if one["capabilities"]["threads"]] == [
        "threads",
        "bluesky",
        "mastodon",
        "x",
    ]
    cover = next(one for one in platforms["instagram"]["options"][0]["members"] if one["name"] == "coverUrl")
    assert cover["mediaTypes"] == ["video"]


async def test_an_unchanged_list_is_a_304(api: Any) -> None:
    """With the ETag of an earlier response, the body is not sent again."""
    client = await api.client(scopes=["publish:read"])
    first = await client.get("/v1/platforms")
    again = await client.get("/v1/platforms", headers={"If-None-Match": f'W/"x", {first.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


async def test_a_caption_at_its_limit_is_accepted_and_a_longer_one_is_not(api: Any) -> None:
    """The numbers of the API are those of preflight, as each platform counts."""
    client = await api.client(scopes=["publish:read"])
    checked = 0
    for platform in (await client.get("/v1/platforms")).json()["items"]:
        rules = rules_of(PlatformName(platform["name"]))
        rules = replace(rules, rules=(*rules.rules, *rules.of_some_accounts))
        for limit in platform["limits"]:
            text_of = _TEXTS.get(limit["measure"])
            if limit["subject"] != "caption" or limit["effect"] != "error" or text_of is None:
                continue
            media_type = MediaType(limit["mediaTypes"][0])
            item = media(seconds=9 if media_type is MediaType.VIDEO else None, width=1000, height=1000)
            items = () if media_type is MediaType.TEXT else (item,)
            texts = [text_of(int(limit["max"])), text_of(int(limit["max"]) + 1)]
            found = [reasons(rules.check(draft(*items, caption=text, mode=Mode(limit["modes"][0])))) for text in texts]
            assert ["caption_length" in one for one in found] == [False, True], (platform["name"], limit)
            checked += 1
    assert checked == 14
