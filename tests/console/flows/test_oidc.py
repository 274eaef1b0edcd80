"""Sign-in with OpenID Connect, in a browser that goes through the provider's page."""

import httpx2
from playwright.async_api import Browser, expect
from tests.cli.program import Up
from tests.console.flows.conftest import NewPerson, another_api
from tests.people.provider import running_provider


async def test_a_person_signs_in_with_the_provider(browser: Browser, up: Up, unique: str) -> None:
    """The way leads to the provider and back to the screen that was asked for, with the role of the person's group."""
    with running_provider() as issuer:
        claims = {"email": f"{unique}@example.com", "email_verified": True, "name": "Ines Prado", "groups": ["readers"]}
        assert httpx2.put(f"{issuer}/users/{unique}", json=claims, trust_env=False).is_success
        settings = {
            "oidc_issuer": issuer,
            "oidc_client_id": "presswork",
            "oidc_client_secret": "secret of the client",
            "oidc_role_map": "readers=viewer",
        }
        with another_api(up, **settings) as api:
            person = await NewPerson(browser, api)()
            person.expected = [issuer, "another host: https://", "net::ERR"]  # the provider's page and its stylesheet
            await person.page.route("https://**", lambda route: route.abort())
            await person.open("/console/test/queue?view=failed")
            await person.page.get_by_role("link", name="Continue with").click()
            await person.page.get_by_placeholder("sub").fill(unique)
            await person.page.get_by_role("button", name="Authorize").click()
            await person.page.wait_for_url("**/console/test/queue?view=failed")
            await expect(person.page.get_by_role("heading", name="Queue")).to_be_visible()
            await expect(person.page.get_by_role("button", name="Ines Prado")).to_be_visible()
            await expect(person.page.get_by_role("link", name="People")).to_have_count(0)
            person.check()
