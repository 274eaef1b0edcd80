"""Delivering events: signed, in order, once where the receiver is healthy."""

from tests.webhooks.conftest import Hooks


async def test_what_happens_to_a_post_is_told_in_order_and_signed(hooks: Hooks) -> None:
    """A post is queued and canceled: two messages, in that order, each verified by the reference library."""
    endpoint, secret = await hooks.subscribe("post.scheduled", "post.canceled")
    post_id = await hooks.publish()
    await hooks.cancel(post_id)
    await hooks.deliver()
    told = [message.verified(secret) for message in hooks.receiver.got]
    assert [event["type"] for event in told] == ["post.scheduled", "post.canceled"]
    assert [event["data"]["status"] for event in told] == ["queued", "canceled"]
    assert {event["data"]["id"] for event in told} == {post_id}
    assert [event["id"] for event in told] == [message.headers["webhook-id"] for message in hooks.receiver.got]
    log = await hooks.log(endpoint)
    assert [(entry["status"], len(entry["attempts"])) for entry in log] == [("delivered", 1)] * 2
    assert [entry["payload"] for entry in log] == told
