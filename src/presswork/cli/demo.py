"""`presswork demo`: the main job, shown on a server of its own that is gone afterwards."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from presswork.cli.claim import find_running
from presswork.cli.database import connected, database
from presswork.cli.demo_story import HANDLES, RETURN_DOMAIN, Account, DemoFailed, Story, Watched, make_samples
from presswork.cli.demo_view import View
from presswork.cli.options import DataDir
from presswork.cli.output import console, own_command, plain_refusals
from presswork.cli.processes import on_stop_signals, stop_as_interrupt
from presswork.cli.setup import read_settings, set_up_admin
from presswork.cli.up import wait_until_ready
from presswork.clock import SystemClock
from presswork.orgs.keys import create_key
from presswork.orgs.model import Tier
from presswork.settings import PREFIX, Settings
from presswork.terms import Environment

app: Final = typer.Typer(add_completion=False)

_START_WITHIN: Final = timedelta(seconds=60)
_PUBLISH_WITHIN: Final = timedelta(seconds=90)
_STOP_WITHIN: Final = timedelta(seconds=40)
_LOOK: Final = timedelta(milliseconds=50)
_LAST_WORDS_CHARACTERS: Final = 3000


@app.command()
def main(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards, until Ctrl-C.")] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the demo's API; 0 takes a free one.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Publish a video, a picture and a slideshow to six sandbox accounts at once, and watch each post go live.

    Everything runs in a temporary folder (or in --data-dir), offline, and does not touch your own installation. Ends
    with status 0 only if every post is live, exactly once.
    """
    stop_as_interrupt()
    with plain_refusals(), _folder(data_dir) as folder:
        settings = _own_settings(folder)
        set_up_admin(settings)
        with _up(settings, port) as server:
            is_live = asyncio.run(_show(settings, server, is_kept=keep))
    if not is_live:
        raise typer.Exit(1)


@contextlib.contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        folder = data_dir.expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="presswork-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _own_settings(folder: Path) -> Settings:
    """Return settings that owe nothing to the environment but how to log: the demo touches no other installation."""
    given = read_settings()
    return Settings.model_construct(data_dir=folder, log_format=given.log_format, log_level=given.log_level)


@contextlib.contextmanager
def _up(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes] | None]:
    """Run `presswork up` on the folder for the length of the block; None if one runs there already."""
    if find_running(settings.data_dir) is not None:
        yield None
        return
    kept = {PREFIX + "LOG_LEVEL", PREFIX + "LOG_FORMAT"}
    environment = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX) or name in kept
    }
    argv = [sys.executable, "-P", "-m", "presswork.cli", "up", "--data-dir", str(settings.data_dir)]
    with _log(settings).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [*argv, "--port", str(port), "--parent", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=settings.data_dir,  # no .env of anyone's is read there
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_WITHIN.total_seconds())
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _log(settings: Settings) -> Path:
    return settings.data_dir / "up.log"


async def _show(settings: Settings, server: subprocess.Popen[bytes] | None, *, is_kept: bool) -> bool:
    """Play the demo and return whether every post is live exactly once."""
    view = View(console())
    samples_made = asyncio.create_task(asyncio.to_thread(make_samples))
    url = await _started(settings, server)
    view.step(f"Presswork is up at {url}")
    key = await _make_key(settings)
    samples = await samples_made
    async with Story(url, key) as story:
        project = await story.make_project()
        accounts = [
            await story.connect(project, platform, handle)
            for platform, handles in HANDLES.items()
            for handle in handles
        ]
        view.step(f"{len(accounts)} sandbox accounts connected through OAuth")
        containers = [await story.bring_in(project, sample) for sample in samples]
        view.step(f"{', '.join(sample.label for sample in samples)} uploaded and checked")
        before = [set(await story.live_ids(account)) for account in accounts]
        posts: list[Watched] = []
        for sample, container in zip(samples, containers, strict=True):
            posts += await story.publish(container, sample, accounts)
        view.step(f"{len(samples)} publish calls, {len(posts)} posts")
        with view.progress(posts) as news, contextlib.suppress(TimeoutError):
            await story.watch(posts, within=_PUBLISH_WITHIN, news=news)
        view.outcome(posts, url=url)
        is_live = await _is_all_live(story, view, accounts, before, posts)
    feeds = [f"{url}/sandbox/feed/{account.platform}/{account.handle}" for account in accounts]
    if server is None or is_kept:
        _tell_where_to_look(view, url, key, feeds)
    if server is None:
        view.say("The server was up before and stays so.")
    elif is_kept:
        view.say("[bold]Everything keeps running; Ctrl-C stops it.[/]")
        await _until_interrupted()
    else:
        command = f"{own_command()} demo --keep"
        view.say(f"This server stops now. To look at the feeds in a browser, run [bold]{escape(command)}[/].")
    return is_live


