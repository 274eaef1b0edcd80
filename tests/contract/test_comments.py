"""Reading, answering and moderating comments on every platform that has calls for it: with pages, replies, and lost responses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Final
from uuid import uuid4

import pytest
from pydantic import JsonValue
from tests.contract.faults import AFTER_EFFECT, LATENCY, LOST, Fault, code
from tests.contract.job import MemoryJob, Sample, clip, picture, retrying
from tests.contract.on_platform import OnPlatform
from tests.contract.on_threads import NOT_FOUND
from tests.tiers import sampled

from presswork.platforms.access import LivePost
from presswork.platforms.bluesky.options import GATES
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment, SupportsComments
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.facebook_pages import comments as facebook_comments
from presswork.platforms.instagram import comments as instagram_comments
from presswork.platforms.linkedin import comments as linkedin_comments
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, PostOptions, Present
from presswork.platforms.threads import comments as threads_comments
from presswork.platforms.youtube import comments as youtube_comments

LAG: Final = timedelta(seconds=10)
"""Longer than the sandbox's platforms take to show what was written."""
GATED: Final = PostOptions({"blueskyPostSettings": {"replyControl": []}})
TEXT: Final = "Yes, from 8 (with coffee)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The comments of one platform."""

    platform: str
    """The fixture of the platform."""
    make: Callable[[], Sample | Sequence[Sample]] = picture
    lists: str = "comments_list"
    """The operation that lists comments."""
    write: str
    """The operation that writes a reply."""
    changes: Mapping[CommentAction, str] = field(default_factory=dict)
    """The operations that change a comment."""
    throttled: Fault = field(default_factory=partial(code, 4))
    refused: Fault = field(default_factory=partial(code, 100))
    is_flat: bool = True
    """Whether an answer to a reply stands below the comment that the reply answers."""
    has_replies_by_page: bool = True
    """Whether the replies that a look-up reads are a list that can be cut off."""
    deletes_others: bool = True
    shows_authors: bool = True
    has_sure_empty_lists: bool = True
    """Whether an empty list means that there is no comment."""
    is_read_by_page: bool = True
    """Whether the list of comments has pages."""
    takes_text_again: bool = True
    """Whether the account may write a text that it has written before."""
    has_fixed_length: bool = True
    """Whether a reply may be as long for every account, so that its length is checked before it is sent."""


GRAPH: Final = {CommentAction.HIDE: "comment_update", CommentAction.DELETE: "comment_delete"}
CASES: Final[Mapping[str, Case]] = {
    "bluesky": Case(
        platform="on_bluesky",
        lists="get_post_thread",
        write="put_record",
        changes={
            CommentAction.HIDE: "put_record",
            CommentAction.LIKE: "put_record",
            CommentAction.DELETE: "delete_record",
        },
        throttled=code("RateLimitExceeded"),
        refused=code("AccountSuspended"),
        is_flat=False,
        has_replies_by_page=False,
        deletes_others=False,
        is_read_by_page=False,
    ),
    "mastodon": Case(
        platform="on_mastodon",
        lists="context",
        write="statuses",
        changes={CommentAction.LIKE: "favourite", CommentAction.DELETE: "status_delete"},
        throttled=code("429"),
        refused=code("422"),
        is_flat=False,
        has_replies_by_page=False,
        deletes_others=False,
        is_read_by_page=False,
        has_fixed_length=False,
    ),
    "x": Case(
        platform="on_x",
        lists="search_recent",
        write="tweets",
        changes={CommentAction.HIDE: "hide_reply", CommentAction.DELETE: "delete"},
        throttled=code("429"),
        refused=code("403"),
        is_flat=False,
        deletes_others=False,
        takes_text_again=False,
    ),
    "facebook": Case(
        platform="on_facebook",
        write="comment_replies",
        changes=GRAPH | {CommentAction.LIKE: "comment_likes"},
    ),
    "youtube": Case(
        platform="on_youtube",
        make=clip,
        lists="comment_threads_list",
        write="comments_insert",
        changes={
            CommentAction.HIDE: "comments_set_moderation_status",
            CommentAction.DELETE: "comments_delete",
        },
        throttled=code("rateLimitExceeded"),
        refused=code("forbidden"),
    ),
    "threads": Case(
        platform="on_threads",
        lists="conversation",
        write="threads_publish",
        changes={CommentAction.HIDE: "manage_reply", CommentAction.DELETE: "delete"},
        is_flat=False,
        deletes_others=False,
    ),
    "linkedin": Case(
        platform="as_page",
        write="comments",
        changes={CommentAction.LIKE: "reactions", CommentAction.DELETE: "comment_delete"},
        throttled=code("TOO_MANY_REQUESTS"),
        refused=code("INVALID_VALUE_FOR_FIELD"),
        shows_authors=False,
        has_sure_empty_lists=False,
    ),
    "instagram": Case(platform="by_instagram", write="comment_replies", changes=GRAPH),
    "instagram_by_facebook": Case(
        platform="by_facebook", write="comment_replies", changes=GRAPH | {CommentAction.LIKE: "likes"}
    ),
}
SOME: Final = sampled(CASES, "bluesky", "facebook", "linkedin", "youtube")
"""One platform of each kind of API for every change."""
MEMBER: Final = replace(CASES["linkedin"], platform="as_member")
"""A member's posts have comments that no app can read, so few tests apply."""


