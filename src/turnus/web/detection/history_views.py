"""One customer's history: its lanes, its deals, and what a person answers about them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.models import User
from turnus.core.detection.facts import DealQuestion, Sold
from turnus.core.money import Money
from turnus.detection import actions_answering as answering
from turnus.detection.cadence_names import COMMON, cadence_name, plan_name
from turnus.detection.line_reasons import DOUBTS, confidence, reasons
from turnus.detection.models import History, Proposal
from turnus.detection.queries import Shown, neighbors, own_histories, shown
from turnus.detection.reading import DetectedLine
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.revenue.models import Subscription
from turnus.web.buttons import (
    sent_action,
    sent_number,
    sent_numbers,
    sent_text,
)
from turnus.web.detection.lanes import picture_of, tone_of
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.parameters import page_in, row_after


@dataclass(frozen=True, slots=True)
class DealTableRow:
    """A deal of the table, and the question about it."""

    sold: Sold
    doubt: str
    is_first: bool

    @property
    def value(self) -> Money:
        """What of it recurs."""
        return Money(self.sold.value_e4, self.sold.currency)


@dataclass(frozen=True, slots=True)
class Block:
    """A line in words with its deals, or what does not recur.

    `sure` is the confidence in percent; `doubt` is the one that most of its deals share.
    """

    title: str
    tone: int
    rows: Sequence[DealTableRow]
    reasons: Sequence[str] = ()
    sure: int = 100
    doubt: str = ""
    subscription: Subscription | None = None


@require_http_methods(["GET", "POST"])
def history_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a history, or take an answer about it."""
    history = get_object_or_404(own_histories(request.user), pk=pk)
    if request.method == "POST":
        return _answered(request, history)
    return _page(request, history, "")


def _page(
    request: SignedInRequest, history: History, words: str
) -> HttpResponse:
    proposal = history.proposal
    (one,) = shown([history], proposal, request.user)
    before, after = neighbors(history)
    context = {
        "history": history,
        "proposal": proposal,
        "picture": picture_of(
            one.reading, list(one.sold.values()), proposal.on
        ),
        "blocks": _blocks(one, language_of(request), request.user),
        "before": before,
        "after": after,
        "words": words,
        "mrr": Money(history.mrr_e4, request.company.currency),
        "stake": Money(history.stake_e4, request.company.currency),
        "is_open": proposal.state == Proposal.State.READY,
        "cadences": [(str(each), cadence_name(each)) for each in COMMON],
    }
    return render(
        request,
        "detection/history.html",
        context,
        status=422 if words else 200,
    )


def _answered(request: SignedInRequest, history: History) -> HttpResponse:
    following = neighbors(history)[1]
    try:
        _ANSWERS.get(sent_action(request), _unknown)(request, history)
    except UserError as error:
        if error.is_denial:
            raise
        return _page(request, history, say(error))
    action = sent_action(request)
    words = ""
    if action == "choose":
        words = _("%(name)s: your answer is kept.") % {"name": history.name}
    elif action == "confirm":
        words = _("%(name)s is confirmed.") % {"name": history.name}
    if words:
        undo_tag = f"undo-history-{history.pk}"
        messages.success(request, words, extra_tags=undo_tag)
    return _following_page(request, history, following)


def _following_page(
    request: SignedInRequest, history: History, following: int | None
) -> HttpResponse:
    """Return to where the answer came from; after `confirm`, go to the history that follows."""
    if sent_text(request, "back") == "review":
        chosen = sent_text(request, "next")
        address = reverse("review", args=[history.proposal_id])
        if chosen:
            address += f"?{urlencode({'d': chosen})}"
        return redirect(address)
    after = sent_text(request, "after")
    if sent_text(request, "back") == "list":
        address = reverse("proposal", args=[history.proposal_id])
        page = page_in(sent_text(request, "page"))
        row = row_after(after, f"#history-{history.pk}")
        return redirect(f"{address}?page={page}{row}")
    if sent_action(request) == "confirm":
        if following:
            return redirect("history", following)
        return redirect("proposal", history.proposal_id)
    ticked = sent_numbers(request, "deal")
    row = row_after(after, f"#deal-{ticked[0]}" if ticked else "")
    return redirect(reverse("history", args=[history.pk]) + row)


def _confirm(request: SignedInRequest, history: History) -> None:
    answering.confirm(history=history, by=request.user, at=request.at)


