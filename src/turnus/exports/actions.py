"""Request an export, write it, delete old ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import day_of
from turnus.core.filters import to_json
from turnus.core.records import RecordKind
from turnus.core.tables import Cell
from turnus.exports.models import Export
from turnus.exports.subscriptions import SubscriptionRows
from turnus.fields.catalog import catalog
from turnus.fields.words import delimiter_of
from turnus.jobs.actions import enqueue
from turnus.jobs.lanes import SHORT_ROWS, lane_of_rows
from turnus.kit.errors import UserError
from turnus.kit.folder import files_before, private_folder
from turnus.listing.compiling import refuse_gone_fields
from turnus.listing.lists import ListState, RecordList
from turnus.listing.queries import paths_in
from turnus.listing.trees import tree_in
from turnus.sheets.digest import sha256_of
from turnus.sheets.writing import writer

#: How long a file is kept (pipedrive.md: Files of exports).
KEPT = timedelta(days=28)
_PROGRESS_EVERY = 2_000
#: So many rows with cut texts are named one by one.
_NAMED_ROWS = 10


#: Called with how many records are written, and how many there are.
Progress = Callable[[int, int], None]


class Notice(TypedDict):
    """The code and the values of a sentence about a file."""

    code: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """What a file holds: records, and the numbers of its rows with a text that was cut."""

    record_count: int
    cut_rows: tuple[int, ...] = ()

    @property
    def notice(self) -> Notice | None:
        """What to say about texts that were cut; None without such."""
        if not self.cut_rows:
            return None
        count = len(self.cut_rows)
        named_rows = self.cut_rows[:_NAMED_ROWS]
        rows = ", ".join(str(number) for number in named_rows)
        more = " …" if count > _NAMED_ROWS else ""
        params = {"count": str(count), "rows": f"{rows}{more}"}
        return {"code": "export.texts_cut", "params": params}


def exports_folder() -> Path:
    """Return the folder of generated files, made if it is missing."""
    return private_folder("exports")


@transaction.atomic
def request_export(
    *,
    by: User,
    at: datetime,
    kind: RecordKind,
    state: ListState,
    file_format: str,
    language: str,
    title: str,
) -> Export:
    """Let a job write the list into a file; refuses a filter that names a field which is gone."""
    require(by, Permission.EXPORT)
    refuse_gone_fields(state.tree, catalog(kind))
    export = Export.objects.create(
        by=by,
        record_kind=str(kind),
        title=title[:255],
        tree=to_json(state.tree),
        search=state.search,
        sort=state.sort,
        columns=list(state.columns),
        language=language,
        format=file_format,
        created_at=at,
        expires_at=at + KEPT,
    )
    lane = lane_of_rows(_size(export, at=at))
    enqueue(
        "exports.write", at=at, by_id=by.pk, lane=lane, export_id=export.pk
    )
    return export


def _size(export: Export, *, at: datetime) -> int:
    """Return how many rows the file will have, as far as it matters: nobody waits for a count."""
    records = _records(export, at).records
    return records[: SHORT_ROWS + 1].count()


def write_export(export: Export, *, at: datetime) -> None:
    """Write the file, or keep why there is none, which the page then shows.

    There is none after any failure, also where the rows do not add up to the count.
    """
    path = exports_folder() / f"{export.pk}-{at:%Y%m%d-%H%M%S}.{export.format}"
    export.state = Export.State.WRITING
    export.save(update_fields=["state"])
    try:
        written = _write(export, path, at)
    except UserError as error:
        path.unlink(missing_ok=True)
        fail_export(export, code=error.code, params=error.params)
        return
    export.state = Export.State.DONE
    export.row_count = written.record_count
    export.file_name = path.name
    export.sha256 = sha256_of(path)
    export.error = written.notice or {}
    export.save(
        update_fields=["state", "row_count", "file_name", "sha256", "error"]
    )


def fail_export(
    export: Export, *, code: str, params: Mapping[str, object]
) -> None:
    """Keep why there is no file, as the code and the values of a sentence."""
    texts = {name: str(value) for name, value in params.items()}
    export.state = Export.State.FAILED
    export.error = {"code": code, "params": texts}
    export.save(update_fields=["state", "error"])


def reopen_export(export: Export) -> None:
    """Let an export wait once more that failed."""
    export.state = Export.State.WAITING
    export.error = {}
    export.save(update_fields=["state", "error"])


def write_list(
    records: RecordList,
    path: Path,
    *,
    delimiter: str,
    progress: Progress | None = None,
) -> WrittenFile:
    """Write a list to `path`, in the format of its ending; refuses when records got lost."""
    expected = records.count()
    written = 0
    content = _content_of(records)
    kind = str(records.kind)
    sheet = f"{kind.capitalize()}s"
    with writer(
        path, content.headings, sheet=sheet, delimiter=delimiter
    ) as file:
        for rows in content.groups:
            for cells in rows:
                file.write_row(cells)
            written += 1
            if progress and written % _PROGRESS_EVERY == 0:
                progress(written, expected)
        if written != expected and written != records.count():
            raise UserError(
                "export.incomplete", written=written, expected=expected
            )
    cut_rows = dict.fromkeys(file.cut_rows)
    return WrittenFile(written, tuple(cut_rows))


@dataclass(frozen=True, slots=True)
class _Content:
    """The headings of a file, and the rows of each record.

    A record has one row; a subscription has more, for what happened to it.
    """

    headings: list[str]
    groups: Iterable[list[list[Cell]]]


def _content_of(records: RecordList) -> _Content:
    if records.kind is RecordKind.SUBSCRIPTION:
        subscriptions = SubscriptionRows(records)
        return _Content(subscriptions.headings(), subscriptions.groups())
    groups = ([cells] for cells in records.cells())
    return _Content(records.headings(), groups)


def delete_all_exports() -> None:
    """Delete every export with its file; whoever needs a file exports again."""
    Export.objects.all().delete()
    for path in exports_folder().iterdir():
        path.unlink(missing_ok=True)


@transaction.atomic
def purge_exports(*, at: datetime) -> int:
    """Delete the files whose time is up; return how many."""
    old = list(Export.objects.filter(expires_at__lt=at))
    folder = exports_folder()
    for export in old:
        if export.file_name:
            path = folder / export.file_name
            path.unlink(missing_ok=True)
        export.delete()
    _purge_leftovers(at - KEPT)
    return len(old)


def _purge_leftovers(before: datetime) -> None:
    """Delete old files that belong to no export: writing them broke off."""
    names = set(Export.objects.values_list("file_name", flat=True))
    for path in files_before(before, exports_folder()):
        if path.name not in names:
            path.unlink(missing_ok=True)


def _records(export: Export, at: datetime) -> RecordList:
    kind = RecordKind(export.record_kind)
    zone = company().zone
    today = day_of(at, zone)
    state = ListState(
        tree=tree_in(export.tree),
        search=export.search,
        sort=export.sort,
        columns=paths_in(export.columns),
    )
    viewer = Viewer(export.by, today, zone, export.language)
    return RecordList(kind, catalog(kind), state, viewer)


def _write(export: Export, path: Path, at: datetime) -> WrittenFile:
    records = _records(export, at)

    def progress(written: int, expected: int) -> None:
        export.row_count = written
        export.total = expected
        export.save(update_fields=["row_count", "total"])

    delimiter = delimiter_of(export.language)
    return write_list(records, path, delimiter=delimiter, progress=progress)
