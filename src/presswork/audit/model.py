"""The audit log's model: who did what to which object, when, under which request id. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from presswork.callers.model import Actor
from presswork.core.enums import Environment
from presswork.core.json_text import JSONText


class Action(StrEnum):
    """The actions that are recorded: kind of object, and what was done to it."""

    ORGANIZATION_CREATE = "organization.create"
    OPERATOR_CREATE = "operator.create"
    OPERATOR_UPDATE = "operator.update"
    OPERATOR_SEND_CODE = "operator.send_code"
    OPERATOR_CONFIRM_PHONE = "operator.confirm_phone"
    KEY_CREATE = "key.create"
    KEY_UPDATE = "key.update"
    KEY_REVOKE = "key.revoke"
    KEY_KILL = "key.kill"
    KEY_REVIVE = "key.revive"
    PROJECT_CREATE = "project.create"
    PROJECT_UPDATE = "project.update"
    PROJECT_ARCHIVE = "project.archive"
    PROJECT_EXPORT = "project.export"
    PROJECT_ERASE = "project.erase"
    PROJECT_SET_REVIEW_POLICY = "project.set_review_policy"
    ACCOUNT_CONNECT = "account.connect"
    ACCOUNT_DISCONNECT = "account.disconnect"
    ACCOUNT_REAUTH_REQUIRED = "account.reauth_required"
    ACCOUNT_DELETE_DATA = "account.delete_data"
    DATA_DELETION_REQUEST = "data_deletion.request"
    LAYER_CREATE = "layer.create"
    LAYER_UPDATE = "layer.update"
    LAYER_DELETE = "layer.delete"
    CONTENT_UPLOAD = "content.upload"
    CONTENT_OPEN_UPLOADS = "content.open_uploads"
    CONTENT_FINALIZE = "content.finalize"
    CONTENT_UPDATE = "content.update"
    CONTENT_DELETE = "content.delete"
    CONTENT_APPROVE = "content.approve"
    CONTENT_REJECT = "content.reject"
    CONTENT_REQUEST_CHANGES = "content.request_changes"
    CONTENT_COMMENT = "content.comment"
    CONTENT_RESOLVE_COMMENT = "content.resolve_comment"
    CONTENT_DELETE_COMMENT = "content.delete_comment"
    CONTENT_PUBLISH = "content.publish"
    CONTENT_SCHEDULE = "content.schedule"
    CONTENT_RESCHEDULE_INTENT = "content.reschedule_intent"
    CONTENT_WITHDRAW_INTENT = "content.withdraw_intent"
    RECURRENCE_CREATE = "recurrence.create"
    RECURRENCE_UPDATE = "recurrence.update"
    RECURRENCE_END = "recurrence.end"
    CONTENT_NOTIFY_DEVICE = "content.notify_device"
    POST_EDIT = "post.edit"
    POST_RESCHEDULE = "post.reschedule"
    POST_CANCEL = "post.cancel"
    POST_REPUBLISH = "post.republish"
    POST_TAKE_DOWN = "post.take_down"
    POST_EDIT_LIVE = "post.edit_live"
    QUEUE_CREATE = "queue.create"
    QUEUE_UPDATE = "queue.update"
    QUEUE_DELETE = "queue.delete"
    QUEUE_RESHUFFLE = "queue.reshuffle"
    COMMENT_REPLY = "comment.reply"
    COMMENT_HIDE = "comment.hide"
    COMMENT_UNHIDE = "comment.unhide"
    COMMENT_LIKE = "comment.like"
    COMMENT_UNLIKE = "comment.unlike"
    COMMENT_DELETE = "comment.delete"
    COMMENT_UPDATE = "comment.update"
    SAVED_REPLY_CREATE = "saved_reply.create"
    SAVED_REPLY_UPDATE = "saved_reply.update"
    SAVED_REPLY_DELETE = "saved_reply.delete"
    SNIPPET_CREATE = "snippet.create"
    SNIPPET_UPDATE = "snippet.update"
    SNIPPET_DELETE = "snippet.delete"
    PROVIDER_ADD = "provider.add"
    PROVIDER_REMOVE = "provider.remove"
    PROVIDER_ROTATE_SECRET = "provider.rotate_secret"  # noqa: S105  the name of an action, not a secret
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_UPDATE = "webhook.update"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_ROTATE_SECRET = "webhook.rotate_secret"  # noqa: S105  as above
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_REPLAY = "webhook.replay"
    CHANNEL_CREATE = "channel.create"
    CHANNEL_UPDATE = "channel.update"
    CHANNEL_DELETE = "channel.delete"
    CHANNEL_TEST = "channel.test"
    USER_INVITE = "user.invite"
    USER_LINK = "user.link"
    USER_REMOVE = "user.remove"
    USER_UPDATE = "user.update"
    USER_ACCEPT = "user.accept"
    USER_SIGN_IN = "user.sign_in"
    USER_SIGN_OUT = "user.sign_out"
    USER_CHANGE_PASSWORD = "user.change_password"  # noqa: S105  as above
    USER_END_SESSIONS = "user.end_sessions"
    SCIM_TOKEN_CREATE = "scim_token.create"  # noqa: S105  as above
    SCIM_TOKEN_REVOKE = "scim_token.revoke"  # noqa: S105  as above
    GROUP_CREATE = "group.create"
    GROUP_UPDATE = "group.update"
    GROUP_DELETE = "group.delete"
    AGENT_CONNECT = "agent.connect"
    AGENT_REVOKE = "agent.revoke"
    REVIEW_LINK_CREATE = "review_link.create"
    REVIEW_LINK_VISIT = "review_link.visit"
    REVIEW_LINK_DECIDE = "review_link.decide"
    REVIEW_LINK_COMMENT = "review_link.comment"
    REVIEW_LINK_REVOKE = "review_link.revoke"
    CONNECT_LINK_CREATE = "connect_link.create"
    CONNECT_LINK_VISIT = "connect_link.visit"
    CONNECT_LINK_USE = "connect_link.use"
    CONNECT_LINK_REVOKE = "connect_link.revoke"
    TIKTOK_POST_LINK_CREATE = "tiktok_post_link.create"
    TIKTOK_POST_LINK_VISIT = "tiktok_post_link.visit"
    TIKTOK_POST_LINK_PUBLISH = "tiktok_post_link.publish"
    TIKTOK_POST_LINK_REVOKE = "tiktok_post_link.revoke"
    PORTAL_LINK_CREATE = "portal_link.create"
    PORTAL_LINK_VISIT = "portal_link.visit"
    PORTAL_LINK_DECIDE = "portal_link.decide"
    PORTAL_LINK_COMMENT = "portal_link.comment"
    PORTAL_LINK_REVOKE = "portal_link.revoke"
    MUSIC_IMPORT = "music.import"
    PLATFORM_SET_CREDENTIALS = "platform.set_credentials"
    PLATFORM_REMOVE_CREDENTIALS = "platform.remove_credentials"
    SYSTEM_SET_PUBLIC_URL = "system.set_public_url"
    SYSTEM_REMOVE_PUBLIC_URL = "system.remove_public_url"
    AUDIT_PRUNE = "audit.prune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the log. `detail` never holds a secret or a complete phone number."""

    id: UUID
    at: datetime  # UTC
    organization: str | None = None  # its name, if it was requested
    organization_id: UUID | None  # None: the whole installation
    environment: Environment | None  # None: both environments
    action: Action
    actor: Actor
    object_id: str | None  # as in the API
    detail: JSONText

    @property
    def request_id(self) -> str | None:
        """Id of the call."""
        return self.actor.request_id
