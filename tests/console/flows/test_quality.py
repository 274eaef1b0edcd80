"""Every screen: no finding of axe in both themes, nothing too wide, no complaint of the browser; and the first load is small."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, expect
from tests.cli.program import Up
from tests.console.flows.commenting import commented_post
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.posting import new_account, schedule
from tests.console.flows.reviewing import Project
from tests.sdk.world import connect, made

import presswork

SCREENS: Final = (
    "/console/test",
    "/console/test/queue",
    "/console/test/calendar",
    "/console/test/calendar?view=week",
    "/console/test/queue?view=waiting&by=account",
    "/console/test/queue?view=failed&act=keys",
    "/console/test/queue?act=toQueue&on={post}",
    "/console/test/queue#find",
    "/console/test/results",
    "/console/test/approvals",
    "/console/test/comments?view=all",
    "/console/test/comments?dialog=keys",
    "/console/test/library",
    "/console/test/notifications",
    "/console/test/accounts",
    "/console/test/accounts?open=connect",
    "/console/test/accounts/projects?open=new",
    "/console/test/accounts/projects/{project}",
    "/console/test/accounts/projects/{project}/queues",
    "/console/test/accounts/projects/{project}/queues?queue=new",
    "/console/test/accounts/projects/{project}/queues?reshuffle={queue}",
    "/console/test/accounts/projects/{project}/queues?remove={queue}",
    "/console/test/accounts/projects/{project}/recurring",
    "/console/test/accounts/projects/{project}/texts",
    "/console/test/accounts/projects/{project}/texts?snippet=new",
    "/console/test/accounts/layers",
    "/console/test/accounts/links?open=new",
    "/console/test/approvals?content={content}",
    "/console/test/approvals?content={content}&note=changes",
    "/console/test/accounts/apps",
    "/console/test/accounts/apps?open=new",
    "/console/test/accounts/apps/{app}",
    "/console/test/approvals/links",
    "/console/test/content/{content}?link=review",
    "/console/test/compose",
    "/console/test/compose?drafts=open",
    "/console/test/compose/import",
    "/console/test/developers/keys",
    "/console/live/developers/webhooks",
    "/console/test/developers/audit",
    "/console/test/developers/sandbox",
    "/console/test/people?open=invite",
    "/console/test/people/provisioning?open=new",
    "/console/test/usage",
    "/console/test/customers",
    "/console/test/customers?open=new",
    "/console/test/system",
    "/console/live/system?open=address",
    "/console/live/system/platforms/instagram",
    "/console/live/system/platforms/tiktok",
    "/console/test/you",
)
DIALOGS: Final = ("open", "queue=", "dialog=", "act=", "snippet=", "{content}", "{queue}", "#")
"""Parts of paths at which something is open above a screen."""
PHONE: Final = 360
TABLET: Final = 768
DESKTOP: Final = 1280
WIDTHS: Final = (PHONE, TABLET, DESKTOP)
EXTRA: Final = """() => new Promise((resolve) => {
    const until = performance.now() + 3000;
    const look = () => {
        const extra = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        if (extra === 0 || performance.now() > until) resolve(extra);
        else requestAnimationFrame(look);
    };
    look();
})"""
"""By how many pixels a screen is too wide, once the layout has followed the width of the window."""
FIRST_LOAD_BYTES: Final = 180_000
"""Of scripts and styles, compressed by gzip."""
LARGER_LOADS: Final = {
    "/console/test/compose": 195_000,
    "/console/test/calendar": 185_000,
    "/console/test/calendar?view=week": 185_000,
}
"""The screens that need more."""
FIRST_REQUESTS: Final = 25
OF_ROWS: Final = re.compile(r"/media/|/quota$|/review$|/schedule-intents$|containerId=|needsReconnect=")
"""What a screen loads for each row in view: pictures, the quota of an account, how content is reviewed, what an app waits for."""
ASSETS: Final = Path(presswork.__file__).parent / "console" / "static" / "assets"
WITHOUT_LATER: Final = """
const start = window.setTimeout;
window.setTimeout = (run, delay, ...rest) => (delay >= 1000 ? 0 : start(run, delay, ...rest));
"""
"""Stops what waits for a second or more, so that a slow machine does not count it as part of the first load."""
LOADED: Final = "[...new Set(performance.getEntriesByType('resource').map(({ name }) => name))]"


async def _problems_of(person: Person, path: str, *, fits: Sequence[int], checked: Sequence[int]) -> list[str]:
    """Open a screen. Return the widths of `fits` that it is too wide for, and what axe finds at those of `checked`."""
    await person.open(path)
    await expect(person.page.get_by_role("status", name="Loading")).to_have_count(0)
    problems = []
    for width in fits:
        if extra := await _extra_at(person.page, width):
            problems.append(f"{path} is {extra} pixels too wide at {width}")
        if width in checked:
            findings = await findings_of_axe(person.page, every_rule_in_dark=len(checked) > 1)
            problems += [f"{path} at {width}: {finding}" for finding in findings]
    return problems


async def _extra_at(page: Page, width: int) -> int:
    """Set the width of the window. Return by how many pixels the screen is too wide, once the layout has followed."""
    await page.set_viewport_size({"width": width, "height": 800})
    return int(await page.evaluate(EXTRA))


@pytest.fixture
def app(project: Project) -> str:
    """A platform app that is used in the project, whose account does not hold it."""
    registered = {
        "platform": "instagram",
        "name": f"App of {project.name}",
        "clientId": "1234567890",
        "clientSecret": "s",
    }
    return made(project.client.post("/v1/platform-apps", json={**registered, "projectIds": [project.id]}))


@pytest.fixture
async def ids(project: Project, app: str, up: Up, unique: str) -> dict[str, str]:
    """What the screens name: a project with a queue, a post that is queued, content that waits for a review.

    There are comments, too, and a person without a name, with a long address.
    """
    email = f"{unique}.orders-and-complaints@bakery-on-the-corner.example.com"
    project.client.post("/v1/users", json={"email": email, "role": "viewer"}).raise_for_status()
    account = new_account(project.client, f"fits{unique}")
    (post,) = schedule(project.client, account, f"Queued {unique}")
    content = project.content(f"Waits {unique}")
    client, body = project.client, {"name": "Daily", "slots": [{"weekday": "mon", "time": "09:00"}]}
    place = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    queue, _ = [made(client.post(f"/v1/projects/{one}/queues", json=body)) for one in (project.id, place)]
    await commented_post(project.client, up.data_dir, f"said{unique}").say(
        "http://example.com/" + 20 * "so-long", "Short"
    )
    return {"project": project.id, "post": post, "content": content, "queue": queue, "app": app}


@pytest.mark.slow
@pytest.mark.timeout(900)  # axe takes a second of one core for a screen
async def test_every_screen_is_accessible_and_fits(admin: Person, ids: dict[str, str]) -> None:
    """On the narrowest phone and on a desktop, with nothing open above it."""
    paths = [path.format(**ids) for path in SCREENS if not any(part in path for part in DIALOGS)]
    problems = [await _problems_of(admin, path, fits=(PHONE, DESKTOP), checked=(DESKTOP,)) for path in paths]
    assert [problem for found in problems for problem in found] == []


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(1800)  # as above, six times
async def test_every_screen_is_accessible_at_every_width(admin: Person, ids: dict[str, str]) -> None:
    """With its dialogs, and with all rules of axe in both themes."""
    paths = [path.format(**ids) for path in SCREENS]
    problems = [await _problems_of(admin, path, fits=WIDTHS, checked=WIDTHS) for path in paths]
    assert [problem for found in problems for problem in found] == []


async def test_the_open_part_is_in_view_on_a_phone(admin: Person) -> None:
    """A row of parts that is wider than the screen is scrolled to the open one, on the first load and after a change."""
    await admin.page.set_viewport_size({"width": PHONE, "height": 800})
    await admin.open("/console/test/accounts/links")
    parts = admin.page.get_by_role("navigation", name="Accounts")
    await expect(parts.get_by_role("link", name="Connect links")).to_be_in_viewport(ratio=1)
    await parts.get_by_role("link", name="Accounts").click()
    await expect(parts.get_by_role("link", name="Accounts")).to_be_in_viewport(ratio=1)


async def test_the_first_load_of_each_screen_is_small(admin: Person, project: Project, app: str, unique: str) -> None:
    """What a browser without a cache loads for it, without what each row in view adds, and what a screen leaves for later.

    Compose chooses the only account of a project, with all that belongs to a chosen one: it begins with a project that has two.
    """
    connect(project.client, project.id, "threads", f"second{unique}")
    large = []
    await admin.page.add_init_script(WITHOUT_LATER)
    for path in (
        *(path for path in SCREENS if not any(part in path for part in DIALOGS)),
        "/console/sign-in",
    ):
        await admin.open(
            f"{path}?project={project.id}" if path.endswith("/compose") else path.format(project=project.id, app=app)
        )
        await expect(admin.page.get_by_role("status", name="Loading")).to_have_count(0)
        loaded = [Path(one) for one in await admin.page.evaluate(LOADED) if not OF_ROWS.search(one)]
        code = [one for one in loaded if one.suffix in {".js", ".css"}]
        size = sum(_compressed(ASSETS / one.name) for one in code)
        if size > LARGER_LOADS.get(path, FIRST_LOAD_BYTES) or len(loaded) > FIRST_REQUESTS:
            large.append(f"{path}: {size} bytes in {len(code)} files, {len(loaded)} requests")
    assert large == []


def _compressed(file: Path) -> int:
    """Return the size of a file as it is sent; tiny ones are not compressed."""
    compressed = file.with_name(f"{file.name}.gz")
    return (compressed if compressed.exists() else file).stat().st_size
