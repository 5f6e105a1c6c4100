"""Form inputs of fields: what to draw for a value, and the value of what was posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from turnus.accounts.access import visible
from turnus.accounts.models import Company, User
from turnus.accounts.queries import currency_codes
from turnus.contacts.models import Organisation, Person
from turnus.core.fields import ContactPoint, FieldKind, Notation, ParseError, Value, parse, show
from turnus.core.fields.kinds import SET_KINDS
from turnus.core.folding import fold
from turnus.core.issues import Issue
from turnus.core.money import Money, from_e4
from turnus.fields.catalogue import Catalogue
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.kit.errors import UserError
from turnus.kit.messages import say

#: How many names a type-ahead list offers at the most.
_SUGGESTED = 200
_HTML_TYPES = {FieldKind.DATE: "date", FieldKind.MOMENT: "datetime-local", FieldKind.TIME: "time"}
CONTACT_MODELS: dict[FieldKind, Any] = {FieldKind.PERSON: Person, FieldKind.ORGANISATION: Organisation}


@dataclass(frozen=True, slots=True)
class Input:
    """What `parts/input.html` draws."""

    name: str
    label: str
    #: `text`, `textarea`, `select`, `multiple`, `money`, or an HTML input type.
    kind: str
    value: str = ""
    options: tuple[tuple[str, str, bool], ...] = ()
    currency: str = ""
    currencies: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """Draws and reads inputs for one person."""

    user: User
    company: Company
    language: str

    @property
    def notation(self) -> Notation:
        """How this person writes numbers and dates."""
        return Notation(decimal_comma=self.language == "de", day_first=True)

    def draw(self, field: Field, value: Any, *, name: str = "value", label: str = "") -> Input:
        """Return the input for `field` holding `value`."""
        label = label or field.name(self.language)
        choices = choices_of(field, self.language)
        if choices is not None:
            chosen = set(value) if isinstance(value, tuple) else {value}
            options = tuple((str(stored), word, stored in chosen) for stored, word in choices.items())
            kind = "multiple" if field.kind in SET_KINDS else "select"
            return Input(name, label, kind, options=options, is_required=field.is_required)
        if field.kind is FieldKind.MONEY:
            return self._money(value, name, label)
        if field.kind in CONTACT_MODELS:
            return Input(name, label, "text", self._contact_name(field, value), suggestions=self._names(field))
        kind = "textarea" if field.kind is FieldKind.LARGE_TEXT else _HTML_TYPES.get(field.kind, "text")
        return Input(name, label, kind, self._shown(field, value), is_required=field.is_required)

    def read(
        self, field: Field, posted: QueryDict, *, name: str = "value", create_contacts: bool = False
    ) -> Value | None:
        """Return the value that was posted; raises UserError with the field's name and what is wrong."""
        try:
            return self._read(field, posted, name, create_contacts=create_contacts)
        except ParseError as error:
            words = say(Issue(error.code, params=error.params))
            raise UserError("value.refused", field=field.name(self.language), reason=words) from None
        except OverflowError:
            raise UserError("value.invalid", text=posted.get(name, "")) from None

    def _read(self, field: Field, posted: QueryDict, name: str, *, create_contacts: bool) -> Value | None:
        text = posted.get(name, "").strip()
        choices = choices_of(field, self.language)
        if choices is not None:
            known = {str(stored): stored for stored, _ in choices.items()}
            found = [known[one] for one in posted.getlist(name) if one in known]
            if field.kind in SET_KINDS:
                return tuple(sorted(found)) or None
            return found[0] if found else None
        if field.kind in CONTACT_MODELS:
            return self.contact(field.kind, text) if text and not create_contacts else None
        if field.kind is FieldKind.MONEY:
            currency = posted.get(f"{name}_currency") or self.company.currency
            return parse(field.kind, text, notation=self.notation, currency=currency)
        return parse(
            field.kind, text.replace("T", " ") if field.kind is FieldKind.MOMENT else text, notation=self.notation
        )

    def contact(self, kind: FieldKind, name: str) -> int:
        """Return the id of the contact that the name means; refuses when there is none, or more than one."""
        model = CONTACT_MODELS[kind]
        found = list(
            model.objects.present().filter(visible(self.user), name_folded=fold(name)).values_list("pk", flat=True)[:2]
        )
        if not found:
            raise UserError("contact.not_found", name=name)
        return int(found[0])

    def amount(self, price: Money) -> str:
        """Return an amount without its currency, as this person types it."""
        return show(FieldKind.NUMBER, from_e4(price.amount_e4), notation=self.notation)

    def _money(self, value: Any, name: str, label: str) -> Input:
        amount = self.amount(value) if value else ""
        currency = value.currency if value else self.company.currency
        return Input(name, label, "money", amount, currency=currency, currencies=tuple(currency_codes()))

    def _shown(self, field: Field, value: Any) -> str:
        if value is None:
            return ""
        if field.kind is FieldKind.MOMENT:
            return f"{value.astimezone(self.company.zone):%Y-%m-%dT%H:%M}"
        if field.kind in {FieldKind.DATE, FieldKind.TIME}:
            return str(value.isoformat())
        if isinstance(value, tuple) and value and isinstance(value[0], ContactPoint):
            return ", ".join(point.value for point in value)
        return show(field.kind, value, notation=self.notation)

    def _contact_name(self, field: Field, value: Any) -> str:
        if isinstance(value, str):
            return value
        model = CONTACT_MODELS[field.kind]
        return "" if value is None else model.objects.filter(pk=value).values_list("name", flat=True).first() or ""

    def _names(self, field: Field) -> tuple[str, ...]:
        model = CONTACT_MODELS[field.kind]
        names = model.objects.present().filter(visible(self.user)).order_by("-id").values_list("name", flat=True)
        return tuple(sorted(set(names[:_SUGGESTED])))


def editable_fields(catalogue: Catalogue, *, is_admin: bool) -> Sequence[Field]:
    """Return the record's own fields that a person may change in place."""
    guarded = () if is_admin else ("won_at", "lost_at")
    return [field for field in catalogue.own if field.is_editable and field.key not in guarded]
