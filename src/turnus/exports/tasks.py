"""Jobs of the package."""

from datetime import datetime

from turnus.exports.actions import (
    fail_export,
    purge_exports,
    reopen_export,
    write_export,
)
from turnus.exports.models import Export
from turnus.jobs.actions import Context
from turnus.jobs.chores import chore
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import given_up, reopened, task
from turnus.kit import clock


@task("exports.write", lane=JobLane.LONG)
def write(_context: Context, *, export_id: int) -> None:
    """Write one file; after a crash it is written anew."""
    export = Export.objects.select_related("by").get(pk=export_id)
    write_export(export, at=clock.now())


@given_up("exports.write")
def write_failed(*, export_id: int) -> None:
    """Show on the page that there will be no file."""
    export = Export.objects.get(pk=export_id)
    fail_export(export, code="export.broke_off", params={})


@reopened("exports.write")
def write_again(*, export_id: int) -> None:
    """Show on the page that it waits once more."""
    reopen_export(Export.objects.get(pk=export_id))


@chore("exports.purge")
def purge(*, at: datetime) -> None:
    """Delete what is older than four weeks."""
    purge_exports(at=at)
