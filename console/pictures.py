"""Makes the pictures of the console in docs/pictures and README: `make pictures`.

It starts its own `presswork up` in a temporary folder, fills it with the posts of two shops, and photographs the screens.
"""

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

import httpx2
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Page, StorageState, sync_playwright

from presswork_client import Presswork
from presswork_client.choices import PlatformName
from presswork_client.params import NewApprovalStepParam, QueueSlot, RuleInParam, TargetParam

ROOT: Final = Path(__file__).parents[1]
PICTURES: Final = ROOT / "docs" / "pictures"
MAX_BYTES: Final = 150_000
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PROGRAM: Final = (sys.executable, "-m", "presswork.cli")
FIRST: Final = "Become the administrator (works once, for 72 hours): "
ORGANIZATION: Final = "Hillside Kitchens"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, the screen, and how it is seen."""

    name: str
    path: str
    """Its names in braces are ids: of `content`, of content that is `marked` by comments, of a `post` that is queued, of a `project`."""
    theme: str = "light"
    width: int = 1280
    presses: Sequence[str] = ()
    """The buttons that are pressed before the picture is taken."""


SHOTS: Final = (
    Shot("home", "/console/test"),
    Shot("queue", "/console/test/queue"),
    Shot("calendar", "/console/test/calendar?view=week"),
    Shot("calendar-dark", "/console/test/calendar?view=week", theme="dark"),
    Shot("compose", "/console/test/compose?content={content}", presses=("All", "All 4 accounts", "Tomorrow 9:00")),
    Shot("post", "/console/test/posts/{post}"),
    Shot("approvals", "/console/test/approvals"),
    Shot("discussion", "/console/test/approvals?content={marked}"),
    Shot("queues", "/console/test/accounts/projects/{project}/queues"),
    Shot("move-to-queue", "/console/test/posts/{post}?act=toQueue"),
    Shot("snippets", "/console/test/accounts/projects/{project}/texts"),
    Shot("recurring", "/console/test/accounts/projects/{project}/recurring"),
    Shot("notices", "/console/test/you"),
    Shot("steps", "/console/test/accounts/projects/{project}"),
    Shot("comments", "/console/test/comments"),
    Shot("accounts", "/console/test/accounts"),
    Shot("sandbox", "/console/test/developers/sandbox"),
    Shot("system", "/console/test/system"),
    Shot("home-phone", "/console/test", theme="dark", width=360),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A brand with its accounts."""

    name: str
    zone: str
    accounts: Mapping[str, str]
    captions: Sequence[str]


BAKERY: Final = Shop(
    "Corner Bakery",
    "Europe/Berlin",
    {
        "instagram": "corner.bakery",
        "tiktok": "cornerbakery",
        "threads": "corner.bakery",
        "facebook": "corner.bakery",
    },
    (
        "Warm bread every morning, from six.",
        "Sourdough takes three days. Most of that is waiting.",
        "Cinnamon rolls are back. They rarely see the afternoon.",
        "Rye with caraway, from seven.",
        "Five seeds, one loaf.",
        "Plum cake until it is gone.",
        "The last warm rolls of the day.",
        "What the oven looks like at four in the morning.",
        "Apprentice day: Mina bakes her first hundred pretzels.",
        "Open on Sunday, from nine.",
    ),
)
COFFEE: Final = Shop(
    "Harbour Coffee",
    "Europe/Lisbon",
    {"instagram": "harbour.coffee", "tiktok": "harbourcoffee"},
    (
        "Ships come in at seven. So do we.",
        "A slow filter for a fast Monday.",
        "New beans from Huila: plum, cocoa, a little lime.",
        "Iced, with a slice of orange.",
        "Sit outside. The wind is free.",
        "Two for the ferry, please.",
        "How we taste: twelve cups, one spoon.",
        "Closed on Thursday, for the floor.",
    ),
)
COMMENTED: Final = ("instagram", "facebook", "threads")
COMMENTS: Final = (
    ("Lena", "Is there some left on Saturday?"),
    ("Jonas", "The best in town."),
    ("Amir", "Do you ship to Hamburg?"),
    ("Sofia", "My grandmother made it like this!"),
)
SLOTS: Final[Sequence[QueueSlot]] = [
    {"weekday": weekday, "time": time}
    for weekday in ("mon", "tue", "wed", "thu", "fri")
    for time in ("08:00", "12:30", "18:00")
]
STEPS: Final[Sequence[NewApprovalStepParam]] = [
    {"name": "Team", "roles": ["approver", "admin"]},
    {"name": "Client", "reviewLink": True},
]
TIMES: Final = ((7, 30), (12, 0), (17, 15), (9, 0), (19, 30))
"""Times of day, in the shop's zone."""


