"""Changing the lines of a deal; its value follows."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.deal_lines import DealLine, stored_lines, sum_e4
from turnus.core.money import MAX_E4
from turnus.core.records import RecordKind
from turnus.fields.changing import change_each, present_ids, refuse_strangers
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.sales.changes import DealChanges
from turnus.sales.models import Deal


@transaction.atomic
def set_deal_lines(
    *, deals: QuerySet[Deal], by: User, at: datetime, lines: Sequence[DealLine]
) -> int:
    """Give deals these lines and their sum as value; return how many deals changed.

    Without lines the value stays.
    Refused: a line without a name, and recurring lines that come to less than nothing.
    """
    refuse_strangers(deals, by)
    named = [
        DealLine(
            one_line(line.name, field="name"), line.amount_e4, line.recurs
        )
        for line in lines
    ]
    if not all(line.name for line in named):
        raise UserError("deal.line_without_name")
    if sum_e4(named, recurs=True) < 0:
        raise UserError("renewal.price_negative")
    if abs(sum_e4(named)) > MAX_E4:
        raise UserError("value.invalid", text=str(sum_e4(named)))
    changes = DealChanges(lines=stored_lines(named))
    if named:
        changes["value_e4"] = sum_e4(named)
    ids = present_ids(deals)
    return change_each(
        tracked(RecordKind.DEAL), ids, lambda _row: changes, by=by, at=at
    )
