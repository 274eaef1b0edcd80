"""What `presswork demo` shows on its server: the chapters, one after the other."""

import asyncio
import subprocess
from collections.abc import Mapping
from typing import Final

import httpx2
from rich.markup import escape

import presswork_client
from presswork.cli.demo.approval import show_approval
from presswork.cli.demo.context import Chapter, DemoContext
from presswork.cli.demo.facebook_login import show_facebook_login
from presswork.cli.demo.managed import show_managed
from presswork.cli.demo.publish import show_publishing
from presswork.cli.demo.samples import make_samples
from presswork.cli.demo.sandbox import Sandbox
from presswork.cli.demo.scene import set_the_scene
from presswork.cli.demo.screen import Screen
from presswork.cli.demo.server import DemoFailed, create_admin_link, started
from presswork.cli.demo.sms import show_notify_device, show_sms_draft
from presswork.cli.demo.tiktok_drafts import show_tiktok_drafts
from presswork.cli.output import console, own_command
from presswork.cli.run.processes import on_stop_signals
from presswork.core.settings import Settings

_PUBLISHING: Final[Mapping[str, Chapter]] = {"Publish to the feed": show_publishing}
_APPROVAL: Final[Mapping[str, Chapter]] = {"Publish only after approval": show_approval}
_CHAPTERS: Final[Mapping[str, Mapping[str, Chapter]]] = {
    "": _PUBLISHING,
    "--approval": _APPROVAL,
    "--all": {
        **_PUBLISHING,
        "Drafts in the inbox of the TikTok app": show_tiktok_drafts,
        "Drafts for Instagram by text message": show_sms_draft,
        "Publish through a managed provider": show_managed,
        "Send content to a phone without a post": show_notify_device,
        "Publish to an Instagram account connected by Facebook Login": show_facebook_login,
        **_APPROVAL,
    },
}
"""The chapters by the option of `presswork demo` that selects them, with their titles."""
_SCENE: Final = "A week for the console"
_HTTP_TIMEOUT_SECONDS: Final = 30


async def show(settings: Settings, server: subprocess.Popen[bytes] | None, option: str, *, is_kept: bool) -> bool:
    """Show the chapters of an option and return whether all passed; `server` is None if it was already running."""
    chapters = _CHAPTERS[option]
    screen = Screen(console())
    drawing = asyncio.create_task(asyncio.to_thread(make_samples, settings.data_dir / "demo-samples"))
    with screen.waiting("Starting"):
        url = await started(settings, server)
    screen.step(f"Presswork is up at {url}")
    async with httpx2.AsyncClient(timeout=_HTTP_TIMEOUT_SECONDS, trust_env=False) as http:
        demo = DemoContext(
            url=url,
            settings=settings,
            samples=await drawing,
            screen=screen,
            http=http,
            sandbox=Sandbox(url, http),
        )
        results = {}
        for title, chapter in chapters.items():
            if len(chapters) > 1:
                screen.chapter(title)
            results[title] = await _shown(chapter, demo)
        if is_kept and server is not None:
            screen.chapter(_SCENE)
            results[_SCENE] = await _shown(set_the_scene, demo)
    if len(chapters) > 1:
        screen.summary(results)
    if server is None or is_kept:
        _print_links(demo, has_phone=option == "--all")
    if server is None:
        screen.say("The server was already running and is left running.")
    elif is_kept:
        await _print_console_link(demo)
        screen.say("[bold]Everything keeps running; Ctrl-C stops it.[/]")
        await _until_interrupted()
    else:
        again = " ".join(filter(None, (own_command(), "demo", option, "--keep")))
        screen.say(f"The demo's server stops now. To see the feeds in a browser, run [bold]{escape(again)}[/].")
    return all(results.values())


async def _shown(chapter: Chapter, demo: DemoContext) -> bool:
    try:
        return await chapter(demo)
    except presswork_client.PressworkError as error:
        raise DemoFailed(f"An API call failed: {error}") from error


def _print_links(demo: DemoContext, *, has_phone: bool) -> None:
    screen, url = demo.screen, demo.url
    screen.say("The feeds of the accounts:")
    for feed in dict.fromkeys(f"{account.platform}/{account.handle}" for account in demo.accounts):
        screen.say(f"  {url}/sandbox/feed/{feed}")
    if has_phone:
        screen.say(f"Messages and drafts on phones: {url}/sandbox/phone")
    screen.say(f"All sandbox accounts: {url}/sandbox/\nAPI documentation, with a form for each call: {url}/docs")
    screen.say("API keys:")
    for name, key in demo.keys.items():
        screen.say(f"  {name}: {key}")
    screen.say(f'Example: curl -H "Authorization: Bearer {next(iter(demo.keys.values()))}" {url}/v1/whoami')


async def _print_console_link(demo: DemoContext) -> None:
    link = await create_admin_link(demo.settings, demo.url)
    if link is None:
        demo.screen.say(f"The console, with these posts: {demo.url}/console/")
        return
    demo.screen.say("[bold]The console, with these posts (the link works once):[/]")
    demo.screen.say(escape(link))


async def _until_interrupted() -> None:
    stopped = asyncio.Event()
    on_stop_signals(stopped.set, stopped.set)
    await stopped.wait()
