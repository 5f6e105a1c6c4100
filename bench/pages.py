"""Inside an instance: its custom field, and a list page and a report timed against plain SQL."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

from bench import files, measure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")


def add_field() -> None:
    """Give deals the custom field *Abo*."""
    from turnus.accounts.queries import first_admin
    from turnus.core.fields import FieldKind
    from turnus.core.records import RecordKind
    from turnus.fields.actions import create_field
    from turnus.kit import clock

    create_field(
        by=first_admin(),
        at=clock.now(),
        record=RecordKind.DEAL,
        kind=FieldKind.OPTION,
        name="Abo",
        options=files.PLANS,
    )


def list_page() -> dict[str, float]:
    """Time the page of deals won last month on a monthly plan, its summary and its queries."""
    from django.db import connection
    from django.test import Client
    from django.utils.http import urlencode

    from turnus.accounts.queries import first_admin
    from turnus.fields.models import CustomField

    field = CustomField.objects.get()
    monthly = field.options.get(name="monatlich").pk
    where = {
        "all": [
            {"field": "status", "operator": "is", "value": "won"},
            {
                "field": "won_at",
                "operator": "in_period",
                "value": {"from": "2018-10-01", "until": "2018-10-31"},
            },
            {
                "field": f"custom.{field.key}",
                "operator": "is",
                "value": monthly,
            },
        ]
    }
    address = "/deals/?" + urlencode(
        {"where": json.dumps(where), "sort": "-won_at"}
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(
        first_admin(),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )

    def page() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(answer.status_code)

    condition = (
        "trashed_at IS NULL AND status = 'won' AND won_on BETWEEN '2018-10-01' AND '2018-10-31'"
        f" AND json_extract(custom, '$.\"{field.key}\"') = {monthly}"
    )
    both = (
        f"SELECT * FROM sales_deal WHERE {condition} ORDER BY won_at DESC, id DESC LIMIT 51",
        (
            "SELECT currency, COUNT(*), SUM(value_e4), SUM(value_e4 * COALESCE(probability, 100)) "
            f"FROM sales_deal WHERE {condition} GROUP BY 1"
        ),
    )
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        page()
    return {
        "page": measure.median_seconds(page),
        "plain": measure.median_seconds(lambda: [_rows(one) for one in both]),
        "queries": len(asked),
    }


def report() -> dict[str, float]:
    """Time the report of won deals over three years by month and owner against plain SQL."""
    from datetime import date

    from turnus.accounts.queries import company, first_admin, rates
    from turnus.accounts.viewer import Viewer
    from turnus.core.calendar import DateRange
    from turnus.core.records import RecordKind
    from turnus.fields.catalog import catalog
    from turnus.reports.catalog import REPORTS
    from turnus.reports.shape import Params

    fields, owner = catalog(RecordKind.DEAL), company()
    viewer = Viewer(first_admin(), files.ON, owner.zone, "de")
    days = DateRange(date(2015, 1, 1), date(2019, 1, 1))

    won = REPORTS["won"]

    def whole(split: str) -> None:
        source = won.source(
            viewer, Params(days, split=split), fields, rates=rates()
        )
        won.report(source)

    condition = "trashed_at IS NULL AND status = 'won'"
    condition += " AND won_on >= '2015-01-01' AND won_on < '2019-01-01'"
    by = (
        "SELECT substr(won_on, 1, 7), {}, currency, COUNT(*), SUM(value_e4) "
        "FROM sales_deal WHERE {} GROUP BY 1, 2, 3"
    )
    custom_field = next(field for field in fields.own if field.is_custom)
    key = custom_field.key.removeprefix("custom.")
    plan = f"json_extract(custom, '$.\"{key}\"')"
    timed = {
        "": "''",
        "owner": "owner_id",
        next(one.key for one in fields.own if one.is_custom): plan,
    }
    return {
        name: measure.median_seconds(call, times=3)
        for number, (segment, column) in enumerate(timed.items())
        for name, call in (
            (f"report {number}", lambda segment=segment: whole(segment)),
            (
                f"plain {number}",
                lambda column=column: _rows(by.format(column, condition)),
            ),
        )
    }


def _rows(statement: str) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


if __name__ == "__main__":
    django.setup()
    what = sys.argv[1]
    if what == "field":
        add_field()
    elif what == "read":
        Path(sys.argv[2]).write_text(
            json.dumps({"list": list_page(), "report": report()}),
            encoding="utf-8",
        )