def main() -> None:
    """Make all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="make only these, for example: home calendar")
    names: Sequence[str] = parser.parse_args().names
    shots = [shot for shot in SHOTS if not names or shot.name in names]
    with tempfile.TemporaryDirectory(prefix="presswork-pictures-") as folder, running_up(Path(folder)) as (url, link):
        photograph(
            url, link, shots, fill(url, Path(folder), has_comments=any(shot.name == "comments" for shot in shots))
        )


@contextmanager
def running_up(folder: Path) -> Iterator[tuple[str, str]]:
    """Run `presswork up` in a folder; yields its address and the link of the first administrator."""
    argv = [*PROGRAM, "up", "--port", "0", "--data-dir", str(folder / "data")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder) as process:
        try:
            assert process.stdout is not None
            printed: dict[str, str] = {}
            for line in process.stdout:
                if line.startswith(FIRST):
                    printed["link"] = line.removeprefix(FIRST).strip()
                if line.startswith("API: "):
                    printed["url"] = line.removeprefix("API: ").strip()
                if line.startswith("Presswork is up"):
                    break
            yield printed["url"], printed["link"]
        finally:
            process.terminate()
            process.wait(60)


def key_of(folder: Path) -> str:
    """Create an API key with every scope. Its organization is the first one, which the administrator joins."""
    argv = [*PROGRAM, "key", "create", "--org", ORGANIZATION, "--env", "test", "--scopes", "*,org:admin"]
    argv += ["--return-domain", "localhost", "--data-dir", str(folder / "data"), "--json"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=folder)
    return str(json.loads(done.stdout)["key"])


def fill(url: str, folder: Path, *, has_comments: bool) -> Mapping[str, str]:
    """Publish some posts, schedule those of a week, let one fail, and leave two for review. Returns the ids that paths name."""
    pictures = folder / "pictures"
    pictures.mkdir()
    ids: dict[str, str] = {}
    with Presswork(api_key=key_of(folder), base_url=url, max_retries=5) as client:
        for number, shop in enumerate((BAKERY, COFFEE)):
            project = client.projects.create(name=shop.name, timezone=shop.zone).id
            targets = [connect(client, url, project, platform, handle) for platform, handle in shop.accounts.items()]
            for position, caption in enumerate(shop.captions):
                path = pictures / f"{number}-{position}.jpg"
                path.write_bytes(draw(seed=10 * number + position, is_cup=shop is COFFEE))
                content = client.content.upload_files([path], project_id=project, caption=caption)
                publish(client, shop, content.id, targets, position)
                if shop is BAKERY:
                    ids |= {"content": content.id, "project": project}
            client.queues.create(project_id=project, name="Every weekday", slots=SLOTS, is_default=True)
            if shop is BAKERY:
                plan(client, project, ids["content"], targets)
            client.approval.update_policy(project_id=project, policy="review_all", steps=STEPS)
            waiting = pictures / f"{number}-waiting.jpg"
            waiting.write_bytes(draw(seed=50 + number, is_cup=shop is COFFEE))
            caption = "Win a year of bread!" if shop is BAKERY else "Our espresso, at home: now in tins."
            content = client.content.upload_files([waiting], project_id=project, caption=caption)
            client.publishing.schedule(container_id=content.id, scheduled_for=later(shop, 9), targets=targets)
            if shop is BAKERY:
                ids["marked"] = content.id
                discuss(client, content.id)
        wait_until_idle(client)
        if has_comments:  # which takes longer than all else
            comment(client, url)
        post = client.publishing.search_posts(status=["queued"], platform=["instagram"], q=BAKERY.captions[3]).items[0]
    return {**ids, "post": post.id}


def plan(client: Presswork, project: str, content: str, targets: Sequence[TargetParam]) -> None:
    """Write snippets and a variable, and let a piece of content go out every second week."""
    client.projects.update(project_id=project, variables={"city": "Berlin", "street": "Kastanienallee 12"})
    for name, text in (("Signature", "Open daily from six. {{street}}"), ("Hashtags", "#bread #bakery #sourdough")):
        client.snippets.create(project_id=project, name=name, text=text)
    rule: RuleInParam = {"every": 2, "unit": "week", "weekdays": ["mon", "thu"]}
    client.recurrences.create(container_id=content, rule=rule, time="09:00", timezone="Europe/Berlin", targets=targets)


def discuss(client: Presswork, content: str) -> None:
    """Write a comment for the team, and one with a mark that the client sees."""
    (medium,) = client.content.get(container_id=content).media
    client.content.add_comment(container_id=content, text="Is the prize in the text right?", visibility="internal")
    client.content.add_comment(
        container_id=content,
        text="A little brighter here, please.",
        visibility="external",
        anchor={"assetId": medium.id, "x": 0.4, "y": 0.45},
    )


def publish(client: Presswork, shop: Shop, content: str, targets: Sequence[TargetParam], position: int) -> None:
    """Publish the first pieces of content, let one of them fail, and schedule the others."""
    if position == 2 and shop is BAKERY:
        error = {"code": 25, "subcode": 2207050}
        client.sandbox.add_fault(
            platform="instagram",
            operation="media_publish",
            handle=shop.accounts["instagram"],
            fault="platform_error",
            value=error,
        )
    if position < 3:
        client.publishing.publish_now(container_id=content, targets=targets)
    else:
        client.publishing.schedule(container_id=content, scheduled_for=later(shop, position), targets=targets)


def later(shop: Shop, position: int) -> datetime:
    """Return the time of a post in its shop's zone: one on each of the coming days, and two on some."""
    zone = ZoneInfo(shop.zone)
    day = (datetime.now(zone) + timedelta(days=1 + (position - 3) % 6)).date()
    hour, minute = TIMES[position % len(TIMES)]
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def wait_until_idle(client: Presswork) -> None:
    """Wait until nothing is due."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        due = client.publishing.search_posts(status=["queued", "publishing"], until=datetime.now(ZoneInfo("UTC")))
        if not due.items:
            return
        time.sleep(1)
    raise SystemExit("Posts are still due after two minutes.")


def comment(client: Presswork, url: str) -> None:
    """Have people comment on the live posts, and wait until the comments were read."""
    for platform in COMMENTED:
        hook = {"platform": platform, "url": f"{url}/webhooks/{platform}/test", "allAccounts": True}
        httpx2.post(f"{url}/sandbox/control/webhooks", json=hook, trust_env=False).raise_for_status()
    live = [post for post in client.publishing.search_posts(status=["published"]).items if post.external_id is not None]
    for place, post in enumerate(live):
        for author, text in COMMENTS[: 1 + place % len(COMMENTS)] if post.platform in COMMENTED else ():
            body = {"platform": post.platform, "externalId": post.external_id, "author": author, "text": text}
            httpx2.post(f"{url}/sandbox/control/comments", json=body, trust_env=False).raise_for_status()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if client.comments.list(limit=30).next_cursor is not None:
            return
        time.sleep(2)
    raise SystemExit("Comments were not read within two minutes.")


def connect(client: Presswork, url: str, project: str, platform: str, handle: str) -> TargetParam:
    """Connect a fake account by OAuth, and return it as a target."""
    login = client.social_accounts.create_oauth_url(
        project_id=project,
        platform=cast("PlatformName", platform),
        return_url="http://localhost/connected",
    )
    with httpx2.Client(trust_env=False, timeout=30) as browser:
        answer = browser.get(f"{login.authorize_url}&account={handle}&decision=approve")
        while answer.is_redirect and answer.headers["Location"].startswith(url):
            answer = browser.get(answer.headers["Location"])
    account = client.social_accounts.get_oauth_status(state=login.state).social_account_id
    if account is None:
        raise SystemExit(f"{platform} @{handle} could not be connected.")
    return {"socialAccountId": account, "mode": "publish"}


TABLES: Final = ((214, 178, 138), (196, 160, 120), (228, 205, 172), (122, 92, 70), (236, 226, 208), (92, 108, 104))
CRUSTS: Final = ((176, 108, 52), (148, 84, 40), (198, 134, 70), (120, 66, 34))


def draw(*, seed: int, is_cup: bool) -> bytes:
    """Draw a loaf or a cup on a table, as JPEG."""
    width, height = 1080, 1350
    table = TABLES[seed % len(TABLES)]
    image = Image.new("RGB", (width, height), table)
    pen = ImageDraw.Draw(image)
    for line in range(0, height, 90):  # the boards of the table
        pen.line((0, line + seed % 40, width, line + seed % 40), fill=tuple(part - 10 for part in table), width=4)
    x, y = 540 + (seed * 37) % 120 - 60, 700 + (seed * 53) % 160 - 80
    shadow = Image.new("L", image.size)
    ImageDraw.Draw(shadow).ellipse((x - 380, y - 200, x + 420, y + 360), fill=120)
    image.paste((40, 28, 20), mask=shadow.filter(ImageFilter.GaussianBlur(40)))
    pen = ImageDraw.Draw(image)
    if is_cup:
        _cup(pen, x, y, seed)
    else:
        _loaf(pen, x, y, seed)
    buffer = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _loaf(pen: ImageDraw.ImageDraw, x: int, y: int, seed: int) -> None:
    crust = CRUSTS[seed % len(CRUSTS)]
    wide, high = 360, 200 + (seed * 29) % 120
    for ring in range(24):
        lighter = tuple(min(255, part + ring * 3) for part in crust)
        pen.ellipse((x - wide + ring * 9, y - high + ring * 5, x + wide - ring * 9, y + high - ring * 6), fill=lighter)
    for cut in range(-1 - seed % 2, 2 + seed % 2):
        left = x + cut * 150 - 60
        pen.polygon(
            [(left, y + 90), (left + 90, y - 120), (left + 130, y - 110), (left + 50, y + 100)], fill=(244, 220, 176)
        )


def _cup(pen: ImageDraw.ImageDraw, x: int, y: int, seed: int) -> None:
    china = ((248, 246, 240), (58, 92, 106), (202, 92, 62))[seed % 3]
    pen.ellipse((x - 380, y - 340, x + 380, y + 420), fill=(240, 236, 228))
    pen.ellipse((x + 170, y - 60, x + 400, y + 120), outline=china, width=44)
    pen.ellipse((x - 270, y - 250, x + 270, y + 290), fill=china)
    pen.ellipse((x - 225, y - 205, x + 225, y + 245), fill=(92, 56, 34))
    foam = (226, 196, 154)
    pen.ellipse((x - 120, y - 90, x + 120, y + 140), fill=foam)
    pen.ellipse((x - 60, y - 20 - seed % 30, x + 60, y + 90), fill=(148, 98, 60))


def photograph(url: str, link: str, shots: Sequence[Shot], ids: Mapping[str, str]) -> None:
    """Sign in with the link, and photograph the screens."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        raise SystemExit("There is no Chromium. Install it, on Debian and Ubuntu with `sudo apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=False)
        page = browser.new_page()
        page.goto(link)
        page.get_by_label("Name").fill("Ada Byron")
        page.get_by_label("E-mail").fill("ada@example.com")
        page.get_by_label("Password").fill("a sentence to remember")
        page.get_by_role("button", name="Create account").click()
        page.wait_for_url("**/console/test**")
        state: StorageState = page.context.storage_state()
        for shot in shots:
            context = browser.new_context(
                base_url=url,
                storage_state=state,
                viewport={"width": shot.width, "height": 800},
                device_scale_factor=1.5,
                color_scheme="dark" if shot.theme == "dark" else "light",
                reduced_motion="reduce",
                timezone_id="Europe/Berlin",
                bypass_csp=True,  # what waits for the screen is a script
            )
            picture = settled(context.new_page(), shot.path.format(**ids), shot.presses)
            save(picture, PICTURES / f"console-{shot.name}.webp")
            context.close()
        browser.close()


def settled(page: Page, path: str, presses: Sequence[str] = ()) -> bytes:
    """Open a screen, press buttons in it, and return its picture once all of it is there."""
    page.goto(path)
    page.wait_for_selector("h1")
    for name in presses:
        page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("menuitem", name=name)).click()
    page.wait_for_function("document.querySelectorAll('[aria-label=Loading], .skeleton').length === 0")
    page.wait_for_function("[...document.images].every((one) => one.complete || one.loading === 'lazy')")
    page.wait_for_timeout(1000)  # pictures that are loaded lazily
    return page.screenshot()


def save(png: bytes, path: Path) -> None:
    """Write a picture as WebP of at most 150 kB."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(88, 30, -8):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MAX_BYTES:
            path.write_bytes(buffer.getvalue())
            print(f"{path.relative_to(ROOT)}: {buffer.tell() / 1000:.0f} kB")  # noqa: T201  a script
            return
    raise SystemExit(f"{path.name} is larger than {MAX_BYTES} bytes at any quality.")


if __name__ == "__main__":
    main()
