"""Facebook in an open sandbox: its dialog and its hosts, for Pages and for the Instagram accounts behind them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.details import details_of
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.facebook.hosts import VIDEO_HOST, FacebookHost
from presswork_sandbox.facebook.oauth import FacebookFlow, asks_for_pages
from presswork_sandbox.facebook.page_api import PageApi
from presswork_sandbox.facebook.page_posts import PagePosts, post_url
from presswork_sandbox.facebook.people import People
from presswork_sandbox.facebook.photos import Photos
from presswork_sandbox.facebook.places import Places
from presswork_sandbox.facebook.rupload import UploadHost
from presswork_sandbox.facebook.videos import Videos
from presswork_sandbox.facebook.webhooks import describe_change
from presswork_sandbox.instagram.containers import Containers
from presswork_sandbox.pages import Pages
from presswork_sandbox.plain_thread import PlainThread
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.webhooks import AppSubscriptions, CommentWebhooks


class Dialog:
    """www.facebook.com/dialog/oauth: one URL, where the permissions decide what can be chosen."""

    def __init__(self, sandbox: Sandbox, pages: Pages, people: People) -> None:
        self._for_instagram = Consent(sandbox, pages, FacebookFlow(sandbox, people, "instagram"))
        self._for_pages = Consent(sandbox, pages, FacebookFlow(sandbox, people, FACTS.name))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the page, or answer at once where the URL carries `account` and `decision`."""
        is_about_pages = asks_for_pages(Request(scope).query_params.get("scope", ""))
        await (self._for_pages if is_about_pages else self._for_instagram)(scope, receive, send)


def open_facebook(sandbox: Sandbox, pages: Pages, containers: Containers, webhooks: CommentWebhooks) -> OpenPlatform:
    """Return Facebook; `containers` are those of Instagram, which is behind Facebook Login too."""
    people, photos, posts = People(sandbox), Photos(sandbox), PagePosts(sandbox)
    videos = Videos(sandbox, posts)
    places = Places(sandbox, people, containers, photos, videos, posts)
    thread = PlainThread(sandbox, posts.new_comment_number)
    page_api = PageApi(sandbox, photos, videos, posts, thread)
    webhooks.add_sender(FACTS.name, describe_change, AppSubscriptions(sandbox))
    dialog = Dialog(sandbox, pages, people)

    def by_number(path: Mapping[str, str]) -> Post | None:
        return posts.find(f"{path['page']}_{path['number']}")

    def by_story(path: Mapping[str, str]) -> Post | None:
        return posts.find(path["story"])

    def by_video(path: Mapping[str, str]) -> Post | None:
        video = videos.find(path["video"])
        return None if video is None else posts.find(video.post_id or "")

    async def to_place(request: Request) -> Response:
        """Lead to a post by its id, or to the feed of a Page by its id or handle."""
        sandbox.resume_work()
        sandbox.run_due()
        name = request.path_params["name"]
        post = posts.find(name)
        if post is not None:
            return RedirectResponse(f"/sandbox/{post.url.removeprefix('https://')}", 302)
        account = sandbox.accounts.by_user_id(FACTS.name, name)
        return RedirectResponse(f"/sandbox/feed/{FACTS.name}/{name if account is None else account.handle}", 302)

    def new_location(account: Account, kind: str) -> PostLocation:
        _ = kind  # a provider's posts have the permalink of a post, whatever is in them
        post_id = posts.new_id(account)
        return PostLocation(external_id=post_id, url=post_url(post_id, None), shortcode=post_id.partition("_")[2])

    www = "/www.facebook.com"
    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount("/graph.facebook.com", FacebookHost(sandbox, containers, people, places, page_api)),
            Mount(f"/{VIDEO_HOST}", FacebookHost(sandbox, containers, people, places, page_api, VIDEO_HOST)),
            Mount(
                "/rupload.facebook.com",
                UploadHost(sandbox, people, {"ig-api-upload": containers, "video-upload": videos}),
            ),
            *(
                Route(f"{www}{version}/dialog/oauth{end}", dialog)
                for version in ("", "/{version}")
                for end in ("", "/")
            ),
            *pages.posts(by_video, www + "/reel/{video}", www + "/reel/{video}/"),
            *pages.posts(by_video, www + "/{page}/videos/{video}", www + "/{page}/videos/{video}/"),
            *pages.posts(by_story, "/facebook.com/stories/{story}", "/facebook.com/stories/{story}/"),
            *pages.posts(by_number, www + "/{page}/posts/{number}", www + "/{page}/posts/{number}/"),
            *(Route(f"{www}/{{name}}{end}", to_place) for end in ("", "/")),
        ],
        details_of=lambda post, _assets: details_of(photos, post),
        new_location=new_location,
        thread=thread,
    )
