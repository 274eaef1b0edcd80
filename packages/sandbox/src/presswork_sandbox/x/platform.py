"""X in an open sandbox."""

from collections.abc import Mapping
from typing import Final

from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.x.api import API
from presswork_sandbox.x.details import details_of, fields_of
from presswork_sandbox.x.facts import FACTS
from presswork_sandbox.x.hosts import HOST, APIHost
from presswork_sandbox.x.limits import Limits
from presswork_sandbox.x.oauth import OAuth, XFlow
from presswork_sandbox.x.posts import XPosts, XThread, new_id, url_of
from presswork_sandbox.x.rules import Rules, XControl
from presswork_sandbox.x.uploads import Uploads

SITE: Final = "/x.com"


def open_x(sandbox: Sandbox, pages: Pages, router: ControlRouter) -> OpenPlatform:
    """Return X: the API, the login, and the pages for people."""
    rules, uploads, posts = Rules(sandbox), Uploads(sandbox), XPosts(sandbox)
    limits = Limits(sandbox, rules)
    consent = Consent(sandbox, pages, XFlow())

    def by_id(path: Mapping[str, str]) -> Post | None:
        """Find the post of a permalink; that of a reply leads to its first post, or to itself where that one is gone."""
        found, handle = posts.find(path["post_id"]), path.get("handle")
        if found is None:  # of the managed provider
            shown = sandbox.posts.by_external_id(FACTS.name, path["post_id"])
            return shown if shown is not None and shown.is_of(handle) else None
        if handle is not None and handle.lower() != found.handle.lower():
            return None
        return sandbox.posts.by_external_id(FACTS.name, str(found.root)) or found.as_post()

    def new_location(account: Account, kind: str) -> PostLocation:
        _ = kind
        post_id = str(new_id(sandbox))
        return PostLocation(external_id=post_id, url=url_of(account.handle, post_id))

    def remove(post_id: str, handle: str | None) -> bool:
        found = posts.find(post_id)
        if found is None:
            return sandbox.posts.take_down(FACTS.name, post_id, handle, sandbox.clock.now()) is not None
        if handle is not None and handle.lower() != found.handle.lower():
            return False
        posts.remove(found)
        return True

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount(
                f"/{HOST}",
                APIHost(sandbox, OAuth(sandbox), limits, uploads, API(sandbox, rules, limits, uploads, posts)),
            ),
            *(Route(f"{SITE}/i/oauth2/authorize{end}", consent) for end in ("", "/")),
            *pages.posts(by_id, SITE + "/i/status/{post_id}", SITE + "/i/web/status/{post_id}"),
            *pages.posts(by_id, SITE + "/{handle}/status/{post_id}", SITE + "/{handle}/status/{post_id}/"),
            *pages.profile(FACTS.name, *(f"{SITE}/{{handle}}{end}" for end in ("", "/"))),
        ],
        details_of=lambda post, _assets: details_of(post),
        new_location=new_location,
        fields_of=fields_of,
        replies_of=posts.own_replies,
        other_replies=posts.other_replies,
        remove=remove,
        thread=XThread(sandbox, posts),
        control=XControl(sandbox, router, rules).routes,
    )
