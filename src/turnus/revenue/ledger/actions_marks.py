"""The marks of what is stale in the ledger are written by the database, by triggers.

So they stand in the transaction of the change, whichever way it came: an action, a block of an
import, an undone run. A mark only names a subscription; nothing is folded while it is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections

_MARKS = "revenue_stalesubscription"
#: The columns of a subscription that revenue follows from.
_SUBSCRIPTION = (
    "organization_id",
    "person_id",
    "plan_id",
    "cadence",
    "price_e4",
    "currency",
    "state",
    "anchor_on",
    "anchor_number",
    "next_due_on",
    "end_on",
    "paused_on",
    "trashed_at",
)
_TERM = (
    "subscription_id",
    "starts_on",
    "ends_on",
    "price_e4",
    "currency",
    "cadence",
    "deal_id",
    "run_id",
)
_MARK_ALL = (
    f"INSERT INTO {_MARKS} (subscription_id)"  # noqa: S608 (names of ours)
    " SELECT id FROM revenue_subscription"
)
_NAMES_ON_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_NAMES = (
    "SELECT tgname FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE relnamespace = current_schema()::regnamespace"
)
#: Whoever is billed for an organization is so for all that bill with it: the mark for all.
_ALL = "SELECT 0"


@dataclass(frozen=True, slots=True)
class StaleMark:
    """Which change of which table marks what.

    `marked` is a query of the ids of subscriptions; `{row}` stands for the row, and the query may
    join nothing else to it. `columns`: of an update, those that must have changed.
    """

    name: str
    table: str
    event: str
    marked: str
    columns: tuple[str, ...] = ()
    #: The row as it was before an update, not as it is now.
    is_before: bool = False


def _row_marks(
    table: str, column: str, columns: tuple[str, ...]
) -> Iterator[StaleMark]:
    """Yield the marks of a table whose rows name a subscription themselves."""
    marked = f"SELECT {{row}}.{column}"
    for event in ("INSERT", "UPDATE", "DELETE"):
        changed = columns if event == "UPDATE" else ()
        yield StaleMark(
            f"{table}_{event.lower()}", table, event, marked, changed
        )


MARKS = (
    *_row_marks("revenue_subscription", "id", _SUBSCRIPTION),
    *_row_marks("revenue_term", "subscription_id", _TERM),
    StaleMark(
        "revenue_term_moved",
        "revenue_term",
        "UPDATE",
        "SELECT {row}.subscription_id",
        ("subscription_id",),
        is_before=True,
    ),
    StaleMark(
        "sales_deal_update",
        "sales_deal",
        "UPDATE",
        "SELECT term.subscription_id FROM revenue_term term"
        " WHERE term.deal_id = {row}.id",
        ("status", "trashed_at"),
    ),
    StaleMark(
        "revenue_plan_update",
        "revenue_plan",
        "UPDATE",
        "SELECT own.id FROM revenue_subscription own"
        " WHERE own.plan_id = {row}.id",
        ("grace_days", "cadence"),
    ),
    # What an undone run did has not happened.
    StaleMark(
        "history_run_update",
        "history_run",
        "UPDATE",
        "SELECT event.record_id FROM history_event event"
        " WHERE event.run_id = {row}.id"
        " AND event.record_kind = 'subscription'",
        ("state", "kind"),
    ),
    StaleMark(
        "contacts_organization_update",
        "contacts_organization",
        "UPDATE",
        _ALL,
        ("bills_with_id",),
    ),
)


def drop_marks(*, using: str, **facts: object) -> None:
    """Drop the triggers before a migration: SQLite renames no table that a trigger names."""
    if not facts.get("plan"):
        return
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for mark in MARKS:
            if mark.table in tables:
                cursor.execute(_dropped(mark, connection.vendor))


def create_marks(*, using: str, **_facts: object) -> None:
    """Create the triggers, and mark everything, where one is missing.

    After a migration, and after rows were loaded into new tables: what changed was not marked.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if _MARKS not in tables:
        return  # migrated to a state before the ledger
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(_NAMES_ON_SQLITE if is_sqlite else _NAMES)
        present = {name for (name,) in cursor.fetchall()}
        missing = [mark for mark in MARKS if _trigger(mark) not in present]
        for mark in missing:
            for statement in (_sqlite if is_sqlite else _postgresql)(mark):
                cursor.execute(statement)
        if missing:
            cursor.execute(_MARK_ALL)


def _dropped(mark: StaleMark, vendor: str) -> str:
    on_table = "" if vendor == "sqlite" else f" ON {mark.table}"
    return f"DROP TRIGGER IF EXISTS {_trigger(mark)}{on_table}"


def _sqlite(mark: StaleMark) -> Iterator[str]:
    is_before = mark.is_before or mark.event == "DELETE"
    row = "OLD" if is_before else "NEW"
    event, condition = mark.event, ""
    if mark.columns:
        event = f"UPDATE OF {', '.join(mark.columns)}"
        changed = (f"OLD.{each} IS NOT NEW.{each}" for each in mark.columns)
        condition = f"WHEN {' OR '.join(changed)}"
    yield (
        f"CREATE TRIGGER {_trigger(mark)} AFTER {event} ON {mark.table}"
        f" {condition} BEGIN INSERT INTO {_MARKS} (subscription_id)"
        f" {mark.marked.format(row=row)}; END"
    )


def _postgresql(mark: StaleMark) -> Iterator[str]:
    """Yield the statements of one mark: a row of marks for each statement, not for each row."""
    name = _trigger(mark)
    is_before = mark.is_before or mark.event == "DELETE"
    row = "before" if is_before else "after"
    tables = f"{'OLD' if is_before else 'NEW'} TABLE AS {row}"
    origin = row
    if mark.columns:
        tables = "OLD TABLE AS before NEW TABLE AS after"
        origin = f"before JOIN after USING (id) WHERE {_has_changed(mark)}"
    marked = mark.marked.format(row="changed")
    insert = (
        f"INSERT INTO {_MARKS} (subscription_id) SELECT DISTINCT marked.*"  # noqa: S608 (names of ours)
        f" FROM (SELECT {row}.* FROM {origin}) changed"
        f" CROSS JOIN LATERAL ({marked}) marked"
    )
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger"
        f" LANGUAGE plpgsql AS $$ BEGIN {insert}; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {name} AFTER {mark.event} ON {mark.table}"
        f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def _has_changed(mark: StaleMark) -> str:
    old = ", ".join(f"before.{each}" for each in mark.columns)
    new = ", ".join(f"after.{each}" for each in mark.columns)
    return f"({old}) IS DISTINCT FROM ({new})"


def _trigger(mark: StaleMark) -> str:
    return f"turnus_stale_{mark.name}"
