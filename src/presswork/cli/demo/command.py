"""`presswork demo`: runs a temporary server and shows on it how content is published."""

import asyncio
import subprocess
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import httpx2
import typer
from rich.markup import escape

import presswork_client
from presswork.cli.demo.approval import show_approval
from presswork.cli.demo.context import Chapter, DemoContext, Outcome
from presswork.cli.demo.facebook_login import show_facebook_login
from presswork.cli.demo.managed import show_managed
from presswork.cli.demo.publish import show_publishing
from presswork.cli.demo.samples import make_samples
from presswork.cli.demo.sandbox import Sandbox
from presswork.cli.demo.screen import Screen
from presswork.cli.demo.server import DemoFailed, own_folder, own_settings, running_up, started
from presswork.cli.demo.sms import show_notify_device, show_sms_draft
from presswork.cli.demo.tiktok_drafts import show_tiktok_drafts
from presswork.cli.options import DataDir
from presswork.cli.output import console, own_command, plain_refusals
from presswork.cli.run.processes import on_stop_signals, stop_as_interrupt
from presswork.cli.run.setup import set_up_admin
from presswork.core.settings import Settings

app: Final = typer.Typer(add_completion=False)

_PLAIN: Final[Mapping[str, Chapter]] = {"Publish to the feed": show_publishing}
_APPROVAL: Final[Mapping[str, Chapter]] = {"Publish only after approval": show_approval}
_ALL: Final[Mapping[str, Chapter]] = {
    **_PLAIN,
    "Drafts in the inbox of the TikTok app": show_tiktok_drafts,
    "Drafts for Instagram by text message": show_sms_draft,
    "Publish through a managed provider": show_managed,
    "Send content to a phone without a post": show_notify_device,
    "Publish to an Instagram account connected by Facebook Login": show_facebook_login,
    **_APPROVAL,
}
_HTTP_TIMEOUT_SECONDS: Final = 30


@app.command()
def main(
    approval: Annotated[
        bool,
        typer.Option("--approval", help="Show how content waits until a reviewer approves or rejects it."),
    ] = False,
    is_all: Annotated[
        bool, typer.Option("--all", help="Show every delivery mode on both platforms, and approval.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the server running afterwards, until Ctrl-C.")] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the demo's API; 0 selects a free one.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Publish a video, a picture and a slideshow to six sandbox accounts, and show how each post goes live.

    The demo runs offline in a temporary folder (or in --data-dir) and does not use your own installation. Exit status 0
    means that every post is live exactly once; with --approval, that only approved content is live; with --all, that
    every post of every mode ended as expected. Otherwise the status is 1.
    """
    if approval and is_all:
        raise typer.BadParameter("--all includes the approval chapter. Use one of the two.", param_hint="--approval")
    stop_as_interrupt()
    chapters, option = (_ALL, "--all ") if is_all else (_APPROVAL, "--approval ") if approval else (_PLAIN, "")
    with plain_refusals(), own_folder(data_dir) as folder:
        settings = own_settings(folder)
        set_up_admin(settings)
        with running_up(settings, port) as server:
            is_good = asyncio.run(
                _show(settings, server, chapters, is_kept=keep, again=f"{own_command()} demo {option}--keep")
            )
    if not is_good:
        raise typer.Exit(1)


async def _show(
    settings: Settings,
    server: subprocess.Popen[bytes] | None,
    chapters: Mapping[str, Chapter],
    *,
    is_kept: bool,
    again: str,
) -> bool:
    """Show the chapters on one server and return whether all passed; `again` is the command that keeps the server."""
    screen = Screen(console())
    drawing = asyncio.create_task(asyncio.to_thread(make_samples, settings.data_dir / "demo-samples"))
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
        outcomes = {}
        for title, chapter in chapters.items():
            if len(chapters) > 1:
                screen.chapter(title)
            outcomes[title] = await _shown(chapter, demo)
    if len(chapters) > 1:
        screen.summary({title: outcome.is_good for title, outcome in outcomes.items()})
    if server is None or is_kept:
        _print_links(screen, url, list(outcomes.values()))
    if server is None:
        screen.say("The server was already running and is left running.")
    elif is_kept:
        screen.say("[bold]Everything keeps running; Ctrl-C stops it.[/]")
        await _until_interrupted()
    else:
        screen.say(f"The demo's server stops now. To see the feeds in a browser, run [bold]{escape(again)}[/].")
    return all(outcome.is_good for outcome in outcomes.values())


async def _shown(chapter: Chapter, demo: DemoContext) -> Outcome:
    try:
        return await chapter(demo)
    except presswork_client.PressworkError as error:
        raise DemoFailed(f"An API call failed: {error}") from error


def _print_links(screen: Screen, url: str, outcomes: Sequence[Outcome]) -> None:
    screen.say("The feeds of the accounts:")
    feeds = [f"{account.platform}/{account.handle}" for outcome in outcomes for account in outcome.accounts]
    for feed in dict.fromkeys(feeds):
        screen.say(f"  {url}/sandbox/feed/{feed}")
    if any(outcome.has_phone for outcome in outcomes):
        screen.say(f"Messages and drafts on phones: {url}/sandbox/phone")
    screen.say(f"All sandbox accounts: {url}/sandbox/\nAPI documentation, with a form for each call: {url}/docs")
    screen.say("API keys:")
    keys = [named for outcome in outcomes for named in outcome.keys.items()]
    for name, key in keys:
        screen.say(f"  {name}: {key}")
    _, key = keys[0]
    screen.say(f'Example: curl -H "Authorization: Bearer {key}" {url}/v1/whoami')


async def _until_interrupted() -> None:
    stopped = asyncio.Event()
    on_stop_signals(stopped.set, stopped.set)
    await stopped.wait()
