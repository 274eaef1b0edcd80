"""Names that have stood for several things, or for none, do not come back (docs/style.md, "Names")."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SOURCES: Final = ("src/presswork", "packages/sandbox/src")

RIDDLES: Final = frozenset(
    f"_{word}"
    for word in re.findall(
        r"\w+",
        """
    absent accepted again alone always answer asked authorized bad bare become before beginner bounded broken bundled canonical
    changed checked chosen colored commented common compared compressed configured connected counted crashed created decoded
    described disconnected due embedded empty encoded ended escaped existing extended failed flattened for forbidden foreign
    forwarded found free from granted harmless in incomplete inside interrupted invalid joined judged kept known later latest
    left limited linear linger linked listed live locked lost many marked matter may missing mistyped moment more moved moving
    named nested next nothing now of on once one only opened opens ordered over own packed padded parsed passes plain planned
    posted prepared printable processed public pushed readable ready received redacted refreshed refused repeated retrying
    rounded sendable sent settled short shown signed similar since standing started storable stored strike tell thing ticked to
    transient translated unavailable unchecked unescaped unfinished unique unknown unmatched unpacked unreachable unreadable
    unusable usable used validated verified visible when whole within without words writing written wrong
    """,
    )
)
"""A private function is a verb and its object: none of these words says what it does, and to what."""
WORDS: Final = frozenset({"hurry", "moment", "strike"})
"""No part of any name."""
LIMIT: Final = re.compile(r"most|_?MOST(_.*)?|.*_MOST(_.*)?")
"""A limit is `max_…`."""
PARSERS: Final = frozenset({"urlsplit", "urlparse", "URL"})
URL_NAME: Final = re.compile(r"(^|_)ur[il]$")
"""What these parse, or are given, is a URL; an address is one of e-mail, IP, memory, or a host and its port."""
TELEGRAM: Final = re.compile(r"(?<!`)\bNone: ")
"""What None means is a sentence."""


def faults_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line of each forbidden name in a module, and the name with what is wrong with it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))) if TELEGRAM.search(text):
                yield node.lineno, "a docstring says “None: …”, not a sentence"
            case ast.FunctionDef() | ast.AsyncFunctionDef() if _is_route(node) and "key" in _list_parameters(node):
                yield node.lineno, f"`key` of {node.name} is the caller"
            case ast.ClassDef(name=name) if name.endswith("Answer"):
                yield node.lineno, f"{name} is a response"
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in RIDDLES:
                yield node.lineno, f"{name} is no verb with its object"
            case _:
                pass
        for line, name in _list_names(node):
            if WORDS & set(name.lower().strip("_").split("_")):
                yield line, f"{name} has a forbidden word"
            if LIMIT.fullmatch(name):
                yield line, f"{name} is a limit: max_…"
        yield from _list_urls_called_addresses(node)


def _list_names(node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            yield node.lineno, name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield node.lineno, name
        case _:
            pass


def _is_route(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("router." in ast.unparse(decorator) for decorator in function.decorator_list)


def _list_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [parameter.arg for parameter in (*function.args.args, *function.args.kwonlyargs)]


def _list_urls_called_addresses(node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.arg(arg=name, annotation=ast.expr() as type_) if "address" in name and "URL" in ast.unparse(type_):
            yield node.lineno, f"{name} is a URL"
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if "address" in name and _is_url(value):
            yield node.lineno, f"{name} is a URL"
        case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=name), *_]) if (
            called in PARSERS and "address" in name
        ):
            yield node.lineno, f"{name} is a URL"
        case ast.keyword(arg=str(parameter), value=ast.Name(id=name)) if "address" in name and URL_NAME.search(
            parameter
        ):
            yield node.lineno, f"{name} is a URL"
        case _:
            pass


def _is_url(value: ast.expr) -> bool:
    return re.match(r"f?['\"](https?|\{\w+\})://", ast.unparse(value)) is not None


def test_no_forbidden_name_is_in_the_sources() -> None:
    """Every module of the server and the sandbox, each violation with its line."""
    found = [
        f"{file}:{line}: {fault}"
        for folder in SOURCES
        for file in map(str, sorted(Path(folder).rglob("*.py")))
        for line, fault in faults_of(Path(file).read_text())
    ]
    assert found == []


def test_each_rule_finds_what_it_forbids() -> None:
    """One line for each rule; the last ones are allowed."""
    source = """
def _shown(): ...
def strike_video(): ...
moment = 1
def read(most): ...
MOST_FILES = 3
FILES_MOST = 3
class AppAnswer: ...
@router.get("/v1/posts")
async def list_posts(key): ...
def fetch(address: URL): ...
parts = urlsplit(page_address)
address = f"http://{host}/"
open_page(redirect_url=address)
def find(): "Return the post; None: there is none."
def _fetch_shown(max_files, address: str): "Return `None: x`, or None if there is none."
async def read_key(key): shown = ip_address(address)
"""
    assert [line for line, _ in sorted(faults_of(source))] == [2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]
