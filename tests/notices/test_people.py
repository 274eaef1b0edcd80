"""Who is notified, where, and how often."""

from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from tests.notices.conftest import Crash, NoticeWorld
from tests.people.people import user_id_of
from tests.posts.conftest import bare

from presswork.callers.model import WORKER
from presswork.content.reminders import remind
from presswork.core.enums import Environment
from presswork.lifecycle.user_data import Person, delete_data_of
from presswork.notices.model import MAIL_WINDOW, NoticeType
from presswork.notices.store import warn_of_quota, warn_of_tokens
from presswork.platforms.names import LoginName, PlatformName

_COUNT_NAMED = """
SELECT (SELECT count(*) FROM notice_events e WHERE position($1 IN e::text) > 0)
     + (SELECT count(*) FROM notices n WHERE position($1 IN n::text) > 0)
"""


async def test_approvers_have_what_waits_in_their_list(notices: NoticeWorld) -> None:
    """An approver who sees the project is notified once; others are not, and reading it is remembered per person."""
    other = await notices.world.project("Other")
    approver = await notices.people.signed_in("approver")
    stranger = await notices.people.signed_in("approver", project_ids=[other])
    author = await notices.people.signed_in("author")
    await notices.pending("Rye with caraway")
    await notices.send()
    await notices.send()
    (item,) = (await notices.list(approver))["items"]
    assert (item["event"], item["title"]) == ("content.pending", "Content waits for approval")
    assert "Rye with caraway" in item["text"]
    assert "Spring campaign" in item["text"]
    assert item["subject"] == {"type": "content", "id": f"cnt_{UUID(int=7)}"}
    assert item["path"] == f"/test/content/cnt_{UUID(int=7)}"
    assert [(await notices.list(person))["items"] for person in (stranger, author)] == [[], []]
    live = {"X-Presswork-Environment": "live"}
    assert (await approver.get("/v1/notifications", headers=live)).json()["items"] == []
    earlier = await approver.post("/v1/notifications/read", json={"upTo": "2020-01-01T00:00:00Z"})
    assert earlier.json() == {"marked": 0}
    assert (await notices.list(approver))["unread"] == 1
    assert (await approver.post("/v1/notifications/read", json={"upTo": item["at"]})).json() == {"marked": 1}
    page = await notices.list(approver)
    assert (page["unread"], page["items"][0]["readAt"] is not None) == (0, True)
    assert (await notices.list(approver, unread="true"))["items"] == []


async def test_a_step_asks_those_who_decide_it(notices: NoticeWorld) -> None:
    """Each step asks its own people when it begins, once; a reminder asks those who have not approved. No one else is asked, and
    for a step of review links no one at all."""
    lead, reader = await notices.people.signed_in("admin"), await notices.people.signed_in("viewer")
    editors = [await notices.people.signed_in("approver") for _ in range(2)]
    for event in ("content.pending", "content.reminder"):
        await notices.prefer(reader, event, inApp=True)
    steps = [
        {"name": "Editors", "roles": ["approver"], "quorum": 2},
        {"name": "Lead", "userIds": [await user_id_of(lead)]},
        {"name": "Customer", "reviewLink": True},
    ]
    policy = {"policy": "review_all", "steps": steps, "reminder": {"afterHours": 1}}
    path = f"/v1/projects/{notices.project}"
    set_policy = await notices.world.client.patch(f"{path}/content-review-policy", json=policy)
    assert set_policy.status_code == 200, set_policy.text
    container = (await notices.world.client.post(f"{path}/content", json={"text": "Rye"})).json()["id"]
    seen: list[int] = []

    async def listed() -> list[list[str]]:
        await notices.send()
        people = (*editors, lead, reader)
        found = [
            [one["title"].removeprefix("Content ") for one in (await notices.list(person))["items"]]
            for person in people
        ]
        new = [titles[: len(titles) - before] for titles, before in zip(found, seen or [0] * 4, strict=True)]
        seen[:] = [len(titles) for titles in found]
        return new

    async def approve(person: httpx2.AsyncClient) -> None:
        answer = await person.post(f"/v1/content/{container}/approve", json={})
        assert answer.status_code == 200, answer.text

    assert await listed() == [["waits for approval: Editors"], ["waits for approval: Editors"], [], []]
    await approve(editors[0])
    assert await listed() == [[], [], [], []], "the step is not done"
    notices.clock.advance(timedelta(hours=2))
    assert await remind(notices.api.context.pool, now=notices.clock.now(), limit=10) == 1
    assert await listed() == [[], ["still waits for approval: Editors"], [], []]
    await approve(editors[1])
    assert await listed() == [[], [], ["waits for approval: Lead"], []]
    await approve(lead)
    assert await listed() == [[], [], [], []]


