"""What was renewed and what was not, as a person reads it in a terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from turnus.core.detection.renewals import RenewalStanding, TermDue
from turnus.detection.files.copied_rows import is_own
from turnus.detection.files.renewing import Renewals
from turnus.detection.files.terminal_text import columns, worth
from turnus.kit import formats

_REASONS: Mapping[RenewalStanding, Promise] = {
    RenewalStanding.BOOKED: gettext_lazy("already paid for by a deal"),
    RenewalStanding.EARLIER: gettext_lazy(
        "due before the period and not booked; --overdue renews it too"
    ),
    RenewalStanding.DOUBTFUL: gettext_lazy(
        "its last deal is in question (see turnus detect); --doubtful renews it anyway"
    ),
    RenewalStanding.LAPSED: gettext_lazy(
        "lapsed: not renewed within its grace"
    ),
    RenewalStanding.ENDED: gettext_lazy("ended by a negative deal"),
}
#: Titles brought forward that are shown.
_EXAMPLES = 5
#: What a person may want to look at one by one, and how many of each.
_LISTED, _MOST = (
    {
        RenewalStanding.EARLIER,
        RenewalStanding.DOUBTFUL,
        RenewalStanding.LAPSED,
    },
    10,
)


def renewed_report(renewals: Renewals, path: Path | None) -> Iterator[str]:
    """Yield the lines about what is written to `path`; without one, each renewal is shown."""
    language = (get_language() or "en")[:2]
    first, last = (
        formats.day(day, language)
        for day in (renewals.days.start, renewals.days.last_day)
    )
    if not renewals.written:
        yield _("Nothing to renew from {first} to {last}").format(
            first=first, last=last
        )
        return
    money = worth(_amounts(renewals, renewals.written), language)
    head = _("Renewals from {first} to {last}: {count}, worth {money}")
    yield head.format(
        first=first, last=last, count=len(renewals.written), money=money
    )
    if path is None:
        yield from columns(
            [_line(renewals, term, language) for term in renewals.written]
        )
        yield from _titles_brought_forward(renewals)
        return
    yield f"  {path}"
    yield from _titles_brought_forward(renewals)
    own = [
        heading
        for heading in renewals.history.origin.headings
        if is_own(heading)
    ]
    if own:
        yield "  " + _(
            "Not copied, because each deal has its own: {headings}"
        ).format(headings=", ".join(own))


def _titles_brought_forward(renewals: Renewals) -> Iterator[str]:
    """Yield how many titles were brought forward, with examples of different titles."""
    examples: dict[str, str] = {}
    for term in renewals.retitled:
        examples.setdefault(renewals.sold[term.deal].title, term.title)
    if not examples:
        return
    count = len(renewals.retitled)
    yield "  " + ngettext(
        "{count} title was brought forward:",
        "{count} titles were brought forward:",
        count,
    ).format(count=count)
    for before, title in list(examples.items())[:_EXAMPLES]:
        yield "    " + _("“{before}” → “{title}”").format(
            before=before, title=title
        )


def skipped_report(renewals: Renewals) -> Iterator[str]:
    """Yield the lines about what is skipped, by reason, with the amounts and some examples."""
    language = (get_language() or "en")[:2]
    if renewals.skipped or renewals.detection.single:
        yield _("Skipped")
    for standing, reason in _REASONS.items():
        terms = [
            term for term in renewals.skipped if term.standing is standing
        ]
        if terms:
            yield _counted(
                len(terms), reason, _amounts(renewals, terms), language
            )
        if terms and standing in _LISTED:
            last = _last_of_each(renewals, terms)
            yield from (
                f"         {line}"
                for line in columns(
                    [_line(renewals, one, language) for one in last[:_MOST]]
                )
            )
    single = renewals.detection.single
    if single:
        amounts = [
            (renewals.sold[deal].currency, renewals.sold[deal].value_e4)
            for deal in single
        ]
        yield _counted(
            len(single),
            _("single purchases that do not recur"),
            amounts,
            language,
        )


def _counted(
    count: int,
    reason: Promise | str,
    amounts: Iterable[tuple[str, int]],
    language: str,
) -> str:
    return f"  {count:>6}  {reason} ({worth(amounts, language)})"


def _amounts(
    renewals: Renewals, terms: Iterable[TermDue]
) -> Iterator[tuple[str, int]]:
    return (
        (renewals.sold[term.deal].currency, renewals.sold[term.deal].value_e4)
        for term in terms
    )


def _last_of_each(
    renewals: Renewals, terms: Iterable[TermDue]
) -> Sequence[TermDue]:
    """Return the first term of each chain, the latest won first: it may only be forgotten."""
    first: dict[int, TermDue] = {}
    for term in terms:
        first.setdefault(term.chain, term)
    return sorted(
        first.values(),
        key=lambda term: renewals.sold[term.deal].won_on,
        reverse=True,
    )


def _line(renewals: Renewals, term: TermDue, language: str) -> tuple[str, ...]:
    deal = renewals.sold[term.deal]
    amount = formats.money(deal.value_e4, deal.currency, language)
    return (
        formats.day(term.starts_on, language),
        amount,
        renewals.customer(term),
        term.title,
    )
