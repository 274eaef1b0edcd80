"""The system: what needs attention and its fix, and setting up a platform."""

import pytest
from playwright.async_api import Locator, Page, expect
from tests.cli.program import Up
from tests.cli.reverse_proxy import reverse_proxy
from tests.console.flows.conftest import NewPerson, Person, another_api

SECRET = "marker-of-the-secret"


def step(page: Page, title: str) -> Locator:
    """Return a step of a wizard."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def platforms(page: Page) -> Locator:
    """Return the list of platforms."""
    return page.get_by_role("region", name="Platforms")


async def test_the_system_says_what_needs_attention(admin: Person, new_person: NewPerson, unique: str) -> None:
    """The checks run on demand; what is not set up needs nothing until something does; each finding has its fix."""
    await admin.open("/console/test/system")
    check = admin.page.get_by_role("button", name="Check now")
    await check.click()
    await expect(admin.page.get_by_text("Checked. ")).to_be_visible(timeout=60_000)
    state = admin.page.get_by_role("region", name="State")
    found = admin.page.get_by_role("listitem").filter(has=admin.page.get_by_role("heading", name="Public URL"))
    await expect(found).to_have_count(0)
    well = admin.page.get_by_role("group").filter(has_text="nothing to do")
    if await well.get_attribute("open") is None:  # other tests leave what needs attention
        await well.locator("summary").click()
    unused = admin.page.get_by_role("listitem").filter(has_text="nothing needs it")
    await expect(unused).to_contain_text("Instagram login app")
    await expect(unused).to_contain_text("LinkedIn app")
    await expect(unused).to_contain_text("Text messages, Public URL")

    headers = {**new_person.headers, "X-Presswork-Environment": "live"}
    live = {"name": f"Live {unique}", "timezone": "UTC"}
    project = await (await admin.context.request.post("/v1/projects", data=live, headers=headers)).json()
    await check.click()
    await expect(found).to_contain_text("PRESSWORK_PUBLIC_URL is not set.", timeout=60_000)
    await expect(state.get_by_role("heading")).to_contain_text("need")
    archived = {"status": "archived"}
    gone = await admin.context.request.patch(f"/v1/projects/{project['id']}", data=archived, headers=headers)
    assert gone.status == 200, await gone.text()
    await expect(found).to_contain_text("Set it to the https URL")
    await expect(admin.page.get_by_role("region", name="Workers")).to_contain_text("at once")
    backup = admin.page.get_by_role("region", name="Backup")
    await expect(backup).to_contain_text("none")
    await backup.get_by_role("button", name="Copy the command").click()
    assert await admin.page.evaluate("navigator.clipboard.readText()") == "presswork backup FILE"


async def test_a_platform_is_set_up(admin: Person) -> None:
    """The wizard keeps the public address, stores the app, never shows its secret again, and removes both."""
    await admin.open("/console/live/system")
    await platforms(admin.page).get_by_role("link", name="Instagram login").click()
    await expect(admin.page).to_have_title("Set up Instagram login · Presswork")
    address = step(admin.page, "Give Presswork a public address")
    admin.expected = ["422"]
    await address.get_by_label("Public address").fill("http://presswork.example.com")
    await address.get_by_role("button", name="Save the address").click()
    await expect(address).to_contain_text("is not https")
    await address.get_by_label("Public address").fill("https://presswork.example.com/")
    await admin.page.keyboard.press("Enter")
    await expect(address.get_by_role("status")).to_contain_text("https://presswork.example.com is stored.")
    await address.get_by_role("button", name="Remove it").click()
    await expect(address.get_by_role("status")).to_have_count(0)
    await expect(step(admin.page, "Add the permissions")).to_contain_text("instagram_business_content_publish")
    store = step(admin.page, "Store the app's ID and secret")
    await expect(store).to_contain_text("They are not set yet.")
    await store.get_by_label("Instagram app ID").fill("1234 5678")
    await store.get_by_label("Instagram app secret").fill(SECRET)
    admin.expected = ["422"]
    await store.get_by_role("button", name="Save the credentials").click()
    await expect(store).to_contain_text("contains a space")
    await store.get_by_label("Instagram app ID").fill("1234567890123456")
    await admin.page.keyboard.press("Enter")
    await expect(store).to_contain_text("Stored: Instagram app ID …3456 with its secret")
    await expect(store.get_by_label("Instagram app secret")).to_have_value("")
    await admin.page.reload()
    await expect(store).to_contain_text("Stored: Instagram app ID …3456 with its secret")
    assert SECRET not in await admin.page.content()
    await store.get_by_role("button", name="Remove").click()
    await admin.page.get_by_role("button", name="Remove the credentials").click()
    await expect(store).to_contain_text("They are not set yet.")


def of_the_proxy(proxy: str, up: Up) -> dict[str, str]:
    """Return the settings of an API whose public address is a proxy, with an app in the environment."""
    return {
        "public_url": proxy,
        "tiktok_client_key": "awx7q2awx7q2",
        "tiktok_client_secret": SECRET,
        "tiktok_api_url": f"{up.url}/sandbox/open.tiktokapis.com",
    }


@pytest.mark.exhaustive
async def test_a_broken_proxy_is_named(new_person: NewPerson, admin: Person, up: Up) -> None:
    """A proxy in front of Presswork refuses Meta's crawler: the checks name it with what to change, on the page and in the wizards.

    The app of TikTok is in the environment, so that its fields are read-only.
    """
    refuses = lambda agent, _path: (403, b"no") if "facebookexternalhit" in agent else None  # noqa: E731  shorter than a function
    with reverse_proxy(up.url, refuses) as proxy, another_api(up, **of_the_proxy(proxy, up)) as behind:
        person = await new_person(url=behind.url, state=await admin.context.storage_state())
        page = person.page
        await person.open("/console/live/system")
        await page.get_by_role("button", name="Check now").click()
        found = page.get_by_role("listitem").filter(
            has=page.get_by_role("heading", name="Media for facebookexternalhit")
        )
        await expect(found).to_contain_text("answers 403 to facebookexternalhit", timeout=60_000)
        await expect(found).to_contain_text("Allow the user agent facebookexternalhit under /media/ in the proxy")

        await platforms(page).get_by_role("link", name="Instagram login").click()
        await expect(step(page, "Let Instagram fetch media")).to_contain_text("answers 403 to facebookexternalhit")
        addresses = step(page, "Register the addresses")
        await addresses.get_by_role("button", name="Copy OAuth redirect URI").click()
        assert await page.evaluate("navigator.clipboard.readText()") == f"{proxy}/oauth/callback/a"
        await expect(addresses).to_contain_text("Presswork answers there")
        for name, path in (
            ("Deauthorize callback URL", "/webhooks/meta/deauthorize"),
            ("Data deletion request URL", "/webhooks/meta/data-deletion"),
            ("Privacy policy", "/legal/privacy"),
            ("Terms of service", "/legal/terms"),
        ):
            await addresses.get_by_role("button", name=f"Copy {name}").click()
            assert await page.evaluate("navigator.clipboard.readText()") == f"{proxy}{path}"
        review = step(page, "Next: the review, for everybody else")
        await expect(review).to_contain_text("this service has none")
        await expect(review).to_contain_text("presswork review-kit --out app-review --platform instagram")

        await person.open("/console/live/system/platforms/tiktok")
        await expect(step(page, "Prove that the address is yours")).to_contain_text(
            "TikTokSpider, Bytespider can fetch"
        )
        store = step(page, "Store the client key and secret")
        await expect(store).to_contain_text("PRESSWORK_TIKTOK_CLIENT_KEY and PRESSWORK_TIKTOK_CLIENT_SECRET")
        await expect(store.get_by_label("Client key")).to_have_value("…x7q2")
        assert await store.get_by_label("Client key").get_attribute("readonly") is not None
        assert SECRET not in await page.content()
        await person.leave()


async def test_others_get_one_sentence(viewer: Person) -> None:
    """A viewer who has the address of a page of the system reads who may see it."""
    for path in ("/console/test/system", "/console/test/system/platforms/tiktok"):
        await viewer.open(path)
        await expect(viewer.page.get_by_text("Only administrators of the organization")).to_be_visible()
        await expect(viewer.page.get_by_role("button", name="Check now")).to_have_count(0)
