"""The act about managed distribution: a provider publishes, and reports back."""

import contextlib
from collections.abc import Sequence
from typing import Final

from presswork.accounts.model import MANAGED_TEMPLATE
from presswork.cli.demo.accounts import LIVE_WITHIN, Feeds, Outcome, Scene, has_ended_right
from presswork.cli.demo.client import Answer, Client, DemoFailed
from presswork.cli.demo.server import import_track
from presswork.cli.demo.story import Account, Id, Story, Watched
from presswork.cli.demo.view import View

HANDLES: Final = {"tiktok": "oldmillbread", "instagram": "old.mill.bread"}
_LINK: Final = "https://www.tiktok.com/music/First-Snow-7301"
_TRACK: Final = {
    "id": "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
    "title": "First Snow",
    "author": "The Demo Band",
    "link": _LINK,
}


class _Track(Answer):
    id: str


class _Catalogue(Answer):
    tracks: list[_Track]


async def show_managed(scene: Scene) -> Outcome:
    """Hand a slideshow with a track and a picture to the sandbox's provider; good if it got and published each once."""
    view = scene.view
    key = await scene.new_key("managed", "*")
    await import_track(scene.settings, _TRACK)
    async with Client(scene.url, key) as api:
        if _TRACK["id"] not in [track.id for track in (await api.call(_Catalogue, "GET", "/v1/tiktok-music")).tracks]:
            raise DemoFailed("The track that was imported is not in the catalogue.")
        view.step("a track imported into the catalogue")
        story = Story(api)
        project = await story.make_project("Demo of managed distribution")
        accounts = [await story.connect(project, platform, handle) for platform, handle in HANDLES.items()]
        await api.call(
            Id,
            "POST",
            f"/v1/projects/{project}/layers",
            {
                "templateId": str(MANAGED_TEMPLATE),
                "config": {"provider": "sandbox"},
                "socialAccountIds": [account.id for account in accounts],
            },
        )
        view.step("two sandbox accounts put into a layer whose provider is the sandbox's")
        feeds = await Feeds.from_now(story, accounts)
        posts = await _hand_over(scene, story, project, accounts)
        with view.progress(posts) as news, contextlib.suppress(TimeoutError):
            await story.watch(posts, within=LIVE_WITHIN, news=news)
        view.outcome(posts, url=scene.url)
        is_good = await has_ended_right(story, view, feeds, posts)
        for post in posts:
            link = _LINK if post.account.platform == "tiktok" else None
            is_good = await _is_handed_over_once(story, view, post, link=link) and is_good
    if is_good:
        view.say(
            "[bold green]The provider got each post exactly once, published it once[/], and the track's link came whole."
        )
    return Outcome(is_good=is_good, accounts=accounts, keys={"managed": key})


async def _hand_over(scene: Scene, story: Story, project: str, accounts: Sequence[Account]) -> list[Watched]:
    on_tiktok, on_instagram = accounts
    slideshow, picture = scene.samples.slideshow, scene.samples.picture
    posts = [
        await story.deliver(
            await story.bring_in(project, slideshow),
            slideshow,
            on_tiktok,
            "managed",
            end="published",
            tiktokMusic={"mode": "manual", "trackId": _TRACK["id"]},
        ),
        await story.deliver(await story.bring_in(project, picture), picture, on_instagram, "managed", end="published"),
    ]
    scene.view.step("a slideshow with the track and a picture sent in mode managed")
    return posts


async def _is_handed_over_once(story: Story, view: View, post: Watched, *, link: str | None) -> bool:
    """Ask the provider what it got of a post, with which link to a track."""
    got = [dispatch for dispatch in await story.dispatches(post.account) if dispatch.post_id == post.id]
    told = [(dispatch.status, dispatch.external_id, dispatch.payload.get("tiktokMusicLink")) for dispatch in got]
    if told != [("published", post.external_id, link)]:
        view.say(f"[bold red]The provider was to get the {post.label} once; it tells {told}.[/]")
        return False
    return True
