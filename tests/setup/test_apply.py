"""`turnus apply`: what is equal stays, what differs changes, what is wrong is said."""

import io
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.setup.states import Apply, state
from tests.world import PASSWORD, World
from turnus.accounts.models import User
from turnus.cli.main import main
from turnus.core.cadence import YEARLY
from turnus.fields.models import CustomField, FieldOption
from turnus.listing.models import SavedFilter
from turnus.setup.writing import present_setup

WHOLE = """
company: {name: Muster AG, currency: CHF}
currencies: [JPY]
rates:
  - {currency: JPY, from: 2026-01-01, rate: 0.0055}
teams: [Nord]
users:
  - {email: Nina@example.org, name: Nina, team: Nord, permissions: [export]}
pipelines:
  - name: Pipeline
    deal_probability: true
    stages: [{name: Neu, probability: 5}]
lost_reasons: [Zu teuer]
labels: {deals: [{name: Heiß, color: red}]}
fields:
  deals: [{name: Abo, kind: option, options: [jährlich, monatlich]}]
plans:
  - {name: Gold, every: yearly, grace_days: 45, stage: Pipeline / Neu}
filters:
  deals:
    - name: Abos
      where: {field: custom.Abo, operator: is, value: jährlich}
"""
LINES = """\
company: name: Muster GmbH → Muster AG
company: currency: EUR → CHF
currencies “JPY”: added
rates “JPY 2026-01-01”: added (rate: 0.0055)
teams “Nord”: added
users “nina@example.org”: added (name: Nina, permissions: [export], team: Nord)
pipelines “Pipeline”: deal_probability: false → true
stages “Pipeline / Neu”: added (probability: 5)
lost_reasons “Zu teuer”: added
labels.deals “Heiß”: added (color: red)
fields.deals “Abo”: added (kind: option, options: [jährlich, monatlich])
plans “Gold”: added (every: yearly, grace_days: 45, renewal: book, \
days_before: 30, stage: Pipeline / Neu)
filters.deals “Abos”: added (shared: false)
"""


#: What is wrong with the files below, a line each.
MISREAD = """\
line 1, compny: “compny” is not known here. Did you mean “company”?
line 2, currencies: Expected a list, a line with “- ” for each entry, found \
“EUR”.
line 4, plans.every: “sometimes” is no cadence. Write one of yearly, \
half_yearly, quarterly, monthly, twice_a_month, every_two_weeks, weekly, or 3m for every \
three months, 1m-last for the last day of each month, 2/m:1,15 for two days of each month.
line 4, plans.grace_days: Expected a whole number from 0 to 366, found “-1”.
line 5, plans.nme: “nme” is not known here. Did you mean “name”?
line 5, plans.name: “name” is missing.
line 6, plans: “Gold” is here twice; first on line 4.
line 8, users.admin: Expected true or false, found “maybe”.
line 8, users.permissions: There is no “fly” here. These are: import, export, \
custom_fields, pipelines, users, company, edit_all.
line 10, fields.deal: “deal” is not known here. Did you mean “deals”?
"""
REFUSED = """\
line 3, users.team: There is no “Nrod” here. Did you mean “Nord”?
line 4, users: This is the last admin. Make another user an admin first.
line 5, users: “not an address” is not an email address.
line 8, fields.deals.kind: “Abo” is a field of the kind option, and the kind of a field \
cannot change. Give the new field another name.
line 9, fields.deals: The name “abo” is already in use.
line 11, plans: 1 subscriptions use this plan. Move them to another plan first.
line 12, plans.stage: There is no “Nowhere / Neu” here. These are: Pipeline / Qualifiziert, \
Pipeline / Kontakt hergestellt, Pipeline / Demo geplant, Pipeline / Angebot gemacht, \
Pipeline / Verhandlungen begonnen.
line 16, filters.deals.columns: There is no “titl” here. Did you mean “title”?
line 19, filters.deals.where: There is no “custom.Abbo” here. Did you mean “custom.Abo”?
line 20, filters.deals.where: There is no “jaehrlich” here. Did you mean “jährlich”?
line 21, filters.deals.where: There is no “contains” here. These are: is, is_not, less_than, \
at_most, more_than, at_least, between, is_empty, is_not_empty.
line 22, filters.deals.where: Expected a number, found “viel”.
line 23, filters.deals.where: A set-up file cannot name a contact in a filter.
line 24, filters.deals.where: Expected a known period or unit and a whole number.
"""


