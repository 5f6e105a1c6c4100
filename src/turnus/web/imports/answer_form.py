"""The form that answers the questions of a check, for all rows of a question or for single rows."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.fields import LINK_KINDS
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.imports.contact_words import contact_called, may_see
from turnus.imports.existing_answers import COPY, EXISTING
from turnus.imports.field_parts import target_field
from turnus.imports.models import Import
from turnus.imports.questions import ANSWERS, QuestionKind, StoredQuestion
from turnus.imports.reading_words import ENCODINGS
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.buttons import sent_texts
from turnus.web.forms import DayField, ScreenForm, posted
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.parameters import number_in

#: Questions that can be answered for a single row, beside a subscription.
BESIDE = (
    QuestionKind.COVERED,
    QuestionKind.DUE,
    QuestionKind.CREDIT,
    QuestionKind.REDUCTION,
)
ROW = "row-"

#: Fields whose names may be taken for contacts that are here.
_NAMED = frozenset({"organization", "person", "name"})
_MAP = "map:"
_OTHER = "other"
_SKIP = "skip"

#: An answer as it is stored with the import.
Answer = dict[str, object]


@dataclass(frozen=True, slots=True)
class Entries:
    """What the inputs of one question show, and what is wrong with it."""

    choice: str
    #: The day of copies, as an input of days holds it.
    day: str
    encoding: str
    contact: str
    errors: list[str]


class AnswerForm(ScreenForm):
    """Inputs named after the number of their question: `answer-0`, `answer-0-on`.

    Answers for single rows have names with the number of the row, and are read as far as they mean
    something: only buttons and lists of choices send them. Questions may stay without an answer.
    """

    def __init__(self, request: SignedInRequest, of: Import) -> None:
        super().__init__(posted(request))
        self._names_sent = sent_texts(request, "apart")
        #: By question key.
        self.answers: dict[str, Answer] = {}
        self._of = of
        self._by = request.user
        self._language = language_of(request)
        self._catalog = catalog(RecordKind(of.record_kind))
        for number in range(len(of.questions)):
            name = input_name(number)
            self.fields[name] = forms.CharField(required=False)
            self.fields[f"{name}-contact"] = forms.CharField(required=False)
            self.fields[f"{name}-to"] = forms.ChoiceField(
                choices=[("", ""), *ENCODINGS.items()], required=False
            )
            self.fields[f"{name}-on"] = DayField(
                label=gettext_lazy("Won on"),
                required=False,
                initial=request.on,
            )

    def entries(self, number: int) -> Entries:
        """Return what the inputs of a question show."""
        name = input_name(number)
        day = self[f"{name}-on"]
        errors = [
            str(error)
            for part in ("", "-contact", "-to", "-on")
            for error in self.errors.get(f"{name}{part}", ())
        ]
        return Entries(
            choice=str(self[name].value() or ""),
            day=str(day.value() or ""),
            encoding=str(self[f"{name}-to"].value() or ""),
            contact=str(self[f"{name}-contact"].value() or ""),
            errors=errors,
        )

    @property
    def rows(self) -> dict[str, object]:
        """The answers for single rows that exist already, earlier ones and those sent now.

        A row whose answer was sent blank follows all others.
        """
        earlier = self._of.answers.get(EXISTING, {})
        rows: dict[str, object] = {**earlier.get("rows", {})}
        for name, choice in self._sent_rows():
            if not name.isdecimal():
                continue
            rows.pop(name, None)
            if choice in ANSWERS[QuestionKind.EXISTING]:
                rows[name] = choice
        return rows

    def clean(self) -> dict[str, object]:
        self.answers = self._names_apart()
        for number, question in enumerate(self._of.questions):
            self._read(question, input_name(number))
        self._add_existing_rows()
        for kind in BESIDE:
            self._add_rows_beside(kind)
        return dict(self.cleaned_data)

    def _read(self, question: StoredQuestion, name: str) -> None:
        """Read the answer to a question; what is wrong is shown beside it."""
        try:
            answer = self._answer_to(question, name)
        except UserError as error:
            self.add_error(name, say(error))
        else:
            if answer is not None:
                self.answers[question["key"]] = answer

    def _answer_to(self, question: StoredQuestion, name: str) -> Answer | None:
        """Return the answer to a question, None while there is none."""
        choice: str = self.cleaned_data[name]
        field = target_field(question["path"], self._catalog)
        is_contact = field is not None and field.kind in LINK_KINDS
        if field is not None and is_contact and choice != _SKIP:
            return self._contact_answer(field, choice, name)
        if not choice:
            return None
        if choice.startswith(_MAP) and "map" in question["options"]:
            return self._choice_answer(field, choice.removeprefix(_MAP))
        if choice == "map" or choice not in question["options"]:
            raise UserError("value.invalid", text=choice)
        if choice == COPY:
            return self._copy_answer(name)
        if choice == _OTHER:
            return {"do": choice, "to": self.cleaned_data.get(f"{name}-to")}
        return {"do": choice}

    def _contact_answer(
        self, field: Field, choice: str, name: str
    ) -> Answer | None:
        """Return the contact that was called by name, else the one that was chosen."""
        typed = self.cleaned_data[f"{name}-contact"]
        if typed:
            contact_id = contact_called(field.kind, typed, self._by)
            return {"do": "map", "to": contact_id}
        if not choice:
            return None
        chosen_id = number_in(choice.removeprefix(_MAP))
        if chosen_id is None or not may_see(field.kind, chosen_id, self._by):
            raise UserError("contact.unknown")
        return {"do": "map", "to": chosen_id}

    def _choice_answer(self, field: Field | None, stored: str) -> Answer:
        """Return the choice that a word means; refuses one that its field does not have."""
        choice = number_in(stored) or stored
        offered = choices_of(field, self._language) if field else None
        if offered is not None and choice not in offered.names:
            raise UserError("value.invalid", text=stored)
        return {"do": "map", "to": choice}

    def _copy_answer(self, name: str) -> Answer | None:
        day_name = f"{name}-on"
        if day_name in self.errors:
            return None
        day = self.cleaned_data[day_name]
        if day is None and day_name not in self.data:
            day = self.fields[day_name].initial
        if day is None:
            self.add_error(
                day_name, _("Enter the day on which the copies were won.")
            )
            return None
        return {"do": COPY, "on": day.isoformat()}

    def _names_apart(self) -> dict[str, Answer]:
        """Return the answers to notes that a name was taken for another one: it is another one."""
        answers: dict[str, Answer] = {}
        for key in self._names_sent:
            field, _colon, name = key.partition(":")
            if field in _NAMED and name:
                answers[key] = {"do": "create"}
        return answers

    def _add_existing_rows(self) -> None:
        earlier = self._of.answers.get(EXISTING, {})
        rows = self.rows
        if EXISTING in self.answers or rows != earlier.get("rows", {}):
            answer = self.answers.get(EXISTING, {})
            self.answers[EXISTING] = {**earlier, **answer, "rows": rows}

    def _add_rows_beside(self, kind: QuestionKind) -> None:
        """Add the answers for single rows to a question, also those that were given before."""
        prefix = f"{kind}-"
        sent = {}
        for name, choice in self._sent_rows():
            number = name.removeprefix(prefix)
            is_ours = name.startswith(prefix) and number.isdecimal()
            if is_ours and choice in ANSWERS[kind]:
                sent[number] = choice
        earlier = self._of.answers.get(kind, {})
        rows = {**earlier.get("rows", {}), **sent}
        if rows and (sent or kind in self.answers):
            answer = self.answers.get(kind, {})
            self.answers[kind] = {**earlier, **answer, "rows": rows}

    def _sent_rows(self) -> list[tuple[str, str]]:
        """Return what was sent for single rows: the name behind `row-`, and the choice."""
        return [
            (name.removeprefix(ROW), str(choice))
            for name, choice in self.data.items()
            if name.startswith(ROW)
        ]


def input_name(number: int) -> str:
    """Return the name of the input that answers the question with this number, from 0."""
    return f"answer-{number}"
