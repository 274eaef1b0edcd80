"""The posting page, held against each line of TikTok's content sharing guideline: docs/tiktok-posting-page.md."""

import re
from pathlib import Path

import pytest
from tests.sandbox_journal import read_journal
from tests.tiktok_posting.conftest import Posting, posting_of
from tests.worker.conftest import WorkerWorld

from presswork.tiktok_posting.model import Policy

DOCUMENT = Path(__file__).parents[2] / "docs" / "tiktok-posting-page.md"
PUBLIC = {"privacy": "PUBLIC_TO_EVERYONE"}


@pytest.fixture
async def video_page(posting: Posting, video: bytes) -> str:
    """The page of a link to a video of three seconds."""
    return await posting.page_of(await posting.world.content(posting.project, video, content_type="video/mp4"))


@pytest.fixture
async def picture_page(posting: Posting, picture: bytes) -> str:
    """The page of a link to two pictures."""
    return await posting.page_of(await posting.world.content(posting.project, picture, picture))


def test_each_line_of_the_document_has_its_test() -> None:
    """The table names tests of this file, and all of them."""
    named = set(re.findall(r"`(test_\w+)` \|$", DOCUMENT.read_text(), re.MULTILINE))
    here = set(re.findall(r"^async def (test_\w+)", Path(__file__).read_text(), re.MULTILINE))
    assert named == here


async def test_creator_info_is_asked_at_each_opening(posting: Posting, video_page: str) -> None:
    """What the creator changed in the app since is on the page, and while TikTok is silent there is no old answer."""
    before = await posting.open(video_page)
    await posting.creator(creator_nickname="Renamed", privacy_level_options=["SELF_ONLY"])
    after = await posting.open(video_page)
    assert ("Renamed" in before.text, "Renamed" in after.text) == (False, True)
    assert after.options["privacy"] == ["", "SELF_ONLY"]
    await posting.world.fault(platform="tiktok", operation="creator_info", fault="http_500", times=-1)
    silent = await posting.open(video_page, status=503)
    assert not silent.is_there
    assert "TikTok does not answer at the moment" in silent.text
    assert f'href="{video_page}">Try again' in silent.html


async def test_the_page_names_the_account(posting: Posting, video_page: str) -> None:
    """Picture, nickname and handle, as TikTok reports them."""
    await posting.creator(creator_nickname="Luna <bakes>")
    page = await posting.open(video_page)
    assert "You post to this TikTok account: Luna <bakes> @luna" in page.text
    assert "/avatar/luna.svg" in page.html
    await posting.creator(creator_avatar_url="https://p16-sign.tiktokcdn.example/a.webp?x=1&y=2")
    answer = await posting.browser.get(video_page)
    assert 'src="https://p16-sign.tiktokcdn.example/a.webp?x=1&amp;y=2"' in answer.text
    assert "img-src 'self' https://p16-sign.tiktokcdn.example;" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("spam_risk_too_many_posts", "This account can’t post at the moment"),
        ("reached_active_user_cap", "This account can’t post at the moment"),
        ("spam_risk_user_banned_from_posting", "TikTok does not let this account post"),
    ],
)
async def test_a_creator_who_can_not_post_now_gets_no_form(
    posting: Posting, video_page: str, code: str, sentence: str
) -> None:
    """Posting stops there, and the page can be tried again later; a form that was open is not posted, and not lost."""
    opened = await posting.open(video_page)
    fault = {"platform": "tiktok", "operation": "creator_info", "fault": "platform_error", "value": {"code": code}}
    await posting.world.fault(**fault, times=2)
    page = await posting.open(video_page)
    assert (page.is_there, sentence in page.text, "Try again" in page.text) == (False, True, True)
    sent = await posting.send(video_page, opened, **PUBLIC, caption="My words")
    assert "Nothing was posted" in sent.text
    assert ("My words" in sent.text) is (code != "spam_risk_user_banned_from_posting")
    assert (await posting.send(video_page, opened, **PUBLIC)).status_code == 303