async def test_a_person_chooses_events(notices: NoticeWorld) -> None:
    """Preferences are shown for every event, change what they name, and are the person's own; a key has none."""
    viewer = await notices.people.signed_in("viewer")
    items = (await viewer.get("/v1/notification-preferences")).json()["items"]
    assert [item["event"] for item in items] == [event.value for event in NoticeType]
    assert not any(item["inApp"] for item in items if item["event"] != "content.mentioned")
    await notices.prefer(viewer, "social_account.needs_reauth", inApp=True)
    await notices.needs_reauth()
    await notices.send()
    assert len((await notices.list(viewer))["items"]) == 1
    assert notices.mail.received == []
    for path in ("/v1/notifications", "/v1/notification-preferences", "/v1/push/key"):
        assert (await notices.world.client.get(path)).status_code == 401


async def test_first_mail_goes_at_once_and_others_together(notices: NoticeWorld) -> None:
    """Of five accounts in a row, the first is mailed at once, the other four ten minutes later in one e-mail."""
    publisher = await notices.people.signed_in("publisher", email="pia@example.com")
    await notices.prefer(publisher, "social_account.needs_reauth", email=True)
    for number in range(4):
        await notices.needs_reauth(f"account-{number}")
    await notices.send()
    assert [message["Subject"] for message in notices.mail.received] == [
        "[Test] account-0 on TikTok must be connected again"
    ]
    notices.clock.advance(timedelta(minutes=9))
    await notices.needs_reauth("account-4")
    await notices.send()
    assert len(notices.mail.received) == 1
    notices.clock.advance(timedelta(minutes=1))
    await notices.send()
    (first, digest) = notices.mail.received
    assert digest["Subject"] == "[Test] account-1 on TikTok must be connected again, and 3 more"
    text = digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # there is one
    assert [f"account-{number} " in text for number in range(5)] == [False, True, True, True, True]
    assert "<h1" in digest.get_body(("html",)).get_content()  # type: ignore[union-attr]  # there is one
    assert first["Message-ID"] != digest["Message-ID"]
    notices.clock.advance(MAIL_WINDOW)
    await notices.needs_reauth("account-5")
    await notices.send()
    assert notices.mail.received[2]["Subject"] == "[Test] account-5 on TikTok must be connected again"


async def test_a_crash_loses_nothing(notices: NoticeWorld) -> None:
    """A worker dies after it sent an e-mail: it is sent again with the same Message-ID, and is in the list once."""
    admin = await notices.people.signed_in("admin")
    await notices.needs_reauth()
    notices.points.append("notice_after_send")
    with pytest.raises((Crash, BaseExceptionGroup)):
        await notices.send(name="dead")
    notices.clock.advance(timedelta(minutes=5))
    await notices.send()
    assert len({message["Message-ID"] for message in notices.mail.received}) == 1
    assert len(notices.mail.received) == 2
    assert len((await notices.list(admin))["items"]) == 1


