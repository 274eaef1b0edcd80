"""The home screen: cards from real data, first steps that tick themselves off, and the sandbox's switches and feeds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import pytest
from playwright.async_api import Page, Route, expect
from tests.cli.program import Up, until
from tests.console.flows.conftest import NewPerson, Person, findings_of_axe
from tests.sdk.world import connect, made

from presswork.media.samples import sample_picture

Json = dict[str, Any]  # responses nest freely
_PICTURE: Final = sample_picture(720, 900)
RESTRICTED: Final = {"code": 25, "subcode": 2207050}


def _project(client: httpx2.Client, name: str) -> str:
    return made(client.post("/v1/projects", json={"name": name, "timezone": "Europe/Berlin"}))


def _open_upload(client: httpx2.Client, project: str) -> Json:
    """Open the upload of a picture, and return its container with where the file goes."""
    files = [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(_PICTURE)}]
    opened = client.post(f"/v1/projects/{project}/content/uploads", json={"grouping": "per-file", "files": files})
    (container,) = opened.json()["items"]
    return dict(container)


def _content(client: httpx2.Client, project: str, caption: str) -> str:
    """Upload a picture, and return the id of its container."""
    container = _open_upload(client, project)
    (target,) = container["files"]
    assert client.put(target["uploadUrl"], content=_PICTURE, headers=target["headers"]).is_success
    path = f"/v1/content/{container['containerId']}/finalize-upload"
    assert client.post(path, json={"caption": caption}).is_success
    return str(container["containerId"])


def _publish(client: httpx2.Client, container: str, account: str) -> str:
    targets = [{"socialAccountId": account, "mode": "publish"}]
    answer = client.post(f"/v1/content/{container}/publish", json={"targets": targets})
    assert answer.is_success, answer.text
    return str(answer.json()["scheduledPostIds"][0])


def _ends(client: httpx2.Client, post: str) -> None:
    """Wait until a post has ended."""
    assert until(lambda: client.get(f"/v1/scheduled-posts/{post}").json()["status"] in {"published", "failed"})


def _fault(client: httpx2.Client, **fault: object) -> None:
    answer = client.post("/v1/sandbox/faults", json=fault)
    assert answer.is_success, answer.text


def _card(page: Page, title: str) -> Any:  # Any: a locator
    return page.get_by_role("region", name=re.compile(title))


def _link_for_a_phone(client: httpx2.Client, project: str) -> str:
    """Text the page for manual posting to a phone, and return its path."""
    container = _content(client, project, "For a phone")
    answer = client.post(f"/v1/content/{container}/notify-device", json={"phoneNumber": "+351912345670"})
    assert answer.is_success, answer.text
    query = {"handle": "351912345670"}

    def texts() -> list[Json]:
        return list(client.get("/sandbox/control/messages", params=query).json()["items"])

    assert until(lambda: texts() != [])
    found = re.search(r"http://[^/]+(/\S+)", texts()[0]["body"])
    assert found is not None
    return found[1]


async def test_cards_show_what_needs_me(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A failed post, an account to reconnect, content to review and a paused endpoint appear while the screen is open."""
    await admin.open("/console/test")
    project = _project(client, f"home {unique}")
    account = connect(client, project, "instagram", f"home{unique}")
    where = {"platform": "instagram", "handle": f"home{unique}"}
    _fault(client, **where, operation="media_publish", fault="platform_error", value=RESTRICTED)
    _publish(client, _content(client, project, f"Failed {unique}"), account)
    failures = _card(admin.page, "failed")
    await expect(failures.get_by_role("link", name=f"Failed {unique}")).to_be_visible()
    await expect(failures).to_contain_text("Instagram has restricted this account")
    revoked = connect(client, project, "instagram", f"gone{unique}")
    gone = {"platform": "instagram", "handle": f"gone{unique}", "times": -1}
    _fault(client, **gone, operation="media", fault="token_expired")
    _publish(client, _content(client, project, f"Lost {unique}"), revoked)
    await expect(_card(admin.page, "to reconnect").get_by_text(f"@gone{unique}")).to_be_visible()
    assert client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"}).is_success
    _content(client, project, f"Review {unique}")
    review = _card(admin.page, "waiting for review")
    await expect(review.get_by_role("link", name="Open approvals")).to_be_visible()
    body = {"url": "https://93.184.215.14/hook", "events": ["social_account.revoked"]}
    hook = client.post("/v1/webhook-endpoints", json=body).json()["endpoint"]["id"]
    assert client.patch(f"/v1/webhook-endpoints/{hook}", json={"status": "paused"}).is_success
    await admin.page.reload()
    await expect(_card(admin.page, "paused").get_by_role("link", name="https://93.184.215.14/hook")).to_be_visible()
    assert await findings_of_axe(admin.page) == []
    await failures.get_by_role("button", name="Seen").click()
    await expect(failures).to_have_count(0)
    assert client.delete(f"/v1/webhook-endpoints/{hook}").is_success