async def test_a_video_that_is_too_long_gets_no_form(posting: Posting, video_page: str) -> None:
    """Both lengths are named. A limit that got shorter while the form was open is noticed, too."""
    opened = await posting.open(video_page)
    await posting.creator(max_video_post_duration_sec=2)
    page = await posting.open(video_page)
    assert not page.is_there
    assert "It has 3 s; TikTok lets this account post videos of up to 2 s." in page.text
    assert "too long" in (await posting.send(video_page, opened, **PUBLIC)).text
    await posting.creator(max_video_post_duration_sec=3)
    assert (await posting.open(video_page)).is_there


async def test_the_text_is_editable_and_goes_out_as_it_was_edited(worker_world: WorkerWorld, picture: bytes) -> None:
    """The preset text is in a field; what goes out is what the person left there, and nothing is added."""
    posting = await posting_of(worker_world.world)
    path = await posting.page_of(await posting.world.content(posting.project, picture, caption="Bread\n#sourdough"))
    form = await posting.open(path)
    assert form.values["caption"] == "Bread\n#sourdough"
    sent = await posting.send(path, form, **PUBLIC, caption="Rolls\r\n#mine", title="Warm")
    assert sent.status_code == 303, sent.text
    await worker_world.worker.work_until_idle()
    (live,) = await posting.world.live(platform="tiktok")
    assert (live["caption"], live["params"]["post_info"]["title"]) == ("Rolls\n#mine", "Warm")
    assert live["params"]["post_info"]["privacy_level"] == "PUBLIC_TO_EVERYONE"


async def test_privacy_has_no_default_and_only_what_tiktok_offers(posting: Posting, video_page: str) -> None:
    """The list begins with an empty choice, in TikTok's order; a form without a choice, or with another one, is refused."""
    await posting.creator(privacy_level_options=["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"])
    form = await posting.open(video_page)
    assert form.options["privacy"] == ["", "SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"]
    assert form.values["privacy"] == ""
    missing = await posting.send(video_page, form)
    assert (missing.status_code, "Choose who can see the post." in missing.text) == (422, True)
    other = await posting.send(video_page, form, **PUBLIC)
    assert (other.status_code, "TikTok does not offer this choice" in other.text) == (422, True)
    assert await posting.consents() == []