async def test_a_mail_server_that_is_down_is_asked_again(notices: NoticeWorld) -> None:
    """Refused e-mails wait, and go later in one."""
    notices.mail.refuses = True
    await notices.people.signed_in("admin")
    await notices.needs_reauth()
    await notices.send()
    notices.mail.refuses = False
    await notices.send()
    assert notices.mail.received == []
    notices.clock.advance(timedelta(seconds=10))
    await notices.send()
    assert len(notices.mail.received) == 1


@pytest.mark.parametrize("waits", ["for_fan_out", "for_its_time"])
async def test_erased_content_leaves_no_message(notices: NoticeWorld, waits: str) -> None:
    """Words of erased content are in no event that waits, in no list, and in no e-mail of later; others' are."""
    admin = await notices.people.signed_in("admin")
    path = f"/v1/projects/{notices.project}"
    policy = {"policy": "review_all"}
    assert (await notices.world.client.patch(f"{path}/content-review-policy", json=policy)).status_code == 200
    await notices.pending("First of its kind")
    await notices.send()
    notices.clock.advance(timedelta(seconds=1))
    made = [await notices.world.client.post(f"{path}/content", json={"text": text}) for text in ("ERASE-ME", "Rye")]
    container = made[0].json()["id"]
    if waits == "for_its_time":
        await notices.send()
        assert len((await notices.list(admin))["items"]) == 3
    gone = await notices.world.client.delete(f"/v1/content/{container}", params={"erase": "true"})
    assert gone.status_code == 200, gone.text
    pool = notices.api.context.pool
    assert await pool.fetchval(_COUNT_NAMED, "ERASE-ME") == 0
    await notices.send()
    notices.clock.advance(MAIL_WINDOW)
    await notices.send()
    texts = [message.as_string() for message in notices.mail.received]
    assert [("ERASE-ME" in text, "Rye" in text) for text in texts] == [(False, False), (False, True)]
    assert len((await notices.list(admin))["items"]) == 2


@pytest.mark.parametrize("waits", ["for_fan_out", "for_its_time"])
async def test_deleted_data_of_a_person_leave_no_message(notices: NoticeWorld, waits: str) -> None:
    """The name of an account whose owner had their data deleted is in no event, list or e-mail; that of another is."""
    admin = await notices.people.signed_in("admin")
    pool = notices.api.context.pool
    accounts = [await notices.world.account(notices.project, "tiktok", handle) for handle in ("creator", "shared")]
    await notices.needs_reauth("first")
    await notices.send()
    for account, handle in zip(accounts, ("creator", "shared"), strict=True):
        data = {"handle": handle, "platform": "tiktok"}
        await notices.emit("social_account.needs_reauth", data, subject=bare(account))
    if waits == "for_its_time":
        await notices.send()
    row = await pool.fetchrow(
        "SELECT login, external_id, grantor_id FROM social_accounts WHERE id = $1", bare(accounts[0])
    )
    assert row is not None
    person = Person(
        logins={LoginName(row["login"]): PlatformName.TIKTOK},
        environment=Environment.TEST,
        user_id=row["grantor_id"] or row["external_id"],
        app_id=None,
    )
    async with pool.acquire() as connection, connection.transaction():
        deleted = await delete_data_of(connection, person, by=WORKER, now=notices.clock.now())
    assert deleted.accounts == 1
    assert await pool.fetchval(_COUNT_NAMED, "creator") == 0
    await notices.send()
    notices.clock.advance(MAIL_WINDOW)
    await notices.send()
    texts = [message.as_string() for message in notices.mail.received]
    assert [("creator" in text, "shared" in text) for text in texts] == [(False, False), (False, True)]
    assert len((await notices.list(admin))["items"]) == 2