@pytest.fixture
def case(name: str) -> Case:
    """The test's platform."""
    return MEMBER if name == "linkedin_member" else CASES[name]


@pytest.fixture
def on_platform(case: Case, request: pytest.FixtureRequest) -> OnPlatform:
    """The connector of the test's platform against the sandbox."""
    platform: OnPlatform = request.getfixturevalue(case.platform)
    return platform


@dataclass(slots=True)
class Commented:
    """A live post whose comments a test reads and answers."""

    on: OnPlatform
    case: Case
    job: MemoryJob
    post: LivePost

    @property
    def connector(self) -> SupportsComments:
        """The connector, which can do so."""
        assert self.on.platform.comments is not None
        assert isinstance(self.on.platform.connector, SupportsComments)
        return self.on.platform.connector

    async def add(self, text: str = "Open on Sunday?", *, parent: str | None = None, author: str = "anna") -> str:
        """Let another account comment, and return the id by the control surface."""
        comment = await self.on.sandbox.comment(
            self.on.name, self.post.external_id, text, author=author, **({} if parent is None else {"parentId": parent})
        )
        await self.job.sleep(LAG)
        return str(comment["id"])

    async def read(self, *, max_pages: int = 20, **more: object) -> CommentsRead:
        """Read all comments."""
        assert not more
        await self.job.sleep(LAG)
        return await self.connector.list_comments(self.job, self.post, since=None, max_pages=max_pages)

    async def find(self, text: str) -> SeenComment:
        """Return the one comment with a text."""
        [found] = [one for one in (await self.read()).comments if one.text == text]
        return found

    async def stored(self, text: str, raw: Mapping[str, JsonValue] | None = None) -> StoredComment:
        """Return the comment with a text as the worker stores it."""
        seen = await self.find(text)
        return StoredComment(
            external_id=seen.external_id,
            parent_external_id=seen.parent_external_id,
            text=seen.text,
            is_own=seen.is_own,
            raw=raw or {},
        )

    async def reply_to(self, text: str, answer: str = TEXT) -> Reply:
        """Return a reply to the comment with a text, which is not written yet."""
        comment = await self.stored(text)
        now = self.job.now()
        return Reply(id=uuid4(), post=self.post, comment=comment, text=answer, requested_at=now, called_at=None)

    async def drive(self, reply: Reply) -> Present | Ambiguous | PlatformError:
        """Write a reply as the worker does: prepare, call once, and after a lost response look before preparing another call."""
        for _ in range(5):
            prepared = await retrying(self.job, lambda: self.connector.prepare_reply(self.job, reply))
            called = replace(reply, called_at=self.job.now())
            try:
                return await self.connector.write_reply(self.job, called, prepared)
            except OutcomeUnknown:
                for _ in range(2):
                    await self.job.sleep(self.on.retry_policy.republish_after)
                    seen = await retrying(self.job, partial(self.connector.look_up_reply, self.job, called, prepared))
                    if not isinstance(seen, Absent):
                        return seen
            except TryLater as error:
                await self.job.sleep(error.retry_after or timedelta(minutes=1))
            except PlatformError as error:
                return error
        raise AssertionError("the reply has no end")

    async def written(self, text: str = TEXT) -> list[dict[str, JsonValue]]:
        """Return the live comments of the account's own with a text, by the control surface. On Mastodon, it mentions whom it answers."""
        comments = await self.on.sandbox.comments(self.on.name, self.post.external_id)
        texts = {text, f"@anna {text}", f"@ben {text}"} if self.on.name == "mastodon" else {text}
        return [one for one in comments if one["own"] and one["text"] in texts and not one["deleted"]]

    async def shown(self, comment_id: str) -> dict[str, JsonValue]:
        """Return a comment by the control surface."""
        comments = await self.on.sandbox.comments(self.on.name, self.post.external_id)
        return next(one for one in comments if one["id"] == comment_id)


