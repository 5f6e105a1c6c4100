"""The lines of a deal as a form: a row for each line, and spare ones to add some."""

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from django import forms
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _

from turnus.core.deal_lines import DealLine
from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.sales.models import Deal
from turnus.web.forms import ScreenForm, posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.price_fields import FixedCurrencyField, prepare_price

#: Rows to fill in, below those that are there.
_SPARE = 3
_RECURS = "yes"


class LineForm(ScreenForm):
    """One line of a deal: its name, what it costs, whether it recurs."""

    name = forms.CharField(label=_("Name"), required=False, max_length=255)
    amount = FixedCurrencyField(label=_("Amount"), required=False)
    recurs = forms.ChoiceField(
        label=_("How"),
        choices=[("", _("One-off")), (_RECURS, _("Recurring"))],
        required=False,
    )

    @property
    def line(self) -> DealLine:
        """The line that was typed; without an amount it costs nothing."""
        values = self.cleaned_data
        amount: Money | None = values["amount"]
        amount_e4 = 0 if amount is None else amount.amount_e4
        return DealLine(values["name"], amount_e4, values["recurs"] == _RECURS)


class LinesForm:
    """The lines of a deal, of which a blank one is removed."""

    def __init__(self, request: SignedInRequest, deal: Deal) -> None:
        self._inputs = inputs_of(request)
        self._currency = deal.currency
        self._data = posted(request)
        #: What is wrong with the lines as a whole.
        self.refused = ""
        if self._data is None:
            lines = [self._stored(line) for line in deal.parts]
            self._rows = [
                self._row(None, number, line)
                for number, line in enumerate(lines)
            ]
        else:
            self._rows = [
                self._row(line, number, {})
                for number, line in enumerate(_typed_lines(self._data))
            ]

    @property
    def rows(self) -> list[LineForm]:
        """The rows to draw, the last ones empty."""
        first = len(self._rows)
        spare = [
            self._row(None, first + number, {}) for number in range(_SPARE)
        ]
        return [*self._rows, *spare]

    @property
    def lines(self) -> list[DealLine]:
        """The lines that were typed."""
        return [row.line for row in self._rows]

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form."""
        is_refused = self.refused or any(row.errors for row in self._rows)
        return 422 if is_refused else 200

    def submit(self, save: Callable[[], HttpResponse]) -> HttpResponse | None:
        """Return the answer of `save`; None if the form is to be shown."""
        if self._data is None:
            return None
        are_valid = [row.is_valid() for row in self._rows]
        if all(are_valid):
            try:
                return save()
            except UserError as error:
                self._refuse(error)
        wrong = [row for row in self._rows if row.errors]
        if wrong:
            wrong[0].focus_on_error()
        return None

    def _refuse(self, error: UserError) -> None:
        nameless = [row for row in self._rows if not row.line.name]
        if error.code == "deal.line_without_name":
            for row in nameless:
                row.add_error("name", say(error))
        if error.code != "deal.line_without_name" or not nameless:
            self.refused = say(error)

    def _row(
        self,
        data: Mapping[str, object] | None,
        number: int,
        initial: Mapping[str, object],
    ) -> LineForm:
        row = LineForm(data, auto_id=f"line-{number}-%s", initial=initial)
        prepare_price(
            row,
            "amount",
            notation=self._inputs.notation,
            currency=self._currency,
        )
        return row

    def _stored(self, line: DealLine) -> dict[str, object]:
        amount = Money(line.amount_e4, self._currency)
        return {
            "name": line.name,
            "amount": self._inputs.amount(amount),
            "recurs": _RECURS if line.recurs else "",
        }


def _typed_lines(data: QueryDict) -> Iterator[dict[str, str]]:
    """Yield the rows that say anything: a name, or an amount."""
    names = data.getlist("name")
    amounts = data.getlist("amount")
    recurring = data.getlist("recurs")
    for name, amount, recurs in zip_longest(
        names, amounts, recurring, fillvalue=""
    ):
        if name.strip() or amount.strip():
            yield {"name": name, "amount": amount, "recurs": recurs}
