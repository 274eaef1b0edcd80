"""Threads in an open sandbox."""

from collections.abc import Mapping
from typing import Final

from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.threads.containers import Containers
from presswork_sandbox.threads.details import details_of, fields_of
from presswork_sandbox.threads.facts import FACTS
from presswork_sandbox.threads.hosts import HOSTS, ThreadsHost
from presswork_sandbox.threads.oauth import ThreadsFlow
from presswork_sandbox.threads.people import ThreadsThread
from presswork_sandbox.threads.publish import new_media
from presswork_sandbox.threads.published import Published, permalink
from presswork_sandbox.threads.webhooks import ThreadsWebhooks
from presswork_sandbox.webhooks import CommentWebhooks, EveryAccount

SITES: Final = ("www.threads.com", "threads.com", "www.threads.net", "threads.net")
"""The URLs of the site: the newest copy of the documentation has threads.com, older ones and all clients the others."""
WINDOW: Final = "/oauth/authorize"


def open_threads(sandbox: Sandbox, pages: Pages, webhooks: CommentWebhooks) -> OpenPlatform:
    """Return Threads."""
    published = Published(sandbox.store, sandbox.posts, sandbox.comments, sandbox.note_comment)
    containers = Containers(sandbox, published)
    consent = Consent(sandbox, pages, ThreadsFlow())

    def by_shortcode(path: Mapping[str, str]) -> Post | None:
        return published.post_at(path["handle"], path["shortcode"])

    def remove(media_id: str, handle: str | None) -> bool:
        media = published.find(media_id)
        if media is None or (handle is not None and handle.lower() != media.handle.lower()):
            return False
        published.remove(media, sandbox.clock.now())
        return True

    thread = ThreadsThread(sandbox, published)
    webhooks.add_sender(FACTS.name, ThreadsWebhooks(sandbox, published).describe, EveryAccount())

    def new_location(account: Account, kind: str) -> PostLocation:
        _ = kind  # there is one
        media_id, shortcode = new_media(sandbox)
        return PostLocation(external_id=media_id, shortcode=shortcode, url=permalink(account.handle, shortcode))

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            *(Mount(f"/{host}", ThreadsHost(sandbox, containers, published, host)) for host in HOSTS),
            *(Route(f"/{site}{WINDOW}{end}", consent) for site in SITES for end in ("", "/")),
            *pages.posts(
                by_shortcode, *(f"/{site}/@{{handle}}/post/{{shortcode}}{end}" for site in SITES for end in ("", "/"))
            ),
            *pages.profile(FACTS.name, *(f"/{site}/@{{handle}}{end}" for site in SITES for end in ("", "/"))),
        ],
        details_of=lambda post, _assets: details_of(sandbox.store, post),
        fields_of=fields_of,
        replies_of=published.own_replies,
        other_replies=published.other_replies,
        new_location=new_location,
        remove=remove,
        thread=thread,
    )
