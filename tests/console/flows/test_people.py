"""Sign-in, invitations, roles and sessions, as people do it."""

import asyncio
import re
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.async_api import Route, expect
from tests.cli.program import Up
from tests.console.flows.conftest import PASSWORD, NewPerson, Person, another_api, choose, findings_of_axe, signed_in
from tests.console.flows.posting import new_account
from tests.console.flows.reviewing import hold
from tests.people.provider import running_provider


async def test_a_stranger_is_led_to_sign_in_and_back(new_person: NewPerson, admin: Person) -> None:
    """A link to a screen survives the sign-in; a wrong password says nothing about which part was wrong."""
    person = await new_person()
    person.expected = ["401"]
    await person.open("/console/test/developers/webhooks")
    await expect(person.page).to_have_title("Sign in · Presswork")
    await person.page.get_by_label("E-mail").fill("ada@example.com")
    await person.page.get_by_label("Password").fill("something else")
    await person.page.get_by_role("button", name="Sign in").click()
    await expect(person.page.get_by_role("alert")).to_contain_text("E-mail address or password is wrong")
    await person.page.get_by_label("Password").fill(PASSWORD)
    await person.page.keyboard.press("Enter")
    await person.page.wait_for_url("**/console/test/developers/webhooks")


async def test_an_invited_viewer_sees_only_what_the_role_allows(
    new_person: NewPerson, admin: Person, unique: str
) -> None:
    """The link of the invitation works in another browser; a viewer has no keys, people and system."""
    email = f"{unique}@example.com"
    await admin.open("/console/test/people")
    await admin.page.get_by_role("button", name="Invite").click()
    dialog = admin.page.get_by_role("dialog")
    await dialog.get_by_label("E-mail").fill(email)
    await dialog.get_by_label("Name").fill("Ines")
    await dialog.get_by_role("button", name="Invite").click()
    link = await admin.page.get_by_role("alertdialog").locator("code").inner_text()
    await admin.page.get_by_role("button", name="Done").click()
    await expect(admin.page.get_by_role("row").filter(has_text=email)).to_contain_text("invited")

    viewer = await new_person()
    await viewer.open(link)
    await viewer.page.get_by_label("Password").fill("another sentence to keep")
    await viewer.page.get_by_role("button", name="Sign in").click()
    await viewer.page.wait_for_url("**/console/test**")
    navigation = viewer.page.get_by_role("navigation", name="Screens")
    await expect(navigation.get_by_role("link", name="Developers")).to_be_visible()
    await expect(navigation.get_by_role("link", name="People")).to_have_count(0)
    await viewer.open("/console/test/developers")
    await expect(viewer.page.get_by_role("link", name="API keys")).to_have_count(0)
    await expect(viewer.page.get_by_role("button", name="New endpoint")).to_have_count(0)