async def test_comments_notify_who_is_named(notices: NoticeWorld) -> None:
    """The named person has one notification, that it was named; the author of the comment has none."""
    named = await notices.people.signed_in("viewer")
    writer = await notices.people.signed_in("author")
    other = await notices.people.signed_in("publisher")
    ids = [(await person.get("/v1/auth/session")).json()["user"]["id"] for person in (named, writer)]
    data = {
        "containerId": f"cnt_{UUID(int=7)}",
        "text": "Is this the right loaf?",
        "mentions": [ids[0]],
        "author": {"kind": "user", "id": ids[1], "name": "Ada"},
    }
    for event in ("content.commented", "content.mentioned"):
        await notices.emit(event, data, subject=UUID(int=7))
    await notices.send()
    titles = [[item["title"] for item in (await notices.list(one))["items"]] for one in (named, writer, other)]
    assert titles == [["Ada named you in a comment"], [], ["Ada commented on content"]]


async def test_the_link_in_an_e_mail_unsubscribes(notices: NoticeWorld) -> None:
    """Opening it changes nothing; one click ends this kind of e-mail, for a person and for a channel; a forged one is a 404."""
    admin = await notices.people.signed_in("admin", email="ada@example.com")
    await notices.channel("email", "social_account.needs_reauth", "post.failed", address="room@example.com")
    await notices.needs_reauth()
    await notices.send()
    anyone = await notices.api.anonymous()
    for message in notices.mail.received:
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = message["List-Unsubscribe"].strip("<>").removeprefix("https://press.example.com")
        page = await anyone.get(path)
        assert (page.status_code, message["To"] in page.text) == (200, True)
        forged = path[:-2] + ("AA" if not path.endswith("AA") else "BB")
        assert (await anyone.post(forged)).status_code == 404
        done = await anyone.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert "unsubscribed" in done.text
    assert len(notices.mail.received) == 2
    notices.clock.advance(timedelta(hours=1))
    await notices.needs_reauth()
    await notices.send()
    assert len(notices.mail.received) == 2
    assert len((await notices.list(admin))["items"]) == 2
    (channel,) = (await notices.world.client.get(f"/v1/projects/{notices.project}/channels")).json()["items"]
    assert (channel["events"], channel["status"]) == (["post.failed"], "active")


async def test_tokens_and_storage_are_warned_of_once(notices: NoticeWorld) -> None:
    """A token has an event at 14, 7 and 1 days, storage one at each crossing of 80 %."""
    admin = await notices.people.signed_in("admin")
    pool, clock = notices.api.context.pool, notices.clock
    account = await notices.world.account(notices.project, "tiktok", "creator")
    ends_at = clock.now() + timedelta(days=14, hours=12)
    await pool.execute(
        "UPDATE social_accounts SET token_expires_at = $2, refresh_due_at = $2 WHERE id = $1", bare(account), ends_at
    )
    found = []
    for days in (0, 1, 1, 6, 5.5, 0):
        clock.advance(timedelta(days=days))
        found.append(await warn_of_tokens(pool, now=clock.now(), limit=10))
    assert found == [0, 1, 0, 1, 1, 0]
    await pool.execute("INSERT INTO media_usage SELECT organization_id, 850 FROM projects")
    found = [await warn_of_quota(pool, quota_bytes=1000, now=clock.now(), limit=10) for _ in range(2)]
    await pool.execute("UPDATE media_usage SET size_bytes = 100")
    found.append(await warn_of_quota(pool, quota_bytes=1000, now=clock.now(), limit=10))
    await pool.execute("UPDATE media_usage SET size_bytes = 900")
    found.append(await warn_of_quota(pool, quota_bytes=1000, now=clock.now(), limit=10))
    assert found == [1, 0, 0, 1]
    await notices.send()
    items = (await notices.list(admin))["items"]
    assert sorted(item["title"] for item in items) == [
        "85 % of the storage for media is used",
        "90 % of the storage for media is used",
        "The access to creator on TikTok ends in 14 days",
        "The access to creator on TikTok ends in 7 days",
        "The access to creator on TikTok ends tomorrow",
    ]