async def _started(settings: Settings, server: subprocess.Popen[bytes] | None) -> str:
    """Return the server's address once it serves. Raises DemoFailed, with its last words, if it does not."""
    ready = asyncio.create_task(_served(settings))
    end = time.monotonic() + _START_WITHIN.total_seconds()
    try:
        while not ready.done():
            if server is not None and server.poll() is not None:
                raise DemoFailed(f"The server did not start. It said:\n{_last_words(settings)}")
            if time.monotonic() > end:
                within = f"{_START_WITHIN.total_seconds():g} s"
                raise DemoFailed(f"The server was not ready within {within}. It said:\n{_last_words(settings)}")
            await asyncio.wait([ready], timeout=_LOOK.total_seconds())
        return ready.result()
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)


async def _served(settings: Settings) -> str:
    """Return the address of the folder's `up` as soon as it is ready."""
    while True:
        running = find_running(settings.data_dir)
        if running is not None and running.url is not None:
            await wait_until_ready(running.url)
            return running.url
        await asyncio.sleep(_LOOK.total_seconds())


def _last_words(settings: Settings) -> str:
    try:
        return _log(settings).read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS_CHARACTERS:].strip()
    except OSError:
        return "(nothing)"


async def _make_key(settings: Settings) -> str:
    """Make the demo's key, as `presswork key create` does."""
    with database(settings) as dsn:
        async with connected(dsn) as connection:
            key = await create_key(
                connection,
                organization="Demo",
                environment=Environment.TEST,
                scopes=["*"],
                tier=Tier.UNLIMITED,
                return_domains=[RETURN_DOMAIN],
                operator_id=None,
                name="demo",
                now=SystemClock().now(),
            )
    return key.token.text


async def _is_all_live(
    story: Story, view: View, accounts: Sequence[Account], before: Sequence[set[str]], posts: Sequence[Watched]
) -> bool:
    """Ask the API and the platforms; tell what is missing, what is there twice, and why."""
    failed = [post for post in posts if not post.is_live]
    for post in failed:
        view.timeline(post, await story.timeline(post))
    is_exact = True
    for account, known in zip(accounts, before, strict=True):
        there = [post_id for post_id in await story.live_ids(account) if post_id not in known]
        wanted = [post.external_id for post in posts if post.account == account and post.is_live]
        if sorted(there) != sorted(str(post_id) for post_id in wanted):
            is_exact = False
            view.say(
                f"[bold red]{account.platform} @{account.handle} shows {len(there)} new posts, not {len(wanted)}.[/]"
            )
    if failed or not is_exact:
        view.say(f"[bold red]{len(posts) - len(failed)} of {len(posts)} posts are live.[/]")
        return False
    view.say(f"[bold green]All {len(posts)} posts are live, each exactly once[/] (counted on the platforms' side).")
    return True


def _tell_where_to_look(view: View, url: str, key: str, feeds: Sequence[str]) -> None:
    view.say("Look at the accounts in a browser:")
    for feed in feeds:
        view.say(f"  {feed}")
    view.say(f"All accounts: {url}/sandbox/\nThe API, to try out: {url}/docs\nIts key: {key}")
    view.say(f'Like this: curl -H "Authorization: Bearer {key}" {url}/v1/whoami')


async def _until_interrupted() -> None:
    stopped = asyncio.Event()
    on_stop_signals(stopped.set, stopped.set)
    await stopped.wait()
