"""The tutorial, followed word for word with a browser: connect accounts, publish, and both versions of the page."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import httpx2
import pytest
from chaos.ports import free_port
from playwright.async_api import Browser, FilePayload
from tests.cli.program import until
from tests.docs.conftest import Reader
from tests.docs.pages import DOCS, code_blocks, shell_blocks
from tests.sdk.conftest import built, install_node, node_modules
from tests.tiers import exhaustive

from presswork.media.samples import sample_picture

__all__ = ["built", "install_node", "node_modules"]
PAGE: Final = DOCS / "tutorial.md"
LONGEST_PAGE: Final = 46
"""The maximum number of non-blank lines of the tutorial's program."""
ACCOUNTS: Final = {"instagram": "fernhill.coffee", "tiktok": "fernhillcoffee"}
PERSONAL: Final = "jonas.lindqvist"
"""An account that Instagram refuses to publish to."""
TITLES: Final = {"instagram": "Instagram", "tiktok": "TikTok"}
pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Tutorial:
    """A reader who has done the first two steps: a server, a key in the environment, a project and a stored login."""

    reader: Reader

    def login_urls(self) -> Sequence[str]:
        """Do the third step up to the browser: return the URLs that `connect.py` prints, Instagram's first."""
        done = self.reader.type(".venv/bin/python connect.py")
        assert done.returncode == 0, done.stderr
        return done.stdout.split()


