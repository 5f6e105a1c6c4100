"""Form inputs of fields: what to draw for a value, and the value of what was posted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from django.http import QueryDict

from turnus.accounts.models import Company, User
from turnus.accounts.queries import currency_codes
from turnus.contacts.queries import contacts_called
from turnus.core.fields import (
    LABEL_WORDS,
    SET_KINDS,
    ContactPoint,
    DateSpan,
    FieldKind,
    Notation,
    ParseError,
    TimeSpan,
    Value,
    joined_points,
    parse,
    parse_points,
    show,
)
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.issues import Issue
from turnus.core.money import Money, from_e4
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.fields.part_words import label_name
from turnus.fields.queries import earlier_inputs, records_of
from turnus.fields.words import notation_of
from turnus.kit.errors import UserError
from turnus.kit.messages import say, sentence
from turnus.listing.columns import ListValue
from turnus.listing.links import Unseen, contact_name
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import FACES, Screen, Widget, points_in
from turnus.web.language import language_of
from turnus.web.parameters import currency_in

_LONGEST_LABEL = 30
#: How many names a type-ahead list offers at the most.
_SUGGESTED = 200
#: Stored form, word, whether it is chosen.
Options = tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class PointRow:
    """One e-mail or phone with what it may be for."""

    value: str
    labels: Options


@dataclass(frozen=True, slots=True)
class Input:
    """What `parts/input.html` draws."""

    name: str
    label: str
    #: `text`, `textarea`, `select`, `multiple`, `money`, `points`, `span`, or an HTML input type.
    kind: str
    value: str = ""
    options: Options = ()
    #: The other end of a span, and the HTML input type of both.
    until: str = ""
    html: str = ""
    #: Rows of e-mails or phones; the last one is empty, to add one.
    rows: tuple[PointRow, ...] = ()
    mode: str = ""
    hint: str = ""
    currency: str = ""
    currencies: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    is_required: bool = False
    #: What is wrong with what was typed.
    errors: tuple[str, ...] = ()
    #: Whether it takes the focus when the page opens.
    is_focused: bool = False

    @property
    def described_by(self) -> str:
        """The ids of the texts that say more about the input, as `aria-describedby` wants them."""
        parts = []
        if self.errors:
            parts.append(f"error-{self.name}")
        if self.hint:
            parts.append(f"hint-{self.name}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of one person, drawn and read."""

    user: User
    company: Company
    language: str

    @property
    def notation(self) -> Notation:
        """How this person writes numbers and dates."""
        return notation_of(self.language)

    def draw(
        self,
        field: Field,
        value: ListValue,
        *,
        name: str = "value",
        label: str = "",
    ) -> Input:
        """Return the input for `field` holding `value`."""
        label = label or field.name(self.language)
        choices = choices_of(field, self.language)
        if choices is not None:
            chosen = set(value) if isinstance(value, tuple) else {value}
            options = tuple(
                (str(stored), word, stored in chosen)
                for stored, word in choices.items()
            )
            kind = "multiple" if field.kind in SET_KINDS else "select"
            return Input(
                name,
                label,
                kind,
                options=options,
                is_required=field.is_required,
            )
        face = FACES[field.kind]
        if face.widget is Widget.MONEY:
            return self._money(value, name, label)
        drawn = Input(
            name,
            label,
            "text",
            is_required=field.is_required,
            hint=str(face.hint),
            mode=face.mode,
        )
        if face.widget is Widget.CONTACT:
            return replace(
                drawn,
                value=self._contact_name(field, value),
                suggestions=self.names(field),
            )
        return self._text(drawn, field, value)

    def _text(self, drawn: Input, field: Field, value: ListValue) -> Input:
        face = FACES[field.kind]
        if face.widget is Widget.POINTS:
            return replace(
                drawn, kind="points", rows=self._rows(points_in(value))
            )
        if face.widget is Widget.SPAN:
            drawn = replace(drawn, kind="span", html=face.html)
            if not isinstance(value, DateSpan | TimeSpan):
                return drawn
            start = value.start.isoformat()
            return replace(drawn, value=start, until=value.end.isoformat())
        if face.widget is Widget.AUTOCOMPLETE:
            drawn = replace(
                drawn, suggestions=tuple(earlier_inputs(field, self.user))
            )
        kind = "textarea" if face.widget is Widget.TEXTAREA else face.html
        return replace(drawn, kind=kind, value=self._shown(field, value))

    def redraw(
        self,
        field: Field,
        posted: QueryDict,
        *,
        name: str = "value",
        label: str = "",
    ) -> Input:
        """Return the input as it was posted, so that a refused form loses nothing."""
        drawn = self.draw(field, None, name=name, label=label)
        chosen = set(posted.getlist(name))
        return replace(
            drawn,
            value=posted.get(name, ""),
            until=posted.get(f"{name}_until", ""),
            options=tuple(
                (stored, word, stored in chosen)
                for stored, word, _was in drawn.options
            ),
            rows=self._rows(_posted_points(posted, name))
            if drawn.kind == "points"
            else (),
            currency=posted.get(f"{name}_currency", drawn.currency),
        )

    def read(
        self,
        field: Field,
        posted: QueryDict,
        *,
        name: str = "value",
        held: int | None = None,
    ) -> Value | None:
        """Return the posted value; raises UserError with the field's name and what is wrong.

        `held` is the value that the form showed: of two contacts of one name it is meant.
        """
        try:
            return self._read(field, posted, name, held)
        except ParseError as error:
            words = say(Issue(error.code, params=error.params))
            raise UserError(
                "value.refused", field=field.name(self.language), reason=words
            ) from None
        except OverflowError:
            raise UserError(
                "value.invalid", text=posted.get(name, "")
            ) from None

    def _read(
        self, field: Field, posted: QueryDict, name: str, held: int | None
    ) -> Value | None:
        text = posted.get(name, "").strip()
        choices = choices_of(field, self.language)
        if choices is not None:
            by_text = {
                str(stored): stored for stored, _word in choices.items()
            }
            texts = posted.getlist(name)
            chosen = [by_text[text] for text in texts if text in by_text]
            if field.kind in SET_KINDS:
                return tuple(sorted(int(stored) for stored in chosen)) or None
            return chosen[0] if chosen else None
        face = FACES[field.kind]
        widget = face.widget
        if widget is Widget.CONTACT:
            return self.contact(field.kind, text, held=held) if text else None
        if widget is Widget.POINTS:
            return _posted_point_values(
                _posted_points(posted, name), field.kind
            )
        if widget is Widget.SPAN:
            text = self._span(
                field, text, posted.get(f"{name}_until", "").strip()
            )
        currency = currency_in(
            posted.get(f"{name}_currency"), self.company.currency
        )
        text = (
            text.replace("T", " ") if face.html == "datetime-local" else text
        )
        return parse(
            field.kind, text, notation=self.notation, currency=currency
        )

    def _span(self, field: Field, start: str, end: str) -> str:
        if end and not start:
            reason = sentence("span.start_missing", {})
            raise UserError(
                "value.refused", field=field.name(self.language), reason=reason
            )
        return f"{start} – {end}" if end else start

    def contact(
        self, kind: FieldKind, name: str, *, held: int | None = None
    ) -> int:
        """Return the id of the contact with this name: `held` if it has it, else the first.

        A contact that the person may not see has the word for its name that the form showed.
        Raises UserError where there is none.
        """
        if held is not None and name == str(Unseen.CONTACT):
            is_hidden = contact_name(kind, held, self.user) is Unseen.CONTACT
            if is_hidden:
                return held
        contacts = records_of(kind).present().visible_to(self.user)
        ids = [pk for pk, _name in contacts_called(name, contacts)]
        if held is not None and held in ids:
            return held
        if not ids:
            raise UserError("contact.not_found", name=name)
        return ids[0]

    def amount(self, price: Money) -> str:
        """Return an amount without its currency, as this person types it."""
        return show(
            FieldKind.NUMBER, from_e4(price.amount_e4), notation=self.notation
        )

    def _money(self, value: ListValue, name: str, label: str) -> Input:
        amount = ""
        currency = self.company.currency
        if isinstance(value, Money):
            amount = self.amount(value)
            currency = value.currency
        return Input(
            name,
            label,
            "money",
            amount,
            currency=currency,
            currencies=tuple(currency_codes()),
        )

    def _shown(self, field: Field, value: ListValue) -> str:
        if value is None:
            return ""
        input_text = FACES[field.kind].input_text
        if input_text is not None:
            return input_text(value, Screen(self.company.zone, self.language))
        return show(field.kind, cast("Value", value), notation=self.notation)

    def _rows(self, points: Sequence[ContactPoint]) -> tuple[PointRow, ...]:
        return tuple(
            PointRow(point.value, self._labels(point.label))
            for point in [*points, ContactPoint("")]
        )

    def _labels(self, chosen: str) -> Options:
        labels = dict.fromkeys([*LABEL_WORDS, chosen])
        return tuple(
            (label, label_name(label, self.language), label == chosen)
            for label in labels
        )

    def _contact_name(self, field: Field, value: ListValue) -> str:
        if value is None:
            return ""
        if isinstance(value, int):
            return str(contact_name(field.kind, value, self.user))
        return str(value)

    def names(self, field: Field) -> tuple[str, ...]:
        """Return the newest contacts that the person may see, to be offered while typing."""
        contacts = records_of(field.kind).present().visible_to(self.user)
        newest = contacts.order_by("-id").values_list("name", flat=True)[
            :_SUGGESTED
        ]
        return tuple(sorted(set(newest)))


