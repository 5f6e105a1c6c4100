"""Writes the present set-up as a file that `reading` reads; passwords are not in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from turnus.accounts.models import (
    Company,
    Currency,
    ExchangeRate,
    Team,
    User,
)
from turnus.accounts.queries import company
from turnus.core.fields import KINDS, FieldKind
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField, Label
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.listing.models import SavedFilter
from turnus.listing.queries import paths_in
from turnus.listing.trees import tree_in
from turnus.revenue.models import Plan
from turnus.sales.models import LostReason, Pipeline
from turnus.setup.changes import decimal_text
from turnus.setup.filter_names import FilterNames
from turnus.setup.filter_notation import FilterWriter
from turnus.setup.words import LISTS, cadence_word, stage_in_words
from turnus.setup.yaml_values import YamlValue, yaml_text


@dataclass(slots=True)
class WrittenSetup:
    """A set-up file, and what cannot be in one, in sentences."""

    sections: dict[str, YamlValue] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The file, with a comment for each thing that is missing; empty sections are left out."""
        parts = [
            yaml_text({section: value})
            for section, value in self.sections.items()
            if value
        ]
        comments = [f"# {_printable(line)}\n" for line in self.missing]
        return (
            "\n".join(parts) + ("\n" if comments else "") + "".join(comments)
        )


def _printable(line: str) -> str:
    """Return a line without what must not stand in a comment of YAML."""
    letters = [letter if letter.isprintable() else " " for letter in line]
    return " ".join("".join(letters).split())


def require_admin(by: User) -> None:
    """Refuse who is no admin: the file has everybody's address, rights and private filters."""
    if not by.is_admin:
        raise UserError("access.denied", permission="admin")


def present_setup() -> WrittenSetup:
    """Return the set-up of this instance; refuses where a file could not tell two things apart."""
    written = WrittenSetup()
    written.sections = {
        "company": _company(company()),
        "currencies": _currencies(),
        "rates": _rates(),
        "teams": _names(Team.objects.all()),
        "users": _users(),
        "pipelines": _pipelines(),
        "lost_reasons": _names(LostReason.objects.all()),
        "labels": _by_list(_labels),
        "fields": _by_list(_fields),
        "plans": _plans(),
        "filters": _filters(written.missing),
    }
    return written


def _company(row: Company) -> YamlValue:
    return {
        "name": row.name,
        "language": row.language,
        "currency": row.currency,
        "time_zone": row.time_zone,
    }


def _currencies() -> YamlValue:
    active = Currency.objects.filter(is_active=True)
    return list(active.values_list("code", flat=True))


def _rates() -> YamlValue:
    usable = ExchangeRate.objects.filter(currency__is_active=True)
    return [
        {
            "currency": rate.currency_id,
            "from": rate.on,
            "rate": decimal_text(rate.rate),
        }
        for rate in usable
    ]


def _users() -> YamlValue:
    return [_user(user) for user in User.objects.select_related("team")]


def _user(user: User) -> YamlValue:
    written: dict[str, YamlValue] = {
        "email": user.email,
        "name": user.name,
        "admin": user.is_admin,
    }
    if not user.is_active:
        written["active"] = False
    written["team"] = user.team.name if user.team else None
    if user.permissions:
        written["permissions"] = sorted(user.permissions)
    if user.language:
        written["language"] = user.language
    return written


def _pipelines() -> YamlValue:
    pipelines = list(Pipeline.objects.prefetch_related("stages"))
    _refuse_same(pipelines)
    return [_pipeline(pipeline) for pipeline in pipelines]


def _pipeline(pipeline: Pipeline) -> YamlValue:
    stages = list(pipeline.stages.all())
    _refuse_same(stages)
    return {
        "name": pipeline.name,
        "deal_probability": pipeline.has_deal_probability,
        "stages": [
            {"name": stage.name, "probability": stage.probability}
            for stage in stages
        ],
    }


def _by_list(section: Callable[[RecordKind], list[YamlValue]]) -> YamlValue:
    """Return what each list of records has of a section; lists without any are left out."""
    written: dict[str, YamlValue] = {}
    for word, record in LISTS.items():
        items = section(record)
        if items:
            written[word] = items
    return written


def _labels(record: RecordKind) -> list[YamlValue]:
    labels = Label.objects.filter(record_kind=str(record))
    return [{"name": label.name, "color": label.color} for label in labels]


def _fields(record: RecordKind) -> list[YamlValue]:
    fields = CustomField.objects.filter(record_kind=str(record))
    return [_field(each) for each in fields.prefetch_related("options")]


def _field(row: CustomField) -> YamlValue:
    written: dict[str, YamlValue] = {"name": row.name, "kind": row.kind}
    if row.description:
        written["description"] = row.description
    if row.is_required:
        written["required"] = True
    if KINDS[FieldKind(row.kind)].has_options:
        written["options"] = _names(row.options.all())
    return written


def _plans() -> YamlValue:
    plans = Plan.objects.select_related("stage__pipeline")
    return [_plan(plan) for plan in plans]


def _plan(plan: Plan) -> YamlValue:
    return {
        "name": plan.name,
        "every": cadence_word(plan.how),
        "grace_days": plan.grace_days,
        "renewal": plan.renewal_way,
        "days_before": plan.days_before,
        "stage": stage_in_words(plan.stage),
    }


def _filters(missing: list[str]) -> YamlValue:
    written: dict[str, YamlValue] = {}
    for word, record in LISTS.items():
        names = FilterNames(record)
        filters = SavedFilter.objects.filter(record_kind=str(record))
        items: list[YamlValue] = []
        for saved in filters.select_related("owner"):
            try:
                items.append(_filter(saved, names))
            except UserError as error:
                line = _("The filter “{name}” is missing: {reason}")
                values = {"name": saved.name, "reason": say(error)}
                missing.append(line.format(**values))
        if items:
            written[word] = items
    return written


def _filter(saved: SavedFilter, names: FilterNames) -> YamlValue:
    written: dict[str, YamlValue] = {
        "name": saved.name,
        "owner": saved.owner.email,
        "shared": saved.is_shared,
    }
    columns: list[YamlValue] = [
        names.words[path]
        for path in paths_in(saved.columns)
        if path in names.words
    ]
    if columns:
        written["columns"] = columns
    sort_path = saved.sort.removeprefix("-")
    if sort_path in names.words:
        sign = "-" if saved.sort.startswith("-") else ""
        written["sort"] = sign + names.words[sort_path]
    written["where"] = FilterWriter(names).tree(tree_in(saved.tree))
    return written


def _names(rows: Iterable[object]) -> list[YamlValue]:
    return [str(row) for row in rows]


def _refuse_same(rows: Iterable[object]) -> None:
    """Refuse two of the same name, which a file could not tell apart."""
    names: set[str] = set()
    for row in rows:
        name = str(row)
        if name in names:
            raise UserError("apply.same_name", name=name)
        names.add(name)
