"""Plans of single rows of a file with subscriptions: steps, refused rows, rows of their own."""

from typing import cast

from turnus.core.issues import IssueCode, Severity
from turnus.core.money import Money
from turnus.core.revenue.steps import StepKind
from turnus.fields.columns import StoredColumns
from turnus.imports.plan import PlannedRow, Verdict, become_update
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.read_row import ReadRow
from turnus.imports.subscription_cells import effective_day


def orphan_row(row: ReadRow) -> PlannedRow:
    """Return the plan of a row without a subscription: empty, or a step with none above it."""
    if row.is_empty:
        return PlannedRow(row.number, Verdict.SKIP)
    row.add(IssueCode.ROW_ORPHAN, Severity.PROBLEM, None)
    return PlannedRow(row.number, Verdict.PROBLEM, row.issues)


def existing_row(
    head: ReadRow, before: StoredColumns, columns: PlannedColumns
) -> PlannedRow:
    """Return the plan of a row whose subscription exists already."""
    planned = PlannedRow(head.number, Verdict.SAME, head.issues, columns)
    become_update(planned, before)
    if planned.verdict is Verdict.SAME:
        head.add(
            IssueCode.SUBSCRIPTION_HERE,
            Severity.WARNING,
            None,
            id=before["id"],
        )
    return planned


def existing_step_row(row: ReadRow, before: StoredColumns) -> PlannedRow:
    """Return the plan of a step whose subscription exists already."""
    return PlannedRow(
        row.number, Verdict.SAME, row.issues, record_id=before["id"]
    )


def step_row(row: ReadRow) -> PlannedRow:
    """Return the plan of a step, which belongs to the subscription above it."""
    if row.is_skipped:
        return PlannedRow(row.number, Verdict.SKIP, row.issues)
    entry = str(row.values["entry"])
    columns = PlannedColumns(entry=entry, effective_on=effective_day(row))
    if entry == StepKind.PLAN:
        columns["plan_id"] = cast("int", row.values["plan"])
    price = row.values.get("price")
    if isinstance(price, Money):
        columns["price_e4"] = price.amount_e4
        columns["currency"] = price.currency
    return PlannedRow(row.number, Verdict.PART, row.issues, columns)


def refused_row(row: ReadRow, wrong: int) -> PlannedRow:
    """Return the plan of a row that cannot go in because row `wrong` of its subscription cannot."""
    if not row.has_problem:
        row.add(IssueCode.ROW_WITH_OTHERS, Severity.PROBLEM, None, row=wrong)
    return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
