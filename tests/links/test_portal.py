"""Portal links: made, listed and revoked; and their page, which shows a customer one project."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.db.plans import nodes_of
from tests.links.review_flow import Json, ReviewFlow, page_of
from tests.posts.conftest import bare, insert_account, insert_container

from presswork.content.portal_page import MAX_LIVE, MAX_SHOWN_OF_A_DAY, MAX_WAITING
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.links.model import KEPT_FOR
from presswork.links.store import sweep_links

LINKED: Final = re.compile(r'href="([^"]*/(?:content|days|months|live|waiting)[^"]*)"')


async def insert_posts(pool: Pool, container: str, account: str, *instants: datetime, **columns: object) -> None:
    """Insert posts of a container, queued unless `columns` says otherwise."""
    for at in instants:
        values = {"status": "queued", "platform_state": "{}", "error_count": 0, "version": 1, **columns}
        names = "".join(f", {name}" for name in values)
        await pool.execute(
            f"""INSERT INTO scheduled_posts (id, container_id, project_id, organization_id, environment,
                                            social_account_id, platform, mode, scheduled_for, run_at, created_at,
                                            updated_at{names})
               SELECT $1, c.id, c.project_id, c.organization_id, c.environment, a.id, a.platform, 'publish',
                      $4, $4, $4, $4, {", ".join(f"${place}" for place in range(5, 5 + len(values)))}
                 FROM content_containers c, social_accounts a WHERE c.id = $2 AND a.id = $3""",  # noqa: S608  names of the tests
            new_id(),
            bare(container),
            bare(account),
            at,
            *values.values(),
        )


async def test_a_portal_link_stands_until_it_is_revoked(flow: ReviewFlow, clock: MovableClock) -> None:
    """Its URL is shown once and its token is not stored; without an end it serves for years, and revoked it is gone at once."""
    project = flow.project.project
    made = await flow.make_portal(recipientName="Marta")
    assert made["expiresAt"] is None
    page = page_of(made)
    assert page.startswith("/portal/")
    clock.advance(timedelta(days=1000))
    customer = await flow.visitor(page)
    assert customer.shown.status_code == 200
    path = f"/v1/projects/{project}/portal-links"
    (listed,) = (await flow.project.client.get(path)).json()["items"]
    assert (listed["id"], listed["status"], listed["canDecide"], listed["visits"], listed["recipientName"]) == (
        made["id"], "active", False, 1, "Marta",
    )  # fmt: skip
    token = page.rpartition("/")[2]
    assert (
        await flow.project.pool.fetchval("SELECT count(*) FROM page_links l WHERE l::text LIKE $1", f"%{token}%") == 0
    )
    other = (await flow.project.client.post("/v1/projects", json={"name": "Other"})).json()["id"]
    elsewhere = await flow.project.client.delete(f"/v1/projects/{other}/portal-links/{made['id']}")
    assert elsewhere.status_code == 404
    for _ in range(2):
        revoked = await flow.project.client.delete(f"{path}/{made['id']}")
        assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    for below in ("", "/live", "/months/2026-12", "/days/2026-12-05", f"/content/{flow.project.image}"):
        assert (await customer.browser.get(page + below)).status_code == 404, below
    assert await sweep_links(flow.project.pool, now=clock.now(), limit=10) == 0
    assert await sweep_links(flow.project.pool, now=clock.now() + KEPT_FOR + timedelta(seconds=1), limit=10) == 1


async def test_a_portal_link_may_have_an_end(flow: ReviewFlow, clock: MovableClock) -> None:
    """After `expiresInHours` its page is the one of every link that does not work."""
    made = await flow.make_portal(expiresInHours=1)
    assert made["expiresAt"] == write_instant(clock.now() + timedelta(hours=1))
    assert "This link works until" in (await flow.visitor(page_of(made))).text
    clock.advance(timedelta(hours=1))
    assert (await flow.visitor(page_of(made))).shown.status_code == 404


async def test_the_page_shows_what_waits_and_the_calendar(flow: ReviewFlow, clock: MovableClock) -> None:
    """Content that waits with when it is due, planned posts on their local day; nothing that failed or is another project's."""
    pool, project = flow.project.pool, flow.project
    await project.client.patch(f"/v1/projects/{project.project}", json={"timezone": "Pacific/Auckland"})
    threads = await insert_account(pool, project.project, "threads", [])
    at = clock.now() + timedelta(days=2)
    target = {"socialAccountId": project.instagram, "mode": "publish"}
    body = {"scheduledFor": write_instant(at), "targets": [target]}
    assert (await project.client.post(f"/v1/content/{project.image}/schedule", json=body)).status_code == 202
    planned = await insert_container(pool, project.project, "text")
    await project.change("content_containers", planned, caption="Planned for both")
    for account in (project.instagram, threads):
        await insert_posts(pool, planned, account, at)
    hidden = await insert_container(pool, project.project, "text")
    await project.change("content_containers", hidden, caption="Never shown")
    error = json.dumps({"code": "PLATFORM_REJECTED", "message": "Technical words"})
    await insert_posts(pool, hidden, project.instagram, at, status="failed", last_error=error)
    await insert_posts(pool, hidden, project.instagram, at, status="canceled", canceled_at=at)
    await insert_posts(
        pool, hidden, project.instagram, at, status="published", published_at=at, live_status="taken_down"
    )
    other = (await project.client.post("/v1/projects", json={"name": "Other"})).json()["id"]
    foreign = await insert_container(pool, other, "text")
    await project.change("content_containers", foreign, caption="Never shown", approval_status="pending")
    await insert_posts(pool, foreign, await insert_account(pool, other, "threads", []), at)
    link = await flow.make_portal()
    customer = await flow.visitor(f"{page_of(link)}/months/{at:%Y-%m}")
    assert "Planned for both Instagram, Threads" in customer.text
    assert re.search(r"Hello Instagram Waits for approval", customer.text)
    assert "Times are those of Pacific/Auckland." in customer.text
    await customer.browser.get(page_of(link))
    root = await flow.visitor(page_of(link))
    assert root.shown.text.count("Without a time yet") == 2  # the video and the slideshow
    assert "Never shown" not in root.text + customer.text
    assert "Technical" not in root.text + customer.text
    german = await root.open(**{"Accept-Language": "de"})
    assert "Wartet auf Freigabe" in german.text
    for text in (customer.shown.text, root.shown.text):
        for one in set(LINKED.findall(text)):
            assert (await customer.browser.get(one)).status_code == 200, one
    assert (await customer.browser.get(f"{page_of(link)}/content/{foreign}")).status_code == 404
    for wrong in ("months/2026-13", "months/1999-12", "days/2026-02-30", "days/9999-12-31", "live/AAAA", "content/x"):
        assert (await customer.browser.get(f"{page_of(link)}/{wrong}")).status_code == 404, wrong