@pytest.fixture(scope="module")
def tutorial(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """Do the first two steps, and connect the two accounts of the third, and a personal one."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / ".venv").symlink_to(reader.folder / ".venv", target_is_directory=True)
    (folder / "picture.jpg").write_bytes(sample_picture(720, 900, seed=1))
    (folder / "connect.py").write_text(code_blocks(PAGE, "python")[0])
    environment = {
        **reader.environment,
        "PRESSWORK_BASE_URL": reader.url,
        "PRESSWORK_LOGIN_FILE": str(folder / "login.json"),
    }
    reader = replace(reader, folder=folder, environment=environment)
    made = reader.type(block_with("key create"))
    assert made.returncode == 0, made.stderr
    (key,) = re.findall(r"lp_test_[\w-]+", made.stdout)
    environment["PRESSWORK_API_KEY"] = key
    stored = reader.type(block_with("presswork login").replace("lp_test_…", key))
    assert stored.returncode == 0, stored.stderr
    tutorial = Tutorial(reader=reader)
    with httpx2.Client(trust_env=False, follow_redirects=True) as client:
        logins = zip(tutorial.login_urls(), ACCOUNTS.values(), strict=True)
        for url, handle in (*logins, (tutorial.login_urls()[0], PERSONAL)):
            connected = client.get(f"{url}&account={handle}&decision=approve")
            assert connected.status_code == 200, connected.text
    return tutorial


def block_with(words: str) -> str:
    """Return the one block of commands with these words."""
    (found,) = [block for block in shell_blocks(PAGE) if words in block]
    return found


async def test_the_accounts_are_connected_in_a_browser(tutorial: Tutorial, browser: Browser) -> None:
    """On each platform's page the reader finds three accounts, approves the first, and sees that it is connected."""
    page = await browser.new_page()
    for url, (platform, handle) in zip(tutorial.login_urls(), ACCOUNTS.items(), strict=True):
        await page.goto(url)
        for person in ("business", "creator", "personal"):
            assert await page.get_by_role("radio", name=re.compile(person, re.IGNORECASE)).count() >= 1
        assert await page.get_by_role("radio", name=handle).is_checked()
        await page.get_by_role("button", name="Approve").click()
        expected = f"@{handle} on {TITLES[platform]} is connected. You can close this page."
        await page.get_by_text(expected).wait_for()
        await page.reload()
        await page.get_by_text(expected).wait_for()


async def test_another_account_is_connected_in_a_browser(tutorial: Tutorial, browser: Browser) -> None:
    """A handle that no platform allows shows the page again; a new handle becomes an account, with what was ticked."""
    page = await browser.new_page()
    await page.goto(tutorial.login_urls()[0])
    await page.get_by_role("checkbox", name="Read and write comments").uncheck()
    await page.get_by_label("A new handle").fill("no spaces")
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("alert").filter(has_text="A handle is 1 to 64 letters").wait_for()
    assert not await page.get_by_role("checkbox", name="Read and write comments").is_checked()
    assert await page.get_by_label("A new handle").input_value() == "no spaces"
    await page.get_by_label("A new handle").fill("corner.shop")
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_text("@corner.shop on Instagram is connected").wait_for()


@pytest.mark.exhaustive
async def test_a_denied_login_says_what_to_do(tutorial: Tutorial, browser: Browser) -> None:
    """After Deny, the page says what happened and what to do, and its link leads to a page that exists."""
    page = await browser.new_page()
    for url in tutorial.login_urls():
        await page.goto(url)
        await page.get_by_role("button", name="Deny").click()
        await page.get_by_role("heading", name="The account was not connected").wait_for()
        await page.get_by_text("begin the login again in the app that you came from").wait_for()
        async with page.expect_navigation() as followed:
            await page.get_by_role("link").click()
        answer = await followed.value
        assert answer is not None
        assert answer.ok


@pytest.mark.exhaustive
async def test_an_invalid_authorize_url_leads_back(tutorial: Tutorial, browser: Browser) -> None:
    """The error page names the parameter; its link ends the login at the app, or leads to the sandbox's accounts."""
    page = await browser.new_page()
    for url in tutorial.login_urls():
        await page.goto(f"{url}&scope=dance")
        await page.get_by_text("Unknown scopes: dance.").wait_for()
        await page.get_by_role("link", name="Back to the app").click()
        await page.get_by_text("did not complete the login").wait_for()
    await page.goto(f"{tutorial.login_urls()[0]}&redirect_uri=")
    await page.get_by_text("The parameter redirect_uri is missing. Add it to the authorize URL.").wait_for()
    await page.get_by_role("link").click()
    await page.get_by_role("link", name=ACCOUNTS["instagram"]).wait_for()


async def test_the_command_publishes(tutorial: Tutorial, browser: Browser) -> None:
    """The fourth step publishes a picture, which is then on the sandbox's page of the account."""
    done = tutorial.reader.type(block_with("presswork publish"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "published" in done.stdout
    page = await browser.new_page()
    await page.goto(f"{tutorial.reader.url}/sandbox/")
    await page.get_by_role("link", name=ACCOUNTS["instagram"]).click()
    await page.get_by_text("My first post").wait_for()


@pytest.mark.parametrize(("kind", "name"), [("js", "page.mjs"), *exhaustive([("python", "page.py")])])
async def test_the_page_publishes(kind: str, name: str, tutorial: Tutorial, browser: Browser, built: Path) -> None:
    """The reader chooses a file and accounts, and sees each post end, live or failed, without touching the page again.

    A form without an account, an invalid file and invalid requests are answered, and the program keeps running.
    """
    with serving(kind, name, tutorial.reader, built) as url:
        page = await browser.new_page()
        await page.goto(url)
        await page.set_input_files("input[type=file]", tutorial.reader.folder / "picture.jpg")
        await page.get_by_placeholder("Caption").fill(f"From {name}")
        await page.get_by_role("button", name="Publish").click()
        await page.get_by_text("Choose a file and at least one account.").wait_for()
        await page.get_by_role("link", name="Back").click()

        await page.set_input_files("input[type=file]", tutorial.reader.folder / "picture.jpg")
        await page.get_by_placeholder("Caption").fill(f"From {name} <b>")
        for platform, handle in ACCOUNTS.items():
            await page.get_by_label(f"{platform} @{handle}").check()
        await page.get_by_label(f"instagram @{PERSONAL}").check()
        await page.get_by_role("button", name="Publish").click()
        await page.get_by_text(re.compile(r"instagram: published https?://")).wait_for()
        await page.get_by_text("tiktok: published").wait_for()
        await page.get_by_text(re.compile(r"instagram: failed .*[Pp]rofessional")).wait_for()
        assert await page.locator("meta[http-equiv=refresh]").count() == 0, "the page reloads although all is finished"

        await page.get_by_role("link", name="Publish another").click()
        await page.get_by_label(f"instagram @{ACCOUNTS['instagram']}").check()
        wrong: FilePayload = {"name": "picture.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
        await page.set_input_files("input[type=file]", wrong)
        await page.get_by_role("button", name="Publish").click()
        await page.get_by_role("link", name="Back").click()
        await page.get_by_role("button", name="Publish").wait_for()

        check_bad_requests(url)
        await page.goto(f"{tutorial.reader.url}/sandbox/feed/instagram/{ACCOUNTS['instagram']}")
        await page.get_by_text(f"From {name} <b>").wait_for()


def check_bad_requests(url: str) -> None:
    """Assert that each of these requests is answered with a page, and that the program answers the next one."""
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as client:
        for answer in (
            client.get("/posts"),
            client.get("/posts?ids="),
            client.get("/posts?ids=nonsense"),
            client.post("/"),
            client.post("/", json={}),
            client.post("/", content=b"--x\r\nbroken", headers={"Content-Type": "multipart/form-data; boundary=x"}),
            client.post("/", files={"file": ("", b"", "image/jpeg")}, data={"to": "nonsense"}),
        ):
            assert answer.status_code in {200, 400}, answer.text
            assert answer.headers["Content-Type"].startswith("text/html"), answer.text
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as broken:
            broken.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n")
            broken.sendall(b"Content-Length: 1000\r\n\r\n--x\r\n")
        assert client.get("/").is_success


@contextmanager
def serving(kind: str, name: str, reader: Reader, built: Path) -> Iterator[str]:
    """Run the tutorial's program on a free port until the block ends; yield its URL once it answers."""
    program = code_blocks(PAGE, kind)[-1]
    assert len([line for line in program.splitlines() if line.strip()]) <= LONGEST_PAGE
    (reader.folder / name).write_text(program)
    modules = reader.folder / "node_modules"
    modules.mkdir(exist_ok=True)
    if kind == "js":
        (modules / "presswork-client").symlink_to(built.parent, target_is_directory=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = block_with(name).split()
    environment = {"PATH": os.environ["PATH"], **reader.environment, "PORT": str(port)}
    with subprocess.Popen(command, cwd=reader.folder, env=environment) as process:
        try:
            assert until(lambda: process.poll() is not None or answers(url))
            yield url
            assert process.poll() is None, "the program has ended"
        finally:
            process.terminate()


def answers(url: str) -> bool:
    """Return whether a server answers."""
    try:
        return httpx2.get(url, trust_env=False, timeout=10).is_success
    except httpx2.TransportError:
        return False
