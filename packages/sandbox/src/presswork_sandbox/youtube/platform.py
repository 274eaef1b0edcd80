"""YouTube in an open sandbox."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_input import BadControl, handle_of, known_keys, one_of
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue
from presswork_sandbox.youtube.analytics import Analytics
from presswork_sandbox.youtube.api import API
from presswork_sandbox.youtube.captions import Captions
from presswork_sandbox.youtube.comments import Comments
from presswork_sandbox.youtube.details import details_of
from presswork_sandbox.youtube.facts import FACTS
from presswork_sandbox.youtube.hosts import OAUTH_HOST, APIHost, OAuthEndpoints
from presswork_sandbox.youtube.oauth import GoogleFlow, OAuth
from presswork_sandbox.youtube.playlists import MAX_TITLE, Playlists
from presswork_sandbox.youtube.quota import Projects
from presswork_sandbox.youtube.resources import Resources
from presswork_sandbox.youtube.sessions import Sessions
from presswork_sandbox.youtube.statistics import Statistics
from presswork_sandbox.youtube.videos import Videos, watch_url

WWW: Final = "/www.youtube.com"


def open_youtube(sandbox: Sandbox, pages: Pages, router: ControlRouter) -> OpenPlatform:
    """Return YouTube."""
    projects, videos = Projects(sandbox), Videos(sandbox)
    statistics = Statistics(sandbox, videos)
    resources, oauth = Resources(sandbox, statistics), OAuth(sandbox, projects)
    analytics = Analytics(sandbox, videos, projects, statistics)
    sessions = Sessions(sandbox, videos, projects, resources)
    api, comments = API(sandbox, videos, sessions, resources), Comments(sandbox, videos)
    captions, playlists = Captions(sandbox, videos), Playlists(sandbox, videos, resources)
    consent = Consent(sandbox, pages, GoogleFlow(sandbox.store, sandbox.app_rules))
    hosts = [
        Mount(
            f"/{host}",
            APIHost(
                sandbox,
                host,
                analytics=analytics,
                api=api,
                captions=captions,
                comments=comments,
                oauth=oauth,
                playlists=playlists,
                projects=projects,
                sessions=sessions,
                videos=videos,
            ),
        )
        for host in sorted(FACTS.hosts - {OAUTH_HOST})
    ]

    def new_location(account: Account, kind: str) -> PostLocation:
        _ = account, kind
        video_id = videos.new_id()
        return PostLocation(external_id=video_id, url=watch_url(video_id))

    def fields(post: Post) -> Mapping[str, JSONValue]:
        """Return the extras of a video: its thumbnail, the playlists that it is in, and its captions."""
        video = videos.find(post.external_id)
        number = None if video is None else video.thumbnail_id
        asset = None if number is None else sandbox.media_store.asset(number)
        return {
            "thumbnail": None if asset is None else asset.to_json(),
            "playlists": playlists.with_video(post.external_id),
            "captions": [captions.to_json(caption) for caption in captions.of_video(post.external_id)],
        }

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount(f"/{OAUTH_HOST}", OAuthEndpoints(sandbox, oauth, OAUTH_HOST)),
            *hosts,
            *(
                Route(f"/accounts.google.com/o/oauth2{path}/auth{end}", consent)
                for path in ("/v2", "")
                for end in ("", "/")
            ),
            *_pages(sandbox, pages),
        ],
        control=[*_control(router, projects), *_control_playlists(sandbox, router, playlists)],
        details_of=lambda post, assets: details_of(videos, post, assets, fields(post)),
        fields_of=fields,
        new_location=new_location,
        thread=comments,
    )


def _pages(sandbox: Sandbox, pages: Pages) -> Sequence[BaseRoute]:
    def by_id(path: Mapping[str, str]) -> Post | None:
        return sandbox.posts.by_external_id(FACTS.name, path["video_id"])

    async def watch(request: Request) -> Response:
        sandbox.resume_work()
        sandbox.run_due()
        return pages.show_post(by_id({"video_id": request.query_params.get("v", "")}))

    async def channel(request: Request) -> Response:
        found = sandbox.accounts.listed(FACTS.name)
        wanted = request.path_params["channel_id"]
        handle = next((account.handle for account in found if account.user_id == wanted), wanted)
        return RedirectResponse(f"/sandbox/feed/{FACTS.name}/{handle}", 302)

    return [
        Route(f"{WWW}/watch", watch),
        *pages.posts(by_id, WWW + "/shorts/{video_id}"),
        *pages.profile(FACTS.name, WWW + "/@{handle}", WWW + "/@{handle}/videos", WWW + "/@{handle}/shorts"),
        Route(WWW + "/channel/{channel_id}", channel),
    ]


def _control(router: ControlRouter, projects: Projects) -> Sequence[BaseRoute]:
    """Return the routes for what is set for all Google Cloud projects."""

    async def get(request: Request) -> JSONValue:
        read_filters(request)
        return projects.to_json()

    async def change(request: Request) -> JSONValue:
        projects.change(await read_control(request))
        return projects.to_json()

    return [router.route("GET", "/youtube", get), router.route("POST", "/youtube", change)]


def _control_playlists(sandbox: Sandbox, router: ControlRouter, playlists: Playlists) -> Sequence[BaseRoute]:
    """Return the routes for playlists that the person made in the app."""

    async def listed(request: Request) -> Listing:
        platform, handle = read_filters(request)
        return Listing(playlists.listed(handle) if platform in {None, FACTS.name} else ())

    async def create(request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["platform", "handle", "title"])
        one_of(body, "platform", [FACTS.name], FACTS.name)
        title = body.get("title")
        if not isinstance(title, str) or not title.strip() or len(title) > MAX_TITLE:
            raise BadControl(f"title must be a string of 1 to {MAX_TITLE} characters.")
        account = sandbox.accounts.ensure(FACTS.name, handle_of(body.get("handle")), sandbox.clock.now())
        return playlists.to_json(account, playlists.create(account, title))

    return [router.route("GET", "/playlists", listed), router.route("POST", "/playlists", create)]
