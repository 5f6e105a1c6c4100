"""Choices that an import created, in place of the stand-ins that its plan has for them."""

from collections.abc import Mapping
from typing import Any

from turnus.core.fields.cells import Json
from turnus.imports.planned_columns import PlannedColumns


class CreatedChoices:
    """The ids of created choices by their stand-ins, which are negative numbers."""

    def __init__(self, totals: Mapping[str, Any]) -> None:
        """Read them from the totals of an import."""
        made_choices = totals.get("made_choices") or {}
        self.ids: dict[int, int] = {}
        for number, pk in made_choices.items():
            self.ids[int(number)] = pk
        new_choices = totals.get("new_choices") or {}
        #: The keys of custom fields that get new choices.
        self.custom_keys = {
            path.removeprefix("custom.")
            for path, _word in new_choices.values()
        }

    def resolved(self, columns: PlannedColumns) -> PlannedColumns:
        """Return the columns with the ids of created choices in place of their stand-ins."""
        columns = PlannedColumns(**columns)
        if not self.ids:
            return columns
        if "stage_id" in columns:
            columns["stage_id"] = self._choice(columns["stage_id"])
        if "labels" in columns:
            columns["labels"] = sorted(map(self._choice, columns["labels"]))
        if "custom" in columns:
            cells = columns["custom"]
            columns["custom"] = {
                key: self._cell(key, cell) for key, cell in cells.items()
            }
        return columns

    def _cell(self, key: str, cell: Json) -> Json:
        """Return a cell of a custom field; only those of fields with created choices change."""
        if key not in self.custom_keys:
            return cell
        if isinstance(cell, list):
            return sorted(map(self._choice, cell))
        if isinstance(cell, int):
            return self._choice(cell)
        return cell

    def _choice(self, number: int) -> int:
        """Return the id of a created choice by its stand-in; any other is itself."""
        return self.ids.get(number, number)
