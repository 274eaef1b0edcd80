"""Imports: a table of posts is checked row by row, and all of its posts are created, or none."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2
import pytest
from tests.api.wire import issues
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_preflight import rows as digest

from presswork.api.imports import schemas as import_schemas
from presswork.imports.rows import CellError, DateOrder, due_at, find_order

BERLIN = ZoneInfo("Europe/Berlin")


async def send(ready: ReadyProject, *rows: dict[str, str], key: str | None = None, **more: object) -> httpx2.Response:
    """Send an import."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"rows": list(rows), **more}
    return await ready.client.post(f"/v1/projects/{ready.project}/imports", json=body, headers=headers)


def found(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the column, severity and code of each error, and of each warning that is not about the platform's reply."""
    findings = [(one["column"], one["severity"], one["code"]) for one in row["findings"]]
    return sorted(one for one in findings if one[2] != "PLATFORM_NOT_ASKED")


async def test_a_dry_run_reports_every_row_and_writes_nothing(ready_project: ReadyProject) -> None:
    """Each problem is reported at its row and column; the dry run is the default."""
    ready = ready_project
    before = await digest(ready.pool)
    answer = await send(
        ready,
        {
            "containerId": ready.image,
            "accounts": "instagram:@Brand; tiktok:@brand",
            "date": "2030-01-01",
            "time": "9:00",
        },
        {"containerId": ready.image, "accounts": "@brand, @missing", "mode": "publsh", "caption": "x" * 4001},
        {"containerId": ready.image, "accounts": ready.tiktok, "options": '{"shareReelToFed": true}', "time": "9:00"},
        {"containerId": f"cnt_{uuid4()}", "accounts": f"sa_{uuid4()}"},
        {"media": "ftp://x", "altText": "a|b", "accounts": ready.tiktok},
        {"containerId": "", "caption": " "},
        {"containerId": ready.image, "accounts": "@missing"},
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["dryRun"], body["ok"], [row["ok"] for row in body["rows"]]) == (True, False, [False] * 7)
    first, second, third, fourth, fifth, sixth, unnamed = body["rows"]
    assert found(first) == [("date", "error", "too_far_ahead")]
    assert found(second) == [
        ("accounts", "error", "unknown_account"),
        ("accounts", "error", "unknown_account"),
        ("caption", "error", "too_long"),
        ("mode", "error", "invalid_choice"),
    ]
    assert found(third) == [("date", "error", "required"), ("options", "error", "unknown_field")]
    assert any("did you mean `shareReelToFeed`?" in one["message"] for one in third["findings"])
    assert found(fourth) == [("containerId", "error", "NOT_FOUND")]
    assert found(fifth) == [("altText", "error", "too_many"), ("media", "error", "invalid_format")]
    assert all("targets[" not in one["message"] for row in (second, third, fifth, sixth) for one in row["findings"])
    assert found(unnamed) == [("accounts", "error", "unknown_account")]
    assert found(sixth) == [("accounts", "error", "required"), ("media", "error", "required")]
    assert await digest(ready.pool) == before


async def test_all_posts_are_created_together_and_once(api: Api, ready_project: ReadyProject) -> None:
    """Rows without a date are due now, others at their time in the project's zone. The key replays the answer."""
    ready = ready_project
    await ready.change("projects", ready.project, timezone="Europe/Berlin")
    year = api.context.clock.now().year + 1
    rows = (
        {"containerId": ready.image, "accounts": "instagram:@brand", "date": f"15.1.{year}", "time": "6:30 pm"},
        {"containerId": ready.slideshow, "accounts": "tiktok:@brand", "caption": "Now"},
    )
    made = await send(ready, *rows, key="k", dryRun=False, strict=False)
    assert made.status_code == 201, made.text
    again = await send(ready, *rows, key="k", dryRun=False, strict=False)
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    later, now = made.json()["rows"]
    assert (later["scheduledFor"], later["gateStatus"]) == (f"{year}-01-15T17:30:00.000Z", "queued")
    assert (now["scheduledFor"], now["gateStatus"]) == (None, "queued")
    post = (await ready.client.get(f"/v1/scheduled-posts/{now['scheduledPostIds'][0]}")).json()
    assert (post["captionOverride"], post["socialAccountId"], post["mode"]) == ("Now", ready.tiktok, "publish")
    assert await ready.posts() == 2


async def test_rows_take_the_slots_of_a_queue_in_their_order(ready_project: ReadyProject) -> None:
    """A row names a queue by its name, or as the default; a row with a wrong one, or with a date too, is refused."""
    ready = ready_project
    daily = [{"weekday": day, "time": "09:00"} for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    body = {"name": "Every Day", "slots": daily, "socialAccountIds": [ready.instagram]}
    queue = (await ready.client.post(f"/v1/projects/{ready.project}/queues", json=body)).json()["id"]
    row = {"containerId": ready.image, "accounts": "instagram:@brand"}
    refused = await send(
        ready,
        {**row, "queue": "weekly"},
        {**row, "queue": "default", "date": "2026-12-24", "time": "09:00"},
        {**row, "queue": "default", "containerId": ready.video, "accounts": "tiktok:@brand"},
    )
    assert [found(one) for one in refused.json()["rows"]] == [
        [("queue", "error", "invalid_choice")],
        [("queue", "error", "conflicting_options")],
        [("queue", "error", "unknown_account")],
    ]
    rows = ({**row, "queue": "every day"}, {**row, "queue": "default"}, {**row, "queue": queue})
    made = await send(ready, *rows, dryRun=False, strict=False)
    assert made.status_code == 201, made.text
    slots = (await ready.client.get(f"/v1/queues/{queue}/slots")).json()["items"]
    times = [one["scheduledFor"] for one in made.json()["rows"]]
    assert times == [one["slotAt"] for one in slots[:3]]
    assert [one["takenBy"] for one in slots[:4]] == [*(one["scheduledPostIds"] for one in made.json()["rows"]), []]
    assert {one["queueId"] for one in made.json()["rows"]} == {queue}


async def test_an_account_in_two_spellings_is_posted_to_once(ready_project: ReadyProject) -> None:
    """A cell that names one account by its platform, its handle and its id is one target, not three posts."""
    ready = ready_project
    row = {"containerId": ready.image, "accounts": f"tiktok:@brand, {ready.tiktok}; TikTok:@Brand"}
    made = await send(ready, row, dryRun=False, strict=False)
    assert made.status_code == 201, made.text
    (one,) = made.json()["rows"]
    assert (one["socialAccountIds"], len(one["scheduledPostIds"])) == ([ready.tiktok], 1)
    assert await ready.posts() == 1


async def test_one_refused_row_refuses_all(ready_project: ReadyProject) -> None:
    """A row that publishing would refuse leaves no post of the others; the issue has its path."""
    ready = ready_project
    await ready.change("social_accounts", ready.tiktok, status="reauth_required")
    good = {"containerId": ready.image, "accounts": ready.instagram}
    bad = {"containerId": ready.image, "accounts": ready.tiktok}
    refused = await send(ready, good, bad, key="k", dryRun=False, strict=False)
    assert refused.status_code == 422
    issues = refused.json()["error"]["details"]["issues"]
    assert [(one["path"], one["code"]) for one in issues] == [("rows[1].accounts", "row_refused")]
    assert await ready.posts() == 0
    assert (await send(ready, good, key="k", dryRun=False, strict=False)).status_code == 201, "the key is free"


async def test_what_changes_after_the_check_refuses_all(ready_project: ReadyProject) -> None:
    """An account that is lost between the check of the rows and their commit is named; no post is created, the key is free."""
    ready = ready_project
    rows = [{"containerId": ready.image, "accounts": account} for account in (ready.instagram, ready.tiktok)]
    async with ready.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM content_containers FOR UPDATE")
        call = asyncio.create_task(send(ready, *rows, key="k", dryRun=False, strict=False))
        await until_waiting(ready.pool)  # the rows are checked
        await connection.execute(
            "UPDATE social_accounts SET status = 'reauth_required' WHERE id = $1", bare(ready.tiktok)
        )
    refused = await call
    assert refused.status_code == 422, refused.text
    issues = refused.json()["error"]["details"]["issues"]
    assert [(one["path"], one["code"]) for one in issues] == [("rows[1].accounts", "row_refused")]
    assert await ready.posts() == 0
    again = await send(ready, rows[0], key="k", dryRun=False, strict=False)
    assert again.status_code == 201, again.text


async def test_content_that_waits_for_approval(ready_project: ReadyProject, clock: MovableClock) -> None:
    """A scheduled row waits for the approval; one that is due now is refused as by publish."""
    ready = ready_project
    await ready.change("content_containers", ready.image, approval_status="pending")
    row = {"containerId": ready.image, "accounts": ready.instagram}
    (due_now,) = (await send(ready, row, strict=False)).json()["rows"]
    assert ("containerId", "error", "APPROVAL_REQUIRED") in found(due_now)
    date = f"{clock.now() + timedelta(days=2):%Y-%m-%d}"
    tomorrow = await send(ready, {**row, "date": date, "time": "9:00"}, dryRun=False, strict=False)
    assert tomorrow.status_code == 201, tomorrow.text
    (waiting,) = tomorrow.json()["rows"]
    assert (waiting["gateStatus"], waiting["scheduledPostIds"]) == ("blocked_on_approval", [])


async def test_content_of_another_project_does_not_exist(ready_project: ReadyProject) -> None:
    """An import uses content of its project only."""
    ready = ready_project
    await ready.change("content_containers", ready.image, project_id=bare(await ready.world.project("Other")))
    (row,) = (await send(ready, {"containerId": ready.image, "accounts": ready.instagram})).json()["rows"]
    assert found(row) == [("containerId", "error", "NOT_FOUND")]


async def test_media_to_fetch_is_limited_and_needs_its_scope(api: Api, ready_project: ReadyProject) -> None:
    """More than 20 rows with media are refused; without content:write, one is."""
    ready = ready_project
    row = {"media": "https://example.com/a.jpg", "accounts": ready.instagram}
    many = await send(ready, *[row] * 21)
    assert [one["code"] for one in many.json()["error"]["details"]["issues"]] == ["too_many"]
    narrow = await api.client(scopes=["publish:write"])
    refused = await narrow.post(f"/v1/projects/{ready.project}/imports", json={"rows": [row]})
    assert (refused.status_code, refused.json()["error"]["details"]["requiredScope"]) == (403, "content:write")


@pytest.mark.parametrize(
    ("day", "clock", "order", "wanted"),
    [
        ("2026-07-01", "9:05", None, (2026, 7, 1, 7, 5)),
        ("24.12.2026", "6:30 PM", None, (2026, 12, 24, 17, 30)),
        ("2026-12-24T18:00Z", "", None, (2026, 12, 24, 18, 0)),
        ("2026-12-24 18:00:00+02:00", "", None, (2026, 12, 24, 16, 0)),
        ("2026-12-24", "8:30Z", None, (2026, 12, 24, 8, 30)),
        ("2026-12-24", "8:30+01:00", None, (2026, 12, 24, 7, 30)),
        ("2026-12-24", "8:30:00 +01:00", None, (2026, 12, 24, 7, 30)),
        ("2026-12-24 18:30:00 +01:00", "", None, (2026, 12, 24, 17, 30)),
        ("3/4/2026", "12:00 am", DateOrder.DAY_FIRST, (2026, 4, 2, 22, 0)),
        ("3/4/2026", "12:00", DateOrder.MONTH_FIRST, (2026, 3, 4, 11, 0)),
        ("2026-10-25", "02:30", None, (2026, 10, 25, 0, 30)),
    ],
)
def test_times_are_those_of_the_project(
    day: str, clock: str, order: DateOrder | None, wanted: tuple[int, int, int, int, int]
) -> None:
    """Dates and times as people write them, in the project's zone; of a repeated hour, the first."""
    assert due_at(day, clock, zone=BERLIN, order=order) == datetime(*wanted, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "column", "code"),
    [
        ("3/4/2026", "12:00", "date", "ambiguous_date"),
        ("2026-02-30", "12:00", "date", "invalid_format"),
        ("soon", "12:00", "date", "invalid_format"),
        ("2026-12-24", "", "time", "required"),
        ("", "12:00", "date", "required"),
        ("2026-12-24", "25:00", "time", "invalid_format"),
        ("2026-12-24", "13:00 pm", "time", "invalid_format"),
        ("2026-12-24", "1 8:30Z", "time", "invalid_format"),
        ("2026-12-24", "8:30 +25:00", "time", "invalid_format"),
        ("2026-03-29", "02:30", "time", "invalid_value"),
        ("0001-01-01", "00:30", "date", "invalid_format"),
    ],
)
def test_times_that_mean_nothing_are_refused(day: str, clock: str, column: str, code: str) -> None:
    """Dates that can be read in two ways, times without a date, and the hour that a change of clocks leaves out."""
    with pytest.raises(CellError) as caught:
        due_at(day, clock, zone=BERLIN, order=None)
    assert (caught.value.column, caught.value.code) == (column, code)


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["3/4/2026", "24/12/2026"], DateOrder.DAY_FIRST),
        (["12-24-2026 18:30", "3/4/2026"], DateOrder.MONTH_FIRST),
        (["3/4/2026", "2026-12-24", "24.12.2026", ""], None),
        (["24/12/2026", "12/24/2026"], None),
        (["24/24/2026"], None),
    ],
)
def test_the_order_of_dates_is_found_in_the_table(days: list[str], order: DateOrder | None) -> None:
    """One date with a day beyond 12 says how all are written, unless another contradicts it."""
    assert find_order(days) == order