async def test_a_private_account(posting: Posting, video_page: str) -> None:
    """Its options are those of a private account, and a sentence says that it is one."""
    await posting.creator(
        privacy_level_options=["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        duet_disabled=True,
        stitch_disabled=True,
    )
    form = await posting.open(video_page)
    assert form.options["privacy"] == ["", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
    assert "This TikTok account is private" in form.text
    assert (form.boxes["allow_duet"].is_disabled, form.boxes["allow_stitch"].is_disabled) == (True, True)
    sent = await posting.send(video_page, form, privacy="FOLLOWER_OF_CREATOR")
    assert sent.status_code == 303, sent.text


async def test_interactions_are_off_until_they_are_turned_on(posting: Posting, video_page: str) -> None:
    """No box is ticked; what is left off is turned off in the post."""
    form = await posting.open(video_page)
    names = ("allow_comment", "allow_duet", "allow_stitch")
    assert [form.boxes[name].is_ticked for name in names] == [False, False, False]
    await posting.send(video_page, form, **PUBLIC, allow_duet="on")
    (entry,) = await posting.consents()
    post = await posting.world.post(entry["detail"]["scheduledPostId"])
    settings = post["tiktokPostSettings"]
    assert [settings[name] for name in ("disableComment", "disableDuet", "disableStitch")] == [True, False, True]
    assert entry["detail"]["chosen"]["allowed"] == ["duet"]


async def test_comments_disabled_by_the_creator(posting: Posting, video_page: str) -> None:
    """The box is disabled, with the reason; a form that was open before and allows comments is refused beside the box."""
    before = await posting.open(video_page)
    await posting.creator(comment_disabled=True)
    form = await posting.open(video_page)
    assert (form.boxes["allow_comment"].is_disabled, form.boxes["allow_duet"].is_disabled) == (True, False)
    assert "Comment Turned off in your TikTok settings" in form.text
    sent = await posting.send(video_page, before, **PUBLIC, allow_comment="on")
    assert (sent.status_code, "This is turned off in your TikTok settings." in sent.text) == (422, True)


async def test_a_picture_post_has_neither_duet_nor_stitch(posting: Posting, picture_page: str) -> None:
    """Only comments can be allowed; neither option is part of the post."""
    form = await posting.open(picture_page)
    assert {name for name in form.boxes if name.startswith("allow_")} == {"allow_comment"}
    assert "Duet" not in form.text
    assert "Stitch" not in form.text
    await posting.send(picture_page, form, **PUBLIC, allow_comment="on", allow_duet="on")
    (entry,) = await posting.consents()
    post = await posting.world.post(entry["detail"]["scheduledPostId"])
    assert post["tiktokPostSettings"]["disableComment"] is False
    assert post["tiktokPostSettings"].get("disableDuet") is None


async def test_the_disclosure_is_off_by_default(posting: Posting, video_page: str) -> None:
    """Neither the switch nor a box below it is on, and what is below counts only while the switch is on."""
    form = await posting.open(video_page)
    names = ("disclosure", "your_brand", "branded_content")
    assert [form.boxes[name].is_ticked for name in names] == [False, False, False]
    await posting.send(video_page, form, **PUBLIC, branded_content="on")
    (entry,) = await posting.consents()
    assert entry["detail"]["chosen"]["label"] is None
    post = await posting.world.post(entry["detail"]["scheduledPostId"])
    assert post["tiktokPostSettings"]["isBrandedContent"] is False


async def test_your_brand_is_promotional_content(posting: Posting, video_page: str) -> None:
    """The label is named beside the choice, and recorded as agreed."""
    form = await posting.open(video_page)
    assert "Your video will be labeled as “Promotional content”." in form.text
    await posting.send(video_page, form, **PUBLIC, disclosure="on", your_brand="on")
    (entry,) = await posting.consents()
    assert entry["detail"]["chosen"]["label"] == "Promotional content"
    post = await posting.world.post(entry["detail"]["scheduledPostId"])
    settings = post["tiktokPostSettings"]
    assert (settings["isBrandOrganic"], settings["isBrandedContent"]) == (True, False)


async def test_branded_content_is_a_paid_partnership(posting: Posting, picture_page: str) -> None:
    """Also together with the own brand."""
    form = await posting.open(picture_page)
    assert "Your photo will be labeled as “Paid partnership”." in form.text
    await posting.send(picture_page, form, **PUBLIC, disclosure="on", your_brand="on", branded_content="on")
    (entry,) = await posting.consents()
    assert entry["detail"]["chosen"]["label"] == "Paid partnership"
    post = await posting.world.post(entry["detail"]["scheduledPostId"])
    settings = post["tiktokPostSettings"]
    assert (settings["isBrandOrganic"], settings["isBrandedContent"]) == (True, True)


async def test_a_disclosure_needs_at_least_one_choice(posting: Posting, video_page: str) -> None:
    """The server refuses it with TikTok's sentence beside the switch; the form keeps what was chosen."""
    sent = await posting.send(video_page, **PUBLIC, disclosure="on", allow_stitch="on")
    form = await posting.open(video_page)
    again = form.of(sent.text)
    assert sent.status_code == 422
    assert again.invalid == {"disclosure"}
    assert "You need to indicate if your content promotes yourself, a third party, or both." in again.text
    assert (again.values["privacy"], again.boxes["allow_stitch"].is_ticked) == ("PUBLIC_TO_EVERYONE", True)
    assert await posting.consents() == []


async def test_branded_content_can_not_be_private(posting: Posting, video_page: str) -> None:
    """Refused with the reason; the same choice shown again, without posting, says so as well."""
    private = {"privacy": "SELF_ONLY", "disclosure": "on", "branded_content": "on"}
    for step in ("post", "update"):
        sent = await posting.send(video_page, **private, step=step)
        assert sent.status_code == 422, sent.text
        assert "Branded content visibility cannot be set to private. Choose who else" in sent.text
        assert (await posting.open(video_page)).of(sent.text).invalid == {"branded_content"}
    assert await posting.consents() == []
    allowed = await posting.send(video_page, **{**private, "branded_content": ""}, your_brand="on")
    assert allowed.status_code == 303, allowed.text


async def test_the_music_usage_confirmation(posting: Posting, video_page: str) -> None:
    """The sentence with its link is above the button, and in the record of the consent."""
    form = await posting.open(video_page)
    assert "By posting, you agree to TikTok’s Music Usage Confirmation ." in form.text
    assert form.html.index(Policy.MUSIC_USAGE.value) < form.html.index('value="post"')
    await posting.send(video_page, form, **PUBLIC)
    (entry,) = await posting.consents()
    assert entry["detail"]["agreed"] == {
        "sentence": "By posting, you agree to TikTok’s Music Usage Confirmation.",
        "policies": [Policy.MUSIC_USAGE.value],
        "textsVersion": "2026-11",
    }


async def test_branded_content_agrees_to_its_policy(posting: Posting, video_page: str) -> None:
    """With branded content, the sentence names both policies."""
    form = await posting.open(video_page)
    assert "you agree to TikTok’s Branded Content Policy and Music Usage Confirmation ." in form.text
    await posting.send(video_page, form, **PUBLIC, disclosure="on", branded_content="on")
    (entry,) = await posting.consents()
    assert entry["detail"]["agreed"]["policies"] == [Policy.BRANDED_CONTENT.value, Policy.MUSIC_USAGE.value]
    assert entry["detail"]["agreed"]["sentence"].endswith("Branded Content Policy and Music Usage Confirmation.")


async def test_the_page_previews_the_media(posting: Posting, video_page: str, picture_page: str, video: bytes) -> None:
    """The very bytes: a video that plays, and each picture."""
    page = await posting.open(video_page)
    (source,) = re.findall(r'<video src="([^"]+)"', page.html)
    assert (await posting.browser.get(source.replace("&amp;", "&"))).content == video
    assert len(re.findall(r'<figure><img src="/media/', (await posting.open(picture_page)).html)) == 2


async def test_nothing_is_sent_before_consent(worker_world: WorkerWorld, video: bytes) -> None:
    """Opening the page and showing the form again call nothing of TikTok but creator_info; the button does."""
    posting = await posting_of(worker_world.world)
    path = await posting.page_of(await posting.world.content(posting.project, video, content_type="video/mp4"))

    async def operations() -> list[str]:
        return [one["operation"] for one in await read_journal(posting.browser.get, platform="tiktok")]

    before = await operations()
    await posting.open(path)
    await posting.send(path, **PUBLIC, step="update")
    await posting.send(path)
    await worker_world.worker.work_until_idle()
    assert sorted(await operations()) == sorted([*before, *["creator_info"] * 5])
    await posting.send(path, **PUBLIC)
    await worker_world.worker.work_until_idle()
    assert "video_init" in await operations()


async def test_the_page_says_that_processing_takes_time(posting: Posting, video_page: str) -> None:
    """Before posting, and after."""
    sentence = "It may take a few minutes until it is"
    assert "it may take a few minutes until the post is processed" in (await posting.open(video_page)).text
    await posting.send(video_page, **PUBLIC)
    assert sentence in (await posting.open(video_page)).text


async def test_the_page_follows_the_post_to_its_end(worker_world: WorkerWorld, video: bytes) -> None:
    """It loads itself again until the post is live, and then shows its link, or why there is none."""
    posting = await posting_of(worker_world.world)
    container = await posting.world.content(posting.project, video, content_type="video/mp4")
    path = await posting.page_of(container)
    await posting.send(path, **PUBLIC)
    waiting = await posting.browser.get(path)
    assert (waiting.headers["refresh"], "Posting to TikTok" in waiting.text) == ("3", True)
    await worker_world.worker.work_until_idle()
    done = await posting.browser.get(path)
    (live,) = await posting.world.live(platform="tiktok")
    sandboxed = live["url"].replace("https://", f"{posting.world.api.base_url}/sandbox/")
    assert "See it in the sandbox" in done.text
    assert ("refresh" in done.headers, f'href="{sandboxed}"' in done.text) == (False, True)
    assert "Posted to TikTok" in done.text
    failing = await posting.page_of(container)
    await posting.send(failing, **PUBLIC)
    code = {"code": "spam_risk_user_banned_from_posting"}
    await posting.world.fault(platform="tiktok", operation="video_init", fault="platform_error", value=code)
    await worker_world.worker.work_until_idle()
    failed = await posting.browser.get(failing)
    assert ("refresh" in failed.headers, "Not posted to TikTok" in failed.text) == (False, True)
    assert "TikTok has barred this account from posting." in failed.text
