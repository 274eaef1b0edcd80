"""Bluesky in an open sandbox."""

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.account_server import AccountServer
from presswork_sandbox.bluesky.appview import AppView, Directory
from presswork_sandbox.bluesky.blobs import Blobs
from presswork_sandbox.bluesky.comments import BlueskyThread
from presswork_sandbox.bluesky.dpop import Proofs
from presswork_sandbox.bluesky.facts import APPVIEW, DIRECTORY, ENTRYWAY, FACTS, PDS, VIDEO
from presswork_sandbox.bluesky.flow import BlueskyFlow
from presswork_sandbox.bluesky.identifiers import AT_URI, tid_of, uri_of
from presswork_sandbox.bluesky.identity import find_account
from presswork_sandbox.bluesky.lexicons import POST
from presswork_sandbox.bluesky.oauth import PushedRequests
from presswork_sandbox.bluesky.oauth_host import OAuthHost
from presswork_sandbox.bluesky.repo import Action, Repo
from presswork_sandbox.bluesky.shown import details_of, fields_of, find_post, other_replies, page_url
from presswork_sandbox.bluesky.video import VideoService
from presswork_sandbox.consent import Consent
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation


def open_bluesky(sandbox: Sandbox, pages: Pages) -> OpenPlatform:
    """Return Bluesky."""
    blobs = Blobs(sandbox)
    repo = Repo(sandbox, blobs)
    appview = AppView(sandbox, repo)
    requests = PushedRequests(sandbox)
    consent = Consent(sandbox, pages, BlueskyFlow(requests))

    def new_location(account: Account, _kind: str) -> PostLocation:
        rkey = tid_of(sandbox.clock.now(), sandbox.store.next_number("bluesky tid"))
        return PostLocation(external_id=uri_of(account.user_id, POST, rkey), url=page_url(account, rkey))

    def remove(uri: str, handle: str | None) -> bool:
        handle = None if handle is None else handle.lower()
        match = AT_URI.fullmatch(uri)
        account = None if match is None else find_account(sandbox, match[1])
        if match is None or account is None or handle not in {None, account.handle.lower()}:
            return False
        if repo.find(account, match[2], match[3]) is None:  # a managed provider published it
            return sandbox.posts.take_down(FACTS.name, uri, None, sandbox.clock.now()) is not None
        repo.commit(account, [repo.prepare(Action.DELETE, match[2], match[3], None, validate=None)])
        return True

    async def to_feed(request: Request) -> Response:
        actor = request.path_params["actor"]
        account = find_account(sandbox, actor)
        return RedirectResponse(f"/sandbox/feed/{FACTS.name}/{actor if account is None else account.handle}", 302)

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Route("/bsky.social/oauth/authorize", consent),
            Route("/bsky.social/oauth/authorize/", consent),
            Mount(f"/{ENTRYWAY}/oauth", OAuthHost(sandbox, requests)),
            *(
                Mount(f"/{host}", AccountServer(sandbox, host, blobs, repo, appview, Proofs(sandbox, host)).host)
                for host in (ENTRYWAY, PDS)
            ),
            Mount(f"/{VIDEO}", VideoService(sandbox, blobs).host),
            Mount(f"/{APPVIEW}", appview.host),
            Mount(f"/{DIRECTORY}", Directory(sandbox)),
            *pages.posts(lambda path: find_post(sandbox, path), "/bsky.app/profile/{actor}/post/{rkey}"),
            Route("/bsky.app/profile/{actor}", to_feed),
        ],
        details_of=lambda post, assets: details_of(sandbox.store, post, assets),
        fields_of=fields_of,
        new_location=new_location,
        other_replies=partial(other_replies, sandbox),
        remove=remove,
        thread=BlueskyThread(sandbox, repo),
    )
