"""Instagram in an open sandbox, by its own login; facebook/ adds the one by Facebook Login."""

from collections.abc import Mapping

from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.containers import Containers
from presswork_sandbox.instagram.details import details_of
from presswork_sandbox.instagram.facts import FACTS
from presswork_sandbox.instagram.flow import InstagramFlow
from presswork_sandbox.instagram.hosts import ApiHost, GraphHost
from presswork_sandbox.instagram.publish import new_comment_id, new_media
from presswork_sandbox.instagram.webhooks import InstagramWebhooks
from presswork_sandbox.pages import Pages
from presswork_sandbox.plain_thread import PlainThread
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.webhooks import AppSubscriptions, CommentWebhooks


def open_instagram(sandbox: Sandbox, pages: Pages, containers: Containers, webhooks: CommentWebhooks) -> OpenPlatform:
    """Return Instagram; `containers` are shared with Facebook Login."""
    consent = Consent(sandbox, pages, InstagramFlow())
    subscriptions = AppSubscriptions(sandbox)
    webhooks.add_sender(FACTS.name, InstagramWebhooks(subscriptions).describe, subscriptions)

    def by_shortcode(path: Mapping[str, str]) -> Post | None:
        post, kind = sandbox.posts.by_shortcode(FACTS.name, path["shortcode"]), path["kind"]
        fits = post is not None and kind in {"p", "reel"} and (kind == "p" or post.kind == "reel")
        return post if fits else None

    def story(path: Mapping[str, str]) -> Post | None:
        post = sandbox.posts.by_external_id(FACTS.name, path["post_id"])
        return post if post is not None and post.handle.lower() == path["handle"].lower() else None

    def new_location(account: Account, kind: str) -> PostLocation:
        media_id, shortcode = new_media(sandbox)
        if kind == "story":
            return PostLocation(
                external_id=media_id, url=f"https://www.instagram.com/stories/{account.handle}/{media_id}/"
            )
        path = "reel" if kind == "reel" else "p"
        return PostLocation(
            external_id=media_id, shortcode=shortcode, url=f"https://www.instagram.com/{path}/{shortcode}/"
        )

    www = "/www.instagram.com"
    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount("/graph.instagram.com", GraphHost(sandbox, containers)),
            Mount("/api.instagram.com", ApiHost(sandbox, consent)),
            Route("/www.instagram.com/oauth/authorize", consent),
            Route("/www.instagram.com/oauth/authorize/", consent),
            *pages.posts(by_shortcode, www + "/{kind}/{shortcode}", www + "/{kind}/{shortcode}/"),
            *pages.posts(story, www + "/stories/{handle}/{post_id}/"),
            *pages.profile(FACTS.name, www + "/{handle}", www + "/{handle}/"),
        ],
        details_of=lambda post, _assets: details_of(sandbox.store, post),
        new_location=new_location,
        thread=PlainThread(sandbox, lambda: new_comment_id(sandbox)),
    )
