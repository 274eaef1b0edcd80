"""Request and response bodies of the social account routes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from presswork.accounts import model
from presswork.accounts.model import AccountStatus, Login, LoginFailure, LoginStatus, NotReady
from presswork.accounts.readiness import Readiness
from presswork.accounts.return_url import MAX_CHARACTERS, ReturnUrl
from presswork.api.http.body import FromDomain, In, Out, Text, with_examples
from presswork.api.http.ids import AccountRef, ConnectLinkRef, LayerRef, ProjectRef
from presswork.api.http.paging import NoNextPage, Page
from presswork.core.enums import Mode
from presswork.core.timestamps import Instant
from presswork.lifecycle.disconnect import Disconnected
from presswork.platforms import port
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import AccountQuota

_ACCOUNT: Final = "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_PROJECT: Final = "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_PLAYLIST: Final[JsonDict] = {"id": "PLk1Ub0fEJ2sEXkwFhKZLq0Bo8p3Z9aQ1", "title": "Bread"}
_BOARD: Final[JsonDict] = {"id": "549755885175", "name": "Bread"}
_STATE: Final = "st_01KAW2V3M8T5R7W1X4Y6Z0ABCD"
_READINESS: Final[JsonDict] = {
    "publish": {"ready": True, "reason": None, "missingScopes": []},
    "draft": {"ready": False, "reason": "missing_permission", "missingScopes": ["video.upload"]},
    "managed": {"ready": False, "reason": "no_managed_layer", "missingScopes": []},
    "takeDown": {
        "ready": False,
        "reason": "not_supported",
        "missingScopes": [],
        "advice": "Open the post and delete it there.",
    },
    "edit": {
        "ready": False,
        "reason": "not_supported",
        "missingScopes": [],
        "advice": "Change the post with the platform's app, if that can.",
    },
    "comments": {
        "ready": False,
        "reason": "not_supported",
        "missingScopes": [],
        "advice": "Read and answer comments with the platform's app: it has no API for them.",
    },
}


def _require_plain_url(text: str) -> str:
    ReturnUrl.parse(text)
    return text


ReturnURL = Annotated[
    Text,
    AfterValidator(_require_plain_url),
    Field(max_length=MAX_CHARACTERS, json_schema_extra={"format": "uri", "pattern": "^https?://[!-~]+$"}),
]
OptionalReturnURL = Annotated[
    ReturnURL | None,
    Field(
        description="URL to redirect the person to: an absolute https URL on one of the key's return domains "
        "(plain http is allowed for this machine), without a fragment. Without it, the login ends on a page of Presswork "
        "that shows the result.",
        examples=["https://app.example.com/connected?customer=4711"],
    ),
]


Scopes = Annotated[Sequence[Annotated[Text, Field(max_length=200)]], Field(max_length=100)]
_SCOPES: Final = (
    "Ignored, for clients of services with this parameter: a login always requests the permissions that the modes of the "
    "platform need, and its owner can refuse single ones."
)


class OAuthUrlRequest(In):
    """Parameters of a login."""

    model_config = with_examples(
        {"platform": "instagram", "returnUrl": "https://app.example.com/connected?customer=4711"}
    )

    platform: PlatformName
    login: LoginName | None = Field(
        default=None,
        description="Instagram only: `instagram` (default), or `facebook` through the Page that is linked to the account.",
    )
    host: Annotated[Text, Field(max_length=300)] | None = Field(
        default=None,
        description="Mastodon only: the account's server, such as `mastodon.example`. Default: the server that the installation names.",
        examples=["mastodon.example"],
    )
    return_url: OptionalReturnURL = None
    usage_note: Annotated[Text, Field(max_length=1024)] | None = Field(
        default=None, description="Purpose of the account, as free text. Stored with the login."
    )
    scopes: Scopes | None = Field(default=None, description=_SCOPES)


class ReauthUrlRequest(In):
    """Parameters of a login that connects an account again."""

    model_config = with_examples(
        {"socialAccountId": _ACCOUNT, "returnUrl": "https://app.example.com/connected?customer=4711"}
    )

    social_account_id: AccountRef
    return_url: OptionalReturnURL = None
    scopes: Scopes | None = Field(default=None, description=_SCOPES)


class OAuthUrl(FromDomain):
    """A new login. Send the account's owner to `authorizeUrl`; it works once."""

    model_config = with_examples(
        {
            "authorizeUrl": f"https://www.instagram.com/oauth/authorize?client_id=1&state={_STATE}",
            "state": _STATE,
            "expiresAt": "2026-11-24T18:40:00.000Z",
        }
    )

    authorize_url: str
    state: str = Field(description="Identifies the login in `oauth-status`.")
    expires_at: Instant = Field(description="Ten minutes after the login began.")


