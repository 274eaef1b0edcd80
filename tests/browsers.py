"""A headless Chromium, for tests that go the way of a person through the pages."""

import os
import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

VARIABLE: Final = "PRESSWORK_TEST_BROWSER"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
START_MS: Final = 60_000
"""Playwright's unit is milliseconds. A start takes a second, on a busy machine longer."""
expect.set_options(timeout=60_000)  # milliseconds; CI machines are slow

AXE: Final = Path(__file__).parents[1] / "console" / "node_modules" / "axe-core" / "axe.min.js"
_OF_COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe that the theme makes a difference for."""
_FEATURES_OFF: Final = (
    # The window of each profile would load the address bar's lists in a process of its own: 0.4 s of processor time.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    # What Playwright switches off in Chromium, since the browser reads only the last of such flags.
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS: Final = (
    f"--disable-features={','.join(_FEATURES_OFF)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Return the path of the installed Chromium or Chrome, or fail the test."""
    named = os.environ.get(VARIABLE)
    for name in (named,) if named else NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    if named:
        pytest.fail(f"{VARIABLE} is {named}, which is no program. Set it to the path of Chromium or Chrome.")
    pytest.fail(
        "The tests of pages need Chromium or Chrome. Install it, on Debian and Ubuntu with `sudo apt-get install chromium`, "
        f"or set {VARIABLE} to its path."
    )


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Run a browser for the duration of a block. It loads pages of this machine only, so it runs without its own sandbox."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=FLAGS, headless=True, chromium_sandbox=False, timeout=START_MS
        )
        yield browser
        await browser.close()


async def findings_of_axe(
    page: Page, *, leave_out: Collection[str] = (), every_rule_in_dark: bool = False
) -> list[str]:
    """Return what axe finds on the page, without the rules `leave_out`; in the dark theme, only those of colours are checked."""
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    await page.evaluate(AXE.read_text())
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        rules = {} if scheme == "light" or every_rule_in_dark else {"runOnly": _OF_COLOURS}
        result = await page.evaluate("(options) => axe.run(options)", {"resultTypes": ["violations"], **rules})
        found += [
            f"{scheme}: {one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes']][:3]}"
            for one in result["violations"]
            if one["id"] not in leave_out
        ]
    return found