@pytest.fixture
async def commented(on_platform: OnPlatform, case: Case) -> Commented:
    """A live post without comments."""
    job = await on_platform.job(case.make())
    end = await on_platform.drive(job)
    assert isinstance(end, Present), repr(end)
    located = await retrying(
        job, lambda: on_platform.platform.connector.locate(job, job.prepared or {}, end.external_id)
    )
    assert located.external_id is not None
    post = LivePost(
        post_id=job.post_id,
        external_id=located.external_id,
        media_type=job.media_type,
        published_at=job.now(),
        prepared=job.prepared or {},
    )
    return Commented(on_platform, case, job, post)


def has(action: CommentAction) -> Sequence[str]:
    """Return the platforms that have calls for an action."""
    return [name for name, case in CASES.items() if action in case.changes]


def assert_explained(error: PlatformError, job: MemoryJob) -> None:
    """Check that an error is a sentence about comments, and has no token in it."""
    texts = f"{error.message} {error.platform_message}"
    assert error.message.endswith((".", "”"))
    assert "ublish again" not in error.advice
    assert not [token for token in (job.tokens.access_token, job.tokens.refresh_token) if token and token in texts]


@pytest.mark.parametrize("name", CASES)
async def test_comments_are_listed(commented: Commented, case: Case) -> None:
    """All comments are listed once, a parent before its replies, with what can be done with them; own ones are marked."""
    empty = await commented.read()
    assert (list(empty.comments), empty.is_complete) == ([], case.has_sure_empty_lists)
    question = await commented.add("Open on Sunday?")
    await commented.add("I think so.", parent=question, author="ben")
    await commented.add("How much?", author="carl")
    assert isinstance(await commented.drive(await commented.reply_to("Open on Sunday?")), Present)
    read = await commented.read()
    assert read.is_complete
    seen = {one.text: one for one in read.comments}
    assert len(seen) == len(read.comments) == 4
    assert [one.text for one in read.comments].index("Open on Sunday?") < [one.text for one in read.comments].index(
        TEXT
    )
    top = seen["Open on Sunday?"]
    assert (top.parent_external_id, top.is_own, top.is_hidden, top.is_liked) == (None, False, False, False)
    assert {one.parent_external_id for one in (seen["I think so."], seen[TEXT])} == {top.external_id}
    assert [one.text for one in read.comments if one.is_own] == [TEXT]
    assert ("anna" in (top.author or "").lower()) == case.shows_authors
    assert top.author_external_id not in (None, commented.job.account.external_id) or case.platform == "on_threads"
    support = commented.on.platform.comments
    assert support is not None
    assert all(one.actions <= support.actions for one in read.comments)
    assert CommentAction.REPLY in top.actions
    assert (CommentAction.DELETE in top.actions) == case.deletes_others
    assert CommentAction.HIDE not in seen[TEXT].actions


@pytest.mark.parametrize("name", CASES)
async def test_an_answer_is_written(commented: Commented, case: Case) -> None:
    """A reply stands below the comment, or, where a platform has two levels, below the comment that a reply answers."""
    question = await commented.add("Open on Sunday?")
    nested = await commented.add("And on Monday?", parent=question, author="ben")
    for text, parent in (("Open on Sunday?", question), ("And on Monday?", question if case.is_flat else nested)):
        end = await commented.drive(await commented.reply_to(text, f"{TEXT} {text}"))
        assert isinstance(end, Present), repr(end)
        assert end.message is None
        [made] = await commented.written(f"{TEXT} {text}")
        assert made["parentId"] == parent
        assert (await commented.find(f"{TEXT} {text}")).external_id == end.external_id


FAULTS: Final = (LATENCY, *LOST, AFTER_EFFECT, Fault("token_expired"))