class OAuthStatus(Out):
    """Status of a login."""

    model_config = with_examples(
        {
            "state": _STATE,
            "status": "connected",
            "completed": True,
            "socialAccountId": _ACCOUNT,
            "socialAccountIds": [_ACCOUNT],
            "error": None,
            "expiresAt": "2026-11-24T18:40:00.000Z",
        }
    )

    state: str
    status: Literal["pending", "connected", "failed"]
    completed: bool = Field(description="Whether the account is connected: true exactly with the status `connected`.")
    social_account_id: AccountRef | None = Field(
        description="The connected account, or the first of several; null until the login has succeeded."
    )
    social_account_ids: list[AccountRef] = Field(
        description="All connected accounts. A login that gives access to several, such as Pages, may connect some or all of them."
    )
    error: LoginFailure | None = Field(
        description="Why the login failed. Same as `layers_oauth_error` of the redirect."
    )
    expires_at: Instant

    @classmethod
    def of(cls, login: Login) -> Self:
        """Convert a login of the domain; `exchanging` and `choosing` are shown as pending."""
        shown: Mapping[LoginStatus, Literal["pending", "connected", "failed"]] = {
            LoginStatus.PENDING: "pending",
            LoginStatus.EXCHANGING: "pending",
            LoginStatus.CHOOSING: "pending",
            LoginStatus.CONNECTED: "connected",
            LoginStatus.FAILED: "failed",
        }
        return cls(
            state=login.state,
            status=shown[login.status],
            completed=login.status is LoginStatus.CONNECTED,
            social_account_id=next(iter(login.account_ids), None),
            social_account_ids=list(login.account_ids),
            error=login.failure,
            expires_at=login.expires_at,
        )


class Quota(Out):
    """How many posts an account has published and may publish, as its platform counts them."""

    model_config = with_examples({"used": 3, "limit": 50, "windowSeconds": 86400})

    used: int | None = Field(description="Posts within the window. null where the platform reports nothing.")
    limit: int | None = Field(description="The most posts within the window. null where the platform reports nothing.")
    window_seconds: int | None = Field(
        description="Length of the window, which ends now. null where the platform reports nothing."
    )

    @classmethod
    def of(cls, quota: AccountQuota | None) -> Self:
        """Convert a quota of the domain."""
        if quota is None:
            return cls(used=None, limit=None, window_seconds=None)
        return cls(used=quota.used, limit=quota.limit, window_seconds=round(quota.window.total_seconds()))


class Playlist(Out):
    """A playlist of an account."""

    model_config = with_examples(_PLAYLIST)

    id: str = Field(description="For `youtubePostSettings.playlistIds`.")
    title: str


class Playlists(Out):
    """The playlists that an account has made."""

    model_config = with_examples({"items": [_PLAYLIST], "nextCursor": None})

    items: list[Playlist]
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, playlists: Sequence[port.Playlist]) -> Self:
        """Convert playlists of the domain."""
        return cls(items=[Playlist(id=playlist.id, title=playlist.title) for playlist in playlists])


