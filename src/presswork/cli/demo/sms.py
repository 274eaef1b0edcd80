"""The acts about text messages: a draft for Instagram, and content that is texted to a phone without any post."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from presswork.cli.demo.accounts import LIVE_WITHIN, Feeds, Outcome, Scene, has_ended_right
from presswork.cli.demo.client import Answer, Client
from presswork.cli.demo.server import make_operator
from presswork.cli.demo.story import Story, Text, Watched
from presswork.cli.demo.view import View

HANDLE: Final = "crumb.and.co"
PHONE: Final = "+12025550143"
_LOOK: Final = timedelta(milliseconds=200)
_OVER: Final = frozenset({"delivered", "undelivered", "failed"})


class _Message(Answer):
    kind: str


class _Notice(Answer):
    messages: list[_Message]


async def show_text_draft(scene: Scene) -> Outcome:
    """Send a picture as a draft for Instagram; good if one text brings it to the operator's phone, and no other does."""
    view = scene.view
    await make_operator(scene.settings, name="Ines", phone=PHONE)
    view.step("an operator with a verified phone made, the organization's primary one")
    key = await scene.new_key("text drafts", "*")
    async with Client(scene.url, key) as api:
        story = Story(api)
        project = await story.make_project("Demo of drafts by text")
        account = await story.connect(project, "instagram", HANDLE)
        feeds = await Feeds.from_now(story, [account])
        before = len(await story.texts(PHONE))
        picture = scene.samples.picture
        post = await story.deliver(await story.bring_in(project, picture), picture, account, "draft", end="draft")
        view.step(f"a picture sent to instagram @{HANDLE} as a draft")
        with view.progress([post]) as news, contextlib.suppress(TimeoutError):
            await story.watch([post], within=LIVE_WITHIN, news=news)
        view.outcome([post], url=scene.url)
        is_good = await has_ended_right(story, view, feeds, [post])
        texts = (await story.texts(PHONE))[before:]
        is_good = await _is_the_text(story, view, texts, post, caption=picture.caption) and is_good
    if is_good:
        view.say(
            "[bold green]The phone got one text[/] with the picture, the caption and the steps; nothing is public."
        )
    return Outcome(is_good=is_good, accounts=[account], keys={"text drafts": key}, has_phone=True)


async def _is_the_text(story: Story, view: View, texts: list[Text], post: Watched, *, caption: str) -> bool:
    """Ask the message service whether the phone got just the text of this draft, whole."""
    reference = await story.reference(post)
    if len(texts) == 1 and texts[0].sid == reference and texts[0].status == "delivered":
        (text,) = texts
        if caption in text.body and HANDLE in text.body and len(text.media_urls) == 1:
            return True
        view.say("[bold red]The text lacks the picture, the caption or the account.[/]")
        return False
    view.say(
        f"[bold red]The phone was to get one text, {reference}; it got {[(text.sid, text.status) for text in texts]}.[/]"
    )
    return False


async def show_notice(scene: Scene) -> Outcome:
    """Text a slideshow to the operator's phone; good if the three texts came once, in order, and no post was made."""
    view = scene.view
    await make_operator(scene.settings, name="Ines", phone=PHONE)
    key = await scene.new_key("notify-device", "*")
    async with Client(scene.url, key) as api:
        story = Story(api)
        project = await story.make_project("Demo of notify-device")
        slideshow = scene.samples.slideshow
        container = await story.bring_in(project, slideshow)
        before = len(await story.texts(PHONE))
        notice = await api.call(_Notice, "POST", f"/v1/content/{container}/notify-device", {}, status=200)
        view.step(f"a slideshow texted to the operator's phone: {', '.join(one.kind for one in notice.messages)}")
        texts = await _texts_once_over(story, before, wanted=len(notice.messages))
        for text in texts:
            first, *_ = text.body.splitlines() or [""]
            view.step(f"{text.status}, {len(text.media_urls)} attached: {first}")
        is_good = _are_in_order(view, texts, caption=slideshow.caption, pictures=len(slideshow.files))
        posts = await story.posts_of(project, container)
        if posts:
            view.say(f"[bold red]There are {len(posts)} posts of what was only texted.[/]")
            is_good = False
    if is_good:
        view.say(
            "[bold green]The phone got the pictures, then the caption, then the steps, each once[/]; there is no post."
        )
    return Outcome(is_good=is_good, accounts=[], keys={"notify-device": key}, has_phone=True)


async def _texts_once_over(story: Story, before: int, *, wanted: int) -> list[Text]:
    """Return what the phone got since, once as many texts as wanted are over, or the time is."""
    texts: list[Text] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIVE_WITHIN.total_seconds()):
            while len([text for text in texts if text.status in _OVER]) < wanted:
                await asyncio.sleep(_LOOK.total_seconds())
                texts = (await story.texts(PHONE))[before:]
    return texts


def _are_in_order(view: View, texts: list[Text], *, caption: str, pictures: int) -> bool:
    got = [(text.status, len(text.media_urls), text.body == caption) for text in texts]
    if got == [("delivered", pictures, False), ("delivered", 0, True), ("delivered", 0, False)]:
        return True
    view.say(
        f"[bold red]The phone was to get {pictures} pictures, the caption and the steps; it got {len(got)} texts.[/]"
    )
    return False
