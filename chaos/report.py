"""The report: a table for people."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from chaos.run import Result


def print_report(result: Result, console: Console) -> None:
    """Print what happened and what the ledger says."""
    v = result.verdict
    console.print(v.by_status, v.failures, v.unknown, v.live, v.drafts, v.texts, v.dispatches, v.keys)
    console.print(result.traffic, result.diary.troubles, result.memory.counts, result.memory.refused)
    console.print(result.broken_for, result.ended_after, result.outages)
    for d in result.diary.done: console.print(d)

def write_report(result: Result, folder: Path) -> None:
    pass
