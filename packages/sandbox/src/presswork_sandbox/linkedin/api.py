"""The operations of api.linkedin.com: what each needs, and what it answers.

Source: LinkedIn, the pages named in the other modules of this folder, and "Sign In with LinkedIn using OpenID Connect", read
2026-11. A member's token can't read posts, comments, images or documents: those answers are 403, as developers quote them.
Comments need the `…_social_feed` permissions, which the product "Share on LinkedIn" does not include.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.bodies import object_of, read_patch, read_post, string_of
from presswork_sandbox.linkedin.comments import (
    REACTIONS,
    READING_ROLES,
    CommentStore,
    Subject,
    read_changed_text,
    read_reaction_key,
    read_text,
)
from presswork_sandbox.linkedin.errors import (
    BAD_PATH,
    BAD_QUERY,
    FORBIDDEN_ACTOR,
    FORBIDDEN_AUTHOR,
    FORBIDDEN_OWNER,
    METHOD_MISSING,
    UNKNOWN_ENTITY,
    LinkedInRefusal,
    denied,
    unmet_schema,
    wrong_field,
)
from presswork_sandbox.linkedin.notifications import KEY, Notifications
from presswork_sandbox.linkedin.people import ADMINISTRATOR, Caller, People, organization_urn, role_of
from presswork_sandbox.linkedin.publish import Publications
from presswork_sandbox.linkedin.uploads import URL_LIFETIME, Status, Upload, Uploads
from presswork_sandbox.webhooks import NOTIFICATIONS
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply

MAX_COUNT: Final = 100
COUNT_DEFAULT: Final = 10
WWW: Final = "www.linkedin.com"
# What the errors of missing permissions call the resources.
POSTS: Final = "partnerApiPostsExternal"
SOCIAL_ACTIONS: Final = "partnerApiSocialActions"
EVENTS: Final = "eventSubscriptions"
_SUBSCRIBERS: Final = frozenset(
    {"r_organization_social", "r_organization_social_feed", "rw_organization_admin", "r_organization_admin"}
)
_TIME_RANGE: Final = re.compile(r"\((?:start:(\d{1,15}))?,?(?:end:(\d{1,15}))?\)", re.ASCII)
COMMENTING_ROLES: Final = frozenset({"RECRUITING_POSTER"})
"""Roles on a page that may comment and react, beside those that may post."""
_LIST: Final = re.compile(r"List\((\d{1,18}(?:,\d{1,18}){0,99})\)", re.ASCII)
_ADMINS: Final = frozenset({"rw_organization_admin", "r_organization_admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class APICall:
    """One call with a valid token: the thing that its path names, its query, its body and its version."""

    call: Call
    caller: Caller
    key: str
    query: Mapping[str, str]
    body: Mapping[str, JSONValue]
    version: str


class API:
    """Answers calls. Every method raises LinkedInRefusal."""

    def __init__(
        self,
        sandbox: Sandbox,
        people: People,
        uploads: Uploads,
        publications: Publications,
        comments: CommentStore,
        notifications: Notifications,
    ) -> None:
        self._sandbox = sandbox
        self._people = people
        self._uploads = uploads
        self._publications = publications
        self._comments = comments
        self._notifications = notifications
        self.operations: Final[Mapping[str, Callable[[APICall], Reply]]] = {
            "userinfo": self._userinfo,
            "organization_acls": self._organization_acls,
            "organizations": self._organizations,
            "images_initialize": lambda api_call: self._initialize_upload(api_call, "image"),
            "videos_initialize": lambda api_call: self._initialize_upload(api_call, "video"),
            "documents_initialize": lambda api_call: self._initialize_upload(api_call, "document"),
            "videos_finalize": self._finalize,
            "media_status": self._media_status,
            "posts": self._create_post,
            "post": self._post,
            "posts_by_author": self._posts_by_author,
            "post_update": self._update,
            "delete": self._delete,
            "comments": self._create_comment,
            "comments_list": self._list_comments,
            "comment": self._comment,
            "comment_update": self._update_comment,
            "comment_delete": self._delete_comment,
            "reactions": self._react,
            "reactions_delete": self._delete_reaction,
            "event_subscriptions": self._event_subscription,
            "notifications": self._list_notifications,
        }

    # Who

    def _userinfo(self, api_call: APICall) -> Reply:
        if "openid" not in api_call.caller.scopes:
            raise LinkedInRefusal(denied("userinfo.GET", "NO_VERSION"))
        person = api_call.caller.person
        info: dict[str, JSONValue] = {"sub": person.app_scoped_id}
        if "profile" in api_call.caller.scopes:
            first, _, last = person.display_name.partition(" ")
            picture = f"{base_url(api_call.call.request, 'media')}/avatar/{quote(person.handle)}.svg"
            info |= {
                "name": person.display_name,
                "given_name": first,
                "family_name": last,
                "picture": picture,
                "locale": {"country": "US", "language": "en"},
            }
        if "email" in api_call.caller.scopes:
            info |= {"email": f"{person.handle}@example.com", "email_verified": True}
        return json_reply(info)

    def _organization_acls(self, api_call: APICall) -> Reply:
        if not _ADMINS & api_call.caller.scopes:
            raise LinkedInRefusal(denied("organizationAcls.FINDER-roleAssignee", api_call.version))
        if api_call.query.get("q") != "roleAssignee":
            raise LinkedInRefusal(BAD_QUERY)
        role, state = api_call.query.get("role"), api_call.query.get("state", "APPROVED")
        found: list[JSONValue] = [
            {
                "role": role_of(page),
                "organization": urn,
                "organizationTarget": urn,
                "roleAssignee": api_call.caller.urn,
                "state": "APPROVED",
            }
            for urn, page in api_call.caller.pages.items()
            if state == "APPROVED" and role in {None, role_of(page)}
        ]
        return self._build_list(api_call, found)

    def _organizations(self, api_call: APICall) -> Reply:
        if not _ADMINS & api_call.caller.scopes:
            raise LinkedInRefusal(denied("organizations.GET", api_call.version))
        match = _LIST.fullmatch(api_call.query.get("ids", "")) if not api_call.key else None
        if match is not None:
            results = {number: self._organization(api_call, number) for number in match[1].split(",")}
            known: JSONValue = {number: found for number, found in results.items() if found is not None}
            return json_reply({"results": known, "statuses": {}, "errors": {}})
        if not api_call.key:
            raise LinkedInRefusal(BAD_QUERY)
        found = self._organization(api_call, api_call.key)
        if found is None:
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        return json_reply(found)

    def _organization(self, api_call: APICall, number: str) -> JSONValue:
        """Return a page: all of it for its administrator, its names for others."""
        page = self._people.page_numbered(number)
        if page is None:
            return None
        urn, locale = organization_urn(page), {"country": "US", "language": "en"}
        shown: dict[str, JSONValue] = {
            "id": int(page.user_id),
            "localizedName": page.display_name,
            "vanityName": page.handle.lower(),
            "localizedWebsite": f"https://{page.handle.lower()}.example",
        }
        if urn in api_call.caller.pages and role_of(page) == ADMINISTRATOR:
            shown |= {
                "$URN": urn,
                "name": {"localized": {"en_US": page.display_name}, "preferredLocale": locale},
                "primaryOrganizationType": "NONE",
                "organizationType": "PRIVATELY_HELD",
                "created": {"time": int(page.created_at * 1000)},
            }
        return shown

    # Media

    def _initialize_upload(self, api_call: APICall, kind: str) -> Reply:
        request = object_of(api_call.body.get("initializeUploadRequest"), "initializeUploadRequest")
        owner = string_of(request, "owner", "initializeUploadRequest/")
        account = api_call.caller.may_post_as(owner)
        if account is None or not api_call.caller.may(
            owner, as_member="w_member_social", as_page="w_organization_social"
        ):
            raise LinkedInRefusal(FORBIDDEN_OWNER)
        size = request.get("fileSizeBytes", 0)
        if kind == "video" and (isinstance(size, bool) or not isinstance(size, int)):
            raise LinkedInRefusal(unmet_schema("/initializeUploadRequest/fileSizeBytes :: is not a long"))
        upload = self._uploads.announce(api_call.call, account, owner, kind, size if isinstance(size, int) else 0)
        expires_at = int((upload.created_at + URL_LIFETIME) * 1000)
        urls = [self._upload_url(api_call.call, upload, part) for part in range(len(upload.etags))]
        if kind != "video":
            value: JSONValue = {"uploadUrl": urls[0], "uploadUrlExpiresAt": expires_at, kind: upload.urn}
            return json_reply({"value": value})
        instructions: list[JSONValue] = [
            {"uploadUrl": url, "firstByte": first, "lastByte": last}
            for url, (first, last) in zip(
                urls, (upload.part_of(part) or (0, 0) for part in range(len(urls))), strict=True
            )
        ]
        return json_reply(
            {
                "value": {
                    "uploadUrlsExpireAt": expires_at,
                    "video": upload.urn,
                    "uploadInstructions": instructions,
                    "uploadToken": upload.upload_token,
                }
            }
        )

    def _upload_url(self, call: Call, upload: Upload, part: int) -> str:
        name, host = upload.urn.rpartition(":")[2], base_url(call.request, WWW)
        return (
            f"{host}/dms-uploads/{name}/uploaded-{upload.kind}/{part}?ca=vector_feedshare&cn=uploads&ut={upload.secret}"
        )

    def _own_upload(self, api_call: APICall, urn: str) -> Upload:
        """Return a file of someone whom the caller may act for."""
        upload = self._uploads.find(urn)
        if upload is None:
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        if api_call.caller.account_of(upload.owner) is None:
            raise LinkedInRefusal(FORBIDDEN_OWNER)
        return upload

    def _finalize(self, api_call: APICall) -> Reply:
        path = "finalizeUploadRequest"
        request = object_of(api_call.body.get(path), path)
        upload = self._own_upload(api_call, string_of(request, "video", f"{path}/"))
        ids = request.get("uploadedPartIds")
        if not isinstance(ids, list) or not all(isinstance(part, str) for part in ids):
            raise LinkedInRefusal(unmet_schema(f"/{path}/uploadedPartIds :: is not an array of strings"))
        self._uploads.finalize(upload, string_of(request, "uploadToken", f"{path}/"), [str(part) for part in ids])
        self._uploads.apply_fault(api_call.call, upload.urn)
        return Reply()

    def _media_status(self, api_call: APICall) -> Reply:
        kind = api_call.key.split(":")[2]
        upload = self._own_upload(api_call, api_call.key)
        readable = "w_member_social" if kind == "video" else "r_member_social"
        page_scopes = {"w_organization_social", "r_organization_social"} & api_call.caller.scopes
        is_members = upload.owner == api_call.caller.urn
        if readable not in api_call.caller.scopes if is_members else not page_scopes:
            raise LinkedInRefusal(denied(f"partnerApi{kind.capitalize()}s.GET", api_call.version))
        upload = self._uploads.poll(api_call.call, upload)
        shown: dict[str, JSONValue] = {
            "id": upload.urn,
            "owner": upload.owner,
            "status": self._uploads.status(upload),
        }
        if upload.failure is not None:
            shown["processingFailureReason"] = upload.failure
        if kind == "document" and shown["status"] == Status.AVAILABLE:
            name, until = api_call.key.rpartition(":")[2], self._sandbox.clock.now() + URL_LIFETIME
            shown["downloadUrl"] = f"{base_url(api_call.call.request, WWW)}/dms-uploads/{name}/document-original"
            shown["downloadUrlExpiresAt"] = int(until * 1000)
        asset = None if upload.asset_id is None else self._sandbox.media_store.asset(upload.asset_id)
        if asset is not None and asset.duration_seconds is not None:
            shown["duration"] = int(asset.duration_seconds * 1000)
            shown |= {"aspectRatioWidth": asset.width, "aspectRatioHeight": asset.height}
        return json_reply(shown)

    # Posts

    def _create_post(self, api_call: APICall) -> Reply:
        body = read_post(api_call.body)
        if not api_call.caller.may(body.author, as_member="w_member_social", as_page="w_organization_social"):
            raise LinkedInRefusal(denied(f"{POSTS}.CREATE", api_call.version))
        account = api_call.caller.may_post_as(body.author)
        if account is None:
            raise LinkedInRefusal(FORBIDDEN_AUTHOR)
        urn = self._publications.create(api_call.call, account, body)
        return Reply(status=201, headers={"x-restli-id": urn}, shown={"x-restli-id": urn})

    def _require_readable(self, api_call: APICall, author: str, resource: str, scope: str) -> None:
        """Raise LinkedInRefusal unless the token reads what belongs to an author: a page of the person's, never a member."""
        if author not in api_call.caller.pages or scope not in api_call.caller.scopes:
            raise LinkedInRefusal(denied(resource, api_call.version))

    def _post(self, api_call: APICall) -> Reply:
        author = self._publications.author_of(api_call.key)
        self._require_readable(
            api_call, author or next(iter(api_call.caller.pages), ""), f"{POSTS}.GET", "r_organization_social"
        )
        found = self._publications.find(api_call.key)
        is_open = found is not None and self._publications.lifecycle(found) == "PUBLISHED"
        if found is None or not (is_open or api_call.query.get("viewContext") == "AUTHOR"):
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        return json_reply(self._publications.entity(found))

    def _posts_by_author(self, api_call: APICall) -> Reply:
        author = api_call.query.get("author", "")
        if api_call.query.get("q") != "author" or not author:
            raise LinkedInRefusal(BAD_QUERY)
        self._require_readable(api_call, author, f"{POSTS}.FINDER-author", "r_organization_social")
        start, count = _page_of(api_call)
        as_author = api_call.query.get("viewContext") == "AUTHOR"
        found = self._publications.of_author(author, start, count, as_author=as_author)
        elements: list[JSONValue] = [self._publications.entity(publication) for publication in found]
        return json_reply({"paging": {"start": start, "count": count, "links": []}, "elements": elements})

    def _update(self, api_call: APICall) -> Reply:
        """POST /rest/posts/{urn} with the method PARTIAL_UPDATE: another commentary.

        What LinkedIn answers without the header that names the method is not documented.
        """
        if api_call.call.request.headers.get("x-restli-method", "").upper() != "PARTIAL_UPDATE":
            raise LinkedInRefusal(METHOD_MISSING)
        author = self._publications.author_of(api_call.key)
        if author is None:
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        self._require_own(api_call, author, "PARTIAL_UPDATE")
        found = self._publications.find(api_call.key)
        if found is None:
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        commentary, text = read_patch(api_call.body, found.sent.get("content"))
        self._publications.edit(found, commentary, text)
        return Reply(status=204)

    def _delete(self, api_call: APICall) -> Reply:
        """DELETE /rest/posts/{urn}: 204 too for a post that is deleted, or never was."""
        author = self._publications.author_of(api_call.key)
        if author is not None:
            self._require_own(api_call, author, "DELETE")
            self._publications.delete(api_call.key)
        elif not {"w_member_social", "w_organization_social"} & api_call.caller.scopes:
            raise LinkedInRefusal(denied(f"{POSTS}.DELETE", api_call.version))
        return Reply(status=204)

    def _require_own(self, api_call: APICall, author: str, method: str) -> None:
        """Raise LinkedInRefusal unless the token may change what an author posted."""
        may = api_call.caller.may(author, as_member="w_member_social", as_page="w_organization_social")
        if not may or api_call.caller.may_post_as(author) is None:
            raise LinkedInRefusal(denied(f"{POSTS}.{method}", api_call.version))

    # Comments

    def _create_comment(self, api_call: APICall) -> Reply:
        """POST /rest/socialActions/{urn}/comments: a comment on a post, or an answer to a comment."""
        actor = string_of(api_call.body, "actor")
        account = self._require_actor(api_call, actor, "CREATE")
        target, text = string_of(api_call.body, "object"), read_text(api_call.body)
        # The path names the post or a comment below it, the object either of the two, too.
        if self._comments.post_of(target) != self._comments.post_of(api_call.key) or not self._comments.post_of(target):
            found = target.rpartition(":")[2] == api_call.key.rpartition(":")[2]
            raise LinkedInRefusal(
                UNKNOWN_ENTITY if found else wrong_field("object", f"{target} is not the post of the path")
            )
        subject = self._comments.find(api_call.key)
        parent = self._comments.parent_of(subject, api_call.body)
        with self._sandbox.store.transaction():
            made = self._comments.create(subject.publication.urn, account, actor, text, parent)
        return json_reply(self._comments.entity(made, account), 201, {"x-restli-id": made.id})

    def _require_actor(self, api_call: APICall, actor: str, method: str) -> Account:
        """Return the account of an actor that the caller may act as: on a page also in a role that may not post."""
        if not api_call.caller.may(actor, as_member="w_member_social_feed", as_page="w_organization_social_feed"):
            raise LinkedInRefusal(denied(f"{SOCIAL_ACTIONS}.{method}", api_call.version))
        page = api_call.caller.pages.get(actor)
        if page is not None and role_of(page) in COMMENTING_ROLES:
            return page
        account = api_call.caller.may_post_as(actor)
        if account is None:
            raise LinkedInRefusal(FORBIDDEN_AUTHOR)
        return account

    def _list_comments(self, api_call: APICall) -> Reply:
        """GET /rest/socialActions/{urn}/comments. A role that may not read them gets an empty list."""
        page = self._require_reader(api_call, api_call.key, "GET_ALL")
        subject = self._comments.find(api_call.key)
        if role_of(page) not in READING_ROLES:
            return self._build_list(api_call, [])
        found: list[JSONValue] = [self._comments.entity(one, page) for one in self._comments.listed(subject)]
        return self._build_list(api_call, found)

    def _require_reader(self, api_call: APICall, urn: str, method: str) -> Account:
        """Return the page whose post a URN belongs to. Raises LinkedInRefusal for members' posts, and for those of others."""
        author = self._publications.author_of(self._comments.post_of(urn)) or next(iter(api_call.caller.pages), "")
        self._require_readable(api_call, author, f"{SOCIAL_ACTIONS}.{method}", "r_organization_social_feed")
        return api_call.caller.pages[author]

    def _comment_of(self, api_call: APICall) -> tuple[Subject, Comment]:
        urn, _, number = api_call.key.rpartition("/")
        subject = self._comments.find(urn)
        return subject, self._comments.on(subject.publication, number)

    def _comment(self, api_call: APICall) -> Reply:
        """GET /rest/socialActions/{urn}/comments/{id}."""
        page = self._require_reader(api_call, api_call.key.rpartition("/")[0], "GET")
        _, comment = self._comment_of(api_call)
        if role_of(page) not in READING_ROLES:
            raise LinkedInRefusal(UNKNOWN_ENTITY)
        return json_reply(self._comments.entity(comment, page))

    def _update_comment(self, api_call: APICall) -> Reply:
        """POST /rest/socialActions/{urn}/comments/{id}?actor= with the method PARTIAL_UPDATE: another text of an own comment."""
        if api_call.call.request.headers.get("x-restli-method", "").upper() != "PARTIAL_UPDATE":
            raise LinkedInRefusal(METHOD_MISSING)
        actor = _actor_in_query(api_call)
        account = self._require_actor(api_call, actor, "PARTIAL_UPDATE")
        _, comment = self._comment_of(api_call)
        if self._comments.actor(comment) != actor:
            raise LinkedInRefusal(FORBIDDEN_ACTOR)
        text = read_changed_text(api_call.body)
        with self._sandbox.store.transaction():
            self._comments.edit(comment, text)
        changed = self._comment_of(api_call)[1]
        return json_reply(self._comments.entity(changed, account))

    def _delete_comment(self, api_call: APICall) -> Reply:
        """DELETE /rest/socialActions/{urn}/comments/{id}?actor=: an own comment, or any on a post of the page."""
        actor = _actor_in_query(api_call)
        self._require_actor(api_call, actor, "DELETE")
        subject, comment = self._comment_of(api_call)
        if actor not in {self._comments.actor(comment), subject.publication.author}:
            raise LinkedInRefusal(FORBIDDEN_ACTOR)
        with self._sandbox.store.transaction():
            self._comments.remove(comment)
        return Reply(status=204)

    def _react(self, api_call: APICall) -> Reply:
        """POST /rest/reactions?actor=: to a post or a comment. What a repeat answers is not documented: here the same."""
        actor = _actor_in_query(api_call)
        account = self._require_actor(api_call, actor, "CREATE")
        root, kind = string_of(api_call.body, "root"), string_of(api_call.body, "reactionType")
        if kind not in REACTIONS:
            raise LinkedInRefusal(
                wrong_field("reactionType", f"{kind} is not allowed; allowed are {', '.join(sorted(REACTIONS))}")
            )
        subject = self._comments.find(root)
        with self._sandbox.store.transaction():
            self._comments.react(subject, account, is_set=True)
        urn = f"urn:li:reaction:({actor},{root})"
        return json_reply({"id": urn, "reactionType": kind, "root": root}, 201, {"x-restli-id": urn})

    def _delete_reaction(self, api_call: APICall) -> Reply:
        """DELETE /rest/reactions/(actor:…,entity:…): 204 also where there is none, as for posts."""
        actor, entity = read_reaction_key(api_call.key)
        account = self._require_actor(api_call, actor, "DELETE")
        subject = self._comments.find(entity)
        with self._sandbox.store.transaction():
            self._comments.react(subject, account, is_set=False)
        return Reply(status=204)

    # Notifications

    def _require_administered(self, api_call: APICall, urn: str) -> Account:
        """Return a page of which the person is an administrator. Raises LinkedInRefusal."""
        page = api_call.caller.pages.get(urn)
        if page is None or role_of(page) != ADMINISTRATOR or not _SUBSCRIBERS & api_call.caller.scopes:
            raise LinkedInRefusal(denied(f"{EVENTS}.{api_call.call.request.method}", api_call.version))
        return page

    def _event_subscription(self, api_call: APICall) -> Reply:
        """GET, PUT or DELETE /rest/eventSubscriptions/(developerApplication:…,user:…,entity:…,eventType:…)."""
        match = KEY.fullmatch(unquote(api_call.key))
        if match is None:
            raise LinkedInRefusal(BAD_PATH)
        page, client_id = self._require_administered(api_call, match["entity"]), api_call.caller.token.client_id
        if match["user"] != api_call.caller.urn:
            raise LinkedInRefusal(denied(f"{EVENTS}.{api_call.call.request.method}", api_call.version))
        match api_call.call.request.method:
            case "PUT":
                url = string_of(api_call.body, "webhook")
                if not url.startswith(("https://", "http://")):
                    raise LinkedInRefusal(wrong_field("webhook", f"{url} is no URL"))
                self._notifications.subscribe(page, client_id, url)
                return Reply(status=204)
            case "DELETE":
                if not self._notifications.unsubscribe(page, client_id):
                    raise LinkedInRefusal(UNKNOWN_ENTITY)
                return Reply(status=204)
            case _:
                url = self._notifications.subscribed_url(page, client_id)
                if not url:
                    raise LinkedInRefusal(UNKNOWN_ENTITY)
                return json_reply(
                    {
                        "developerApplication": match["app"],
                        "user": match["user"],
                        "entity": match["entity"],
                        "eventType": NOTIFICATIONS,
                        "webhook": url,
                    }
                )

    def _list_notifications(self, api_call: APICall) -> Reply:
        """GET /rest/organizationalEntityNotifications?q=criteria: of the last 60 days, newest first."""
        page = self._require_administered(api_call, api_call.query.get("organizationalEntity", ""))
        actions = api_call.query.get("actions", "List()").removeprefix("List(").removesuffix(")")
        span = _TIME_RANGE.fullmatch(api_call.query.get("timeRange", "()"))
        if span is None:
            raise LinkedInRefusal(BAD_QUERY)
        since, until = (int(text) / 1000 if text else None for text in span.groups())
        found = self._notifications.listed(
            page,
            [one for one in actions.split(",") if one],
            since or 0.0,
            self._sandbox.clock.now() if until is None else until,
        )
        return self._build_list(api_call, found)

    def _build_list(self, api_call: APICall, found: list[JSONValue]) -> Reply:
        start, count = _page_of(api_call)
        page: JSONValue = {"start": start, "count": count, "total": len(found), "links": []}
        return json_reply({"paging": page, "elements": found[start : start + count]})

    def account_of(self, caller: Caller, operation: str, key: str, parameters: Mapping[str, JSONValue]) -> Account:
        """Return the account that a call is about: whose file or post it is, or whom it names, or else the person."""
        urn: JSONValue = None
        if operation in {"post", "post_update", "delete"}:
            urn = self._publications.author_of(key)
        elif operation in {"comments_list", "comment"}:
            urn = self._publications.author_of(self._comments.post_of(key.partition("/")[0]))
        elif operation == "notifications":
            urn = parameters.get("organizationalEntity")
        elif operation == "event_subscriptions":
            match = KEY.fullmatch(unquote(key))
            urn = None if match is None else match["entity"]
        elif operation == "reactions_delete":
            urn = read_reaction_key(key)[0]
        elif operation == "media_status":
            upload = self._uploads.find(key)
            urn = None if upload is None else upload.owner
        elif operation.endswith("_initialize"):
            inner = parameters.get("initializeUploadRequest")
            urn = inner.get("owner") if isinstance(inner, Mapping) else None
        elif operation == "videos_finalize":
            inner = parameters.get("finalizeUploadRequest")
            upload = self._uploads.find(str(inner.get("video"))) if isinstance(inner, Mapping) else None
            urn = None if upload is None else upload.owner
        else:
            urn = parameters.get("actor") or parameters.get("author")
        account = caller.account_of(urn) if isinstance(urn, str) else None
        return caller.person if account is None else account


def _actor_in_query(api_call: APICall) -> str:
    """Return the actor of a call whose query must name one. Raises LinkedInRefusal."""
    actor = api_call.query.get("actor", "")
    if not actor:
        raise LinkedInRefusal(BAD_QUERY)
    return actor


def _page_of(api_call: APICall) -> tuple[int, int]:
    """Return `start` and `count` of a list. Raises LinkedInRefusal."""
    start, count = api_call.query.get("start", "0"), api_call.query.get("count", str(COUNT_DEFAULT))
    for text in (start, count):
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            raise LinkedInRefusal(BAD_QUERY)
    return int(start), min(int(count), MAX_COUNT)
