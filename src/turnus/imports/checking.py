"""The check: reads the file once and stores the plan, the questions and the totals; changes no record."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from turnus.accounts.queries import company, user_by_email
from turnus.core.calendar import day_of
from turnus.core.fields import DateRules
from turnus.core.records import RecordKind
from turnus.core.tables import Row
from turnus.fields.catalogue import catalogue
from turnus.imports.actions import fail_check, finish_check, start_check, store_block
from turnus.imports.contacts import by_key
from turnus.imports.deals import DealPlanner, Occasion
from turnus.imports.files import NOTATION_ROWS, notations_of, table_of
from turnus.imports.models import Import
from turnus.imports.people import ContactPlanner
from turnus.imports.plan import BLOCK_ROWS, Verdict, count
from turnus.imports.rows import RowReader
from turnus.imports.subscriptions import SubscriptionPlanner
from turnus.kit.errors import UserError
from turnus.sales.rules import DealRules

Planner = DealPlanner | ContactPlanner | SubscriptionPlanner


def check(of: Import, *, at: datetime) -> None:
    """Plan every row of the file; a file that cannot be read to its end leaves no plan, only its error."""
    start_check(of)
    try:
        _check(of, at)
    except UserError as error:
        fail_check(of, code=error.code, params=error.params)


def _check(of: Import, at: datetime) -> None:
    _, table = table_of(of)
    rest = iter(table.rows)
    sample = list(islice(rest, NOTATION_ROWS))
    planner = _planner(of, sample, at)
    totals: Counter[str] = Counter()
    for number, rows in enumerate(_blocks(chain(sample, rest), planner)):
        planner.reader.look_up(rows, planner.occasion.user)
        planned = planner.plan([planner.reader.read(row) for row in rows])
        new = planner.contacts.take_new()
        counts = count(planned)
        totals.update(counts)
        totals.update({f"new_{kind}": len(contacts) for kind, contacts in new.items()})
        store_block(of, number=number, rows=planned, counts=counts, contacts=by_key(new), seen=rows[-1].number)
    totals["rows"] = sum(totals[verdict] for verdict in Verdict)
    questions = [one.as_json() for one in planner.reader.questions.by_key.values()]
    new_choices = {str(number): list(pair) for number, pair in planner.reader.new_choices.items()}
    finish_check(of, totals={**totals, "new_choices": new_choices}, questions=questions)


def _planner(of: Import, sample: Sequence[Row], at: datetime) -> Planner:
    kind = RecordKind(of.record_kind)
    fields = catalogue(kind)
    owner = company()
    mapped = [index for index, path in enumerate(of.columns) if path]
    dates = DateRules(owner.zone, day_of(at, owner.zone))
    reader = RowReader(of.headings, of.columns, fields, of.answers, notations_of(sample, mapped), owner.currency, dates)
    occasion = Occasion(user_by_email(of.run.by.email), at, of.on or day_of(at, owner.zone), of.on)
    if kind is RecordKind.SUBSCRIPTION:
        return SubscriptionPlanner(reader, fields, occasion, owner.currency)
    if kind is not RecordKind.DEAL:
        return ContactPlanner(reader, fields, occasion)
    planner = DealPlanner(reader, fields, _rules(reader), occasion)
    planner.repeats.earlier_runs = earlier_runs(of)
    return planner


def earlier_runs(of: Import) -> frozenset[str]:
    """Return the numbers of the runs that imported the very same file and still stand, as deals keep them."""
    same = Import.objects.filter(sha256=of.sha256, record_kind=of.record_kind, state=Import.State.DONE)
    return frozenset(str(run) for run in same.exclude(pk=of.pk).values_list("run_id", flat=True))


def _rules(reader: RowReader) -> DealRules:
    """Return the rules of deals, which already know the stages that the import will create."""
    rules = DealRules.load()
    pipeline = rules.pipeline_of[rules.default_stage]
    new = {number: pipeline for number, (path, _word) in reader.new_choices.items() if path == "stage"}
    return replace(rules, pipeline_of={**rules.pipeline_of, **new})


def _blocks(rows: Iterator[Row], planner: Planner) -> Iterator[list[Row]]:
    """Yield rows in blocks; one of subscriptions goes on until the next subscription begins."""
    block: list[Row] = []
    for row in rows:
        if len(block) >= BLOCK_ROWS and (not isinstance(planner, SubscriptionPlanner) or planner.begins(row)):
            yield block
            block = []
        block.append(row)
    if block:
        yield block
