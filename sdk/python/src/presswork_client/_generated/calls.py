"""Every operation of the API.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from typing import Final

from presswork_client import models
from presswork_client._calls import Call

PUBLISH_CONTENT: Final = Call(
    method="POST", path="/v1/content/{containerId}/publish", answer=models.PublishAnswer, takes_key=True
)
SCHEDULE_CONTENT: Final = Call(
    method="POST", path="/v1/content/{containerId}/schedule", answer=models.ScheduleAnswer, takes_key=True
)
PREFLIGHT_CONTENT: Final = Call(
    method="POST", path="/v1/content/{containerId}/preflight", answer=models.PreflightAnswer, takes_key=False
)
GET_SCHEDULED_POST: Final = Call(
    method="GET", path="/v1/scheduled-posts/{postId}", answer=models.ScheduledPost, takes_key=False
)
LIST_SCHEDULED_POSTS: Final = Call(
    method="GET", path="/v1/projects/{projectId}/scheduled-posts", answer=models.ScheduledPostPage, takes_key=False
)
CANCEL_SCHEDULED_POST: Final = Call(
    method="DELETE", path="/v1/scheduled-posts/{postId}", answer=models.CanceledPost, takes_key=True
)
RESCHEDULE_SCHEDULED_POST: Final = Call(
    method="POST", path="/v1/scheduled-posts/{postId}/reschedule", answer=models.RescheduledPost, takes_key=True
)
GET_SCHEDULED_POST_TIMELINE: Final = Call(
    method="GET", path="/v1/scheduled-posts/{postId}/timeline", answer=models.Timeline, takes_key=False
)
NOTIFY_CONTENT_DEVICE: Final = Call(
    method="POST", path="/v1/content/{containerId}/notify-device", answer=models.DeviceNotice, takes_key=True
)
UPLOAD_CONTENT: Final = Call(
    method="POST", path="/v1/projects/{projectId}/content/upload", answer=models.Content, takes_key=True
)
OPEN_CONTENT_UPLOADS: Final = Call(
    method="POST", path="/v1/projects/{projectId}/content/uploads", answer=models.UploadsAnswer, takes_key=True
)
FINALIZE_UPLOAD: Final = Call(
    method="POST", path="/v1/content/{containerId}/finalize-upload", answer=models.Content, takes_key=True
)
GET_CONTENT: Final = Call(method="GET", path="/v1/content/{containerId}", answer=models.Content, takes_key=False)
UPDATE_CONTENT: Final = Call(method="PATCH", path="/v1/content/{containerId}", answer=models.Content, takes_key=True)
LIST_CONTENT: Final = Call(
    method="GET", path="/v1/projects/{projectId}/content", answer=models.ContentPage, takes_key=False
)
APPROVE_CONTENT: Final = Call(
    method="POST", path="/v1/content/{containerId}/approve", answer=models.ApprovedContent, takes_key=True
)
REJECT_CONTENT: Final = Call(
    method="POST", path="/v1/content/{containerId}/reject", answer=models.RejectedContent, takes_key=True
)
GET_CONTENT_REVIEW_POLICY: Final = Call(
    method="GET",
    path="/v1/projects/{projectId}/content-review-policy",
    answer=models.ContentReviewPolicy,
    takes_key=False,
)
UPDATE_CONTENT_REVIEW_POLICY: Final = Call(
    method="PATCH",
    path="/v1/projects/{projectId}/content-review-policy",
    answer=models.ContentReviewPolicy,
    takes_key=True,
)
LIST_SOCIAL_ACCOUNTS: Final = Call(
    method="GET", path="/v1/projects/{projectId}/social-accounts", answer=models.SocialAccountPage, takes_key=False
)
GET_SOCIAL_ACCOUNT: Final = Call(
    method="GET", path="/v1/social-accounts/{socialAccountId}", answer=models.SocialAccount, takes_key=False
)
DELETE_SOCIAL_ACCOUNT: Final = Call(
    method="DELETE", path="/v1/social-accounts/{socialAccountId}", answer=models.DisconnectedAccount, takes_key=True
)
CREATE_OAUTH_URL: Final = Call(
    method="POST", path="/v1/projects/{projectId}/social/oauth-url", answer=models.OAuthUrl, takes_key=False
)
CREATE_REAUTH_URL: Final = Call(
    method="POST", path="/v1/projects/{projectId}/social/reauth-url", answer=models.OAuthUrl, takes_key=False
)
GET_OAUTH_STATUS: Final = Call(
    method="GET", path="/v1/social/oauth-status/{state}", answer=models.OAuthStatus, takes_key=False
)
CREATE_PROJECT: Final = Call(method="POST", path="/v1/projects", answer=models.Project, takes_key=True)
LIST_PROJECTS: Final = Call(method="GET", path="/v1/projects", answer=models.ProjectPage, takes_key=False)
GET_PROJECT: Final = Call(method="GET", path="/v1/projects/{projectId}", answer=models.Project, takes_key=False)
UPDATE_PROJECT: Final = Call(method="PATCH", path="/v1/projects/{projectId}", answer=models.Project, takes_key=True)
CREATE_LAYER: Final = Call(method="POST", path="/v1/projects/{projectId}/layers", answer=models.Layer, takes_key=True)
LIST_LAYERS: Final = Call(
    method="GET", path="/v1/projects/{projectId}/layers", answer=models.LayerPage, takes_key=False
)
GET_LAYER: Final = Call(
    method="GET", path="/v1/projects/{projectId}/layers/{layerId}", answer=models.Layer, takes_key=False
)
UPDATE_LAYER: Final = Call(
    method="PATCH", path="/v1/projects/{projectId}/layers/{layerId}", answer=models.Layer, takes_key=True
)
DELETE_LAYER: Final = Call(
    method="DELETE", path="/v1/projects/{projectId}/layers/{layerId}", answer=models.DeletedLayer, takes_key=True
)
CREATE_OPERATOR: Final = Call(method="POST", path="/v1/operators", answer=models.Operator, takes_key=True)
LIST_OPERATORS: Final = Call(method="GET", path="/v1/operators", answer=models.OperatorPage, takes_key=False)
GET_OPERATOR: Final = Call(method="GET", path="/v1/operators/{operatorId}", answer=models.Operator, takes_key=False)
UPDATE_OPERATOR: Final = Call(method="PATCH", path="/v1/operators/{operatorId}", answer=models.Operator, takes_key=True)
VERIFY_OPERATOR_PHONE: Final = Call(
    method="POST", path="/v1/operators/{operatorId}/verify-phone", answer=models.SentCode, takes_key=True
)
CONFIRM_OPERATOR_PHONE: Final = Call(
    method="POST", path="/v1/operators/{operatorId}/confirm-phone", answer=models.Operator, takes_key=True
)
CREATE_WEBHOOK_ENDPOINT: Final = Call(
    method="POST", path="/v1/webhook-endpoints", answer=models.CreatedWebhookEndpoint, takes_key=True
)
LIST_WEBHOOK_ENDPOINTS: Final = Call(
    method="GET", path="/v1/webhook-endpoints", answer=models.WebhookEndpointPage, takes_key=False
)
GET_WEBHOOK_ENDPOINT: Final = Call(
    method="GET", path="/v1/webhook-endpoints/{endpointId}", answer=models.WebhookEndpoint, takes_key=False
)
UPDATE_WEBHOOK_ENDPOINT: Final = Call(
    method="PATCH", path="/v1/webhook-endpoints/{endpointId}", answer=models.WebhookEndpoint, takes_key=True
)
DELETE_WEBHOOK_ENDPOINT: Final = Call(
    method="DELETE", path="/v1/webhook-endpoints/{endpointId}", answer=models.DeletedWebhookEndpoint, takes_key=True
)
SEND_WEBHOOK_TEST: Final = Call(
    method="POST", path="/v1/webhook-endpoints/{endpointId}/test", answer=models.WebhookDelivery, takes_key=True
)
ROTATE_WEBHOOK_SECRET: Final = Call(
    method="POST", path="/v1/webhook-endpoints/{endpointId}/rotate-secret", answer=models.RotatedSecret, takes_key=True
)
LIST_WEBHOOK_DELIVERIES: Final = Call(
    method="GET",
    path="/v1/webhook-endpoints/{endpointId}/deliveries",
    answer=models.WebhookDeliveryPage,
    takes_key=False,
)
REPLAY_WEBHOOK_DELIVERY: Final = Call(
    method="POST", path="/v1/webhook-deliveries/{deliveryId}/replay", answer=models.WebhookDelivery, takes_key=True
)
LIST_TIKTOK_MUSIC: Final = Call(method="GET", path="/v1/tiktok-music", answer=models.Catalogue, takes_key=False)
CREATE_API_KEY: Final = Call(method="POST", path="/v1/api-keys", answer=models.CreatedApiKey, takes_key=True)
LIST_API_KEYS: Final = Call(method="GET", path="/v1/api-keys", answer=models.ApiKeyPage, takes_key=False)
GET_API_KEY: Final = Call(method="GET", path="/v1/api-keys/{keyId}", answer=models.ApiKey, takes_key=False)
UPDATE_API_KEY: Final = Call(method="PATCH", path="/v1/api-keys/{keyId}", answer=models.ApiKey, takes_key=True)
REVOKE_API_KEY: Final = Call(method="DELETE", path="/v1/api-keys/{keyId}", answer=models.ApiKey, takes_key=True)
KILL_API_KEY: Final = Call(method="POST", path="/v1/api-keys/{keyId}/kill", answer=models.ApiKey, takes_key=True)
REVIVE_API_KEY: Final = Call(method="POST", path="/v1/api-keys/{keyId}/revive", answer=models.ApiKey, takes_key=True)
LIST_AUDIT_LOG: Final = Call(method="GET", path="/v1/audit-log", answer=models.AuditEntryPage, takes_key=False)
WHOAMI: Final = Call(method="GET", path="/v1/whoami", answer=models.Caller, takes_key=False)
HEALTHZ: Final = Call(method="GET", path="/healthz", answer=models.Health, takes_key=False)
READYZ: Final = Call(method="GET", path="/readyz", answer=models.Readiness, takes_key=False)
