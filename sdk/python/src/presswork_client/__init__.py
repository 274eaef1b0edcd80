"""The Python client of Presswork.

from presswork_client import Presswork

presswork = Presswork()  # PRESSWORK_API_KEY, PRESSWORK_BASE_URL
answer = presswork.publishing.publish_now(
    container_id="cnt_…", targets=[{"socialAccountId": "sa_…", "mode": "publish"}]
)
post = presswork.publishing.wait(answer.scheduled_post_ids[0])
"""

from presswork_client import choices as choices
from presswork_client import errors as errors
from presswork_client import models as models
from presswork_client import params as params
from presswork_client import webhooks as webhooks
from presswork_client._client import DEFAULT_BASE_URL as DEFAULT_BASE_URL
from presswork_client._client import AsyncPresswork as AsyncPresswork
from presswork_client._client import Presswork as Presswork
from presswork_client._content import UploadProgress as UploadProgress
from presswork_client._generated.errors import *  # noqa: F403  one class per error code
from presswork_client._generated.events import WebhookEvent as WebhookEvent
from presswork_client._model import Model as Model
from presswork_client._not_given import NOT_GIVEN as NOT_GIVEN
from presswork_client._not_given import NotGiven as NotGiven
from presswork_client._pages import AsyncPage as AsyncPage
from presswork_client._pages import AsyncPages as AsyncPages
from presswork_client._pages import Page as Page
from presswork_client._response import ApiResponse as ApiResponse
from presswork_client._version import __version__ as __version__
from presswork_client.errors import APIConnectionError as APIConnectionError
from presswork_client.errors import APIStatusError as APIStatusError
from presswork_client.errors import APITimeoutError as APITimeoutError
from presswork_client.errors import InvalidAnswerError as InvalidAnswerError
from presswork_client.errors import PressworkError as PressworkError
from presswork_client.errors import WaitTimeoutError as WaitTimeoutError
from presswork_client.errors import WebhookVerificationError as WebhookVerificationError
from presswork_client.models import *  # noqa: F403  the objects that calls return
