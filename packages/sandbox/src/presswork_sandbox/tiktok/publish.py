"""The Content Posting API's calls: creator info, the three inits, status, cancel; and what can be read back.

Source: TikTok, "Content Posting API" and "Display API" references, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.tiktok.errors import CREATOR_INFO_OK, Envelopes, TikTokRefusal
from presswork_sandbox.tiktok.facts import FACTS
from presswork_sandbox.tiktok.jobs import PENDING_DRAFTS, POSTS_PER_DAY, Job, Jobs
from presswork_sandbox.tiktok.metrics import METRICS
from presswork_sandbox.tiktok.oauth import BASIC
from presswork_sandbox.tiktok.validation import (
    bad,
    check_app_version,
    check_draft_texts,
    check_photo_source,
    check_post_info,
    check_video_source,
    max_seconds,
    privacy_options,
    section,
)
from presswork_sandbox.wire import JSONValue, Reply, base_url, text_of

UPLOAD_HOST: Final = "open-upload.tiktokapis.com"
UNAUDITED_CREATORS: Final = 5
VIDEO_FIELDS: Final = frozenset(
    [
        "cover_image_url",
        "create_time",
        "duration",
        "embed_link",
        "height",
        "id",
        "share_url",
        "title",
        "video_description",
        "width",
    ]
)
"""Fields of a video beside its counters."""
USER_FIELDS: Final = {
    "open_id": BASIC,
    "union_id": BASIC,
    "avatar_url": BASIC,
    "avatar_url_100": BASIC,
    "avatar_large_url": BASIC,
    "display_name": BASIC,
    "username": "user.info.profile",
    "bio_description": "user.info.profile",
    "profile_deep_link": "user.info.profile",
    "is_verified": "user.info.profile",
    "follower_count": "user.info.stats",
    "following_count": "user.info.stats",
    "likes_count": "user.info.stats",
    "video_count": "user.info.stats",
}


class Publishing:
    """Answers of one sandbox. Every method raises TikTokRefusal."""

    def __init__(self, sandbox: Sandbox, jobs: Jobs) -> None:
        self._sandbox = sandbox
        self._jobs = jobs

    def _avatar(self, call: Call, account: Account) -> str:
        return f"{base_url(call.request, 'media')}/avatar/{quote(account.handle)}.svg"

    def user_info(self, call: Call, account: Account, scopes: Sequence[str], fields: str, out: Envelopes) -> Reply:
        """GET /v2/user/info/: the requested fields; a field whose scope was not granted fails the call."""
        names = [name.strip() for name in fields.split(",") if name.strip()]
        unknown = [name for name in names if name not in USER_FIELDS]
        if not names or unknown:
            raise TikTokRefusal("invalid_params", f"Fields are invalid: {', '.join(unknown) or 'none given'}")
        for name in names:
            if USER_FIELDS[name] not in scopes:
                raise TikTokRefusal("scope_not_authorized", f"The user did not authorize the scope of {name}")
        values: Mapping[str, JSONValue] = {
            "open_id": account.user_id,
            "union_id": account.app_scoped_id,
            "avatar_url": self._avatar(call, account),
            "avatar_url_100": self._avatar(call, account),
            "avatar_large_url": self._avatar(call, account),
            "display_name": account.display_name,
            "username": account.handle,
            "bio_description": "",
            "profile_deep_link": f"https://www.tiktok.com/@{account.handle}",
            "is_verified": False,
            "follower_count": self._sandbox.numbers.followers(account),
            "following_count": 80,
            "likes_count": self._sandbox.numbers.account_counts(account, [Quantity.LIKES])[Quantity.LIKES],
            "video_count": self._sandbox.posts.count(account.id),
        }
        return out.ok({"user": {name: values[name] for name in names}})

    def creator_info(self, call: Call, account: Account, out: Envelopes) -> Reply:
        """POST /v2/post/publish/creator_info/query/: "cannot post now" comes with HTTP 200."""
        try:
            self._check_cap(account)
        except TikTokRefusal as cap:
            return out.refused(cap.code, cap.message, 200 if cap.code in CREATOR_INFO_OK else None)
        data: dict[str, JSONValue] = {
            "creator_avatar_url": self._avatar(call, account),
            "creator_username": account.handle,
            "creator_nickname": account.display_name,
            "privacy_level_options": privacy_options(account),
            "comment_disabled": False,
            "duet_disabled": False,
            "stitch_disabled": False,
            "max_video_post_duration_sec": int(max_seconds(account)),
        }
        return out.ok(data | dict(account.creator_info))

    def video_init(self, call: Call, account: Account, body: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/post/publish/video/init/: a direct post; nothing is public until the last byte is there."""
        self._check_cap(account)
        caption, privacy = check_post_info(account, section(body, "post_info"), photo=False)
        source = check_video_source(account, section(body, "source_info"))
        job = self._jobs.start(
            call,
            account,
            mode="direct",
            kind="video",
            source=source,
            params=body,
            caption=caption,
            privacy=privacy,
        )
        return self._build_start_reply(call, job, out)

    def inbox_init(self, call: Call, account: Account, body: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/post/publish/inbox/video/init/: a draft; post_info is ignored."""
        source = check_video_source(account, section(body, "source_info"))
        self._check_drafts(account)
        job = self._jobs.start(
            call,
            account,
            mode="inbox",
            kind="video",
            source=source,
            params=body,
            caption="",
            privacy="PUBLIC_TO_EVERYONE",
        )
        return self._build_start_reply(call, job, out)

    def content_init(self, call: Call, account: Account, body: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/post/publish/content/init/: photos, posted or put into the inbox as post_mode says."""
        if body.get("media_type") != "PHOTO":
            raise bad("media_type must be PHOTO")
        if not isinstance(body.get("is_aigc", False), bool):
            raise bad("is_aigc must be true or false")
        direct = body.get("post_mode") == "DIRECT_POST"
        if direct:
            self._check_cap(account)
            caption, privacy = check_post_info(account, section(body, "post_info"), photo=True)
        else:
            caption, privacy = check_draft_texts(body.get("post_info")), "PUBLIC_TO_EVERYONE"
        source = check_photo_source(account, section(body, "source_info"))
        if not direct:
            check_app_version(account)
            self._check_drafts(account)
        job = self._jobs.start(
            call,
            account,
            mode="direct" if direct else "inbox",
            kind="photo",
            source=source,
            params=body,
            caption=caption,
            privacy=privacy,
        )
        return self._build_start_reply(call, job, out)

    def _check_cap(self, account: Account) -> None:
        if self._jobs.posted_lately(account) >= POSTS_PER_DAY:
            raise TikTokRefusal("spam_risk_too_many_posts", "The daily post cap from the API is reached")
        if account.settings.get("audited", True) is False and self._are_others_enough(account):
            raise TikTokRefusal("reached_active_user_cap", "The daily quota for active publishing users is reached")

    def _are_others_enough(self, account: Account) -> bool:
        """Tell whether as many creators post by an app without audit as may within 24 hours, this one not among them."""
        sql = (
            "SELECT DISTINCT account_id AS id FROM jobs JOIN accounts ON accounts.id = account_id WHERE mode = 'direct'"
            " AND json_extract(settings, '$.audited') = 0 AND jobs.created_at > ?"
        )
        active = {row["id"] for row in self._sandbox.store.all(sql, self._sandbox.clock.now() - DAY)}
        return account.id not in active and len(active) >= UNAUDITED_CREATORS

    def _check_drafts(self, account: Account) -> None:
        if self._jobs.pending_drafts(account) >= PENDING_DRAFTS:
            raise TikTokRefusal("spam_risk_too_many_pending_share", "There are too many pending shares in 24 hours")

    def _build_start_reply(self, call: Call, job: Job, out: Envelopes) -> Reply:
        data: dict[str, JSONValue] = {"publish_id": job.publish_id}
        if job.upload_token is not None:
            base = base_url(call.request, UPLOAD_HOST)
            data["upload_url"] = f"{base}/video/?upload_id={job.number}&upload_token={job.upload_token}"
        return out.ok(data)

    def owned(self, account: Account, body: Mapping[str, JSONValue]) -> Job:
        """Return the job of the body's publish_id. Raises TikTokRefusal for an unknown one and another account's."""
        publish_id = body.get("publish_id")
        job = self._jobs.find(publish_id) if isinstance(publish_id, str) else None
        if job is None:
            raise TikTokRefusal("invalid_publish_id", "The publish_id does not exist")
        if job.account_id != account.id:
            raise TikTokRefusal(
                "token_not_authorized_for_specified_publish_id", "The token is not authorized for this publish_id"
            )
        return job

    def status_fetch(self, call: Call, account: Account, body: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/post/publish/status/fetch/: a failed post is still HTTP 200 and "ok"."""
        job = self._jobs.poll(call, self.owned(account, body))
        words = {
            "failed": "FAILED",
            "complete": "PUBLISH_COMPLETE",
            "inbox": "SEND_TO_USER_INBOX",
            "discarded": "SEND_TO_USER_INBOX",
        }
        pulled = job.source == "PULL_FROM_URL"
        status = words.get(job.state, "PROCESSING_DOWNLOAD" if pulled else "PROCESSING_UPLOAD")
        data: dict[str, JSONValue] = {"status": status}
        if job.fail_reason is not None:
            data["fail_reason"] = job.fail_reason
        data["publicaly_available_post_id"] = self._jobs.listed_ids(job)  # TikTok's own spelling
        data["downloaded_bytes" if pulled else "uploaded_bytes"] = job.stored_bytes
        return out.ok(data)

    def cancel(self, account: Account, body: Mapping[str, JSONValue], out: Envelopes) -> Reply:
        """POST /v2/post/publish/cancel/: only while TikTok downloads."""
        if not self._jobs.cancel(self.owned(account, body)):
            raise TikTokRefusal("publish_not_cancellable", "The publish can't be cancelled any more")
        return out.ok({})

    def videos(
        self, account: Account, body: Mapping[str, JSONValue], fields: str, out: Envelopes, *, query: bool
    ) -> Reply:
        """POST /v2/video/list/ and /v2/video/query/: public videos, newest first."""
        self._jobs.run_due()
        names = [name.strip() for name in fields.split(",") if name.strip()]
        unknown = set(names) - VIDEO_FIELDS - (METRICS.keys() - self._sandbox.numbers.removed(FACTS.name))
        if unknown or not names:
            raise TikTokRefusal("invalid_params", f"Fields are invalid: {', '.join(sorted(unknown)) or 'none given'}")
        if query:
            filters = body.get("filters")
            ids = filters.get("video_ids") if isinstance(filters, Mapping) else None
            if not isinstance(ids, list) or not 1 <= len(ids) <= 20:
                raise TikTokRefusal("invalid_params", "filters.video_ids must be 1 to 20 ids")
            wanted = set(map(text_of, ids))
            found = [self._sandbox.posts.by_external_id(FACTS.name, external_id) for external_id in wanted]
            asked = [post for post in found if post is not None and post.account_id == account.id and _is_seen(post)]
            asked.sort(key=lambda post: post.id, reverse=True)
            return out.ok({"videos": [self._video(post, names) for post in asked]})
        posts = [post for post in self._sandbox.posts.of_account(account.id) if _is_seen(post)]
        count, cursor = body.get("max_count", 10), body.get("cursor")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 20:
            raise TikTokRefusal("invalid_params", "max_count must be between 1 and 20")
        if isinstance(cursor, int) and cursor:
            posts = [post for post in posts if int(post.created_at * 1000) < cursor]
        page = posts[:count]
        data: dict[str, JSONValue] = {"videos": [self._video(post, names) for post in page]}
        data["cursor"] = int(page[-1].created_at * 1000) if page else 0
        data["has_more"] = len(posts) > count
        return out.ok(data)

    def _counters(self, post: Post) -> Mapping[str, JSONValue]:
        numbers = self._sandbox.numbers
        counts, removed = numbers.counts(post), numbers.removed(FACTS.name)
        return {name: counts[quantity] for name, quantity in METRICS.items() if name not in removed}

    def _video(self, post: Post, names: Sequence[str]) -> JSONValue:
        assets = self._sandbox.media_store.assets(post.asset_ids)
        values: Mapping[str, JSONValue] = {
            "id": post.external_id,
            "create_time": int(post.created_at),
            "title": post.caption,
            "video_description": post.caption,
            "share_url": post.url,
            "embed_link": post.url,
            "duration": int(assets[0].duration_seconds or 0) if assets else 0,
            "width": assets[0].width if assets else 0,
            "height": assets[0].height if assets else 0,
            **self._counters(post),
        }
        return {name: values.get(name) for name in names}


def _is_seen(post: Post) -> bool:
    """Return whether the lists of videos have a post."""
    return post.privacy != "SELF_ONLY"
