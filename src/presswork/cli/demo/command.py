"""`presswork demo`: what Presswork does, shown on a server of its own that is gone afterwards."""

import asyncio
import subprocess
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer
from rich.markup import escape

from presswork.cli.demo.accounts import Act, Outcome, Scene
from presswork.cli.demo.approval import show_approval
from presswork.cli.demo.facebook import show_facebook_login
from presswork.cli.demo.inbox import show_inbox_drafts
from presswork.cli.demo.managed import show_managed
from presswork.cli.demo.publish import show_publishing
from presswork.cli.demo.samples import make_samples
from presswork.cli.demo.server import own_folder, own_settings, running_up, started
from presswork.cli.demo.sms import show_notice, show_text_draft
from presswork.cli.demo.view import View
from presswork.cli.options import DataDir
from presswork.cli.output import console, own_command, plain_refusals
from presswork.cli.run.processes import on_stop_signals, stop_as_interrupt
from presswork.cli.run.setup import set_up_admin
from presswork.core.settings import Settings

app: Final = typer.Typer(add_completion=False)

_PLAIN: Final[Mapping[str, Act]] = {"Straight to the feed": show_publishing}
_APPROVAL: Final[Mapping[str, Act]] = {"Only once a person has approved it": show_approval}
_ALL: Final[Mapping[str, Act]] = {
    **_PLAIN,
    "As drafts in the inbox of the TikTok app": show_inbox_drafts,
    "As drafts for Instagram, by text message": show_text_draft,
    "By a managed provider": show_managed,
    "To a phone, without a post": show_notice,
    "To an Instagram account that was connected by Facebook Login": show_facebook_login,
    **_APPROVAL,
}


@app.command()
def main(
    approval: Annotated[
        bool,
        typer.Option("--approval", help="Show instead how content waits until a person approves or rejects it."),
    ] = False,
    is_all: Annotated[
        bool, typer.Option("--all", help="Show every way to deliver, on both platforms, and approval at the end.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards, until Ctrl-C.")] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the demo's API; 0 takes a free one.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Publish a video, a picture and a slideshow to six sandbox accounts at once, and watch each post go live.

    Everything runs in a temporary folder (or in --data-dir), offline, and does not touch your own installation. Ends
    with status 0 only if every post is live, exactly once; with --approval, only if nothing but approved content is;
    with --all, only if every post of every way is where it has to be, exactly once.
    """
    if approval and is_all:
        raise typer.BadParameter("--all shows approval, too. Give one of the two.", param_hint="--approval")
    stop_as_interrupt()
    acts, option = (_ALL, "--all ") if is_all else (_APPROVAL, "--approval ") if approval else (_PLAIN, "")
    with plain_refusals(), own_folder(data_dir) as folder:
        settings = own_settings(folder)
        set_up_admin(settings)
        with running_up(settings, port) as server:
            is_good = asyncio.run(
                _show(settings, server, acts, is_kept=keep, again=f"{own_command()} demo {option}--keep")
            )
    if not is_good:
        raise typer.Exit(1)


async def _show(
    settings: Settings, server: subprocess.Popen[bytes] | None, acts: Mapping[str, Act], *, is_kept: bool, again: str
) -> bool:
    """Play the acts, by title, on one server and return whether all came out well; `again` is the command that keeps it."""
    view = View(console())
    samples_made = asyncio.create_task(asyncio.to_thread(make_samples))
    url = await started(settings, server)
    view.step(f"Presswork is up at {url}")
    scene = Scene(url=url, settings=settings, samples=await samples_made, view=view)
    outcomes = {title: await _played(act, title if len(acts) > 1 else None, scene) for title, act in acts.items()}
    if len(acts) > 1:
        view.summary({title: outcome.is_good for title, outcome in outcomes.items()})
    if server is None or is_kept:
        _tell_where_to_look(view, url, list(outcomes.values()))
    if server is None:
        view.say("The server was up before and stays so.")
    elif is_kept:
        view.say("[bold]Everything keeps running; Ctrl-C stops it.[/]")
        await _until_interrupted()
    else:
        view.say(f"This server stops now. To look at the feeds in a browser, run [bold]{escape(again)}[/].")
    return all(outcome.is_good for outcome in outcomes.values())


async def _played(act: Act, title: str | None, scene: Scene) -> Outcome:
    if title is not None:
        scene.view.chapter(title)
    return await act(scene)


def _tell_where_to_look(view: View, url: str, outcomes: Sequence[Outcome]) -> None:
    view.say("Look at the accounts in a browser:")
    feeds = [f"{account.platform}/{account.handle}" for outcome in outcomes for account in outcome.accounts]
    for feed in dict.fromkeys(feeds):
        view.say(f"  {url}/sandbox/feed/{feed}")
    if any(outcome.has_phone for outcome in outcomes):
        view.say(f"What came to phones: {url}/sandbox/phone")
    view.say(f"All accounts: {url}/sandbox/\nThe API, to try out: {url}/docs\nKeys for it:")
    keys = [named for outcome in outcomes for named in outcome.keys.items()]
    for name, key in keys:
        view.say(f"  {name}: {key}")
    _, key = keys[0]
    view.say(f'Like this: curl -H "Authorization: Bearer {key}" {url}/v1/whoami')


async def _until_interrupted() -> None:
    stopped = asyncio.Event()
    on_stop_signals(stopped.set, stopped.set)
    await stopped.wait()
