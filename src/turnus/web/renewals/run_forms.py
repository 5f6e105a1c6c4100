"""The lines of a renewal run as a form: which are taken, and what each costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from turnus.core.money import Money
from turnus.history.models import Run
from turnus.revenue.models import RenewalLine
from turnus.revenue.renewals.queries import lines_of
from turnus.web.buttons import sent_numbers
from turnus.web.forms import ScreenForm, posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.price_fields import TermPriceField, prepare_price


@dataclass(frozen=True, slots=True)
class RenewalRow:
    """A line of a run with its inputs."""

    line: RenewalLine
    price: BoundField
    is_taken: bool


class RunLinesForm(ScreenForm):
    """The lines of one page of a run."""

    def __init__(
        self, request: SignedInRequest, lines: Sequence[RenewalLine]
    ) -> None:
        inputs = inputs_of(request)
        self._lines = lines
        self._ticked = set(sent_numbers(request, "take"))
        initial = {
            _price_name(line): inputs.amount(line.price) for line in lines
        }
        super().__init__(posted(request), initial=initial)
        for line in lines:
            name = _price_name(line)
            field = TermPriceField(label=_("Price"), required=False)
            field.widget.attrs["class"] = "form-control t-narrow"
            self.fields[name] = field
            prepare_price(
                self, name, notation=inputs.notation, currency=line.currency
            )

    @property
    def rows(self) -> list[RenewalRow]:
        """The lines to draw."""
        return [
            RenewalRow(line, self[_price_name(line)], self._is_taken(line))
            for line in self._lines
        ]

    @property
    def taken(self) -> list[int]:
        """The lines that are ticked, by id."""
        return sorted(
            line.pk for line in self._lines if line.pk in self._ticked
        )

    @property
    def skipped(self) -> list[int]:
        """The lines that are not ticked, by id."""
        return [line.pk for line in self._lines if line.pk not in self._ticked]

    @property
    def prices_e4(self) -> Mapping[int, int]:
        """The prices that were changed, by line."""
        return {line.pk: price.amount_e4 for line, price in self._new_prices()}

    def _new_prices(self) -> Iterator[tuple[RenewalLine, Money]]:
        for line in self._lines:
            name = _price_name(line)
            price: Money | None = self.cleaned_data[name]
            if price is not None and self[name].data != self[name].initial:
                yield line, price

    def _is_taken(self, line: RenewalLine) -> bool:
        if self.is_bound:
            return line.pk in self._ticked
        return line.state != RenewalLine.State.SKIPPED


def posted_lines(request: SignedInRequest, run: Run) -> list[RenewalLine]:
    """Return the lines that the posted form showed."""
    return list(lines_of(run).filter(pk__in=sent_numbers(request, "line")))


def _price_name(line: RenewalLine) -> str:
    return f"price-{line.pk}"
