"""How a file was read, for the pages of the wizard, and what was chosen there about it."""

from dataclasses import replace

from django.http import QueryDict

from turnus.core.tables import ReadingChoices
from turnus.imports.models import Import
from turnus.web.posted import number_in


def choices_in(posted: QueryDict, of: Import) -> ReadingChoices:
    """Return how the file is to be read: as chosen before, but for what was posted otherwise than it was read."""
    choices = ReadingChoices(**of.choices)
    reading = of.reading
    sheet = posted.get("sheet", "")
    if len(of.sheets) > 1 and sheet in of.sheets:
        choices = replace(choices, sheet=sheet)
    encoding = posted.get("encoding", "")
    if encoding and encoding != reading.get("encoding"):
        choices = replace(choices, encoding=encoding)
    delimiter = posted.get("delimiter", "")
    if delimiter and delimiter != reading.get("delimiter"):
        choices = replace(choices, delimiter=delimiter)
    row = number_in(posted.get("heading_row"))
    if row is not None and row != reading.get("heading_row"):
        choices = replace(choices, heading_row=row)
    return choices
