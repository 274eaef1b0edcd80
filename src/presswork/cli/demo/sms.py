"""The chapters about text messages: a draft for Instagram, and content that is sent to a phone without any post."""

import asyncio
from collections.abc import Sequence
from typing import Final

from presswork.cli.demo.context import LIVE_TIMEOUT, DemoContext
from presswork.cli.demo.posts import Feeds
from presswork.cli.demo.sandbox import Item
from presswork.cli.demo.server import create_primary_operator
from presswork.cli.demo.tiktok_drafts import draft_reference

HANDLE: Final = "crumb.and.co"
PHONE: Final = "+12025550143"
_POLL_SECONDS: Final = 0.2
_FINAL: Final = frozenset({"delivered", "undelivered", "failed"})


async def show_sms_draft(demo: DemoContext) -> bool:
    """Send a picture as a draft for Instagram; good if the operator's phone gets exactly one text message with it."""
    await create_primary_operator(demo.settings, name="Ines", phone=PHONE)
    demo.screen.step("the organization's primary operator created, with a verified phone")
    client = await demo.caller("sms drafts", "*")
    project_id = await demo.create_project(client, "Demo of drafts by text message")
    account = await demo.connect(client, project_id, "instagram", HANDLE)
    feeds = await Feeds.since_now(demo.sandbox, [account])
    before = len(await _messages(demo))
    picture = demo.samples.picture
    (post,) = await demo.publish(
        client,
        await demo.upload(client, project_id, picture),
        picture,
        {account: {"socialAccountId": account.id, "mode": "draft"}},
        expected="draft",
    )
    demo.screen.step(f"a picture sent to {account} as a draft")
    is_good = await demo.follow(client, [post], feeds)
    reference = await draft_reference(client, post)
    messages = (await _messages(demo))[before:]
    received = [(message["sid"], message["status"], len(message["mediaUrls"])) for message in messages]
    if received != [(reference, "delivered", 1)]:
        demo.screen.failure(f"Expected one delivered message, {reference}; the phone received {received}.")
        is_good = False
    elif picture.caption not in messages[0]["body"] or HANDLE not in messages[0]["body"]:
        demo.screen.failure("The message has no caption or does not name the account.")
        is_good = False
    if is_good:
        demo.screen.success(
            "The phone received one text message", " with the picture, the caption and the steps; nothing is public."
        )
    return is_good


async def show_notify_device(demo: DemoContext) -> bool:
    """Send a slideshow to a phone; good if its messages arrive once, in order, and no post is created."""
    await create_primary_operator(demo.settings, name="Ines", phone=PHONE)
    slideshow = demo.samples.slideshow
    client = await demo.caller("notify-device", "*")
    project_id = await demo.create_project(client, "Demo of notify-device")
    container_id = await demo.upload(client, project_id, slideshow)
    before = len(await _messages(demo))
    notice = await client.publishing.notify_device(container_id=container_id)
    kinds = ", ".join(message.kind for message in notice.messages)
    demo.screen.step(f"a slideshow sent to the operator's phone: {kinds}")
    messages = await _final_messages(demo, before, count=len(notice.messages))
    for message in messages:
        first_line = next(iter(message["body"].splitlines()), "")
        demo.screen.step(f"{message['status']}, {len(message['mediaUrls'])} attached: {first_line}")
    received = [
        (message["status"], len(message["mediaUrls"]), message["body"] == slideshow.caption) for message in messages
    ]
    pictures = len(slideshow.files)
    is_good = received == [("delivered", pictures, False), ("delivered", 0, True), ("delivered", 0, False)]
    if not is_good:
        demo.screen.failure(
            f"Expected {pictures} pictures, the caption and the steps; the phone received {len(messages)} messages."
        )
    posts = (await client.publishing.list_posts(project_id=project_id, container_id=container_id)).items
    if posts:
        demo.screen.failure(f"Expected no post of this content; there are {len(posts)}.")
        is_good = False
    if is_good:
        demo.screen.success(
            "The phone received the pictures, then the caption, then the steps, each once", ", and there is no post."
        )
    return is_good


async def _messages(demo: DemoContext) -> Sequence[Item]:
    return await demo.sandbox.items("messages", handle=PHONE.removeprefix("+"))


async def _final_messages(demo: DemoContext, before: int, *, count: int) -> Sequence[Item]:
    """Return the messages that the phone received since, once `count` of them are final or the timeout is over."""
    messages: Sequence[Item] = ()
    for _ in range(int(LIVE_TIMEOUT.total_seconds() / _POLL_SECONDS)):
        messages = (await _messages(demo))[before:]
        if len([message for message in messages if message["status"] in _FINAL]) >= count:
            break
        await asyncio.sleep(_POLL_SECONDS)
    return messages