async def test_customers_read_what_goes_out(flow: ReviewFlow, clock: MovableClock) -> None:
    """Review pages and portals show the values of variables and the parameters of links, never the braces."""
    project = flow.project
    utm = {"domains": ["shop.example"], "source": "{platform}"}
    values = {"variables": {"who": "Ana"}, "utm": utm}
    assert (await project.client.patch(f"/v1/projects/{project.project}", json=values)).status_code == 200
    await flow.edit(caption="Hi {{who}}: https://shop.example/a")
    at = clock.now() + timedelta(days=2)
    body = {
        "scheduledFor": write_instant(at),
        "targets": [{"socialAccountId": project.instagram, "mode": "publish"}],
    }
    assert (await project.client.post(f"/v1/content/{project.image}/schedule", json=body)).status_code == 202
    review = await flow.person(await flow.make())
    portal = page_of(await flow.make_portal())
    waiting, month = await flow.visitor(portal), await flow.visitor(f"{portal}/months/{at:%Y-%m}")
    for page in (review, waiting, month):
        assert "Hi Ana" in page.text
        assert "{{" not in page.shown.text
    assert "https://shop.example/a?utm_source=instagram" in review.text
    assert (await flow.content())["caption"] == "Hi {{who}}: https://shop.example/a"


async def test_a_busy_day_has_its_own_page(flow: ReviewFlow, clock: MovableClock) -> None:
    """A month shows the first posts of a day and leads to the rest."""
    pool, project = flow.project.pool, flow.project
    at = datetime(2027, 5, 31, 21, 59, 59, tzinfo=UTC)  # a second before the first of June in Berlin
    for number in range(MAX_SHOWN_OF_A_DAY + 1):
        container = await insert_container(pool, project.project, "text")
        await insert_posts(pool, container, project.instagram, at - timedelta(minutes=number))
    link = await flow.make_portal()
    month = await flow.visitor(f"{page_of(link)}/months/2027-05")
    assert month.shown.text.count('class="entry"') == MAX_SHOWN_OF_A_DAY
    day = await flow.visitor(f"{page_of(link)}/days/2027-05-31")
    assert "All of Monday, 31 May" in month.text
    assert day.shown.text.count('class="entry"') == MAX_SHOWN_OF_A_DAY + 1
    june = await flow.visitor(f"{page_of(link)}/months/2027-06")
    assert "Nothing is planned in this month." in june.text


