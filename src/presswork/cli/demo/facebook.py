"""The act about Facebook Login: an Instagram account that was connected by the Page it is linked to."""

import contextlib
from typing import Final

from presswork.cli.demo.accounts import LIVE_WITHIN, Feeds, Outcome, Scene, is_all_live
from presswork.cli.demo.client import Answer, Client, DemoFailed
from presswork.cli.demo.story import Story, Watched

HANDLE: Final = "riverside.bakery"
_HOST: Final = "graph.facebook.com"


class _Account(Answer):
    login: str


class _Call(Answer):
    host: str


class _Calls(Answer):
    items: list[_Call]


async def show_facebook_login(scene: Scene) -> Outcome:
    """Publish a video and a picture to an account connected by Facebook; good if both are live once, by that way."""
    view = scene.view
    key = await scene.new_key("facebook login", "*")
    async with Client(scene.url, key) as api:
        story = Story(api)
        project = await story.make_project("Demo of Facebook Login")
        account = await story.connect(project, "instagram", HANDLE, login="facebook")
        login = (await api.call(_Account, "GET", f"/v1/social-accounts/{account.id}")).login
        if login != "facebook":
            raise DemoFailed(f"@{HANDLE} was to be connected by Facebook, and its login is {login}.")
        view.step(f"instagram @{HANDLE} connected by Facebook Login")
        calls = f"/sandbox/control/requests?platform=instagram&handle={HANDLE}&operation=media_publish"
        before = len((await api.call(_Calls, "GET", calls)).items)
        feeds = await Feeds.from_now(story, [account])
        posts: list[Watched] = []
        for sample in (scene.samples.video, scene.samples.picture):
            posts += await story.publish(await story.bring_in(project, sample), sample, [account])
        with view.progress(posts) as news, contextlib.suppress(TimeoutError):
            await story.watch(posts, within=LIVE_WITHIN, news=news)
        view.outcome(posts, url=scene.url)
        is_good = await is_all_live(story, view, feeds, posts)
        hosts = [call.host for call in (await api.call(_Calls, "GET", calls)).items[before:]]
        if hosts != [_HOST] * len(posts):
            view.say(
                f"[bold red]Instagram was to be asked to publish {len(posts)} times at {_HOST}; it was at {hosts}.[/]"
            )
            is_good = False
    return Outcome(is_good=is_good, accounts=[account], keys={"facebook login": key})