@pytest.mark.parametrize(
    ("name", "fault"),
    sampled(product(CASES, FAULTS), *product(CASES, [AFTER_EFFECT]), *product(["facebook"], FAULTS)),
    ids=str,
)
async def test_a_reply_is_written_once(commented: Commented, case: Case, fault: Fault) -> None:
    """Whatever happens once to the call that writes it, one reply is there in the end."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    commented.job.spare = (await commented.on.connect()).tokens
    await commented.on.fault(case.write, fault.name, **fault.more(times=1))
    end = await commented.drive(reply)
    assert isinstance(end, Present), repr(end)
    [made] = await commented.written()
    assert (await commented.find(TEXT)).external_id == end.external_id
    assert end.external_id is not None
    assert end.external_id in str(made["id"]) or str(made["id"]) in end.external_id


@pytest.mark.parametrize("name", SOME)
async def test_an_equal_reply_is_not_taken_for_this_one(commented: Commented, case: Case) -> None:
    """A reply with the same text that stood there before does not count, so the lost call is made again; X refuses the text."""
    await commented.add()
    assert isinstance(await commented.drive(await commented.reply_to("Open on Sunday?")), Present)
    await commented.on.fault(case.write, "drop_before_effect", times=1)
    end = await commented.drive(await commented.reply_to("Open on Sunday?"))
    assert isinstance(end, Present if case.takes_text_again else Rejected), repr(end)
    assert len(await commented.written()) == 1 + case.takes_text_again


@pytest.mark.parametrize("name", SOME)
async def test_refusals_of_a_reply(commented: Commented, case: Case) -> None:
    """A limit is waited for, a refusal has the platform's code, and a lost access asks to connect; nothing is written."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    prepared = await commented.connector.prepare_reply(commented.job, reply)
    called = replace(reply, called_at=commented.job.now())
    for fault, kind in ((case.throttled, TryLater), (case.refused, Rejected)):
        await commented.on.fault(case.write, fault.name, **fault.more(times=1))
        with pytest.raises(kind) as caught:
            await commented.connector.write_reply(commented.job, called, prepared)
        assert_explained(caught.value, commented.job)
        assert isinstance(fault.value, dict)
        assert (caught.value.platform_code or "").partition("/")[0] == str(fault.value["code"])
        assert not isinstance(caught.value, TryLater) or caught.value.is_throttled
    await commented.on.fault(case.write, "token_expired", times=1)
    commented.job.login = None
    with pytest.raises(CredentialInvalid) as expired:
        await commented.connector.write_reply(commented.job, called, prepared)
    assert_explained(expired.value, commented.job)
    await commented.on.sandbox.clear_faults()
    assert await commented.written() == []


@pytest.mark.parametrize("name", CASES)
async def test_a_gone_comment_is_not_answered(commented: Commented, case: Case) -> None:
    """A comment that its author deleted is refused before a call that would write, and is missing in a complete list."""
    made = await commented.add()
    comment = await commented.stored("Open on Sunday?")
    await commented.on.sandbox.delete_comment(commented.on.name, made)
    read = await commented.read()
    assert (read.is_complete, list(read.comments)) == (case.has_sure_empty_lists, [])
    reply = Reply(
        id=uuid4(), post=commented.post, comment=comment, text=TEXT, requested_at=commented.job.now(), called_at=None
    )
    with pytest.raises(Rejected, match="any more") as caught:
        await commented.connector.prepare_reply(commented.job, reply)
    assert_explained(caught.value, commented.job)
    if case.deletes_others:
        await commented.connector.delete_comment(commented.job, commented.post, comment)
    assert await commented.written() == []


@pytest.mark.parametrize("name", has(CommentAction.HIDE))
async def test_a_comment_is_hidden_and_shown(commented: Commented, case: Case) -> None:
    """Hiding is seen in the list, can be repeated and taken back, also after a lost response."""
    await _assert_toggles(commented, case, CommentAction.HIDE)


@pytest.mark.parametrize("name", has(CommentAction.LIKE))
async def test_a_comment_is_liked(commented: Commented, case: Case) -> None:
    """A like is seen in the list, exists once although repeated, and can be taken back, also after a lost response."""
    await _assert_toggles(commented, case, CommentAction.LIKE)


