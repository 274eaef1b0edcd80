"""The console in a real browser, against a real `presswork up`."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal
from uuid import uuid4

import httpx2
import pytest
from chaos.ports import free_port
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    Route,
    StorageState,
    expect,
)
from tests.browsers import findings_of_axe
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, CommandProcess, Up, environment, running_up, until
from tests.cli.test_api_processes import answers
from tests.console.flows.reviewing import Project
from tests.sdk.world import connect, made, make_key

from presswork.console import static_files

__all__ = ["findings_of_axe"]

ServiceWorkers = Literal["allow", "block"]
PASSWORD: Final = "a sentence to remember"
_FIRST: Final = "become the administrator (works once, for 72 hours)"
_NO_SERVICE_WORKER: Final = "Service Worker registration blocked by Playwright"


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Leave a flow the time that it needs on a busy machine, where a page may take many seconds to load."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A `presswork up` that all flows of the session share."""
    assert static_files.is_built(), "The console is not built. Run `make console`."
    with running_up(tmp_path_factory.mktemp("console") / "data") as up:
        yield up


@contextmanager
def another_api(up: Up, **settings: str) -> Iterator[Up]:
    """Run another API of the installation with these settings."""
    port = free_port()
    variables = environment(data_dir=str(up.data_dir), sandbox_url=f"{up.url}/sandbox", **settings)
    with (up.data_dir.parent / "api.log").open("ab") as log:
        process = subprocess.Popen(
            [*PROGRAM, "api", "--port", str(port)], env=variables, cwd=up.data_dir.parent, stderr=log
        )
    try:
        assert until(lambda: answers(port), within=2 * PATIENCE_SECONDS), "the API does not answer"
        yield replace(up, url=f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@dataclass(slots=True)
class Person:
    """A person at a browser. What the browser complains about is kept, and `leave` checks that it is nothing."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of complaints that a flow provokes."""

    @property
    def context(self) -> BrowserContext:
        """The browser profile."""
        return self.page.context

    async def open(self, path: str) -> None:
        """Open a path of the console, and wait until the screen is there."""
        await self.page.goto(path)
        await self.page.wait_for_selector("h1")

    async def refuse_reads(self, path: str) -> None:
        """Let every further read of a path fail."""

        async def refuse(route: Route) -> None:
            if route.request.method != "GET":
                return await route.fallback()
            error = {"code": "FORBIDDEN_SCOPE", "message": "Not now.", "details": {}}
            return await route.fulfill(status=403, json={"error": error, "requestId": "req_1"})

        self.expected.append("403")
        await self.page.route(f"**{path}", refuse)

    async def leave(self) -> None:
        """Close the browser profile, and assert that it had no error, failed request, or request to another host."""
        if not self.page.is_closed():  # a handler at work would fail in the next test
            await self.page.unroute_all(behavior="ignoreErrors")
        # Now and then, Chromium never answers that a profile is closed. It ends with the browser.
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.context.close()
        unexpected = [one for one in self.complaints if not any(part in one for part in self.expected)]
        assert unexpected == []


async def choose(where: Page | Locator, label: str, choice: str) -> None:
    """Choose an entry of a select by the keyboard."""
    await where.get_by_role("button", name=re.compile(rf"{label}$")).press("Enter")
    page = where if isinstance(where, Page) else where.page
    await expect(page.get_by_role("listbox").locator(":focus")).to_have_count(1)  # it focuses an entry once it is open
    await page.get_by_role("option", name=choice).press("Enter")


def watched(page: Page, url: str) -> Person:
    """Return a person at a page."""
    person = Person(page)

    def log(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and message.text != _NO_SERVICE_WORKER:
            person.complaints.append(f"{message.type}: {message.text}")

    def note_response(response: Response) -> None:
        if response.status >= 400:
            person.complaints.append(f"{response.status}: {response.url}")

    def note_request(request: Request) -> None:
        if not request.url.startswith((url, "blob:", "data:")):
            person.complaints.append(f"another host: {request.url}")

    page.on("console", log)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    page.on("response", note_response)
    page.on("request", note_request)
    # The first listener asks the browser to intercept choosers, which may arrive after the key that opens one.
    page.on("filechooser", lambda _: None)
    return person


@pytest.fixture
def service_workers() -> ServiceWorkers:
    """Block the service worker: a request of a page that it controls may pass a handler of `page.route` that was just set."""
    return "block"


@pytest.fixture
async def new_person(browser: Browser, up: Up, service_workers: ServiceWorkers) -> AsyncIterator["NewPerson"]:
    """Return people, each with a browser profile; at the end, each leaves."""
    factory = NewPerson(browser, up, service_workers)
    yield factory
    async with AsyncExitStack() as leaving:  # all leave, also if one of them complains
        for person in factory.people:
            leaving.push_async_callback(person.leave)


@dataclass(slots=True)
class NewPerson:
    """Makes people."""

    browser: Browser
    up: Up
    service_workers: ServiceWorkers = "block"
    people: list[Person] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """What the console sends with a write."""
        return {"X-Presswork-Console": "1", "Origin": self.up.url}

    async def __call__(
        self, *, state: StorageState | None = None, width: int = 1280, scheme: str = "light", url: str | None = None
    ) -> Person:
        """Return a person, signed in with `state` if it is given, at another API of the installation with `url`."""
        url = self.up.url if url is None else url
        context = await self.browser.new_context(
            base_url=url,
            storage_state=state,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",  # so that axe sees no colour on its way to another
            permissions=["clipboard-read", "clipboard-write"],
            service_workers=self.service_workers,
        )
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        person = watched(await context.new_page(), url)
        self.people.append(person)
        return person


async def signed_in(
    new_person: NewPerson, client: httpx2.Client, role: str, email: str, *, width: int = 1280, **more: object
) -> Person:
    """Return a person whom the organization of the client has invited, and who has accepted."""
    body = {"email": email, "name": "Ines", "role": role, **more}
    invited = client.post("/v1/users", json=body).raise_for_status().json()
    person = await new_person(width=width)
    answer = await person.context.request.post(
        "/v1/auth/accept",
        data={"token": invited["link"].partition("#token=")[2], "password": PASSWORD},
        headers=new_person.headers,
    )
    assert answer.status == 200, await answer.text()
    return person


@pytest.fixture(scope="session")
async def admin_state(shared_browser: Browser, up: Up) -> StorageState:
    """The session of the first administrator, kept for all flows: the link that `up` prints works once."""
    new_person = NewPerson(shared_browser, up)
    person = await new_person()
    await person.open(up.printed[_FIRST])
    await person.page.get_by_label("Name").fill("Ada Byron")
    await person.page.get_by_label("E-mail").fill("ada@example.com")
    await person.page.get_by_label("Password").fill(PASSWORD)
    await person.page.get_by_role("button", name="Create account").click()
    await person.page.wait_for_url("**/console/test**")
    state = await person.context.storage_state()
    await person.leave()
    return state


@pytest.fixture
async def admin(new_person: NewPerson, admin_state: StorageState) -> Person:
    """The first administrator, signed in, who has just shown who it is: the session is older than five minutes after many flows."""
    person = await new_person(state=admin_state)
    answer = await person.context.request.post(
        "/v1/auth/confirm", data={"password": PASSWORD}, headers=new_person.headers
    )
    assert answer.status == 200, await answer.text()
    return person


@pytest.fixture(scope="session")
async def viewer_state(shared_browser: Browser, up: Up, client: httpx2.Client) -> StorageState:
    """The session of a viewer, for flows that end no session."""
    person = await signed_in(NewPerson(shared_browser, up), client, "viewer", "ines@example.com")
    state = await person.context.storage_state()
    await person.leave()
    return state


@pytest.fixture
async def viewer(new_person: NewPerson, viewer_state: StorageState) -> Person:
    """A viewer, signed in."""
    return await new_person(state=viewer_state)


@pytest.fixture(scope="session")
def client(
    command_process: CommandProcess, up: Up, admin_state: StorageState, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """A client with a key of the administrator's organization."""
    key = make_key(command_process, up, tmp_path_factory.mktemp("key"), "My organization", "*,org:admin")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=up.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def unique() -> str:
    """A short text that no other test uses."""
    return uuid4().hex[:8]


@pytest.fixture
def project(client: httpx2.Client, unique: str) -> Project:
    """A new project with an account of the sandbox."""
    name = f"Shop {unique}"
    project = made(client.post("/v1/projects", json={"name": name, "timezone": "Europe/Berlin"}))
    policy = {"policy": "review_all", "covers": "content_and_text"}
    assert client.patch(f"/v1/projects/{project}/content-review-policy", json=policy).is_success
    return Project(client, project, name, connect(client, project, "instagram", f"shop{unique}"))
