"""Import a catalogue of 20,000 tracks and search it."""

import io
import json
import random
from typing import Any, cast
from uuid import UUID

import pytest
from tests.clocks import MovableClock
from tests.databases import as_owner

from presswork.db.pool import Pool
from presswork.music.import_tracks import FAULTS_KEPT, Report, import_tracks

MANY = 20_000
WORDS = [
    f"{first}{second}" for first in ("mor", "ni", "gol", "blue", "tan") for second in ("ning", "den", "go", "bird")
]


def catalogue() -> list[dict[str, Any]]:
    """Return many tracks; every use count is shared by a few."""
    chance = random.Random(1)  # noqa: S311  made-up titles
    return [
        {
            "id": str(UUID(int=number + 1)),
            "title": " ".join(chance.choices(WORDS, k=3)),
            "author": f"Author {number}",
            "userCount": number // 4,
            "isCommerceMusic": number % 2 == 0,
            "link": f"https://www.tiktok.com/music/{number}",
        }
        for number in range(MANY)
    ]


async def import_items(pool: Pool, clock: MovableClock, items: list[Any]) -> Report:
    """Import elements of a JSON file."""
    source = cast("io.BufferedReader", io.BufferedReader(io.BytesIO(json.dumps(items).encode())))
    async with pool.acquire() as connection:
        return await import_tracks(connection, source, clock.now())


@pytest.mark.exhaustive
async def test_many_tracks_are_imported_and_found(api: Any, clock: MovableClock) -> None:
    """All tracks are imported, a second import updates them, and a search pages through exactly the matching ones."""
    pool, items = api.context.pool, catalogue()
    first = await import_items(pool, clock, items)
    assert (first.added, first.updated, first.bad) == (MANY, 0, 0)
    for item in items[:100]:
        item["title"] = "Renamed tango"
    again = await import_items(pool, clock, items)
    assert (again.added, again.updated, again.bad) == (0, MANY, 0)
    expected = sorted(
        ((item["userCount"], item["id"]) for item in items if "tango" in item["title"] and "99" in item["author"]),
        reverse=True,
    )
    wanted = [item for item in items if "tango" in item["title"]]
    client = await api.client()
    seen: list[tuple[int, str]] = []
    cursor: str | None = None
    while True:
        params = {"q": "TANGO", "limit": 100, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/tiktok-music", params=params)).json()
        assert page["total"] == len(wanted)
        seen += [(track["userCount"], track["id"]) for track in page["tracks"] if "99" in track["author"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == expected


async def test_a_search_reads_an_index(pool: Pool, clock: MovableClock) -> None:
    """A search for rare text uses the trigram index instead of a sequential scan."""
    await import_items(pool, clock, catalogue())
    await as_owner(pool, "ANALYZE tiktok_tracks")
    for statement in (
        "SELECT id FROM tiktok_tracks WHERE words LIKE lower('%Author 777%') ORDER BY user_count DESC, id DESC LIMIT 51",
        "SELECT count(*) FROM tiktok_tracks WHERE words LIKE lower('%Author 777%')",
    ):
        plan = "\n".join(row[0] for row in await pool.fetch(f"EXPLAIN {statement}"))
        assert "tiktok_tracks_by_words" in plan, plan


async def test_the_last_of_a_repeated_id_wins_and_faults_are_counted(pool: Pool, clock: MovableClock) -> None:
    """The report has the first faults and the count of all; valid tracks are imported."""
    one = str(UUID(int=1))
    items: list[Any] = [
        {"id": one, "title": "First"},
        *([{}] * (FAULTS_KEPT + 5)),
        {"id": one, "title": "Last", "x": 1},
    ]
    report = await import_items(pool, clock, items)
    assert (report.added, report.updated, report.repeated, report.bad) == (1, 0, 1, FAULTS_KEPT + 5)
    assert (report.unit, len(report.faults), report.faults[0].place) == ("element", FAULTS_KEPT, 2)
    assert report.ignored == ["x"]
    assert await pool.fetchval("SELECT title FROM tiktok_tracks WHERE NOT is_sample") == "Last"
