"""What is true of every deal: its contact, its stage's pipeline, the stamps of its status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from turnus.accounts.queries import company
from turnus.core.calendar import day_of, moment_at
from turnus.core.deals import Stamps, Status
from turnus.core.folding import fold_name
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.columns import FieldValues, StoredColumns
from turnus.fields.values import folded_cells, put
from turnus.history.tracked import StoredRow
from turnus.kit.errors import UserError
from turnus.sales.changes import DealChanges
from turnus.sales.models import Stage

#: Of a deal that is not there yet.
_NEW = Stamps(Status.OPEN)
_TEXTS = (
    "lost_reason",
    "lost_comment",
    "channel",
    "channel_id",
    "origin",
    "origin_id",
)
#: Columns that mean something together only.
DEAL_GROUPS = (
    frozenset({"pipeline_id", "stage_id"}),
    frozenset(
        {
            "status",
            "won_at",
            "won_on",
            "lost_at",
            "lost_on",
            "first_won_at",
            "lost_reason",
            "lost_comment",
        }
    ),
    frozenset({"value_e4", "currency", "lines"}),
)
#: Fields that the rules below settle themselves.
_RULED = frozenset(
    {"status", "won_at", "lost_at", "closed_at", "stage", "pipeline"}
)


def derive_deal(row: StoredColumns) -> StoredRow:
    """Return the folded columns of a deal."""
    title: str = row["title"]
    return {
        "title_folded": fold_name(title),
        "folded": folded_cells(row, _TEXTS),
    }


@dataclass(frozen=True, slots=True)
class DealRules:
    """The rules with what they need to know of the company, read once for any number of deals."""

    zone: ZoneInfo
    currency: str
    fields: Catalog
    #: Stage -> its pipeline; stages in order, so a pipeline's first stage comes first.
    pipeline_of: Mapping[int, int]
    first_stage: Mapping[int, int]
    default_stage: int

    @classmethod
    def load(cls) -> "DealRules":
        """Read the company, the fields and the stages; four queries."""
        in_order = Stage.objects.order_by(
            "pipeline__position", "pipeline_id", "position", "pk"
        ).values_list("pk", "pipeline_id")
        pipeline_of = dict(in_order)
        if not pipeline_of:
            raise UserError("stage.none")
        first_stage: dict[int, int] = {}
        for stage, pipeline in pipeline_of.items():
            first_stage.setdefault(pipeline, stage)
        owner = company()
        return cls(
            zone=owner.zone,
            currency=owner.currency,
            fields=catalog(RecordKind.DEAL),
            pipeline_of=pipeline_of,
            first_stage=first_stage,
            default_stage=next(iter(pipeline_of)),
        )

    def settle(
        self, values: FieldValues, row: StoredColumns, at: datetime
    ) -> DealChanges:
        """Return the columns that change when the fields of a deal get `values`.

        `row` is empty for a new deal. Raises UserError: title or contact missing, a stage that is
        gone, a won time on a deal that is not won.
        """
        columns: StoredRow = {} if row else {"currency": self.currency}
        for key, value in values.items():
            if key not in _RULED:
                put(columns, self.fields[key], value, row)
        columns |= self._staged(values, row, at)
        columns |= self._stamped(values, row, at)
        after = {**row, **columns}
        _refuse_incomplete(after)
        columns |= _without_reason(after)
        return cast("DealChanges", columns)

    def _staged(
        self, values: FieldValues, row: StoredColumns, at: datetime
    ) -> DealChanges:
        stage = self._stage_asked(values)
        if stage is None and row:
            return {}
        if stage is None:
            stage = self.default_stage
        if stage not in self.pipeline_of:
            raise UserError("stage.gone")
        changes = DealChanges(
            stage_id=stage, pipeline_id=self.pipeline_of[stage]
        )
        if row and row["stage_id"] != stage:
            changes["stage_changed_at"] = at
        return changes

    def _stage_asked(self, values: FieldValues) -> int | None:
        """Return the stage that is asked for, or the first one of the pipeline asked for."""
        stage = cast("int | None", values.get("stage"))
        if stage is not None:
            return stage
        pipeline = cast("int | None", values.get("pipeline"))
        return None if pipeline is None else self.first_stage.get(pipeline)

    def _stamped(
        self, values: FieldValues, row: StoredColumns, at: datetime
    ) -> DealChanges:
        before = stamps_of(row)
        asked = cast("str | None", values.get("status"))
        status = Status(asked) if asked else before.status
        closed = cast("date | datetime | None", values.get(f"{status}_at"))
        after = before.after(status, closed, now=at, zone=self.zone)
        if row and after == before:
            return {}
        return self.stamp_columns(after)

    def stamp_columns(self, stamps: Stamps) -> DealChanges:
        """Return the columns of a deal's status and stamps, with the days in the company's zone."""
        return {
            "status": str(stamps.status),
            "won_at": stamps.won_at,
            "won_on": self._day(stamps.won_at),
            "lost_at": stamps.lost_at,
            "lost_on": self._day(stamps.lost_at),
            "first_won_at": stamps.first_won_at,
        }

    def moment(self, when: date | datetime) -> datetime:
        """Return the UTC moment of a day or of a wall clock in the company's zone.

        A day is its noon, so that no zone moves it to another one.
        """
        return moment_at(when, self.zone)

    def _day(self, moment: datetime | None) -> date | None:
        return day_of(moment, self.zone) if moment else None


def stamps_of(row: StoredColumns) -> Stamps:
    """Return the stamps of a stored deal; for a new one, those of an open deal."""
    if not row:
        return _NEW
    return Stamps(
        Status(row["status"]),
        won_at=row.get("won_at"),
        lost_at=row.get("lost_at"),
        first_won_at=row.get("first_won_at"),
    )


def _without_reason(row: StoredColumns) -> DealChanges:
    """Return the columns that clear the reason and comment of a loss where the deal is not lost."""
    changes = DealChanges()
    if row.get("status") == Status.LOST:
        return changes
    if row.get("lost_reason"):
        changes["lost_reason"] = ""
    if row.get("lost_comment"):
        changes["lost_comment"] = ""
    return changes


def _refuse_incomplete(row: StoredColumns) -> None:
    if not str(row.get("title") or "").strip():
        raise UserError("field.required", field="title")
    if row.get("person_id") is None and row.get("organization_id") is None:
        raise UserError("deal.contact_missing")
    probability = row.get("probability")
    if probability is not None and not 0 <= probability <= 100:
        raise UserError("probability.range")
