"""Detecting subscriptions: which deals are read, and the proposals that there are."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from turnus.core.cadence_words import Certainty, guess_cadence
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.detection.actions import request_proposal
from turnus.detection.models import Proposal
from turnus.detection.queries import own_proposals
from turnus.fields.models import CustomField
from turnus.imports.queries import own_imports
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.listing.queries import filter_chosen, filters_for
from turnus.sales.models import Deal
from turnus.web.buttons import is_sent, sent_text
from turnus.web.gate import SignedInRequest
from turnus.web.list_selection import records_in, selected, selection_of
from turnus.web.once import once
from turnus.web.parameters import number_in

_LISTED_PROPOSALS = 50


@require_GET
def detection(request: SignedInRequest) -> HttpResponse:
    """Show which deals may be read, and the proposals that there are."""
    return render(request, "detection/page.html", _choices(request, ""))


@require_POST
@once
def detect(request: SignedInRequest) -> HttpResponse:
    """Ask how to read the deals chosen in a list, or read them.

    `source` names deals that were chosen otherwise.
    """
    if not sent_text(request, "step"):
        return _chosen(request)
    try:
        chosen = _deals(request)
        proposal = request_proposal(
            deals=chosen.deals,
            by=request.user,
            at=request.at,
            on=request.on,
            title=chosen.title,
            source=chosen.source,
            plan_field=_plan_field(request),
        )
    except UserError as error:
        context = _choices(request, say(error))
        return render(request, "detection/page.html", context, status=422)
    return redirect("proposal", proposal.pk)


def _chosen(request: SignedInRequest) -> HttpResponse:
    """Ask how to read the deals that were chosen in a list."""
    context = _choices(request, "") | {
        "count": selected(request, RecordKind.DEAL).count(),
        "selection": selection_of(request),
        "is_chosen": True,
    }
    return render(request, "detection/chosen.html", context)


def _plan_fields() -> QuerySet[CustomField]:
    """Return the fields of deals whose words may name a plan."""
    return CustomField.objects.filter(
        record_kind=RecordKind.DEAL,
        kind__in=(FieldKind.OPTION, FieldKind.TEXT),
    )


def _plan_field(request: SignedInRequest) -> CustomField | None:
    """Return the field that names the plans, None for none; refuses one that is none any more."""
    chosen = sent_text(request, "plan_field")
    if not chosen:
        return None
    field = _plan_fields().filter(pk=number_in(chosen) or 0).first()
    if field is None:
        raise UserError("field.unknown", field=chosen)
    return field


def _choices(request: SignedInRequest, words: str) -> dict[str, object]:
    fields = list(_plan_fields().prefetch_related("options"))
    chosen = sent_text(request, "plan_field")
    if not is_sent(request, "plan_field"):
        chosen = next(
            (str(field.pk) for field in fields if _names_plans(field)), ""
        )
    proposals = own_proposals(request.user).defer("deals", "months")
    return {
        "words": words,
        "fields": [(field, str(field.pk) == chosen) for field in fields],
        "filters": filters_for(request.user, RecordKind.DEAL),
        "source": sent_text(request, "source")
        or request.GET.get("source", ""),
        "proposals": list(proposals[:_LISTED_PROPOSALS]),
    }


def _names_plans(field: CustomField) -> bool:
    """Return whether a field's options are plans: most of them name a cadence, or none."""
    names = [option.name for option in field.options.all()]
    guesses = [guess_cadence(name) for name in names]
    telling = [
        guess for guess in guesses if guess.certainty is not Certainty.NONE
    ]
    return len(telling) * 2 > len(names)


@dataclass(frozen=True, slots=True)
class _ChosenDeals:
    """The deals to read: of a name, or of a source that has none."""

    deals: QuerySet[Deal]
    title: str = ""
    source: Proposal.Source | None = None


def _deals(request: SignedInRequest) -> _ChosenDeals:
    """Return the deals that were chosen, and what they are called."""
    present = Deal.objects.present()
    kind, _dash, number = sent_text(request, "source").partition("-")
    if kind == "filter":
        saved = filter_chosen(
            filters_for(request.user, RecordKind.DEAL), number
        )
        if saved is None:
            raise Http404
        deals = records_in(request, RecordKind.DEAL, {"filter": number})
        return _ChosenDeals(deals, saved.name)
    if kind == "import":
        imported = present.filter(origin="import", origin_id=number)
        return _ChosenDeals(
            imported, _file_name(request, number), Proposal.Source.IMPORT
        )
    if kind == "chosen":
        deals = selected(request, RecordKind.DEAL)
        return _ChosenDeals(deals, source=Proposal.Source.CHOSEN)
    return _ChosenDeals(present, source=Proposal.Source.ALL)


def _file_name(request: SignedInRequest, number: str) -> str:
    """Return the file name of an import; another person's would reveal what they work on."""
    own = own_imports(request.user).filter(run=number_in(number) or 0).first()
    return own.file_name if own else ""
