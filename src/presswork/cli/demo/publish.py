"""The act of the plain demo: three pieces of content to six accounts at once."""

import contextlib

from presswork.cli.demo.accounts import LIVE_WITHIN, Feeds, Outcome, Scene, is_all_live
from presswork.cli.demo.client import Client
from presswork.cli.demo.story import HANDLES, Story, Watched


async def show_publishing(scene: Scene) -> Outcome:
    """Publish a video, a picture and a slideshow to every account; good if every post is live exactly once."""
    view = scene.view
    key = await scene.new_key("demo", "*")
    samples = (scene.samples.video, scene.samples.picture, scene.samples.slideshow)
    async with Client(scene.url, key) as api:
        story = Story(api)
        project = await story.make_project("Demo")
        accounts = [
            await story.connect(project, platform, handle)
            for platform, handles in HANDLES.items()
            for handle in handles
        ]
        view.step(f"{len(accounts)} sandbox accounts connected through OAuth")
        containers = [await story.bring_in(project, sample) for sample in samples]
        view.step(f"{', '.join(sample.label for sample in samples)} uploaded and checked")
        feeds = await Feeds.from_now(story, accounts)
        posts: list[Watched] = []
        for sample, container in zip(samples, containers, strict=True):
            posts += await story.publish(container, sample, accounts)
        view.step(f"{len(samples)} publish calls, {len(posts)} posts")
        with view.progress(posts) as news, contextlib.suppress(TimeoutError):
            await story.watch(posts, within=LIVE_WITHIN, news=news)
        view.outcome(posts, url=scene.url)
        is_good = await is_all_live(story, view, feeds, posts)
    return Outcome(is_good=is_good, accounts=accounts, keys={"demo": key})