async def _assert_toggles(commented: Commented, case: Case, action: CommentAction) -> None:
    made = await commented.add()
    comment, is_like = await commented.stored("Open on Sunday?"), action is CommentAction.LIKE

    async def change(*, is_on: bool) -> None:
        if is_like:
            await commented.connector.set_liked(commented.job, commented.post, comment, is_liked=is_on)
        else:
            await commented.connector.set_hidden(commented.job, commented.post, comment, is_hidden=is_on)

    for is_on in (True, True, False, False, True):
        await commented.on.fault(case.changes[action], "drop_after_effect", times=1)

        try:
            await change(is_on=is_on)
        except TryLater as error:
            assert_explained(error, commented.job)
            await retrying(commented.job, partial(change, is_on=is_on))
        await commented.on.sandbox.clear_faults()
        seen = await commented.find("Open on Sunday?")
        assert action in seen.unshown or (seen.is_liked if is_like else seen.is_hidden) is is_on
        shown = await commented.shown(made)
        is_shown = shown["liked"] if is_like else shown["hidden"] or shown["moderation"] == "heldForReview"
        assert is_shown is is_on
        assert shown["likes"] == (1 if is_like and is_on else 0)


@pytest.mark.parametrize("name", has(CommentAction.DELETE))
async def test_a_comment_is_deleted(commented: Commented, case: Case) -> None:
    """An own reply, and another's comment where the platform allows it, is gone; deleting it again is a success."""
    made = await commented.add()
    assert isinstance(await commented.drive(await commented.reply_to("Open on Sunday?")), Present)
    own = await commented.stored(TEXT)
    await commented.on.fault(case.changes[CommentAction.DELETE], "drop_after_effect", times=1)
    for _ in range(2):
        await retrying(commented.job, lambda: commented.connector.delete_comment(commented.job, commented.post, own))
        assert await commented.written() == []
    other = await commented.stored("Open on Sunday?")
    if not case.deletes_others:
        with pytest.raises(Rejected, match="author"):
            await commented.connector.delete_comment(commented.job, commented.post, other)
        return
    await commented.connector.delete_comment(commented.job, commented.post, other)
    assert [one.text for one in (await commented.read()).comments] == []
    assert (await commented.shown(made))["deleted"] or (await commented.shown(made))["moderation"] == "rejected"


@pytest.mark.parametrize("name", SOME)
async def test_failing_reads(commented: Commented, case: Case) -> None:
    """While the list can't be read, nothing is reported; a limit is one."""
    await commented.add()
    for fault in (Fault("http_500"), Fault("malformed_json"), Fault("drop_before_effect"), case.throttled):
        await commented.on.fault(case.lists, fault.name, **fault.more(times=1))
        with pytest.raises(TryLater) as caught:
            await commented.read()
        assert_explained(caught.value, commented.job)
        assert caught.value.is_throttled == (fault is case.throttled)
    commented.job.spare = (await commented.on.connect()).tokens
    await commented.on.fault(case.lists, "token_expired", times=1)
    assert len((await commented.read()).comments) == 1
    assert commented.job.renewals == 1


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.platform != "on_bluesky"])
async def test_a_missing_permission_makes_no_call(commented: Commented, case: Case) -> None:
    """An account without the permissions is asked to connect again, and the platform is not called."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    before = len(await commented.on.sandbox.requests(commented.on.name))
    commented.job.account = replace(commented.job.account, scopes=frozenset())
    for call in (
        lambda: commented.connector.list_comments(commented.job, commented.post, since=None, max_pages=1),
        lambda: commented.connector.prepare_reply(commented.job, reply),
        lambda: commented.connector.delete_comment(commented.job, commented.post, replace(reply.comment, is_own=True)),
    ):
        with pytest.raises(Rejected) as caught:
            await call()
        assert caught.value.failure is FailureCode.CREDENTIAL_INVALID
        assert "again" in caught.value.advice
    assert len(await commented.on.sandbox.requests(commented.on.name)) == before


@pytest.mark.parametrize("name", SOME)
async def test_texts_are_checked(commented: Commented, case: Case) -> None:
    """A text that is empty or too long is refused by a sentence, and an ordinary one is not."""
    support = commented.on.platform.comments
    assert support is not None
    assert commented.connector.check_reply(TEXT) is None
    assert commented.connector.check_reply("x" * support.max_text) is None
    for text in (" \n", "x" * (support.max_text + 1) if case.has_fixed_length else ""):
        sentence = commented.connector.check_reply(text)
        assert sentence is not None
        assert sentence.endswith(".")


PAGED: Final = {"facebook": 50, "instagram": 50, "threads": 50, "youtube": 100, "linkedin": 100}
"""How many comments a page of the list has among which a look-up finds a reply."""
MODULES: Final = {
    "facebook": facebook_comments,
    "instagram": instagram_comments,
    "threads": threads_comments,
    "youtube": youtube_comments,
    "linkedin": linkedin_comments,
}


@pytest.mark.parametrize("name", PAGED)
async def test_a_list_that_is_cut_off_is_ambiguous(
    commented: Commented, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that may be beyond what is read is neither there nor absent; read to its end, the list shows it."""
    question = await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    prepared = await commented.connector.prepare_reply(commented.job, reply)
    called = replace(reply, called_at=commented.job.now())
    await commented.on.fault(commented.case.write, "drop_after_effect", times=1)
    with pytest.raises(OutcomeUnknown):
        await commented.connector.write_reply(commented.job, called, prepared)
    for number in range(PAGED[name]):
        await commented.on.sandbox.comment(
            commented.on.name, commented.post.external_id, f"No. {number}", author="carl", parentId=question
        )
    await commented.job.sleep(LAG)
    monkeypatch.setattr(MODULES[name], "MAX_LOOK_PAGES", 1)
    is_certain = name == "threads"  # the container is published, and only the reply's id is not known
    if is_certain:
        with pytest.raises(TryLater):
            await commented.connector.look_up_reply(commented.job, called, prepared)
    elif isinstance(await commented.connector.look_up_reply(commented.job, called, prepared), Present):
        # it was on the first page: then another one, which was never written, must not be absent
        other = replace(called, text="Another answer.")
        assert isinstance(await commented.connector.look_up_reply(commented.job, other, prepared), Ambiguous)
    else:
        assert isinstance(await commented.connector.look_up_reply(commented.job, called, prepared), Ambiguous)
    monkeypatch.setattr(MODULES[name], "MAX_LOOK_PAGES", 8)
    assert isinstance(await commented.connector.look_up_reply(commented.job, called, prepared), Present)


