"""Imports without a person: their stored plans, questions and samples; the files themselves go."""

from django.db import transaction

from turnus.core.redacting import Redaction
from turnus.imports.files import path_of, uploads
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan_storage import RowJson, pack_json, unpack_json
from turnus.imports.queries import AT_WORK
from turnus.kit.errors import UserError

_TEXTS = (
    "file_name",
    "stored_as",
    "headings",
    "answers",
    "questions",
    "totals",
    "error",
    "left_out",
    "ignored",
    "reading",
)


def refuse_while_importing() -> None:
    """Refuse with `person.import_running` while a job reads or writes what a file holds."""
    if Import.objects.filter(state__in=AT_WORK).exists():
        raise UserError("person.import_running")


def redact_imports(redaction: Redaction) -> None:
    """Take a person out of every import and its stored plan, and delete all uploaded files.

    Nobody can know what else a file says of a person: a skipped column, a note about them.
    """
    for of in Import.objects.all().iterator():
        if path_of(of).parent == uploads():
            path_of(of).unlink(missing_ok=True)
        after = redaction.value({name: getattr(of, name) for name in _TEXTS})
        after["file_name"] = after["file_name"][:255]
        after["stored_as"] = after["stored_as"][:1000]
        # Single cells, such as a last name, say who it was where no whole name stands beside them.
        after["samples"] = [[] for _column in of.samples]
        Import.objects.filter(pk=of.pk).update(**after)
    for pk in list(PlanBlock.objects.values_list("pk", flat=True)):
        _redact_block(pk, redaction)


@transaction.atomic
def _redact_block(pk: int, redaction: Redaction) -> None:
    block = PlanBlock.objects.select_for_update().filter(pk=pk).first()
    if block is None:
        return
    rows = _rows_of(block)
    before = {"rows": rows, "contacts": block.contacts}
    after = redaction.value({"rows": rows or [], "contacts": block.contacts})
    if after != before:
        packed = pack_json(after["rows"])
        PlanBlock.objects.filter(pk=pk).update(
            rows=packed, contacts=after["contacts"]
        )


def _rows_of(block: PlanBlock) -> list[RowJson] | None:
    """Return the planned rows in stored form.

    None where they are damaged: such rows may name the person all the same, and are deleted.
    """
    try:
        return unpack_json(block.rows)
    except ValueError:
        return None
