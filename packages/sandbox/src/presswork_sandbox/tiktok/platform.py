"""TikTok in an open sandbox."""

from collections.abc import Mapping

from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.tiktok.control import TikTokControl
from presswork_sandbox.tiktok.details import details_of
from presswork_sandbox.tiktok.facts import FACTS
from presswork_sandbox.tiktok.hosts import OpenHost
from presswork_sandbox.tiktok.jobs import Jobs, new_post_id
from presswork_sandbox.tiktok.oauth import TikTokFlow
from presswork_sandbox.tiktok.upload import UploadHost
from presswork_sandbox.tiktok.webhooks import Webhooks


def open_tiktok(sandbox: Sandbox, pages: Pages, router: ControlRouter, jobs: Jobs, webhooks: Webhooks) -> OpenPlatform:
    """Return TikTok; `jobs` are what is being published, and the drafts in inboxes."""
    consent = Consent(sandbox, pages, TikTokFlow(sandbox.app_rules))

    def by_id(path: Mapping[str, str]) -> Post | None:
        post = sandbox.posts.by_external_id(FACTS.name, path["post_id"])
        return post if post is not None and post.handle.lower() == path["handle"].lower() else None

    def remove(post_id: str, handle: str | None) -> bool:
        post = sandbox.posts.take_down(FACTS.name, post_id, handle, sandbox.clock.now())
        if post is not None:
            jobs.taken_down(post)
        return post is not None

    def new_location(account: Account, kind: str) -> PostLocation:
        number, path = new_post_id(sandbox), "video" if kind == "tiktok_video" else "photo"
        return PostLocation(external_id=str(number), url=f"https://www.tiktok.com/@{account.handle}/{path}/{number}")

    www = "/www.tiktok.com"
    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount("/open.tiktokapis.com", OpenHost(sandbox, jobs, webhooks)),
            Mount("/open-upload.tiktokapis.com", UploadHost(sandbox, jobs)),
            *(Route(f"{www}/v2/auth/authorize{end}", consent) for end in ("", "/")),
            *pages.posts(by_id, www + "/@{handle}/{kind}/{post_id}"),
            *pages.profile(FACTS.name, www + "/@{handle}"),
        ],
        control=TikTokControl(sandbox, router, jobs, webhooks).routes,
        details_of=lambda post, assets: details_of(jobs, post, assets),
        new_location=new_location,
        remove=remove,
        revoke=jobs.revoke,
    )