async def test_a_date_that_can_be_read_in_one_way_decides_for_all_rows(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Without `dateOrder`, 3/4 is the third of April beside 24/12, and is refused where no date of the call decides."""
    year = clock.now().year + 1
    row = {"containerId": ready_project.image, "accounts": ready_project.tiktok, "time": "12:00"}
    both = await send(ready_project, {**row, "date": f"3/1/{year}"}, {**row, "date": f"24/1/{year}"})
    assert [one["scheduledFor"] and one["scheduledFor"][:10] for one in both.json()["rows"]] == [
        f"{year}-01-03",
        f"{year}-01-24",
    ]
    alone = await send(ready_project, {**row, "date": f"3/1/{year}"})
    assert [code for column, _, code in found(alone.json()["rows"][0]) if column == "date"] == ["ambiguous_date"]
    said = await send(ready_project, {**row, "date": f"3/1/{year}"}, dateOrder="month_first")
    assert said.json()["rows"][0]["scheduledFor"][:10] == f"{year}-03-01"


async def test_a_name_of_a_file_is_called_one(ready_project: ReadyProject) -> None:
    """Sheets of people have names of files, also with spaces: the message says that it is not a URL, once, and what to do."""
    row = {"media": "summer menu.jpg", "caption": "Hello", "accounts": ready_project.instagram}
    (one,) = (await send(ready_project, row)).json()["rows"]
    (message,) = (finding["message"] for finding in one["findings"] if finding["column"] == "media")
    assert message == (
        '`media` has "summer menu.jpg", which is not a URL. Write the public URL of the file, or upload the file and write the '
        "id of its content in `containerId`."
    )


def test_the_last_day_of_the_calendar_is_refused() -> None:
    """West of UTC its last hours are in a year that can't be written."""
    with pytest.raises(CellError) as caught:
        due_at("9999-12-31", "23:30", zone=ZoneInfo("America/New_York"), order=None)
    assert (caught.value.column, caught.value.code) == ("date", "invalid_format")


async def test_values_inside_cells_count_as_those_of_a_body(ready_project: ReadyProject) -> None:
    """A table with more JSON in its cells than a body may have is refused, whatever the depth; so is JSON too deep to read."""
    ready = ready_project
    row = {"containerId": ready.image, "accounts": ready.tiktok}
    flat = json.dumps({f"n{number}": 1 for number in range(1200)})
    nested = json.dumps({"tiktokPostSettings": {"x": [[[number] for number in range(600)]]}})
    for cell in (flat, nested):
        answer = await send(ready, *[{**row, "options": cell}] * 9)
        assert issues(answer) == {"rows": "too_many_values"}
    for depth in (150, 300, 900, 990, 5000):
        cell = '{"tiktokPostSettings": ' + "[" * depth + "]" * depth + "}"
        answer = await send(ready, {**row, "options": cell})
        assert answer.status_code == 200, answer.text
        assert [code for column, _, code in found(answer.json()["rows"][0]) if column == "options"] == [
            "invalid_type" if depth == 150 else "invalid_json"
        ]


async def test_an_answer_has_a_limited_number_of_findings(ready_project: ReadyProject) -> None:
    """Beyond the limit each refused row keeps an error, and the answer says that some are left out."""
    ready = ready_project
    cell = json.dumps({f"unknown{number}": 1 for number in range(15)})
    answer = await send(ready, *[{"containerId": ready.image, "accounts": ready.tiktok, "options": cell}] * 500)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    counts = [len(row["findings"]) for row in body["rows"]]
    assert (body["truncated"], body["ok"], len(counts), min(counts)) == (True, False, 500, 1)
    assert sum(counts) <= 1500
    assert all(not row["ok"] and row["findings"][0]["severity"] == "error" for row in body["rows"])
    few = await send(ready, {"containerId": ready.image, "accounts": ready.tiktok, "options": cell})
    assert (few.json()["truncated"], len(found(few.json()["rows"][0]))) == (False, 15)


async def test_rows_are_read_beside_the_event_loop(
    ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long table holds up no other request."""
    threads = []
    read = import_schemas.RowTable.read

    def recorded(*args: Any, **named: Any) -> Any:
        threads.append(threading.current_thread())
        return read(*args, **named)

    monkeypatch.setattr(import_schemas.RowTable, "read", recorded)
    answer = await send(ready_project, {"containerId": ready_project.image, "accounts": ready_project.tiktok})
    assert answer.status_code == 200, answer.text
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


async def test_a_cell_with_too_many_accounts_has_one_finding(ready_project: ReadyProject) -> None:
    """Names are not looked up one by one where no row could have so many."""
    names = " ".join(f"@a{number}" for number in range(2000))
    row = {"accounts": names, "media": "https://example.com/a.jpg", "caption": "Hello"}
    answer = await send(ready_project, row, dryRun=True)
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["rows"]
    assert found(one) == [("accounts", "error", "too_many")]