@pytest.mark.parametrize("name", SOME)
async def test_many_comments_are_read_by_page(commented: Commented, case: Case) -> None:
    """Pages and the further replies of one comment are read to their end; a list that was cut off is not complete."""
    question = await commented.add()
    for number in range(80):
        await commented.on.sandbox.comment(
            commented.on.name, commented.post.external_id, f"Top {number}", author=f"carl{number % 7}"
        )
    for number in range(30):
        await commented.on.sandbox.comment(
            commented.on.name, commented.post.external_id, f"Below {number}", author="ben", parentId=question
        )
    read = await commented.read(max_pages=200)
    assert read.is_complete
    assert len({one.external_id for one in read.comments}) == len(read.comments) == 111
    places = {one.external_id: place for place, one in enumerate(read.comments)}
    assert all(
        places[one.parent_external_id] < places[one.external_id] for one in read.comments if one.parent_external_id
    )
    if case.is_read_by_page:
        cut = await commented.read(max_pages=1)
        assert not cut.is_complete
        assert 0 < len(cut.comments) < 111
        assert cut.calls <= 2


@pytest.mark.parametrize("name", ["facebook", "instagram", "threads", "youtube"])
async def test_an_empty_page_does_not_end_a_list(commented: Commented) -> None:
    """A page without comments, and with a cursor, is no end: neither for the inbox nor for a look-up."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    await commented.on.sandbox.account(commented.on.name, commented.on.handle, emptyCommentPage=True)
    read = await commented.read()
    assert ([one.text for one in read.comments], read.is_complete) == (["Open on Sunday?"], True)
    await commented.on.fault(commented.case.write, "drop_after_effect", times=1)
    assert isinstance(await commented.drive(reply), Present)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", ["instagram", "instagram_by_facebook"])
async def test_an_error_after_the_effect_is_looked_up(commented: Commented) -> None:
    """Instagram's 20/1772107 came for comments that were made: one is there in the end."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    value: JsonValue = {"code": 20, "subcode": 1772107, "afterEffect": True}
    await commented.on.fault(commented.case.write, "platform_error", value=value, times=1)
    assert isinstance(await commented.drive(reply), Present)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", [name for name in CASES if name not in {"bluesky", "x"}])
