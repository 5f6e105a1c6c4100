"""A missing rate withholds its currency only in the periods whose figures need it."""

import json
from datetime import date
from decimal import Decimal

import pytest

from tests.revenue.worlds import booked, report, shown, source
from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.cli.main import main
from turnus.core.calendar import DateRange
from turnus.reports.catalog import REPORTS
from turnus.reports.shape import Report

SPRING = DateRange(date(2018, 3, 1), date(2018, 9, 1))


@pytest.fixture
def no_rate_in_april(world: World) -> World:
    """100 CHF a month, whose terms begin on the 10th from March to July.

    The franc has a rate from 20 April on.
    """
    booked(world, world.organization("Beta AG"), "2018-03-10", [1000] * 6)
    booked(
        world,
        world.organization("Alp AG"),
        "2018-03-10",
        [100] * 5,
        currency="CHF",
        cadence="1m",
        end_on=date(2018, 8, 10),
    )
    save_rate(
        by=world.admin, code="CHF", on=date(2018, 4, 20), rate=Decimal("0.9")
    )
    return world


def lines_of(found: Report, code: str) -> list[tuple[str, str]]:
    """Return the month and figure of each line, and what it leaves out."""
    return [
        (figure, ",".join(line.without))
        for line, figure in zip(found.whole, shown(found, code), strict=True)
    ]


def test_mrr_leaves_the_currency_out_only_where_a_term_of_the_day_has_no_rate(
    no_rate_in_april: World,
) -> None:
    # On 31 March and 30 April terms run whose rates are of 10 March and 10 April: there is none.
    assert lines_of(report(no_rate_in_april, "mrr", days=SPRING), "mrr") == [
        ("03: €1,000.00", "CHF"),
        ("04: €1,000.00", "CHF"),
        ("05: €1,090.00", ""),
        ("06: €1,090.00", ""),
        ("07: €1,090.00", ""),
        ("08: €1,000.00", ""),
    ]


def test_movements_leave_it_out_where_opening_or_a_day_of_the_period_needs_the_rate(
    no_rate_in_april: World,
) -> None:
    found = report(no_rate_in_april, "movements", days=SPRING)
    assert [without for _figure, without in lines_of(found, "closing")] == [
        "CHF",
        "CHF",
        "CHF",
        "",
        "",
        "",
    ]
    for line in found.whole:
        amounts = dict(
            zip(
                [column.code for column in found.columns],
                line.cells,
                strict=True,
            )
        )
        moved = [
            amounts[code].amount_e4
            for code in (
                "new",
                "reactivation",
                "expansion",
                "contraction",
                "churn",
            )
        ]
        assert (
            amounts["opening"].amount_e4 + sum(moved)
            == amounts["closing"].amount_e4
        )
    # Whoever paid without a rate before is nobody new in June.
    assert [figure for figure, _without in lines_of(found, "new")[3:]] == [
        "06: €0.00",
        "07: €0.00",
        "08: €0.00",
    ]
    assert lines_of(found, "churn")[-1] == ("08: -€90.00", "")


def test_growth_is_not_said_of_two_different_sums(
    no_rate_in_april: World,
) -> None:
    growth = lines_of(report(no_rate_in_april, "mrr", days=SPRING), "growth")
    figures = [
        "03: –",
        "04: 0.00%",
        "05: –",
        "06: 0.00%",
        "07: 0.00%",
        "08: -8.26%",
    ]
    assert [figure for figure, _without in growth] == figures


def test_what_was_missing_is_named_once_with_its_first_day(
    no_rate_in_april: World,
) -> None:
    found = report(no_rate_in_april, "mrr", days=SPRING)
    assert [(one.currency, one.on) for one in found.withheld] == [
        ("CHF", date(2018, 3, 10))
    ]
    later = report(
        no_rate_in_april,
        "mrr",
        days=DateRange(date(2018, 6, 1), date(2018, 9, 1)),
    )
    assert later.withheld == ()


@pytest.mark.parametrize(
    ("month", "total"), [("2018-04-01", "1000"), ("2018-05-01", "1090")]
)
def test_a_figure_opens_to_what_its_line_counts(
    no_rate_in_april: World, month: str, total: str
) -> None:
    given = source(no_rate_in_april, days=SPRING)
    found = REPORTS["mrr"].report(given)
    parts = REPORTS["mrr"].opened(
        given, found, code="mrr", start=date.fromisoformat(month)
    )
    assert parts is not None
    assert str(parts.groups[0].shown.amount) == total  # type: ignore[union-attr]  # money is shown
    assert parts.cell == parts.groups[0].shown


def test_the_command_and_the_screen_say_which_lines_lack_it(
    no_rate_in_april: World, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ["--from", "2018-03-01", "--to", "2018-08-31"]
    assert main(["report", "mrr", *days, "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert [line["without"] for line in lines] == [
        ["CHF"],
        ["CHF"],
        [],
        [],
        [],
        [],
    ]
    assert main(["report", "mrr", *days]) == 0
    assert "Apr 2018 (without CHF)" in capsys.readouterr().out
    page = no_rate_in_april.client(no_rate_in_april.admin)
    text = page.get(
        "/reports/mrr/", {"from": "2018-03-01", "until": "2018-08-31"}
    ).content.decode()
    assert text.count("ohne CHF") == 2
    assert "Die gekennzeichneten Zeilen enthalten CHF nicht" in text
