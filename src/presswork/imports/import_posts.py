"""Import a table of posts: check every row, and create the posts of all rows in one transaction, or of none."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from presswork.accounts.store import LOGINS
from presswork.callers.model import Principal, Scope
from presswork.content.intake import Intake, initial_approval_of, is_covered, run_concurrently
from presswork.content.link_cards import read_texts
from presswork.content.model import ApprovalStatus, Container, ContainerStatus
from presswork.content.upload import NewContent, probe_media, upload
from presswork.core.errors import Invalid, Issue, IssueCode, PressworkError
from presswork.core.ids import CONTAINER, new_id, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall, Replayed, Reply
from presswork.imports.rows import ImportColumn, NamedAccount, Place, PlannedRow, RowFinding, Table
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Problem
from presswork.platforms.names import PlatformName
from presswork.platforms.options import issue_code_of
from presswork.platforms.parts import serialize_parts
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import CreatedPosts, create_posts
from presswork.posts.known_problems import ContentFacts, StoredMedia
from presswork.posts.model import no_container
from presswork.posts.preflight import CallVerdict, PlannedCall, has_operator_phone, judge, stored_content
from presswork.posts.publish import publish_command
from presswork.posts.refusals import ContainerFacts
from presswork.posts.schedule import schedule_command
from presswork.posts.schedule_in_queue import take_slot
from presswork.projects.model import Project
from presswork.projects.store import find_project
from presswork.queues.model import MAX_QUEUES, QueueChoice
from presswork.queues.store import list_queues

_SQL: Final = load("presswork.posts", "preflight.sql")

MAX_FETCHED_ROWS: Final = 20
"""Most rows of one call whose media or link is fetched, so that the call ends before proxies lose patience."""
_QUOTA_WINDOW: Final = timedelta(days=1)
_ROUTE: Final = "content of an import"
"""Under this name, replies are stored that hold the content which an import brought in."""
_COLUMN_OF_REASON: Final[Mapping[str, ImportColumn]] = {
    "caption_length": ImportColumn.CAPTION,
    "text_missing": ImportColumn.CAPTION,
    "first_comment_length": ImportColumn.FIRST_COMMENT,
    **dict.fromkeys(
        ("user_tag_item", "title_length", "private_branded_content", "privacy_level", "cover_timestamp", "cover_index"),
        ImportColumn.OPTIONS,
    ),
}
_MEDIA_REASONS: Final = frozenset({"item_count", "duration", "size", "ratio", "dimensions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row with everything that is known about it. `container_id` is set once its content exists."""

    number: int
    planned: PlannedRow
    findings: Sequence[RowFinding]
    container_id: UUID | None = None
    created: CreatedPosts | None = None
    probed: ContentFacts | None = None
    """Of a dry run: the content that would be made."""

    @property
    def is_ok(self) -> bool:
        """Whether the row can be imported."""
        return not any(finding.is_error for finding in self.findings)

    def found(self, findings: Sequence[RowFinding]) -> "ImportedRow":
        """Return it with more findings; what is said already is not repeated."""
        known = {(one.column, one.message, one.social_account_id) for one in self.findings}
        fresh = [one for one in findings if (one.column, one.message, one.social_account_id) not in known]
        return replace(self, findings=[*self.findings, *fresh])


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of an import: every row, in order."""

    is_dry_run: bool
    rows: Sequence[ImportedRow]

    @property
    def is_ok(self) -> bool:
        """Whether every row can be imported."""
        return all(row.is_ok for row in self.rows)


def _issue_code(finding: RowFinding) -> IssueCode:
    if isinstance(finding.code, IssueCode):
        return finding.code
    return IssueCode.WOULD_FAIL if isinstance(finding.code, FailureCode) else IssueCode.ROW_REFUSED


class ImportRefused(Invalid):
    """At least one row can't be imported, so no post was created."""

    def __init__(self, rows: Sequence[ImportedRow]) -> None:
        errors = [(row, one) for row in rows for one in row.findings if one.is_error]
        super().__init__(
            [
                Issue(
                    f"rows[{row.number - 1}]" + (f".{one.column.value}" if one.column else ""),
                    one.message,
                    _issue_code(one),
                )
                for row, one in errors
            ],
            content=[
                {"row": row.number, "containerId": public_id(CONTAINER, row.container_id)}
                for row in rows
                if row.container_id is not None and row.planned.content is not None
            ]
            or None,
        )


