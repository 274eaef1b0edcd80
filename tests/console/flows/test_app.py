"""The console as an app that a browser installs: its manifest, the page without a connection, and push messages."""

import json
from typing import Final

import pytest
from playwright.async_api import CDPSession, StorageState, Worker, expect
from tests.cli.program import Up
from tests.console.flows.conftest import NewPerson, Person, ServiceWorkers, another_api, findings_of_axe

WORKER_IS_READY: Final = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
CACHED: Final = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys()) found.push(request.url);
    return found;
}"""


@pytest.fixture
def service_workers() -> ServiceWorkers:
    """Allow the service worker, which these flows are about."""
    return "allow"


async def _with_worker(person: Person) -> Worker:
    """Open the console and return its service worker, which is registered later than all else is loaded."""
    await person.open("/console/test")
    await person.page.wait_for_function(WORKER_IS_READY)
    (worker,) = person.context.service_workers
    return worker


async def test_the_console_can_be_installed(admin: Person) -> None:
    """The browser finds no fault with the manifest, and every icon has its size and type."""
    await _with_worker(admin)
    session = await admin.context.new_cdp_session(admin.page)
    found = await session.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    faults = await session.send("Page.getInstallabilityErrors")
    assert [one["errorId"] for one in faults["installabilityErrors"]] in ([], ["in-incognito"])
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    touch = await admin.page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    for path, size in [*((icon["src"], icon["sizes"]) for icon in manifest["icons"]), (touch, "180x180")]:
        answer = await admin.context.request.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png"), path
        shown = await admin.page.evaluate(
            "async (path) => { const one = new Image(); one.src = path; await one.decode(); "
            "return `${one.naturalWidth}x${one.naturalHeight}`; }",
            path,
        )
        assert shown == size, path
    unknown = await admin.context.request.get("/console/icons/../index.html")
    assert unknown.headers["content-type"] != "image/png"
    assert (await admin.context.request.get("/console/icons/none.png")).status == 404


@pytest.mark.exhaustive
async def test_without_the_server_a_page_says_so(new_person: NewPerson, admin_state: StorageState, up: Up) -> None:
    """The page is of the worker itself; with the server back, the same page opens. No cache has anything that was shown."""
    with another_api(up) as other:
        person = await new_person(state=admin_state, url=other.url)
        await _with_worker(person)
        for path in ("/console/test/queue", "/console/test/library", "/console/test/you"):
            await person.open(path)
        assert await person.page.evaluate(CACHED) == []
    person.expected += ["net::ERR", "503", "Failed to load resource", "Failed to fetch"]
    await person.page.goto("/console/test/queue")
    await expect(person.page.get_by_role("heading", name="No connection to Presswork")).to_be_visible()
    assert (
        await person.page.evaluate("getComputedStyle(document.querySelector('main').parentElement).display") == "grid"
    )
    assert await person.page.get_by_role("link", name="Try again").get_attribute("href") == ""
    assert "Queue" not in await person.page.content()


async def test_a_push_message_is_shown_and_opens_its_page(admin: Person) -> None:
    """The message has what the server sent; a click opens its page in the console, and never one of another site."""
    await admin.context.grant_permissions(["notifications"])
    worker = await _with_worker(admin)
    session = await admin.context.new_cdp_session(admin.page)
    registration = await _registration_of(session)
    message = {"title": "A post failed", "text": "Rye with caraway, on Instagram.", "path": "/test/queue?view=failed"}
    origin = await admin.page.evaluate("location.origin")
    await session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": registration, "data": json.dumps(message)},
    )
    await admin.page.wait_for_function(
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1"
    )
    shown = await worker.evaluate(
        "async () => { const [one] = await self.registration.getNotifications(); return [one.title, one.body]; }"
    )
    assert shown == [message["title"], message["text"]]
    for path, opened in (
        (message["path"], "/console/test/queue?view=failed"),
        ("/../v1/whoami", "/console"),
        (".evil.example.com/", "/console"),
    ):
        url = await worker.evaluate(
            """async (path) => {
                let opened;
                self.clients.openWindow = async (url) => { opened = url; };
                const [notification] = await self.registration.getNotifications();
                const event = new NotificationEvent("notificationclick", { notification: notification ?? self.kept });
                self.kept ??= notification;
                Object.defineProperty(event.notification, "data", { value: { path }, configurable: true });
                let done;
                event.waitUntil = (promise) => { done = promise; };
                self.dispatchEvent(event);
                await done;
                return opened;
            }""",
            path,
        )
        assert url == origin + opened, path


async def _registration_of(session: CDPSession) -> str:
    """Return the id by which the browser knows the registration of the worker."""
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    await session.send("ServiceWorker.enable")
    while not found:
        await session.send("ServiceWorker.enable")
    return found[0]


PUSH_SERVICE: Final = """
// The browser of the tests has no push service.
let subscription = null;
PushManager.prototype.getSubscription = async () => subscription;
PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
    const own = { endpoint: 'https://push.example.com/send/' + crypto.randomUUID(), keys: KEYS };
    window.asked = { applicationServerKey, userVisibleOnly };
    subscription = { ...own, toJSON: () => own, unsubscribe: async () => { subscription = null; return true; } };
    return subscription;
};
"""
KEYS: Final = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
"""Of RFC 8291, appendix A."""


@pytest.mark.exhaustive
async def test_push_messages_are_turned_on_and_off_in_a_browser(admin: Person) -> None:
    """The browser asks only after a press; the server has the subscription, and after turning it off no more."""
    await admin.context.grant_permissions(["notifications"])
    await admin.page.add_init_script(PUSH_SERVICE.replace("KEYS", json.dumps(KEYS)))
    sent: list[tuple[str, int]] = []
    admin.page.on(
        "response",
        lambda one: sent.append((one.request.method, one.status)) if one.url.endswith("/push/subscriptions") else None,
    )
    await admin.open("/console/test/you")
    part = admin.page.get_by_role("region", name="Notifications in this browser")
    await part.get_by_role("button", name="Turn on").click()
    await expect(part.get_by_role("button", name="Turn off")).to_be_visible()
    key = await (await admin.context.request.get("/v1/push/key")).json()
    asked = await admin.page.evaluate("window.asked")
    assert asked == {"applicationServerKey": key["publicKey"], "userVisibleOnly": True}
    assert {status for _, status in sent} == {201}
    assert await findings_of_axe(admin.page) == []
    await part.get_by_role("button", name="Turn off").click()
    await expect(part.get_by_role("button", name="Turn on")).to_be_visible()
    assert sent[-1] == ("DELETE", 200)


async def test_a_browser_that_refuses_says_what_to_do(admin: Person) -> None:
    """No call is made, and the page names the settings of the browser."""
    await admin.page.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'denied' })")
    await admin.open("/console/test/you")
    part = admin.page.get_by_role("region", name="Notifications in this browser")
    await expect(part.get_by_text("does not allow notifications")).to_be_visible()
    await expect(part.get_by_role("button")).to_have_count(0)
