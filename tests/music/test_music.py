"""The music catalogue over HTTP."""

from typing import Any
from uuid import UUID

from presswork.core.enums import Environment
from presswork.music.model import Track
from presswork.music.store import upsert_tracks


def track(number: int, **changes: Any) -> Track:
    """Return a track; tracks of one use count come in pairs."""
    fields: dict[str, Any] = {
        "id": UUID(int=number + 1),
        "title": f"Song {number}",
        "author": "The Bakers",
        "album": None,
        "duration_seconds": 30.5,
        "preview_url": "https://example.com/p.mp3",
        "cover_url": None,
        "language": "en",
        "user_count": 1000 * (number // 2),
        "is_commerce_music": number % 2 == 0,
        "link": f"https://www.tiktok.com/music/{number}",
    }
    return Track(**{**fields, **changes})


async def fill(api: Any, *tracks: Track) -> None:
    """Write tracks into the catalogue."""
    async with api.context.pool.acquire() as connection:
        await upsert_tracks(connection, tracks, api.context.clock.now())


async def test_a_track_has_every_field(api: Any) -> None:
    """The response has every field; the id is a bare UUID, and the link is not included."""
    await fill(api, track(4, album="Early Hours"))
    client = await api.client(scopes=["publish:read"])
    assert (await client.get("/v1/tiktok-music")).json() == {
        "tracks": [
            {
                "id": str(UUID(int=5)),
                "title": "Song 4",
                "author": "The Bakers",
                "album": "Early Hours",
                "duration": 30.5,
                "previewUrl": "https://example.com/p.mp3",
                "coverUrl": None,
                "language": "en",
                "userCount": 2000,
                "isCommerceMusic": True,
            }
        ],
        "total": 1,
        "nextCursor": None,
    }


async def test_pages_are_sorted_by_use(api: Any) -> None:
    """Tracks are sorted by use count, then id; each is listed once, and every page has the total."""
    await fill(api, *(track(number) for number in (3, 0, 6, 1, 5, 2, 4)))
    client = await api.client()
    seen: list[str] = []
    cursor = None
    while True:
        page = (
            await client.get("/v1/tiktok-music", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        assert page["total"] == 7
        seen += [item["title"] for item in page["tracks"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == [f"Song {number}" for number in (6, 5, 4, 3, 2, 1, 0)]


async def test_search_is_literal_and_case_insensitive(api: Any) -> None:
    """A search covers title, author and album; LIKE wildcards are plain text."""
    await fill(
        api,
        track(0, title="100% Öl"),
        track(1, title="1000 miles", author="Fred_A"),
        track(2, album="back\\slash", author=None),
        track(3, title="Plain", author="FredXA"),
    )
    client = await api.client()

    async def titles(q: str) -> list[str]:
        page = (await client.get("/v1/tiktok-music", params={"q": q})).json()
        assert page["total"] == len(page["tracks"])
        return [item["title"] for item in page["tracks"]]

    assert await titles("100%") == ["100% Öl"]
    assert await titles("ÖL") == ["100% Öl"]
    assert await titles("fred_a") == ["1000 miles"]
    assert await titles("K\\SL") == ["Song 2"]
    assert await titles("PLAIN") == ["Plain"]
    assert len(await titles("")) == 4
    assert await titles("nowhere") == []


async def test_importing_again_replaces(api: Any) -> None:
    """A track with a known id replaces the earlier one."""
    await fill(api, track(0))
    await fill(api, track(0, title="Renamed", user_count=9))
    client = await api.client()
    page = (await client.get("/v1/tiktok-music")).json()
    assert [(item["title"], item["userCount"]) for item in page["tracks"]] == [("Renamed", 9)]


async def test_an_invalid_parameter_is_named(api: Any) -> None:
    """An invalid parameter, including a cursor with a fraction, returns 422 with its path."""
    client = await api.client()
    for params in (
        {"cursor": "!"},
        {"cursor": "WzEsIng"},
        {"cursor": "WzEuNSwgIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMSJd"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"q": "x" * 201},
        {"q": "\x00"},
    ):
        answer = await client.get("/v1/tiktok-music", params=params)
        assert answer.status_code == 422
        assert [issue["path"] for issue in answer.json()["error"]["details"]["issues"]] == list(params)


async def test_the_scope_is_checked(api: Any) -> None:
    """A key needs the scope `publish:read`."""
    client = await api.client(scopes=["content:read"])
    answer = await client.get("/v1/tiktok-music")
    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"requiredScope": "publish:read"}


async def test_test_projects_have_samples_until_a_catalogue_is_imported(api: Any) -> None:
    """A target can name one at once; live projects and an installation with its own tracks never see them."""
    test, live = await api.client(), await api.client(environment=Environment.LIVE)
    samples = (await test.get("/v1/tiktok-music")).json()
    assert samples["total"] == len(samples["tracks"]) > 3
    assert [one["title"] for one in (await test.get("/v1/tiktok-music", params={"q": "RYE"})).json()["tracks"]] == [
        "Rolling Pin Blues",
        "Cooling Rack",
    ]
    assert (await live.get("/v1/tiktok-music")).json()["total"] == 0
    await fill(api, track(4))
    assert (await test.get("/v1/tiktok-music")).json()["total"] == 1
