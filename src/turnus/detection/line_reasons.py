"""Why deals were read as one subscription, how sure that is, and what is in doubt."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import exp

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from turnus.core.cadence_words import guess_cadence
from turnus.core.detection.facts import Doubt, Sold
from turnus.detection.cadence_names import cadence_name
from turnus.detection.reading import DetectedLine
from turnus.kit import formats

DOUBTS = {
    Doubt.CLOSE_CALL: gettext_lazy("another reading is nearly as likely"),
    Doubt.SINGLE: gettext_lazy("bought once: does it recur?"),
    Doubt.TWO_ONLY: gettext_lazy(
        "two deals whose titles have nothing in common"
    ),
    Doubt.PRICE_JUMP: gettext_lazy("the price jumped"),
    Doubt.PLAN_WORD: gettext_lazy("the plan contradicts the rhythm"),
    Doubt.LOOKS_LIKE_RENEWAL: gettext_lazy(
        "a single purchase that looks like a renewal"
    ),
    Doubt.CREDIT: gettext_lazy("a negative deal that ends nothing"),
    Doubt.BESIDE: gettext_lazy(
        "an existing subscription costs the same: another one?"
    ),
}


def reasons(
    line: DetectedLine, sold: Sequence[Sold], language: str
) -> list[str]:
    """Return why the deals of a line, in its order, are one subscription."""
    return list(_reasons(line, sold, language))


def _reasons(
    line: DetectedLine, sold: Sequence[Sold], language: str
) -> Iterator[str]:
    # One deal keeps to no day yet.
    if len(sold) > 1:
        yield _rhythm(line, sold, language)
    missing = _missing(line)
    if missing:
        yield ngettext(
            "%(count)s missed period in between",
            "%(count)s missed periods in between",
            missing,
        ) % {"count": missing}
    if len({one.title for one in sold}) == 1 and len(sold) > 1:
        yield _("always the same title")
    changes = sum(
        one.value_e4 != other.value_e4 for one, other in pairwise(sold)
    )
    if changes:
        yield ngettext(
            "the price changed once",
            "the price changed %(count)s times",
            changes,
        ) % {"count": changes}
    elif len(sold) > 1:
        yield _("always the same price")
    named = sum(
        guess_cadence(one.plan).cadence == place.cadence.bare
        for one, place in zip(sold, line.paid, strict=True)
    )
    if named:
        yield ngettext(
            "%(count)s deal names the plan",
            "%(count)s deals name the plan",
            named,
        ) % {"count": named}


def _rhythm(line: DetectedLine, sold: Sequence[Sold], language: str) -> str:
    off = max(
        abs((one.won_on - place.starts_on).days)
        for one, place in zip(sold, line.paid, strict=True)
    )
    words = {
        "cadence": cadence_name(line.cadence),
        "day": formats.day(line.paid[0].starts_on, language),
        "count": off,
    }
    if off == 0:
        return _("%(cadence)s from %(day)s on, to the day") % words
    return (
        ngettext(
            "%(cadence)s from %(day)s on, %(count)s day off at most",
            "%(cadence)s from %(day)s on, %(count)s days off at most",
            off,
        )
        % words
    )


def _missing(line: DetectedLine) -> int:
    """Return how many periods lie between its deals for which there is none."""
    count = 0
    for one, other in pairwise(line.paid):
        number = one.cadence.number_on(one.starts_on, other.starts_on) or 1
        count += number - 1
    return count


def confidence(margins: Sequence[float]) -> int:
    """Return the confidence in a reading, in percent, from the margins of its questions.

    The next best reading is e to the margin less likely.
    """
    return round(100 / (1 + exp(-min(margins)))) if margins else 100