async def test_a_refusal_after_the_effect_is_seen(commented: Commented, case: Case) -> None:
    """A reply that was made although its call was refused for good is found at once, where it is listed at once."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    assert isinstance(case.refused.value, dict)
    value: JsonValue = {**case.refused.value, "afterEffect": True}
    await commented.on.fault(case.write, "platform_error", value=value, times=1)
    assert isinstance(await commented.drive(reply), Present)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", ["instagram"])
async def test_poorer_fields_are_read_where_rich_ones_are_refused(commented: Commented) -> None:
    """An account that may not read who wrote a comment still sees the comments, and knows its own by its name."""
    await commented.on.sandbox.account("instagram", commented.on.handle, deniedCommentFields=["from", "hidden"])
    question = await commented.add()
    await commented.add("I think so.", parent=question, author="ben")
    await commented.on.fault(commented.case.write, "drop_after_effect", times=1)
    assert isinstance(await commented.drive(await commented.reply_to("Open on Sunday?")), Present)
    read = await commented.read()
    assert {one.text: (one.author, one.is_own) for one in read.comments} == {
        "Open on Sunday?": ("anna", False),
        "I think so.": ("ben", False),
        TEXT: (commented.job.account.handle, True),
    }
    assert all(CommentAction.HIDE in one.unshown for one in read.comments)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", ["facebook"])
async def test_an_unknown_author_decides_nothing(commented: Commented) -> None:
    """A comment with the text of a lost reply, whose author Facebook withholds, makes the outcome ambiguous."""
    question = await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    prepared = await commented.connector.prepare_reply(commented.job, reply)
    called = replace(reply, called_at=commented.job.now())
    await commented.on.fault(commented.case.write, "drop_before_effect", times=1)
    with pytest.raises(OutcomeUnknown):
        await commented.connector.write_reply(commented.job, called, prepared)
    await commented.add(TEXT, parent=question, author="ben")
    assert isinstance(await commented.connector.look_up_reply(commented.job, called, prepared), Absent)
    await commented.on.sandbox.account("facebook", commented.on.handle, withheldAuthors=True)
    assert isinstance(await commented.connector.look_up_reply(commented.job, called, prepared), Ambiguous)
    [seen] = [one for one in (await commented.read()).comments if one.text == TEXT]
    assert (seen.author, seen.is_own) == (None, False)


@pytest.mark.parametrize("name", ["facebook", "instagram", "threads", "youtube", "bluesky"])
async def test_an_answer_changes_nothing_else(commented: Commented) -> None:
    """An answer to the account's own comment is another comment: Facebook would edit it by the call of some guides."""
    await commented.add()
    assert isinstance(await commented.drive(await commented.reply_to("Open on Sunday?")), Present)
    end = await commented.drive(await commented.reply_to(TEXT, "And on Monday, too."))
    assert isinstance(end, Present)
    assert end.message is None
    assert {one.text for one in (await commented.read()).comments if one.is_own} == {TEXT, "And on Monday, too."}


@pytest.mark.parametrize("name", ["youtube"])
async def test_held_comments_are_seen(commented: Commented) -> None:
    """Comments that YouTube holds are listed as hidden, and a reply of the channel's own that it holds is found."""
    await commented.on.sandbox.account("youtube", commented.on.handle, holdsComments=True, holdsReplies=True)
    await commented.add()
    seen = await commented.find("Open on Sunday?")
    assert seen.is_hidden
    await commented.on.sandbox.account("youtube", commented.on.handle, holdsComments=False)
    await commented.add("How much?")
    reply = await commented.reply_to("How much?")
    await commented.on.fault("comments_insert", "drop_after_effect", times=1)
    assert isinstance(await commented.drive(reply), Present)
    [made] = await commented.written()
    assert made["moderation"] == "heldForReview"


