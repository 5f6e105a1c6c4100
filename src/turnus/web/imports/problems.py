"""The rows that did not go in, as a file in the person's own layout with a column that says why."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import HttpResponse

from turnus.core.issues import Issue
from turnus.imports.files import table_of
from turnus.imports.models import Import
from turnus.imports.plan import Verdict
from turnus.imports.plan_storage import unpack
from turnus.kit.messages import say
from turnus.sheets.writing import writer


def problems_file(of: Import, *, heading: str) -> HttpResponse:
    """Return the file; corrected, it can be imported again: the added column is ignored."""
    words: dict[int, str] = {}
    for packed in (
        of.blocks.order_by("number").values_list("rows", flat=True).iterator()
    ):
        for row in unpack(packed):
            if row.verdict in {Verdict.PROBLEM, Verdict.QUESTION}:
                words[row.number] = " ".join(map(_words_of, row.issues))
    source, table = table_of(of)
    ending = "csv" if source.format == "csv" else "xlsx"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"problems.{ending}"
        with writer(
            path,
            [*table.headings, heading],
            sheet=table.name or "Sheet",
            delimiter=source.delimiter or ",",
        ) as file:
            for line in table.rows:
                if line.number in words:
                    file.write_row([*line.cells, words[line.number]])
        response = HttpResponse(
            path.read_bytes(), content_type="application/octet-stream"
        )
    response["Content-Disposition"] = (
        f'attachment; filename="problems-{of.pk}.{ending}"'
    )
    return response


def _words_of(issue: Issue) -> str:
    if issue.column:
        return f"{issue.column}: {say(issue)}"
    return say(issue)