def _choose(request: SignedInRequest, history: History) -> None:
    answering.choose(
        history=history,
        asked=sent_numbers(request, "deal"),
        number=sent_number(request, "reading") or 0,
        by=request.user,
        at=request.at,
    )


def _split(request: SignedInRequest, history: History) -> None:
    deal = sent_number(request, "deal") or 0
    answering.split(history=history, deal=deal, by=request.user, at=request.at)


def _join(request: SignedInRequest, history: History) -> None:
    answering.join(
        history=history,
        deals=sent_numbers(request, "deal"),
        by=request.user,
        at=request.at,
    )


def _single(request: SignedInRequest, history: History) -> None:
    answering.call_single(
        history=history,
        deals=sent_numbers(request, "deal"),
        by=request.user,
        at=request.at,
    )


def _recurring(request: SignedInRequest, history: History) -> None:
    cadence = next(
        (
            each
            for each in COMMON
            if str(each) == sent_text(request, "cadence")
        ),
        None,
    )
    if cadence is None:
        raise UserError("value.invalid", text=sent_text(request, "cadence"))
    deals = sent_numbers(request, "deal")
    answering.call_recurring(
        history=history,
        deals=deals,
        cadence=cadence,
        by=request.user,
        at=request.at,
    )


def _leave(request: SignedInRequest, history: History) -> None:
    answering.skip_or_include(history=history, by=request.user)


def _forget(request: SignedInRequest, history: History) -> None:
    answering.forget(history=history, by=request.user)


def _undo(request: SignedInRequest, history: History) -> None:
    answering.undo_answer(history=history, by=request.user)


def _unknown(request: SignedInRequest, _history: History) -> None:
    raise UserError("value.invalid", text=sent_action(request))


_ANSWERS: Mapping[str, Callable[[SignedInRequest, History], None]] = {
    "choose": _choose,
    "confirm": _confirm,
    "split": _split,
    "join": _join,
    "single": _single,
    "recurring": _recurring,
    "leave": _leave,
    "forget": _forget,
    "undo": _undo,
}


def _blocks(one: Shown, language: str, viewer: User) -> list[Block]:
    asked = {question.deal: question for question in one.reading.questions}
    continued = {
        line.subscription for line in one.reading.lines if line.subscription
    }
    here = Subscription.objects.visible_to(viewer).in_bulk(list(continued))
    blocks = [
        _line(line, number, one.sold, asked, here, language)
        for number, line in enumerate(one.reading.lines)
    ]
    groups = (
        (_("Does not recur"), one.reading.single),
        (_("Imported twice: counted once"), one.reading.doubles),
        (_("Negative deals that end nothing"), one.reading.credits),
        (
            _("Paid for already: a subscription has these days booked"),
            one.reading.inside,
        ),
    )
    blocks += [
        Block(title, 0, _rows(deals, one.sold, asked))
        for title, deals in groups
        if deals
    ]
    return [block for block in blocks if block.rows]


def _line(
    line: DetectedLine,
    number: int,
    sold: Mapping[int, Sold],
    asked: Mapping[int, DealQuestion],
    here: Mapping[int, Subscription],
    language: str,
) -> Block:
    deals = [sold[deal] for deal in line.deals if deal in sold]
    rows = _rows((*line.deals, *line.credits), sold, asked)
    doubt, count = (
        Counter(row.doubt for row in rows).most_common(1)[0]
        if rows
        else ("", 0)
    )
    if doubt and count > 1:
        rows = [
            replace(row, doubt="") if row.doubt == doubt else row
            for row in rows
        ]
    why = (
        reasons(line, deals, language) if len(deals) == len(line.deals) else ()
    )
    margins = [asked[deal].margin for deal in line.deals if deal in asked]
    return Block(
        plan_name(line.cadence),
        tone_of(number),
        rows,
        why,
        confidence(margins),
        doubt if count > 1 else "",
        here.get(line.subscription or 0),
    )


def _rows(
    deals: Sequence[int],
    sold: Mapping[int, Sold],
    asked: Mapping[int, DealQuestion],
) -> list[DealTableRow]:
    known = [sold[deal] for deal in deals if deal in sold]
    return [
        DealTableRow(
            one,
            str(DOUBTS[asked[one.deal].doubt]) if one.deal in asked else "",
            number == 0,
        )
        for number, one in enumerate(known)
    ]