async def test_an_unfinished_upload_does_not_wait_for_review(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Content counts as waiting for review once its upload is finished, as in the inbox."""
    project = _project(client, f"upload {unique}")
    assert client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"}).is_success
    _content(client, project, f"Whole {unique}")
    await admin.open("/console/test")
    title = _card(admin.page, "waiting for review").get_by_role("heading")
    await expect(title).to_be_visible()
    before = await title.inner_text()
    _open_upload(client, project)
    await admin.page.reload()
    await expect(title).to_have_text(before)


async def test_times_are_those_of_projects_beyond_the_first_page(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """Where the first page of projects does not have the post's, its time on Home is still that of its project's zone."""

    async def second_page(route: Route) -> None:
        if "cursor=" in route.request.url:
            await route.continue_(url=route.request.url.replace("cursor=more", ""))
        else:
            await route.fulfill(json={"items": [], "nextCursor": "more"})

    await admin.page.route("**/v1/projects?limit=100**", second_page)
    project = _project(client, f"zone {unique}")
    account = connect(client, project, "instagram", f"zone{unique}")
    soon = (datetime.now(UTC) + timedelta(minutes=20)).isoformat()
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}], "scheduledFor": soon}
    assert client.post(f"/v1/content/{_content(client, project, 'Soon')}/schedule", json=body).is_success
    await admin.open("/console/test")
    line = admin.page.get_by_role("listitem").filter(has_text=f"@zone{unique}")
    await expect(line.locator("time")).to_have_attribute("title", "Europe/Berlin")


@pytest.mark.exhaustive
async def test_first_steps_tick_themselves_off(admin: Person, client: httpx2.Client, unique: str) -> None:
    """What exists is ticked off without a click; where all exist, the list is gone. Live has a list of its own."""
    await admin.page.route(
        "**/v1/api-keys?limit=1", lambda route: route.fulfill(json={"items": [], "nextCursor": None})
    )
    _project(client, f"first {unique}")
    await admin.open("/console/test")
    steps = admin.page.get_by_role("region", name="First steps")
    await expect(steps.get_by_role("listitem").filter(has_text="Create a project")).to_contain_text("Create a project")
    await expect(steps.get_by_role("img", name="Done:").first).to_be_visible()
    await expect(steps.get_by_role("link", name="New key")).to_be_visible()
    await admin.page.unroute_all()
    account = connect(client, _project(client, f"second {unique}"), "instagram", f"first{unique}")
    _publish(client, _content(client, client.get("/v1/projects").json()["items"][0]["id"], "First"), account)
    await admin.page.reload()
    await expect(admin.page.get_by_role("heading", name="Today")).to_be_visible()
    await expect(steps).to_have_count(0)
    week = admin.page.get_by_role("region", name="The next seven days")
    await expect(week.get_by_role("link", name=re.compile(r"^\d+ went out$"))).to_be_visible()
    await week.get_by_role("link", name=re.compile(r"^Today · .*: \d+ posts?")).click()
    await admin.page.wait_for_url(f"**/calendar?at=*&day={datetime.now(UTC).date()}")
    await admin.open("/console/live")
    await expect(steps.get_by_role("listitem").first).to_contain_text("Give Presswork a public address")
    await expect(steps).not_to_contain_text("sandbox")
    await steps.get_by_role("link", name="Set the address").click()
    await expect(admin.page.get_by_role("dialog", name="Public address")).to_be_visible()


async def test_a_fault_is_switched_on_and_off(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The switch makes a publish fail; after "All off" the same account publishes, and its feed shows the post."""
    project = _project(client, f"faults {unique}")
    account = connect(client, project, "instagram", f"fault{unique}")
    await admin.open("/console/test/developers/sandbox")
    switch = admin.page.get_by_role("switch", name="Instagram restricts accounts")
    await expect(switch).to_have_count(0)
    await admin.page.locator("summary", has_text="Instagram").press("Enter")
    await admin.page.get_by_text("Instagram restricts accounts").click()
    await expect(switch).to_be_checked()
    await expect(admin.page.locator("summary", has_text="Instagram")).to_contain_text("1 on")
    refused = _publish(client, _content(client, project, f"Refused {unique}"), account)
    _ends(client, refused)
    assert client.get(f"/v1/scheduled-posts/{refused}").json()["lastError"]["code"] == "ACCOUNT_NOT_ELIGIBLE"
    await admin.page.get_by_role("button", name="All off").click()
    await expect(switch).not_to_be_checked()
    await expect(admin.page.get_by_text("all off", exact=True)).to_be_visible()
    _ends(client, _publish(client, _content(client, project, f"Live {unique}"), account))
    await admin.open(f"/console/test/developers/sandbox?account=instagram:fault{unique}")
    feed = admin.page.get_by_role("list", name="Live posts")
    await expect(feed.get_by_role("listitem")).to_have_count(1)
    await expect(feed).to_contain_text(f"Live {unique}")
    picture = feed.locator("img")
    await expect(picture).to_have_js_property("complete", value=True)
    assert await picture.evaluate("(one) => one.naturalWidth") > 0
    assert await findings_of_axe(admin.page) == []


async def test_a_fake_account_is_created(admin: Person, unique: str) -> None:
    """The form creates an account in the test environment; a handle that no platform allows is refused at its field."""
    admin.expected = ["422"]
    await admin.open("/console/live/developers/sandbox?dialog=account")
    await expect(admin.page.get_by_role("link", name="Open the sandbox of the test environment")).to_be_visible()
    await admin.open("/console/test/developers/sandbox?dialog=account")
    dialog = admin.page.get_by_role("dialog", name="New fake account")
    await dialog.get_by_label("Handle").fill("two words")
    await dialog.get_by_role("button", name="Create the account").click()
    await expect(dialog).to_contain_text("A handle is 1 to 64 letters")
    await dialog.get_by_label("Handle").fill(f"new{unique}")
    await dialog.get_by_role("button", name="Create the account").click()
    accounts = admin.page.get_by_role("navigation", name="Fake accounts")
    await accounts.get_by_role("link", name=f"@new{unique}").click()
    await expect(admin.page.get_by_role("heading", name="Nothing is live here yet")).to_be_visible()


@pytest.mark.exhaustive
async def test_every_page_has_its_icon(new_person: NewPerson, up: Up, client: httpx2.Client, unique: str) -> None:
    """The icon that each page names exists, and no page requests anything that does not."""
    project = _project(client, f"icons {unique}")
    account = connect(client, project, "instagram", f"icon{unique}")
    _ends(client, _publish(client, _content(client, project, "Icons"), account))
    login = client.post(f"/v1/projects/{project}/social/oauth-url", json={"platform": "tiktok"}).json()
    pages = {
        "/": 200,
        "/docs": 200,
        "/console/sign-in": 200,
        "/no-such-page": 404,
        "/oauth/callback/tiktok?state=st_1": 400,
        "/sandbox/": 200,
        f"/sandbox/feed/instagram/icon{unique}": 200,
        "/sandbox/phone": 200,
        login["authorizeUrl"].removeprefix(up.url): 200,
        _link_for_a_phone(client, project): 200,
    }
    person = await new_person()
    person.expected = [f"{up.url}{path}" for path, status in pages.items() if status != 200]
    person.expected.append("the server responded with a status of 40")
    for path in pages:
        await person.page.goto(path)
        await person.page.wait_for_selector("h1")
        icons = await person.page.eval_on_selector_all("link[rel~=icon]", "(found) => found.map((one) => one.href)")
        assert len(icons) == 1, path
        if not icons[0].startswith("data:image/svg+xml"):
            answer = await person.page.request.get(icons[0])
            assert (answer.status, answer.headers["content-type"].split("/")[0]) == (200, "image"), path