class Board(Out):
    """A board of an account."""

    model_config = with_examples(_BOARD)

    id: str = Field(description="For `pinterestPostSettings.boardId`.")
    name: str

    @classmethod
    def of(cls, board: port.Board) -> Self:
        """Convert a board of the domain."""
        return cls(id=board.id, name=board.name)


class Boards(Page[Board]):
    """A page of the boards that an account has now."""

    model_config = with_examples({"items": [_BOARD], "nextCursor": None})


class CreatorInfo(Out):
    """What the platform lets the account's owner choose for a post now. All fields are null where it reports nothing."""

    model_config = with_examples(
        {
            "nickname": "Nord Bakery",
            "username": "nordbakery",
            "avatarUrl": "https://p16-sign.tiktokcdn.com/avatar.jpeg",
            "privacyLevels": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
            "isCommentDisabled": False,
            "isDuetDisabled": True,
            "isStitchDisabled": True,
            "maxVideoDurationSeconds": 600,
        }
    )

    nickname: str | None = Field(description="The name that the account shows.")
    username: str | None
    avatar_url: str | None = Field(description="The platform's URL of its picture, valid for some hours.")
    privacy_levels: Sequence[str] | None = Field(description="The values of `privacyLevel` that are on offer.")
    is_comment_disabled: bool | None = Field(description="Whether the owner has turned off comments for the account.")
    is_duet_disabled: bool | None = Field(description="The same for Duet.")
    is_stitch_disabled: bool | None = Field(description="The same for Stitch.")
    max_video_duration_seconds: int | None = Field(description="The longest video that the account may post.")

    @classmethod
    def of(cls, info: port.CreatorInfo | None) -> Self:
        """Convert it from the domain."""
        longest = None if info is None else info.max_video_duration
        return cls(
            nickname=info and info.nickname,
            username=info and info.username,
            avatar_url=info and info.avatar_url,
            privacy_levels=info and info.privacy_levels,
            is_comment_disabled=info and info.is_comment_disabled,
            is_duet_disabled=info and info.is_duet_disabled,
            is_stitch_disabled=info and info.is_stitch_disabled,
            max_video_duration_seconds=None if longest is None else round(longest.total_seconds()),
        )


class ModeReadiness(Out):
    """Whether one mode is available for the account."""

    ready: bool
    reason: NotReady | None = Field(description="Why it is not available; null if it is.")
    missing_scopes: Sequence[str] = Field(
        description="Permissions that the owner did not grant, by the platform's names."
    )

    @classmethod
    def of(cls, verdict: Readiness) -> Self:
        """Convert a readiness of the domain."""
        return cls(ready=verdict.is_ready, reason=verdict.reason, missing_scopes=verdict.missing_scopes)


class LiveReadiness(ModeReadiness):
    """Whether Presswork can take down, or change, live posts of the account."""

    advice: str | None = Field(description="What a person does if it can't; null if it can.")

    @classmethod
    def of(cls, verdict: Readiness) -> Self:
        """Convert a readiness of the domain."""
        return cls(
            ready=verdict.is_ready,
            reason=verdict.reason,
            missing_scopes=verdict.missing_scopes,
            advice=verdict.advice,
        )


class AccountReadiness(Out):
    """Which modes are available for the account, and what can be done to its live posts."""

    publish: ModeReadiness
    draft: ModeReadiness
    managed: ModeReadiness
    take_down: LiveReadiness = Field(description="Whether Presswork can take down posts of the mode `publish`.")
    edit: LiveReadiness = Field(description="Whether Presswork can change posts of the mode `publish` that are live.")
    comments: LiveReadiness = Field(
        description="Whether Presswork can read and answer comments on posts of the mode `publish`."
    )


ConnectedThrough = Annotated[
    ConnectLinkRef | None,
    Field(description="Connect link through which the account was last connected; null if it was connected otherwise."),
]


