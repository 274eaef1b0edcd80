"""The legal pages: what they say follows from the settings, and they need no login and no script."""

import re
from datetime import timedelta
from typing import Final

import httpx2
import pytest
from tests.accounts.login_flow import LoginFlow
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.legal.signed import DELETION, request_of, send
from tests.legal.test_user_requests import person_of

from presswork.api.http.languages import Language
from presswork.legal import retention
from presswork.platforms.settings import Settings
from presswork.worker import sms

PATHS: Final = ("/legal/privacy", "/legal/terms", "/legal/data-deletion")
BROWSER: Final = {"Accept": "text/html"}


@pytest.fixture
def operated(settings: Settings) -> Settings:
    """Settings with an operator, whose name needs escaping."""
    return settings.model_copy(
        update={"operator_name": "Bäckerei <Müller> & Sohn", "contact_email": "privacy@example.com"}
    )


async def texts(settings: Settings, dsn: str, clock: MovableClock, path: str) -> str:
    """Return a page."""
    async with serving(settings, dsn=dsn, clock=clock) as api:
        answer = await (await api.anonymous(headers=BROWSER)).get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_pages_name_the_operator(operated: Settings, dsn: str, clock: MovableClock) -> None:
    """Name and address on each page, escaped; nothing from other hosts, no script, nothing kept or indexed."""
    async with serving(operated, dsn=dsn, clock=clock) as api:
        browser = await api.anonymous(headers=BROWSER)
        for path in PATHS:
            answer = await browser.get(path)
            assert answer.status_code == 200, answer.text
            assert "Bäckerei &lt;Müller&gt; &amp; Sohn" in answer.text
            assert 'href="mailto:privacy@example.com"' in answer.text
            assert "<script" not in answer.text
            assert not re.search(r'(?:src|href)="https?:', answer.text)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-robots-tag"] == "noindex, nofollow"
            assert answer.headers["cache-control"] == "no-store"
            for other in PATHS:
                assert f'href="{other}"' in answer.text
            assert (await browser.head(path)).status_code == 200


async def test_without_an_operator_there_are_no_pages(api: Api) -> None:
    """A policy of no one would be wrong: 404, with the settings that are missing."""
    browser = await api.anonymous(headers=BROWSER)
    for path in PATHS:
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert "PRESSWORK_OPERATOR_NAME" in answer.text


async def test_the_policy_states_the_times_of_the_settings(operated: Settings, dsn: str, clock: MovableClock) -> None:
    """What the operator sets is what the page says; without a setting there is no limit."""
    text = await texts(operated, dsn, clock, "/legal/privacy")
    assert text.count("without a limit") == 2
    assert "30 days after they were delivered or failed" in text
    update = {
        "keep_timelines": timedelta(days=91),
        "keep_webhook_deliveries": timedelta(days=12),
        "keep_audit_log": timedelta(days=733),
    }
    text = await texts(operated.model_copy(update=update), dsn, clock, "/legal/privacy")
    assert "without a limit" not in text
    for sentence in ("91 days after the end of the post", ">12 days<", ">733 days<"):
        assert sentence in text


def test_the_policy_states_the_times_of_the_worker() -> None:
    """The times that no setting changes are those of the code and the statements that delete."""
    assert retention.TEXTS_KEPT_FOR == sms.KEPT_FOR
    from presswork.db.queries import load  # noqa: PLC0415  only this test reads the statements

    statements = load("presswork.worker")
    assert "interval '1 day'" in statements["sweep_states"]
    assert timedelta(days=1) == retention.LOGINS_KEPT_FOR
    assert "interval '2 days'" in statements["sweep_rate_limits"]
    assert timedelta(days=2) == retention.CALL_COUNTS_KEPT_FOR


async def test_pages_are_german_where_that_is_wanted(operated: Settings, dsn: str, clock: MovableClock) -> None:
    """By the browser's language or by the link in the page, which the links to the other pages then repeat."""
    async with serving(operated, dsn=dsn, clock=clock) as api:
        browser = await api.anonymous(headers=BROWSER)
        titles = {"/legal/privacy": "Datenschutzerklärung", "/legal/terms": "Nutzungsbedingungen"}
        for path, title in (titles | {"/legal/data-deletion": "Ihre Daten löschen"}).items():
            wanted = await browser.get(path, headers={"Accept-Language": "de-AT"})
            assert (wanted.headers["content-language"], f"<h1>{title}</h1>" in wanted.text) == ("de", True)
            chosen = await browser.get(f"{path}?lang=de")
            assert f"<h1>{title}</h1>" in chosen.text
            assert 'href="/legal/terms?lang=de"' in chosen.text
        assert "Business-Integrationen" in (await browser.get("/legal/data-deletion?lang=de")).text
        unknown = await browser.get("/legal/data-deletion/X?lang=de")
        assert (unknown.status_code, "Diese Löschung gibt es nicht" in unknown.text) == (404, True)
        assert 'href="/legal/privacy?lang=de"' in unknown.text


async def status_page(login_flow: LoginFlow, person: str) -> tuple[dict[str, str], httpx2.Response]:
    """Have a person's data deleted, and open the page about it."""
    done = (await send(login_flow.browser, DELETION, request_of(login_flow.api, person))).json()
    return done, await login_flow.browser.get(done["url"], headers=BROWSER)


async def test_the_page_about_a_deletion(login_flow: LoginFlow) -> None:
    """What was deleted, when, and what remains; nothing says who the person was. The address works in small letters too."""
    account = await login_flow.connect("instagram", "bakery")
    person = await person_of(login_flow, account)
    done, page = await status_page(login_flow, person)
    assert page.status_code == 200
    for text in (
        "Your data was deleted",
        done["confirmation_code"],
        Language("en").date_time(login_flow.clock.now(), "UTC"),
        "Connected accounts: 1.",
    ):
        assert text in page.text
    assert "bakery" not in page.text
    assert person not in page.text
    assert (await login_flow.browser.get(done["url"].replace(*_lower(done)))).status_code == 200
    assert page.headers["x-robots-tag"] == "noindex, nofollow"


def _lower(done: dict[str, str]) -> tuple[str, str]:
    return done["confirmation_code"], done["confirmation_code"].lower()


async def test_the_page_about_a_deletion_of_nothing(login_flow: LoginFlow) -> None:
    """It says that there was nothing."""
    _, page = await status_page(login_flow, "7")
    assert "There was no data to delete" in page.text


@pytest.mark.parametrize("code", ["X", "AAAAAAAAAAAAAAAAAAAAAAAA", "%00", "x" * 5_000, "a%0Ab", "é"])
async def test_unknown_codes(login_flow: LoginFlow, code: str) -> None:
    """404, whatever the form."""
    answer = await login_flow.browser.get(f"/legal/data-deletion/{code}", headers=BROWSER)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


async def test_codes_can_not_be_searched(login_flow: LoginFlow) -> None:
    """After 30 unknown codes the address waits; a known one is still shown."""
    done, _ = await status_page(login_flow, "7")
    statuses = [(await login_flow.browser.get(f"/legal/data-deletion/{number}")).status_code for number in range(31)]
    assert statuses == [404] * 30 + [429]
    assert (await login_flow.browser.get(done["url"])).status_code == 200
