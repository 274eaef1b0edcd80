"""The job sources of what takes long about a whole project: exporting its data, and erasing it."""

from typing import Final

from presswork.core.clock import Clock
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.exports.make_export import ExportJob, ExportRun
from presswork.lifecycle.erase_project import ErasureJob, ErasureRun
from presswork.lifecycle.erasures import SQL as ERASURES
from presswork.worker.row_jobs import RowJobs

_EXPORTS: Final = load("presswork.exports")


def export_jobs(run: ExportRun, clock: Clock, *, leases: Pool) -> RowJobs[ExportJob]:
    """Return the source of exports."""
    return RowJobs(
        "exports",
        _EXPORTS,
        lambda row: from_row(ExportJob, row),
        lambda job, now: run.run(job, now=now),
        clock,
        worker_id=run.worker_id,
        leases=leases,
    )


def erasure_jobs(run: ErasureRun, clock: Clock, *, leases: Pool) -> RowJobs[ErasureJob]:
    """Return the source of erasures."""
    return RowJobs(
        "erasures",
        ERASURES,
        ErasureJob.of,
        lambda job, now: run.run(job, now=now),
        clock,
        worker_id=run.worker_id,
        leases=leases,
    )
