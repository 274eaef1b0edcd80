"""LinkedIn in an open sandbox."""

from collections.abc import Mapping, Sequence

from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.details import Details
from presswork_sandbox.linkedin.api import API
from presswork_sandbox.linkedin.comments import CommentStore
from presswork_sandbox.linkedin.details import details_of, thumbnail_of
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.linkedin.hosts import APIHost, WWWHost
from presswork_sandbox.linkedin.insights import Insights
from presswork_sandbox.linkedin.notifications import Notifications
from presswork_sandbox.linkedin.oauth import LinkedInFlow, OAuth
from presswork_sandbox.linkedin.people import People, is_page
from presswork_sandbox.linkedin.publish import Publications, new_urn, url_of
from presswork_sandbox.linkedin.rules import Rules
from presswork_sandbox.linkedin.uploads import Uploads
from presswork_sandbox.media import Asset
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.webhooks import CommentWebhooks


def open_linkedin(sandbox: Sandbox, pages: Pages, router: ControlRouter, webhooks: CommentWebhooks) -> OpenPlatform:
    """Return LinkedIn: the API, the login, the URLs for uploads, and the pages for people."""
    rules, people = Rules(sandbox.platform_settings), People(sandbox)
    uploads = Uploads(sandbox, rules)
    publications = Publications(sandbox, rules, uploads)
    oauth = OAuth(sandbox, people, rules)
    consent = Consent(sandbox, pages, LinkedInFlow(people, rules))
    comments = CommentStore(sandbox, publications)
    notifications = Notifications(sandbox, comments)
    webhooks.add_sender(FACTS.name, notifications.describe, notifications)
    api = API(sandbox, people, uploads, publications, comments, notifications, Insights(sandbox, rules, publications))

    def by_urn(path: Mapping[str, str]) -> Post | None:
        return sandbox.posts.by_external_id(FACTS.name, path["urn"])

    def new_location(account: Account, kind: str) -> PostLocation:
        _ = account, kind
        urn = new_urn(sandbox)
        return PostLocation(external_id=urn, url=url_of(urn))

    def details(post: Post, assets: Sequence[Asset]) -> Details:
        _ = assets
        account, thumbnail = sandbox.accounts.by_id(post.account_id), uploads.find(thumbnail_of(post))
        return details_of(
            post,
            is_page=account is not None and is_page(account),
            thumbnail=None if thumbnail is None else thumbnail.asset_id,
        )

    www = "/www.linkedin.com"
    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount("/api.linkedin.com", APIHost(sandbox, oauth, people, rules, uploads, api)),
            Route("/www.linkedin.com/oauth/v2/authorization", consent),
            Route("/www.linkedin.com/oauth/v2/authorization/", consent),
            *pages.posts(by_urn, www + "/feed/update/{urn}", www + "/feed/update/{urn}/"),
            *pages.profile(
                FACTS.name, *(f"{www}/{kind}/{{handle}}{end}" for kind in ("in", "company") for end in ("", "/"))
            ),
            Mount(www, WWWHost(sandbox, oauth, uploads)),
        ],
        details_of=details,
        new_location=new_location,
        thread=comments,
        control=router.rules("/linkedin", rules),
    )
