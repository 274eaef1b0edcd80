"""Tools of agents: how one is described to a model, what it returns, and how it is refused. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

JSON: TypeAlias = dict[str, Any]  # Any: a JSON object

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "array": (list,),
    "object": (dict,),
    "boolean": (bool,),
    "integer": (int,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What a model reads of a tool, and an example of a right call for its refusals."""

    name: str
    description: str
    properties: JSON
    required: Sequence[str] = ()
    result: JSON
    is_read_only: bool = False
    is_destructive: bool = False
    is_idempotent: bool = True
    example: JSON

    @property
    def input_schema(self) -> JSON:
        """The JSON schema of the arguments."""
        schema: JSON = {"type": "object", "properties": self.properties}
        return {**schema, "required": list(self.required)} if self.required else schema

    @property
    def output_schema(self) -> JSON:
        """The JSON schema of the structured result: the names of its members. Their types would take a tenth of the list."""
        return {"type": "object", "properties": {name: {} for name in self.result}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool returns: a sentence for the model, and the same as data."""

    text: str
    data: JSON


class ToolRefused(Exception):
    """A tool did nothing. The message says why, and what to do."""

    def __init__(self, message: str, issues: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.issues = tuple(issues)

    def text(self, tool: Tool | None, example: str) -> str:
        """Return the whole refusal, with an example of a right call."""
        lines = [self.message, *(f"- {issue}" for issue in self.issues)]
        if tool is not None:
            lines.append(f"Example of a right call of {tool.name}: {example}")
        return "\n".join(lines)


def argument_issues(tool: Tool, arguments: Mapping[str, object]) -> list[str]:
    """Return what is wrong with the names and types of arguments. The API checks what is inside."""
    known = ", ".join(tool.properties) or "none"
    issues = [
        f"{name} is not an argument of {tool.name}. Its arguments: {known}."
        for name in arguments
        if name not in tool.properties
    ]
    issues += [f"{name} is required. Add it." for name in tool.required if arguments.get(name) is None]
    for name, value in arguments.items():
        kind = tool.properties.get(name, {}).get("type")
        if value is None or kind is None:
            continue
        if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
            issues.append(f"{name} must be of type {kind}. Send it as in the example.")
    return issues
