"""Labels in bodies and queries."""

from typing import Annotated, Final, TypeAlias

from fastapi import Query
from pydantic import Field, StringConstraints

from presswork.api.http.body import Text

MAX_LABELS: Final = 20
"""The most labels of a container, and of a filter."""
Label = Annotated[Text, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=100)]
LabelsOfContent: TypeAlias = Annotated[
    list[Label] | None,
    Query(max_length=MAX_LABELS, description="Only content with this label; repeat it for several: any of them."),
]
LabelsOfPosts: TypeAlias = Annotated[
    list[Label] | None,
    Query(
        max_length=MAX_LABELS,
        description="Only posts whose content has this label; repeat it for several: any of them.",
    ),
]
