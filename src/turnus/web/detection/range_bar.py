"""The range of the MRR as the screens draw it."""

from collections.abc import Iterable
from dataclasses import dataclass

from turnus.core.money import Money
from turnus.detection.queries import MrrChange, OpenDecision, mrr_range

#: Where the range begins on its bar, and how long it is, in per cent.
_START, _LENGTH = 25, 50


@dataclass(frozen=True, slots=True)
class RangeBar:
    """The MRR as it was read, at least, and at most."""

    likely: Money
    low: Money
    high: Money

    @property
    def is_open(self) -> bool:
        """Whether a decision may move it."""
        return self.low != self.high

    @property
    def likely_mark(self) -> int:
        """Where the likely MRR stands on the bar, in per cent."""
        whole_e4 = self.high.amount_e4 - self.low.amount_e4
        if not whole_e4:
            return _START
        above_e4 = self.likely.amount_e4 - self.low.amount_e4
        return _START + round(_LENGTH * above_e4 / whole_e4)


def range_bar(
    change: MrrChange, decisions: Iterable[OpenDecision], currency: str
) -> RangeBar:
    """Return what the MRR comes to, and how far the decisions may move it."""
    mrr = mrr_range(change, decisions)
    return RangeBar(
        Money.rounded_from(mrr.likely_e4, currency),
        Money.rounded_from(mrr.low_e4, currency),
        Money.rounded_from(mrr.high_e4, currency),
    )