@pytest.mark.parametrize("name", ["linkedin"])
async def test_a_role_that_reads_nothing(commented: Commented) -> None:
    """A role that gets empty lists can write; a lost answer stays unknown, and no comment counts as deleted."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    await commented.on.sandbox.account("linkedin", commented.on.handle, pageRole="RECRUITING_POSTER")
    read = await commented.read()
    assert (list(read.comments), read.is_complete) == ([], False)
    await commented.on.fault("comments", "drop_after_effect", times=1)
    assert isinstance(await commented.drive(reply), Ambiguous)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", ["linkedin_member"])
async def test_a_member_only_writes(commented: Commented) -> None:
    """Comments below a member's post can't be read; one whose id a person knows is answered, and a lost answer stays unknown."""
    made = await commented.add()
    with pytest.raises(Rejected, match="no app read"):
        await commented.read()
    urn = f"urn:li:comment:({commented.post.external_id},{made})"
    comment = StoredComment(external_id=urn, parent_external_id=None, text="", is_own=False, raw={})
    now = commented.job.now()
    reply = Reply(id=uuid4(), post=commented.post, comment=comment, text=TEXT, requested_at=now, called_at=None)
    assert isinstance(await commented.drive(reply), Present)
    assert len(await commented.written()) == 1
    await commented.on.fault("comments", "drop_after_effect", times=1)
    end = await commented.drive(replace(reply, text="Another one."))
    assert isinstance(end, Ambiguous)
    assert end.is_final
    assert len(await commented.written("Another one.")) == 1


@pytest.mark.parametrize("name", ["threads", "bluesky"])
async def test_parts_of_a_thread_are_no_comments(on_platform: OnPlatform, case: Case) -> None:
    """Further parts of a thread are not listed, and what answers a part answers the post."""
    job = await on_platform.thread(("One", []), ("Two", []), ("Three", []))
    end = await on_platform.drive_thread(job)
    assert isinstance(end, Present)
    ids = [str(part["externalId"]) for part in await on_platform.sandbox.parts(on_platform.name, on_platform.handle)]
    post = LivePost(
        post_id=job.post_id, external_id=ids[0], part_ids=ids[1:], media_type=job.media_type, published_at=job.now()
    )
    commented = Commented(on_platform, case, job, post)
    assert list((await commented.read()).comments) == []
    await on_platform.sandbox.comment(on_platform.name, ids[0], "Open on Sunday?", author="anna")
    seen = await commented.find("Open on Sunday?")
    assert (seen.parent_external_id, seen.is_own) == (None, False)
    assert isinstance(await commented.drive(await commented.reply_to("Open on Sunday?")), Present)
    assert (await commented.find(TEXT)).parent_external_id == seen.external_id


@pytest.mark.parametrize("name", ["bluesky"])
async def test_a_reply_that_is_prepared_again_keeps_its_key(commented: Commented) -> None:
    """A call that arrives after another one was prepared writes no second reply."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    first = await commented.connector.prepare_reply(commented.job, reply)
    await commented.job.sleep(timedelta(minutes=5))
    for prepared in (await commented.connector.prepare_reply(commented.job, reply), first):
        called = replace(reply, called_at=commented.job.now())
        assert isinstance(await commented.connector.write_reply(commented.job, called, prepared), Present)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", ["threads"])
async def test_a_lost_container_is_made_again(commented: Commented) -> None:
    """A container that Threads does not find has published nothing: the reply is prepared again."""
    await commented.add()
    reply = await commented.reply_to("Open on Sunday?")
    prepared = await commented.connector.prepare_reply(commented.job, reply)
    await commented.on.fault("threads_publish", NOT_FOUND.name, **NOT_FOUND.more(times=1))
    with pytest.raises(TryLater) as caught:
        await commented.connector.write_reply(commented.job, replace(reply, called_at=commented.job.now()), prepared)
    assert caught.value.starts_over
    assert isinstance(await commented.drive(reply), Present)
    assert len(await commented.written()) == 1


@pytest.mark.parametrize("name", ["bluesky"])
async def test_hiding_keeps_the_limits_of_replies(on_platform: OnPlatform, case: Case) -> None:
    """A post's own limits of replies stay when a reply is hidden; one that was changed meanwhile is tried again."""
    job = await on_platform.job(picture(), options=GATED)
    end = await on_platform.drive(job)
    assert isinstance(end, Present)
    assert end.external_id is not None
    post = LivePost(post_id=job.post_id, external_id=end.external_id, media_type=job.media_type, published_at=job.now())
    commented = Commented(on_platform, case, job, post)
    await commented.add()
    comment = await commented.stored("Open on Sunday?")
    await on_platform.fault("put_record", "platform_error", value={"code": "InvalidSwap"}, times=1)
    with pytest.raises(TryLater, match="meanwhile"):
        await commented.connector.set_hidden(job, post, comment, is_hidden=True)
    await commented.connector.set_hidden(job, post, comment, is_hidden=True)
    assert (await commented.find("Open on Sunday?")).is_hidden
    [gate] = await on_platform.sandbox.records(job.account.external_id, GATES[0])
    assert isinstance(gate["value"], dict)
    assert {name: gate["value"][name] for name in ("post", "allow", "hiddenReplies")} == {
        "post": post.external_id,
        "allow": [],
        "hiddenReplies": [comment.external_id],
    }