def test_a_dry_run_says_what_the_real_run_says_and_changes_nothing(
    apply: Apply,
) -> None:
    before = state()
    told = apply(WHOLE, "--dry-run")
    assert told == LINES + "This was a dry run: nothing was changed.\n"
    assert state() == before
    assert apply(WHOLE) == LINES + "13 changes.\n"
    assert state() != before


def test_the_second_time_nothing_is_written(apply: Apply) -> None:
    apply(WHOLE)
    with CaptureQueriesContext(connection) as queries:
        assert apply(WHOLE) == "Nothing to change.\n"
    words = {query["sql"].split()[0] for query in queries}
    assert words == {"SELECT", "SAVEPOINT", "RELEASE"}


def test_what_differs_is_changed_and_what_is_not_named_stays(
    apply: Apply,
) -> None:
    apply(WHOLE)
    told = apply(
        """
rates: [{currency: JPY, from: 2026-01-01, rate: 0.006}]
users:
  - {email: nina@example.org, admin: true, active: false, team: null}
pipelines:
  - name: Pipeline
    stages: [{name: Neu, probability: 7}]
labels: {deals: [{name: Heiß, color: blue}]}
fields:
  deals:
    - {name: Abo, options: [monatlich, nie], required: true, description: Wie}
plans: [{name: Gold, every: monthly, grace_days: null, stage: null}]
filters:
  deals:
    - {name: Abos, shared: true, sort: -value, columns: [title, custom.Abo],
       where: {field: title, operator: contains, value: Abo}}
"""
    )
    assert told.splitlines() == [
        "rates “JPY 2026-01-01”: rate: 0.0055 → 0.006",
        "users “nina@example.org”: admin: false → true",
        "users “nina@example.org”: active: true → false",
        "users “nina@example.org”: team: Nord → null",
        "stages “Pipeline / Neu”: probability: 5 → 7",
        "labels.deals “Heiß”: color: red → blue",
        "fields.deals.options “Abo: nie”: added",
        "fields.deals “Abo”: description: null → Wie",
        "fields.deals “Abo”: required: false → true",
        "plans “Gold”: every: yearly → monthly",
        "plans “Gold”: grace_days: 45 → null",
        "plans “Gold”: stage: Pipeline / Neu → null",
        "filters.deals “Abos”: where: … → …",
        "filters.deals “Abos”: shared: false → true",
        f"filters.deals “Abos”: columns: [] → [title, {custom_path()}]",
        "filters.deals “Abos”: sort: null → -value",
        "16 changes.",
    ]
    assert [str(option) for option in FieldOption.objects.all()] == [
        "jährlich",
        "monatlich",
        "nie",
    ]
    nina = User.objects.get(email="nina@example.org")
    assert (nina.name, nina.permissions) == ("Nina", ["export"])


def custom_path() -> str:
    return f"custom.{CustomField.objects.get().key}"


def test_lists_come_into_the_order_of_the_file(apply: Apply) -> None:
    first = """
pipelines:
  - {name: A, stages: [{name: x}, {name: y}, {name: z}]}
  - {name: B, stages: [{name: x}]}
fields:
  deals:
    - {name: Eins, kind: option, options: [a, b, c]}
    - {name: Zwei, kind: text}
"""
    second = """
pipelines:
  - {name: B}
  - {name: A, stages: [{name: z}, {name: x}]}
fields:
  deals:
    - {name: Zwei}
    - {name: Eins, options: [c, a]}
"""
    apply(first)
    assert apply(second).splitlines() == [
        "pipelines “A”: stages: new order: z, y, x",
        "pipelines: new order: Pipeline, B, A",
        "fields.deals “Eins”: options: new order: c, b, a",
        "fields.deals: new order: Zwei, Eins",
        "4 changes.",
    ]
    assert apply(second) == "Nothing to change.\n"