class SocialAccount(Out):
    """One account on a platform, connected to one project."""

    model_config = with_examples(
        {
            "socialAccountId": _ACCOUNT,
            "projectId": _PROJECT,
            "platform": "tiktok",
            "login": "tiktok",
            "handle": "corner.bakery",
            "displayName": "Corner Bakery",
            "avatarUrl": None,
            "status": "connected",
            "connectedAt": "2026-11-24T18:30:00.000Z",
            "tokenExpiresAt": "2026-11-24T20:30:00.000Z",
            "tokenRefreshedAt": "2026-11-24T18:30:00.000Z",
            "grantedScopes": ["user.info.basic", "video.publish", "video.upload"],
            "readiness": _READINESS,
            "layerId": None,
            "disconnectedAt": None,
            "disconnectedReason": None,
            "connectLinkId": None,
        }
    )

    social_account_id: AccountRef
    project_id: ProjectRef
    platform: PlatformName
    login: LoginName = Field(description="Login that connected the account; `reauth-url` uses the same.")
    handle: str
    display_name: str | None
    avatar_url: str | None
    status: AccountStatus
    connected_at: Instant = Field(description="When the account was last connected.")
    token_expires_at: Instant | None = Field(
        description="When the access token expires. Presswork refreshes it before that."
    )
    token_refreshed_at: Instant | None = Field(
        description="When the access token was last refreshed; null if it was not since the account was connected."
    )
    granted_scopes: list[str] = Field(description="What the owner granted at the last login, in the platform's names.")
    readiness: AccountReadiness
    layer_id: LayerRef | None = Field(description="Layer of the account; null if it has none.")
    disconnected_at: Instant | None
    disconnected_reason: str | None
    connect_link_id: ConnectedThrough

    @classmethod
    def of(
        cls,
        account: model.SocialAccount,
        verdicts: Mapping[Mode, Readiness],
        *,
        take_down: Readiness,
        edit: Readiness,
        comments: Readiness,
    ) -> Self:
        """Convert an account of the domain and its readiness."""
        return cls(
            social_account_id=account.id,
            project_id=account.project_id,
            platform=account.platform,
            login=account.login,
            handle=account.handle,
            display_name=account.display_name,
            avatar_url=account.avatar_url,
            status=account.status,
            connected_at=account.connected_at,
            token_expires_at=account.token_expires_at,
            token_refreshed_at=account.token_refreshed_at,
            granted_scopes=sorted(account.scopes),
            readiness=AccountReadiness(
                publish=ModeReadiness.of(verdicts[Mode.PUBLISH]),
                draft=ModeReadiness.of(verdicts[Mode.DRAFT]),
                managed=ModeReadiness.of(verdicts[Mode.MANAGED]),
                take_down=LiveReadiness.of(take_down),
                edit=LiveReadiness.of(edit),
                comments=LiveReadiness.of(comments),
            ),
            layer_id=account.layer_id,
            disconnected_at=account.disconnected_at,
            disconnected_reason=account.disconnected_reason,
            connect_link_id=account.connect_link_id,
        )


class DisconnectedAccount(Out):
    """Result of disconnecting an account."""

    model_config = with_examples(
        {
            "socialAccountId": _ACCOUNT,
            "status": "disconnected",
            "disconnectedReason": "user_requested",
            "canceledScheduledPosts": 2,
            "disconnectedAt": "2026-11-24T18:30:00.000Z",
        }
    )

    social_account_id: AccountRef
    status: Literal["disconnected"]
    disconnected_reason: str
    canceled_scheduled_posts: int = Field(description="Number of queued posts that this request canceled.")
    disconnected_at: Instant

    @classmethod
    def of(cls, done: Disconnected) -> Self:
        """Convert the result of the use case."""
        return cls(
            social_account_id=done.account_id,
            status="disconnected",
            disconnected_reason=done.reason,
            canceled_scheduled_posts=done.canceled_posts,
            disconnected_at=done.disconnected_at,
        )