def inputs_of(request: SignedInRequest) -> Inputs:
    """Return the inputs for whoever asks."""
    return Inputs(request.user, request.company, language_of(request))


def _posted_points(posted: QueryDict, name: str) -> list[ContactPoint]:
    """Return the filled rows as they were typed; a value without a label is for work."""
    values = posted.getlist(name)
    labels = posted.getlist(f"{name}_label")
    labels += [USUAL_LABEL] * (len(values) - len(labels))
    pairs = zip(values, labels, strict=False)
    return [
        ContactPoint(value.strip(), label[:_LONGEST_LABEL])
        for value, label in pairs
        if value.strip()
    ]


def _posted_point_values(
    rows: Sequence[ContactPoint], kind: FieldKind
) -> tuple[ContactPoint, ...] | None:
    """Return the points in the rows: a row may hold several, with commas, all with its label."""
    read = (
        parse_points(
            row.value, label=row.label, is_email=kind is FieldKind.EMAILS
        )
        for row in rows
    )
    return joined_points(*read) or None


def editable_fields(catalog: Catalog, *, is_admin: bool) -> Sequence[Field]:
    """Return the record's own fields that a person may change in place."""
    guarded = () if is_admin else ("won_at", "lost_at")
    return [
        field
        for field in catalog.own
        if field.is_editable and field.key not in guarded
    ]