async def test_the_role_of_a_person_without_a_name_is_changed(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """A name that is blank is not sent, so the role is saved."""
    email = f"{unique}@example.com"
    assert client.post("/v1/users", json={"email": email, "role": "viewer"}).is_success
    await admin.open("/console/test/people")
    await admin.page.get_by_role("row").filter(has_text=email).get_by_role("button").first.click()
    dialog = admin.page.get_by_role("dialog")
    await choose(dialog, "Role", "Approver")
    await dialog.get_by_role("button", name="Save").click()
    await expect(admin.page.get_by_text("Saved. A new role holds at once.")).to_be_visible()
    listed = client.get("/v1/users").json()["items"]
    assert [(one["name"], one["role"]) for one in listed if one["email"] == email] == [(None, "approver")]


@pytest.mark.exhaustive
async def test_a_session_that_is_ended_elsewhere_is_over(new_person: NewPerson, admin: Person, unique: str) -> None:
    """A second browser is listed and ended from the first; its next step leads to the sign-in, and from there on."""
    second = await new_person()
    second.expected = ["401"]
    await second.open("/console/sign-in")
    await second.page.get_by_label("E-mail").fill("ada@example.com")
    await second.page.get_by_label("Password").fill(PASSWORD)
    await second.page.get_by_role("button", name="Sign in").click()
    await second.page.wait_for_url("**/console/test**")

    step_is_made = await hold(second.page, "/v1/**")  # else any read of the page could be what leads to the sign-in
    await admin.open("/console/test/you")
    await admin.page.get_by_role("button", name="End all others").click()
    await expect(admin.page.get_by_role("button", name="End", exact=True)).to_have_count(0)

    await second.page.get_by_role("navigation", name="Screens").get_by_role("link", name="Queue").click()
    await second.page.wait_for_url("**/console/test/queue**")
    step_is_made.set()
    await expect(second.page).to_have_title("Sign in · Presswork")
    await second.page.get_by_label("E-mail").fill("ada@example.com")
    await second.page.get_by_label("Password").fill(PASSWORD)
    await second.page.get_by_role("button", name="Sign in").click()
    await second.page.wait_for_url("**/console/test/queue**")
    await expect(second.page.get_by_role("heading", level=1)).to_contain_text("Queue")

    await admin.page.reload()
    await admin.page.get_by_role("button", name="End all others").click()
    await expect(admin.page.get_by_role("button", name="End", exact=True)).to_have_count(0)
    await second.open("/console/test/people")
    await expect(second.page).to_have_title("Sign in · Presswork")


@pytest.mark.exhaustive
async def test_a_draft_survives_the_end_of_the_session(
    new_person: NewPerson, client: httpx2.Client, unique: str
) -> None:
    """What was written in Compose is there after the sign-in that the end of the session leads to."""
    email = f"{unique}@example.com"
    person = await signed_in(new_person, client, "admin", email)
    person.expected = ["401"]
    page, screens = person.page, person.page.get_by_role("navigation", name="Screens")
    new_account(client, f"draft{unique}")
    await person.open("/console/test/compose")
    caption = page.get_by_role("textbox", name="Text", exact=True)
    await caption.fill(f"Half a sentence {unique}")
    step_is_made = await hold(page, "/v1/**")
    (user,) = (one["id"] for one in client.get("/v1/users").json()["items"] if one["email"] == email)
    assert client.delete("/v1/sessions", params={"userId": user}).is_success
    await screens.get_by_role("link", name="Library").click()
    await page.wait_for_url("**/console/test/library**")
    step_is_made.set()
    await expect(page).to_have_title("Sign in · Presswork")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Library")
    await screens.get_by_role("link", name="New post").click()
    await expect(caption).to_have_value(f"Half a sentence {unique}")


async def test_each_session_is_ended_once(new_person: NewPerson, client: httpx2.Client, unique: str) -> None:
    """A list of sessions continues with a button. While one is ended, its button can't be pressed again."""
    email, released, calls = f"{unique}@example.com", asyncio.Event(), list[str]()
    person = await signed_in(new_person, client, "viewer", email)
    page = person.page
    for _ in range(2):
        credentials = {"email": email, "password": PASSWORD}
        answer = httpx2.post(
            f"{new_person.up.url}/v1/auth/sign-in", json=credentials, headers=new_person.headers, trust_env=False
        )
        assert answer.is_success, answer.text

    async def two_per_page(route: Route) -> None:
        await route.continue_(url=f"{route.request.url}{'&' if '?' in route.request.url else '?'}limit=2")

    async def hold(route: Route) -> None:
        calls.append(route.request.url)
        await released.wait()
        await route.continue_()

    await page.route(re.compile(r"/v1/sessions(\?|$)"), two_per_page)
    await page.route("**/v1/sessions/*", hold)
    await person.open("/console/test/you")
    sessions = page.get_by_role("region", name="Sessions")
    await expect(sessions.get_by_role("listitem")).to_have_count(2)
    await sessions.get_by_role("button", name="Show more").click()
    ends = sessions.get_by_role("button", name="End", exact=True)
    await expect(ends).to_have_count(2)
    await ends.first.press("Enter")
    await expect(ends.first).to_have_attribute("aria-disabled", "true")
    await ends.first.press("Enter")
    released.set()
    await expect(ends).to_have_count(1)
    assert len(calls) == 1


async def test_a_sign_out_that_fails_says_so(admin: Person) -> None:
    """The session is still there, so the person must not leave the browser to the next one."""

    async def refuse(route: Route) -> None:
        error = {"code": "FORBIDDEN_ORIGIN", "message": "Not from this address.", "details": {}}
        await route.fulfill(status=403, json={"error": error, "requestId": "req_1"})

    admin.expected = ["403"]
    await admin.page.route("**/v1/auth/sign-out", refuse)
    await admin.open("/console/test/you")
    await admin.page.get_by_role("navigation", name="Screens").get_by_role("button", name="Ada Byron").click()
    await admin.page.get_by_role("menuitem", name="Sign out").click()
    await expect(admin.page.get_by_text("The sign-out failed. Not from this address.")).to_be_visible()


def consent_page(up: Up, name: str) -> str:
    """Register a program of this name; return the path of the page that asks the user to allow it."""
    redirect = f"{up.url}/healthz"
    body = {"client_name": name, "redirect_uris": [redirect]}
    made = httpx2.post(f"{up.url}/oauth/register", json=body, trust_env=False).json()
    asked = {"response_type": "code", "client_id": made["client_id"], "redirect_uri": redirect}
    return f"/oauth/authorize?{urlencode({**asked, 'code_challenge': 'c' * 43, 'code_challenge_method': 'S256'})}"


@pytest.mark.exhaustive
async def test_an_agent_is_allowed_and_disconnected(admin: Person, new_person: NewPerson, up: Up, unique: str) -> None:
    """Consent leads back to the program; the account page and the dialog of the person list it, and disconnect it."""
    name = f"Agent {unique}"
    consent = consent_page(up, name)
    stranger = await new_person()
    for person in (admin, stranger):
        await person.open(consent)
        if person is stranger:
            await person.page.get_by_label("E-mail").fill("ada@example.com")
            await person.page.get_by_label("Password").fill(PASSWORD)
            await person.page.get_by_role("button", name="Sign in").click()
        await expect(person.page.get_by_role("heading", level=1)).to_have_text(f"Allow {name} to act for you?")
        assert await findings_of_axe(person.page) == []
        await person.page.get_by_role("button", name="Allow", exact=True).click()
        await person.page.wait_for_url("**/healthz?code=*")

    await admin.open("/console/test/you")
    listed = admin.page.get_by_role("listitem").filter(has_text=name)
    await expect(listed).to_have_count(2)
    assert await findings_of_axe(admin.page) == []
    await listed.first.get_by_role("button", name=f"Disconnect {name}").click()
    await admin.page.get_by_role("button", name="Disconnect the agent").click()
    await expect(listed).to_have_count(1)
    await admin.open("/console/test/people")
    await admin.page.get_by_role("table", name="People").get_by_role("button", name="Ada Byron").click()
    await admin.page.get_by_role("dialog").get_by_role("button", name=f"Disconnect {name}").click()
    await admin.page.get_by_role("button", name="Disconnect the agent").click()
    await expect(admin.page.get_by_text("No agent is connected.")).to_be_visible()


@pytest.mark.exhaustive
async def test_sign_in_with_openid_connect(new_person: NewPerson, admin: Person, up: Up) -> None:
    """A person of an allowed domain signs in at the provider and comes back to the screen, or to an agent's request; another one reads why not."""
    claims = {"email": "uma@bakery.example", "email_verified": True, "name": "Uma Baker"}
    with (
        running_provider() as issuer,
        another_api(
            up,
            oidc_issuer=issuer,
            oidc_client_id="presswork",
            oidc_client_secret="a secret",
            oidc_allowed_domains="bakery.example",
        ) as with_oidc,
    ):
        httpx2.put(f"{issuer}/users/uma", json=claims, trust_env=False).raise_for_status()
        httpx2.put(f"{issuer}/users/eve", json=claims | {"email": "eve@elsewhere.example"}, trust_env=False)
        person = await new_person(url=with_oidc.url)
        page = person.page
        await page.route("https://**", lambda route: route.abort())  # the provider's page has a style sheet elsewhere
        person.expected += ["another host", "ERR_", "40"]
        for subject in ("eve", "uma"):
            await person.open("/console/test/queue")
            await page.get_by_role("link", name="Continue with").click()
            await page.get_by_placeholder("sub").fill(subject)
            await page.get_by_role("button", name="Authorize").click()
            if subject == "eve":
                await expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
                await expect(page.get_by_role("main")).to_contain_text("invit")
        await page.wait_for_url("**/console/test/queue**")
        await expect(page.get_by_role("button", name="Uma Baker")).to_be_visible()

        await page.goto("about:blank")  # the console itself would go to the sign-in
        await person.context.clear_cookies()  # an agent asks a person who is not signed in
        await person.open(consent_page(with_oidc, "Claude"))
        await page.get_by_role("link", name="Sign in with").click()
        await page.get_by_placeholder("sub").fill("uma")
        await page.get_by_role("button", name="Authorize").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Allow Claude to act for you?")
        await person.leave()


async def test_a_provider_is_let_in_and_its_groups_are_shown(admin: Person, unique: str) -> None:
    """The copied token writes a group, which the page shows with its role; after the token is revoked, it writes nothing."""
    page = admin.page
    await admin.open("/console/test/people/provisioning")
    await page.get_by_role("button", name="New token").click()
    await page.get_by_role("textbox", name="Provider").fill(unique)
    await page.get_by_role("button", name="Make the token").click()
    await page.get_by_role("button", name="Copy the token").click()
    token = await page.evaluate("navigator.clipboard.readText()")
    await page.get_by_role("button", name="I have stored it").click()
    await page.get_by_role("button", name="Copy the base URL").click()
    url = await page.evaluate("navigator.clipboard.readText()")
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        made = await client.post(f"{url}/Groups", json={"displayName": unique})
        assert made.status_code == 201, made.text
        await admin.open("/console/test/people/provisioning")
        await expect(page.get_by_role("row").filter(has_text=unique).last).to_contain_text("none")
        await page.get_by_role("button", name=f"Revoke the token of {unique}").click()
        await page.get_by_role("button", name="Revoke the token", exact=True).click()
        await expect(page.get_by_text("The token is revoked.")).to_be_visible()
        assert (await client.get(f"{url}/Groups")).status_code == 401