def test_everything_that_is_wrong_is_said_with_line_and_key(
    apply: Apply,
) -> None:
    before = state()
    told = apply(
        """\
compny: {name: X}
currencies: EUR
plans:
  - {name: Gold, every: sometimes, grace_days: -1}
  - {nme: Silver}
  - {name: Gold, every: yearly}
users:
  - {email: nina@example.org, admin: maybe, permissions: [fly]}
fields:
  deal: []
""",
        code=1,
    )
    assert told.replace("turnus: setup.yaml, ", "") == MISREAD
    assert state() == before


def test_what_the_actions_refuse_is_said_the_same_way_and_nothing_is_changed(
    apply: Apply, world: World
) -> None:
    world.subscription(world.plan("Gold", YEARLY))
    world.field(name="Abo")
    before = state()
    told = apply(
        """\
teams: [Nord]
users:
  - {email: alice@example.org, team: Nrod}
  - {email: ada@example.org, admin: false}
  - {email: not an address}
fields:
  deals:
    - {name: Abo, kind: text}
    - {name: abo, kind: text}
plans:
  - {name: Gold, every: monthly}
  - {name: Silver, every: monthly, stage: Nowhere / Neu}
filters:
  deals:
    - name: Abos
      columns: [titl]
      where:
        all:
          - {field: custom.Abbo, operator: is, value: jährlich}
          - {field: custom.Abo, operator: is, value: jaehrlich}
          - {field: value, operator: contains, value: 3}
          - {field: value, operator: is, value: viel}
          - {field: organization, operator: is, value: Muster}
          - {field: won_at, operator: in_period, value: {period: never}}
""",
        code=1,
    )
    assert told.replace("turnus: setup.yaml, ", "") == REFUSED
    assert state() == before


def test_only_who_may_change_a_thing_changes_it(apply: Apply) -> None:
    before = state()
    told = apply(WHOLE, "--as", "alice@example.org", code=1)
    lines = told.splitlines()
    denied = [line for line in lines if "You do not have permission" in line]
    sections = [line.split(", ")[2].split(":")[0] for line in denied]
    assert sections == [
        "company",
        "currencies",
        "teams",
        "users",
        "pipelines",
        "lost_reasons",
        "labels.deals",
        "fields.deals",
        "plans",
    ]
    assert state() == before
    own = "filters: {deals: [{name: Meine, where: {all: []}}]}"
    apply(own, "--as", "alice@example.org")
    assert SavedFilter.objects.get().owner.name == "Alice"
    others = own.replace("Meine,", "Meine, owner: bob@example.org,")
    told = apply(others, "--as", "alice@example.org", code=1)
    assert "You do not have permission" in told


def test_a_password_comes_from_the_environment_or_a_file_for_new_users_only(
    apply: Apply, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{PASSWORD}\nmore\n")
    text = f"""
users:
  - {{email: a@example.org, password_env: A_PASSWORD}}
  - {{email: b@example.org, password_file: {secret}}}
"""
    told = apply(text, code=1)
    assert "line 3, users.password_env: The environment variable" in told
    monkeypatch.setenv("A_PASSWORD", "first-password-1")
    told = apply(text)
    assert "first-password-1" not in told
    assert PASSWORD not in told
    users = User.objects.filter(email__in=["a@example.org", "b@example.org"])
    assert [user.check_password("first-password-1") for user in users] == [
        True,
        False,
    ]
    assert users[1].check_password(PASSWORD)
    monkeypatch.setenv("A_PASSWORD", "another-password-2")
    assert apply(text) == "Nothing to change.\n"
    assert "first-password-1" not in present_setup().text


def test_a_file_may_be_empty_and_come_from_the_terminal(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for text in (b"", b"# nothing\n", b"\xef\xbb\xbfplans:\nlabels:\n"):
        terminal = io.TextIOWrapper(io.BytesIO(text))
        monkeypatch.setattr(sys, "stdin", terminal)
        assert main(["apply", "-"]) == 0
        assert capsys.readouterr().out == "Nothing to change.\n"
