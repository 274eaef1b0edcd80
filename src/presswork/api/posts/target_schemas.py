"""The schema of one target in publishing bodies: an account with its options."""

from typing import Annotated

from pydantic import ConfigDict, Field

from presswork.api.http.body import In, Text
from presswork.api.http.ids import AccountRef, PostRef
from presswork.api.posts.option_schemas import accepts_options, sent_options
from presswork.core.enums import Mode
from presswork.posts import targets

MAX_OVERRIDE_CHARACTERS = 4000

Override = Annotated[Text, Field(max_length=MAX_OVERRIDE_CHARACTERS)]


@accepts_options
class Target(In):
    """One account that the content goes to, with the options for this account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"}]
        }
    )

    social_account_id: AccountRef = Field(description="A connected account of the container's project.")
    mode: Mode = Field(
        description="`publish`: straight to the feed. `draft`: to the creator's phone. `managed`: through a provider."
    )
    scheduled_post_id: PostRef | None = Field(
        default=None, description="Your own id for the post: `sp_` and a new UUID. Default: an id is generated."
    )
    caption_override: Override | None = Field(
        default=None, description="Replaces the container's caption for this target."
    )
    first_comment_override: Override | None = Field(
        default=None, description="Replaces the container's first comment for this target. Empty: no comment."
    )

    def target(self) -> targets.Target:
        """Return the domain object."""
        return targets.Target(
            social_account_id=self.social_account_id,
            mode=self.mode,
            scheduled_post_id=self.scheduled_post_id,
            caption_override=self.caption_override,
            first_comment_override=self.first_comment_override,
            options=sent_options(self),
        )
