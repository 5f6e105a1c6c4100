"""Request an export, list the generated ones, download them."""

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from turnus.accounts.access import Permission
from turnus.core.records import RecordKind
from turnus.exports.actions import exports_folder, request_export
from turnus.exports.models import Export
from turnus.kit.errors import UserError
from turnus.web.access import needs
from turnus.web.buttons import sent_text
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.list_selection import requested_list, selection_of
from turnus.web.once import once
from turnus.web.record_lookup import kind_of

_SHOWN = 100
_UNFINISHED = frozenset({Export.State.WAITING, Export.State.WRITING})


@require_POST
@needs(Permission.EXPORT)
@once
def export_list(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    exported = requested_list(request, kind, selection_of(request).parts)
    file_format = sent_text(request, "format") or Export.Format.XLSX
    if file_format not in Export.Format.values:
        raise UserError("sheet.unknown_ending", ending=file_format)
    request_export(
        by=request.user,
        at=request.at,
        kind=kind,
        state=exported.state,
        file_format=file_format,
        language=language_of(request),
        title=exported.saved.name if exported.saved else _usual_title(kind),
    )
    return redirect("exports")


def _usual_title(kind: RecordKind) -> str:
    titles = {
        RecordKind.DEAL: _("Deals"),
        RecordKind.PERSON: _("Persons"),
        RecordKind.ORGANIZATION: _("Organizations"),
        RecordKind.SUBSCRIPTION: _("Subscriptions"),
    }
    return titles[kind]


@require_GET
@needs(Permission.EXPORT)
def exports(request: SignedInRequest) -> HttpResponse:
    found = Export.objects.select_related("by")
    if not request.user.is_admin:
        found = found.filter(by=request.user)
    shown = list(found[:_SHOWN])
    is_waiting = any(export.state in _UNFINISHED for export in shown)
    return render(
        request,
        "exports/page.html",
        {"exports": shown, "is_waiting": is_waiting},
    )


@require_GET
@needs(Permission.EXPORT)
def download(request: SignedInRequest, pk: int) -> HttpResponseBase:
    export = Export.objects.filter(pk=pk, state=Export.State.DONE).first()
    if export is None:
        raise Http404
    if export.by_id != request.user.pk and not request.user.is_admin:
        raise Http404
    path = exports_folder() / export.file_name
    if not path.exists():
        raise UserError("export.gone")
    name = f"{slugify(export.title) or 'turnus'}-{export.created_at:%Y-%m-%d}.{export.format}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)
