"""What each error code means and what to do, from error_guide.toml, and the URLs of the pages that say it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Self

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

from presswork.core import errors
from presswork.core.errors import Code
from presswork.platforms.errors import FailureCode
from presswork.platforms.options import OptionCode, issue_code_of
from presswork.platforms.settings import Settings

_FILE: Final = "error_guide.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallError:
    """A code of error responses. The texts are Markdown of one paragraph, with links to documents in docs/."""

    means: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFailure:
    """A code of posts that failed, with an example: a message, the step, and the platform's own code and message."""

    means: str
    causes: str
    fix: str
    message: str
    step: str
    platform: tuple[str, str] | None

    def example(self, code: FailureCode) -> Mapping[str, object]:
        """Return the part of a post that reports the failure."""
        platform_code, platform_message = self.platform or (None, None)
        error = {
            "code": code.value,
            "message": self.message,
            "platformCode": platform_code,
            "platformMessage": platform_message,
            "at": "2026-11-27T09:30:00.000Z",
            "step": self.step,
        }
        return {"status": "failed", "lastError": error}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGuide:
    """The texts of every code, in the order of the file."""

    calls: Mapping[Code, CallError]
    posts: Mapping[FailureCode, PostFailure]
    issues: Mapping[errors.IssueCode | OptionCode, str]
    """The cause of each issue."""

    def names(self) -> list[str]:
        """Return the codes that have a page: those of responses, then those of posts that are not among them."""
        return list(dict.fromkeys(code.value for code in (*self.calls, *self.posts)))


@cache
def error_guide() -> ErrorGuide:
    """Read the texts. Raises ValueError for a code that does not exist."""
    found = tomllib.loads((files("presswork.api.http") / _FILE).read_text(encoding="utf-8"))
    return ErrorGuide(
        calls={Code(code): CallError(**texts) for code, texts in found["calls"].items()},
        posts={
            FailureCode(code): PostFailure(
                **{**texts, "platform": tuple(texts["platform"]) if "platform" in texts else None}
            )
            for code, texts in found["posts"].items()
        },
        issues={issue_code_of(code): cause for code, cause in found["issues"].items()},
    )


class _InOrderOfGuide:
    """Makes one enumeration of all issue codes in the OpenAPI document, whichever part of the program declares them."""

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema of the component."""
        return {
            "description": "What is wrong with a field. docs/api-guide.md has a table of all codes.",
            "enum": [code.value for code in error_guide().issues],
            "title": "IssueCode",
            "type": "string",
        }


IssueCode = TypeAliasType("IssueCode", Annotated[errors.IssueCode | OptionCode, _InOrderOfGuide()])


@dataclass(frozen=True, slots=True)
class ErrorLinks:
    """The URLs of the pages about error codes: those of this installation, or of a copy of the documentation site."""

    base: str
    suffix: str = ""
    """What follows the code: the site consists of files."""

    @classmethod
    def of(cls, settings: Settings, base_url: str) -> Self:
        """Return the URLs for an API that clients reach at `base_url`."""
        if settings.docs_url is None:
            return cls(f"{base_url.rstrip('/')}/errors/")
        return cls(f"{settings.docs_url.rstrip('/')}/errors/", ".html")

    def to(self, code: str) -> str:
        """Return the URL of a code's page."""
        return f"{self.base}{code}{self.suffix}"
