"""The resource and method of each operation, the same in both SDKs.

The generator fails for an operation that is missing here, so that no new route is forgotten.
"""

from collections.abc import Mapping
from typing import Final

METHODS: Final[Mapping[str, str]] = {
    "publish_content": "publishing.publish_now",
    "schedule_content": "publishing.schedule",
    "preflight_content": "publishing.preflight",
    "get_scheduled_post": "publishing.get_post",
    "list_scheduled_posts": "publishing.list_posts",
    "search_scheduled_posts": "publishing.search_posts",
    "summarize_scheduled_posts": "publishing.summarize_posts",
    "cancel_scheduled_post": "publishing.cancel_post",
    "reschedule_scheduled_post": "publishing.reschedule_post",
    "get_scheduled_post_timeline": "publishing.get_timeline",
    "notify_content_device": "publishing.notify_device",
    "upload_content": "content.upload",
    "open_content_uploads": "content.open_uploads",
    "finalize_upload": "content.finalize_upload",
    "get_content": "content.get",
    "update_content": "content.update",
    "list_content": "content.list",
    "approve_content": "approval.approve",
    "reject_content": "approval.reject",
    "request_content_changes": "approval.request_changes",
    "get_content_review": "approval.get_review",
    "list_schedule_intents": "approval.list_intents",
    "reschedule_schedule_intent": "approval.reschedule_intent",
    "withdraw_schedule_intent": "approval.withdraw_intent",
    "get_content_review_policy": "approval.get_policy",
    "update_content_review_policy": "approval.update_policy",
    "list_social_accounts": "social_accounts.list",
    "get_social_account": "social_accounts.get",
    "delete_social_account": "social_accounts.disconnect",
    "create_oauth_url": "social_accounts.create_oauth_url",
    "create_reauth_url": "social_accounts.create_reauth_url",
    "get_oauth_status": "social_accounts.get_oauth_status",
    "create_project": "projects.create",
    "list_projects": "projects.list",
    "get_project": "projects.get",
    "update_project": "projects.update",
    "create_layer": "layers.create",
    "list_layers": "layers.list",
    "get_layer": "layers.get",
    "update_layer": "layers.update",
    "delete_layer": "layers.delete",
    "create_operator": "operators.create",
    "list_operators": "operators.list",
    "get_operator": "operators.get",
    "update_operator": "operators.update",
    "verify_operator_phone": "operators.verify_phone",
    "confirm_operator_phone": "operators.confirm_phone",
    "create_webhook_endpoint": "webhooks.create_endpoint",
    "list_webhook_endpoints": "webhooks.list_endpoints",
    "get_webhook_endpoint": "webhooks.get_endpoint",
    "update_webhook_endpoint": "webhooks.update_endpoint",
    "delete_webhook_endpoint": "webhooks.delete_endpoint",
    "send_webhook_test": "webhooks.send_test",
    "rotate_webhook_secret": "webhooks.rotate_secret",
    "list_webhook_deliveries": "webhooks.list_deliveries",
    "replay_webhook_delivery": "webhooks.replay_delivery",
    "list_tiktok_music": "music.list",
    "create_api_key": "api_keys.create",
    "list_api_keys": "api_keys.list",
    "get_api_key": "api_keys.get",
    "update_api_key": "api_keys.update",
    "revoke_api_key": "api_keys.revoke",
    "kill_api_key": "api_keys.kill",
    "revive_api_key": "api_keys.revive",
    "list_users": "users.list",
    "invite_user": "users.invite",
    "get_user": "users.get",
    "update_user": "users.update",
    "create_user_link": "users.create_link",
    "list_sessions": "sessions.list",
    "delete_session": "sessions.end",
    "delete_sessions": "sessions.end_others",
    "get_current_session": "auth.get_session",
    "sign_in_with_password": "auth.sign_in",
    "accept_link": "auth.accept_link",
    "sign_out_of_session": "auth.sign_out",
    "change_own_password": "auth.change_password",
    "list_audit_log": "audit_log.list",
    "whoami": "service.whoami",
    "healthz": "service.get_health",
    "readyz": "service.get_readiness",
}
"""`resource.method` of each operation, in Python spelling."""

STREAMS: Final = frozenset({"stream_events"})
"""Operations whose response does not end; their methods are hand-written."""

RESOURCES: Final[Mapping[str, str]] = {
    "publishing": "Publish and schedule content, and follow its posts.",
    "content": "Upload and read videos, pictures and slideshows.",
    "approval": "Review content before it is published.",
    "social_accounts": "Connect Instagram and TikTok accounts.",
    "projects": "Group the content and accounts of one customer.",
    "layers": "Assign accounts to a managed provider.",
    "operators": "Manage the people who are reached by phone.",
    "events": "Follow events as they happen.",
    "webhooks": "Manage webhook endpoints, and verify webhook requests.",
    "music": "Read the catalogue of TikTok tracks.",
    "api_keys": "Create, change and revoke API keys.",
    "users": "Invite people, and change their roles.",
    "sessions": "List and end sign-ins of people.",
    "auth": "Sign a browser in and out.",
    "audit_log": "Read who changed what, and when.",
    "service": "Identify the caller, and check the health of the service.",
}
"""The purpose of each resource, in the order of the references."""

EXTENDED: Final[Mapping[str, str]] = {
    "publishing": "Publishing",
    "content": "Content",
    "events": "Events",
    "webhooks": "Webhooks",
}
"""Resources that have a hand-written subclass, and its name."""

EXTRA_METHODS: Final[Mapping[str, str]] = {
    "publishing.publish_files": "Uploads files and publishes them to all targets, now or at a given time, and can wait for the posts.",
    "publishing.wait": "Polls a post until it is in a final state, reports each change of its status, and returns it.",
    "publishing.wait_all": "Polls posts until each is in a final state, and returns them in the order of their ids.",
    "content.upload_files": "Uploads paths, bytes or file objects, reports progress, and returns the finished content.",
    "events.stream": "Yields each event as it is committed, reconnects after a lost connection, and misses none.",
    "webhooks.verify": "Verifies a webhook request and returns its event, typed by `type`.",
}
"""Hand-written methods, for the references; the guides explain them."""