async def test_what_is_out_is_paged_from_the_newest(flow: ReviewFlow, clock: MovableClock) -> None:
    """Posts of one container are one item with a link to each post, and every item is on one page."""
    pool, project = flow.project.pool, flow.project
    threads = await insert_account(pool, project.project, "threads", [])
    for number in range(MAX_LIVE + 1):
        container = await insert_container(pool, project.project, "text")
        await project.change("content_containers", container, caption=f"Number {number}.")
        at = clock.now() - timedelta(hours=number)
        for account in (project.instagram, threads):
            url = f"https://posts.example.com/{number}"
            await insert_posts(pool, container, account, at, status="published", published_at=at, external_url=url)
    link = await flow.make_portal()
    first = await flow.visitor(f"{page_of(link)}/live")
    (older,) = re.findall(r'href="([^"]+/live/[^"]+)"', first.shown.text)
    second = await flow.visitor(older)
    numbers = [int(one) for page in (first, second) for one in re.findall(r"Number (\d+)\.", page.text)]
    assert numbers == list(range(MAX_LIVE + 1))
    assert ("Older posts" in first.text, "Older posts" in second.text) == (True, False)


async def test_waiting_content_is_paged(flow: ReviewFlow) -> None:
    """The page shows those that have waited longest, and leads to the others."""
    for _ in range(MAX_WAITING):
        container = await insert_container(flow.project.pool, flow.project.project, "text")
        await flow.project.change("content_containers", container, approval_status="pending")
    link = await flow.make_portal()
    page = await flow.visitor(page_of(link))
    (more,) = re.findall(r'href="([^"]+/waiting/[^"]+)"', page.shown.text)
    found = re.findall(r"/content/([0-9a-f-]{36})", page.shown.text + (await flow.visitor(more)).shown.text)
    assert len(found) == len(set(found)) == MAX_WAITING + 3


async def test_a_customer_decides_where_the_link_allows_it(flow: ReviewFlow) -> None:
    """With `canDecide` as at a review link, under the name that was given; without it the page only shows."""
    image = flow.project.image
    content = f"/content/{bare(image)}"
    shows = await flow.visitor(page_of(await flow.make_portal()) + content)
    assert "<button" not in shows.shown.text
    refused = await shows.decide("approve", image)
    assert refused.status_code == 403  # the page has no form
    link = await flow.make_portal(canDecide=True, recipientName="Marta")
    customer = await flow.visitor(page_of(link) + content)
    assert "Waits for your decision" in customer.text
    asked = await customer.decide("request_changes", image, name="Marta Müller", note="Another picture, please.")
    assert asked.status_code == 303
    assert "Changes were requested" in (await flow.visitor(page_of(link))).text
    await customer.open()
    assert 'value="Marta Müller"' in customer.shown.text  # remembered in this browser
    assert (await customer.decide("approve", image, name="Marta Müller")).status_code == 303
    assert "Approved by Marta Müller" in customer.text
    stored: Json = await flow.content()
    assert (stored["approvalStatus"], stored["approvedBy"], stored["reviewerName"]) == (
        "approved", link["id"], "Marta Müller",
    )  # fmt: skip
    assert [one["by"] for one in await flow.reviews()] == [link["id"]] * 2
    admin = await flow.project.world.api.client(scopes=["org:admin"])
    (entry,) = (await admin.get("/v1/audit-log", params={"action": "portal_link.decide", "limit": 1})).json()["items"]
    assert (entry["actor"]["kind"], entry["actor"]["linkId"]) == ("portal_link", link["id"])
    foreign = await insert_container(flow.project.pool, await flow.project.world.project("Other"), "text")
    await flow.project.change("content_containers", foreign, approval_status="pending")
    elsewhere = await customer.browser.post(f"{page_of(link)}/content/{foreign}", data={})
    assert elsewhere.status_code == 404
    assert (await flow.content(foreign))["approvalStatus"] == "pending"


async def test_a_day_reads_no_more_posts_than_it_shows(flow: ReviewFlow, clock: MovableClock) -> None:
    """Of three thousand posts of one day, the statement reads the first ten of each status, by an index."""
    pool, project = flow.project.pool, flow.project
    await pool.execute(
        """INSERT INTO scheduled_posts (id, container_id, project_id, organization_id, environment, social_account_id,
                                        platform, mode, scheduled_for, run_at, created_at, updated_at, status,
                                        platform_state, error_count, version)
           SELECT gen_random_uuid(), c.id, c.project_id, c.organization_id, c.environment, $2, 'instagram', 'publish',
                  $3, $3, $3, $3, CASE n % 2 WHEN 0 THEN 'queued' ELSE 'published' END, '{}', 0, 1
             FROM content_containers c, generate_series(1, 3000) AS n WHERE c.id = $1""",
        bare(project.image),
        bare(project.instagram),
        clock.now(),
    )
    await as_owner(pool, "ANALYZE scheduled_posts")
    statement = load("presswork.content", "portal.sql")["list_days"]
    day = ([clock.now()], [clock.now() + timedelta(days=1)])
    found = json.loads(
        await pool.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", bare(project.project), *day, 10)
    )
    scans = [node for node in nodes_of(found[0]["Plan"]) if node.get("Relation Name") == "scheduled_posts"]
    assert [(one["Node Type"], one["Index Name"]) for one in scans] == [("Index Scan", "scheduled_posts_by_project")]
    assert sum(one["Actual Rows"] * one["Actual Loops"] for one in scans) == 20