BringIn: TypeAlias = Callable[[ImportedRow, NewContent], Awaitable[ImportedRow]]
"""Gets the media or the link of a row. Raises PressworkError."""


async def _with_content(row: ImportedRow, bring_in: BringIn) -> ImportedRow:
    """Return the row with its content, or with why its media or its link can't be used."""
    content = row.planned.content
    if content is None or not row.is_ok:
        return replace(row, container_id=row.planned.container_id)
    try:
        return await bring_in(row, content)
    except PressworkError as error:
        return row.found(_findings_of(error, _content_column(row)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Imports tables for one caller. `is_strict`: a row that is known to fail is refused, not only warned about."""

    intake: Intake
    keyring: Keyring
    platforms: Platforms
    caller: Principal
    now: datetime
    is_strict: bool

    @property
    def _pool(self) -> Pool:
        return self.intake.pool

    async def run(
        self, call: IdempotentCall[Imported], project_id: UUID, table: Table, *, is_dry_run: bool
    ) -> Imported:
        """Check all rows, and unless it is a dry run create their posts.

        A dry run fetches the media and links of the rows and stores nothing. Otherwise they become content first; it stays when
        the import is refused, and a repeated call with the same idempotency key uses it again.

        Raises Replayed, ProjectNotFound, ProjectArchived, ScopeMissing, Invalid if too many rows have media or a link to fetch,
        and ImportRefused.
        """
        if not is_dry_run:
            await call.raise_if_replied()
        project = (await find_project(self._pool, project_id, visible_to=self.caller)).require_active()
        # Thousands of values take a second to check, which would hold up all other requests.
        planned = await asyncio.to_thread(table.read, await self._place(project, table), now=self.now)
        rows = [ImportedRow(number=n, planned=row, findings=row.findings) for n, row in enumerate(planned, 1)]
        self._require_few_fetches(rows)
        if not is_dry_run and not all(row.is_ok for row in rows):
            raise ImportRefused(rows)  # before anything is fetched
        bring_in = self._probe if is_dry_run else self._upload_of(call, project.id)
        rows = await run_concurrently(len(rows), lambda index: _with_content(rows[index], bring_in))
        result = Imported(is_dry_run=is_dry_run, rows=await self._judge_rows(rows, project))
        if is_dry_run:
            return result
        if not result.is_ok:
            raise ImportRefused(result.rows)
        return await call.run(lambda connection: self._commit(connection, result))

    async def _place(self, project: Project, table: Table) -> Place:
        handles = sorted(table.handles())
        tenant = (self.caller.organization_id, self.caller.environment.value)
        limit = len(handles) * len(PlatformName) * 2  # a handle is one account a platform, and two where it was renamed
        found = await self._pool.fetch(_SQL["named_accounts"], *tenant, project.id, handles, limit, LOGINS)
        accounts = [
            NamedAccount(id=row["id"], platform=PlatformName(row["platform"]), handle=row["handle"]) for row in found
        ]
        queues = await list_queues(self._pool, project.id, visible_to=self.caller, after=None, limit=MAX_QUEUES)
        return Place(zone=ZoneInfo(project.timezone), accounts=accounts, queues=queues)

    def _require_few_fetches(self, rows: Sequence[ImportedRow]) -> None:
        made = [row.planned.content for row in rows if row.planned.content is not None]
        if made:
            self.caller.require(Scope.CONTENT_WRITE)
        fetched = sum(bool(content.media) or content.link is not None for content in made)
        if fetched > MAX_FETCHED_ROWS:
            problem = (
                f"has {fetched} rows with media or a link to fetch; one call may have {MAX_FETCHED_ROWS}. Check the rows in several "
                "dry runs, create their content with POST /v1/projects/{projectId}/content, and send the containerId of each."
            )
            raise Invalid([Issue.at("rows", problem, IssueCode.TOO_MANY)])

    async def _probe(self, row: ImportedRow, content: NewContent) -> ImportedRow:
        media_type, probes = await probe_media(self.intake, content.media, owner=self.caller)
        link = content.link and await read_texts(self.intake, content.link, owner=self.caller.organization_id)
        async with self._pool.acquire() as connection:
            has_phone = await has_operator_phone(connection, caller=self.caller)
        probed = ContentFacts(
            caption=content.caption,
            first_comment=content.first_comment,
            media_type=media_type,
            media=[StoredMedia(new_id(), probe) for probe in probes],
            has_phone=has_phone,
            link=link,
            parts=content.parts,
        )
        return replace(row, probed=probed)

    def _upload_of(self, call: IdempotentCall[Imported], project_id: UUID) -> BringIn:
        async def bring_in(row: ImportedRow, content: NewContent) -> ImportedRow:
            request = None
            if call.request is not None:
                wanted = json.dumps([row.number, str(project_id), repr(content)]).encode()
                name = sha256(call.request.idempotency_key.encode() + b"\n" + wanted).hexdigest()
                request = replace(call.request, route=_ROUTE, idempotency_key=name, fingerprint=sha256(wanted).digest())
            own: IdempotentCall[Container] = IdempotentCall(
                self._pool, request, lambda container: Reply(201, str(container.id).encode())
            )
            try:
                container = await upload(own, self.intake, project_id, content, owner=self.caller)
            except Replayed as replayed:
                return replace(row, container_id=UUID(replayed.reply.body.decode()))
            return replace(row, container_id=container.id)

        return bring_in

    async def _judge_rows(self, rows: Sequence[ImportedRow], project: Project) -> Sequence[ImportedRow]:
        """Return the rows with what preflight finds about them."""
        ids = {row.container_id for row in rows if row.container_id is not None}
        async with self._pool.acquire() as connection:
            stored = await stored_content(connection, ids, caller=self.caller)
            approval = await initial_approval_of(connection, project)
        facts: dict[int, tuple[ContainerFacts, ContentFacts]] = {}
        for row in rows:
            own = None if row.container_id is None else stored.get(row.container_id)
            if row.probed is not None:
                facts[row.number] = _future_content(row.probed, project, approval), row.probed
            elif own is not None and own[0].project_id == project.id:
                facts[row.number] = own
        judged = [row for row in rows if row.number in facts]
        verdicts = await judge(
            self._pool,
            self.keyring,
            self.platforms,
            [self._call_of(row, *facts[row.number]) for row in judged],
            caller=self.caller,
            now=self.now,
        )
        by_number = {row.number: verdict for row, verdict in zip(judged, verdicts, strict=True)}
        return [self._with_verdict(row, by_number.get(row.number)) for row in rows]

    def _call_of(self, row: ImportedRow, container: ContainerFacts, content: ContentFacts) -> PlannedCall:
        due = row.planned.scheduled_for
        return PlannedCall(
            container=container,
            content=content,
            targets=row.planned.targets,
            may_wait=due is not None or row.planned.queue_id is not None,
            is_later=row.planned.queue_id is not None or (due is not None and due - self.now > _QUOTA_WINDOW),
        )

    def _with_verdict(self, row: ImportedRow, verdict: CallVerdict | None) -> ImportedRow:
        if verdict is None:
            missing = row.planned.container_id is not None
            return row.found(_findings_of(no_container(), ImportColumn.CONTAINER_ID)) if missing else row
        findings = [one for error in verdict.refusals for one in _findings_of(error, _content_column(row))]
        for target in verdict.targets:
            for error in target.errors:
                findings += [
                    replace(one, social_account_id=target.social_account_id) for one in self._errors_of(error, row)
                ]
            findings += [
                RowFinding(
                    column=_column_of(str(warning.details.get("reason", "")), row),
                    code=warning.code,
                    message=warning.message,
                    is_error=False,
                    social_account_id=target.social_account_id,
                    details=warning.details,
                )
                for warning in target.warnings
            ]
        return row.found(findings)

    def _errors_of(self, error: PressworkError | Problem, row: ImportedRow) -> Sequence[RowFinding]:
        if isinstance(error, PressworkError):
            return _findings_of(error, ImportColumn.ACCOUNTS)
        column = _column_of(str(error.details.get("reason", "")), row)
        return [
            RowFinding(
                column=column, code=error.code, message=error.message, is_error=self.is_strict, details=error.details
            )
        ]

    async def _commit(self, connection: Connection, result: Imported) -> Imported:
        ids = sorted({row.container_id for row in result.rows if row.container_id is not None})
        tenant = (self.caller.organization_id, self.caller.environment.value)
        await connection.execute(_SQL["lock_containers"], *tenant, ids, len(ids))
        rows = []
        for row in result.rows:
            if row.container_id is None:
                raise RuntimeError("a row that was accepted has no content")
            try:
                created = await self._create(connection, row.container_id, row.planned)
            except PressworkError as error:  # something changed since the rows were checked
                column = ImportColumn.ACCOUNTS if row.planned.queue_id is None else ImportColumn.QUEUE
                raise ImportRefused([row.found(_findings_of(error, column)), *_drop_refused(result, row)]) from error
            rows.append(replace(row, created=created))
        return replace(result, rows=rows)

    async def _create(self, connection: Connection, container_id: UUID, planned: PlannedRow) -> CreatedPosts:
        """Create the posts of one row: in the next slot of its queue, at its time, or now."""
        targets, due = planned.targets, planned.scheduled_for
        if planned.queue_id is not None:
            choice = QueueChoice(queue_id=planned.queue_id)
            return await take_slot(
                connection, self.platforms, container_id, targets, choice, caller=self.caller, now=self.now
            )
        command = (
            publish_command(container_id, targets, now=self.now)
            if due is None
            else schedule_command(container_id, targets, due, now=self.now)
        )
        return await create_posts(connection, self.platforms, command, caller=self.caller, now=self.now)


def _drop_refused(result: Imported, refused: ImportedRow) -> Sequence[ImportedRow]:
    return [row for row in result.rows if row.number != refused.number]


def _future_content(content: ContentFacts, project: Project, approval: ApprovalStatus) -> ContainerFacts:
    """Return the container that would be made of content, as the checks see it."""
    return ContainerFacts(
        id=new_id(),
        project_id=project.id,
        status=ContainerStatus.COMPLETED.value,
        approval_status=approval.value,
        media_type=content.media_type,
        project_status=project.status.value,
        caption=content.caption,
        first_comment=content.first_comment,
        is_covered=is_covered(project, approval),
        parts=serialize_parts(content.parts or ()),
    )


def _findings_of(error: PressworkError, column: ImportColumn) -> Sequence[RowFinding]:
    if isinstance(error, Invalid):
        return [
            RowFinding(
                column=ImportColumn.OPTIONS if one.path.startswith("targets[") else column,
                code=issue_code_of(one.code),
                message=one.message,
                is_error=True,
            )
            for one in error.issues
        ]
    return [
        RowFinding(
            column=column,
            code=error.code,
            message=error.message,
            is_error=True,
            details=_keep_plain_values(error.details),
        )
    ]


def _keep_plain_values(details: Mapping[str, object]) -> Mapping[str, "str | int | float | bool"]:
    return {name: value for name, value in details.items() if isinstance(value, str | int | float | bool)}


def _content_column(row: ImportedRow) -> ImportColumn:
    """Return the column that the content of a row is from."""
    content = row.planned.content
    if content is None:
        return ImportColumn.CONTAINER_ID
    if content.parts:
        return ImportColumn.PARTS
    return ImportColumn.MEDIA if content.media else ImportColumn.CAPTION if content.link is None else ImportColumn.LINK


def _column_of(reason: str, row: ImportedRow) -> ImportColumn:
    """Return the column that a platform's rule is about; a rule without one is about the accounts."""
    if reason in _MEDIA_REASONS:
        return _content_column(row)
    return _COLUMN_OF_REASON.get(reason, ImportColumn.ACCOUNTS)
