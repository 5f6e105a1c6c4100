"""The import wizard, one page for each step; the import's state decides which one shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from turnus.accounts.access import Permission
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.fields.catalog import catalog
from turnus.history.models import Run
from turnus.imports.actions import (
    choose_import_columns,
    choose_reading,
    continue_import,
    discard_import,
    give_answers,
    keep_import,
    keep_upload,
    request_check,
    request_import,
    request_undo,
    take_back_answer,
)
from turnus.imports.checking import missing_fields
from turnus.imports.existing_answers import EXISTING
from turnus.imports.field_parts import target_name
from turnus.imports.models import Import
from turnus.imports.preparing import new_import
from turnus.imports.queries import (
    AT_WORK,
    UNFINISHED,
    is_stalled,
    may_go_on,
    own_imports,
    standing_of,
    unfinished_of_file,
    waiting_imports,
)
from turnus.imports.reading_words import ENCODINGS
from turnus.imports.targets import target_paths
from turnus.imports.won_months import won_months
from turnus.kit.errors import UserError
from turnus.kit.messages import quoted, say, sentence
from turnus.web.access import needs
from turnus.web.buttons import is_sent, sent_text
from turnus.web.gate import SignedInRequest
from turnus.web.imports.answer_form import AnswerForm
from turnus.web.imports.answers import answered, asked, keyed
from turnus.web.imports.match_form import MatchForm
from turnus.web.imports.preview import planned_rows, sample_text
from turnus.web.imports.problems import problems_file
from turnus.web.imports.reading import (
    choices_in,
    how_it_was_read,
    missing_words,
    notes_in_words,
    ways_to_read,
)
from turnus.web.language import language_of
from turnus.web.menus import grouped_fields
from turnus.web.once import does_once, done_once, once
from turnus.web.parameters import page_in
from turnus.web.record_lookup import kind_of, word_of

_TABS = (
    "question",
    "new",
    "part",
    "update",
    "same",
    "problem",
    "warning",
    "skip",
)
_STEPS = {
    "columns": 2,
    "failed": 2,
    "checking": 3,
    "checked": 3,
    "importing": 4,
    "done": 4,
    "undoing": 4,
    "undone": 4,
    "discarded": 2,
    "expired": 2,
}
#: States in which the page of the columns can be gone back to.
_MATCHABLE = {Import.State.CHECKED, Import.State.EXPIRED}


@require_GET
@needs(Permission.IMPORT)
def imports(request: SignedInRequest) -> HttpResponse:
    context = {
        "imports": list(own_imports(request.user)[:100]),
        "waiting": list(waiting_imports(request.user)[:100]),
        "unfinished": UNFINISHED,
    }
    return render(request, "imports/page.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.IMPORT)
@does_once
def upload(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    words = ""
    file = request.FILES.get("file")
    if request.method == "POST" and (file is None or not file.name):
        words = _("Choose a file first.")
    elif file is not None and file.name:
        path = keep_upload(
            file.chunks(),
            name=file.name,
            limit_bytes=settings.UPLOAD_LIMIT_BYTES,
        )
        try:
            # Before a transaction: opening a large file must not block the database.
            of = new_import(
                by=request.user,
                kind=kind,
                path=path,
                name=file.name,
                choices=ReadingChoices(),
            )
        except UserError as error:
            path.unlink(missing_ok=True)
            words = say(error)
        else:
            return _kept_once(request, of, path)
    context = {
        "word": word,
        "kind": str(kind),
        "words": words,
        "step": 1,
        "limit": settings.UPLOAD_LIMIT_BYTES // 1024**2,
    }
    return render(
        request, "imports/upload.html", context, status=422 if words else 200
    )


def _kept_once(
    request: SignedInRequest, of: Import, path: Path
) -> HttpResponse:
    """Keep an import, unless the same form did so before: then its file goes again."""

    def keep() -> HttpResponse:
        keep_import(of, by=request.user, at=request.at)
        return redirect("import", of.pk)

    response = done_once(request, keep)
    if of.pk is None:
        path.unlink(missing_ok=True)
    return response


@require_GET
@needs(Permission.IMPORT)
def import_page(request: SignedInRequest, pk: int) -> HttpResponse:
    of = _import(request, pk)
    may_match = of.state in {Import.State.COLUMNS, Import.State.FAILED}
    if may_match or ("columns" in request.GET and of.state in _MATCHABLE):
        return _columns_page(request, of, MatchForm(request, of))
    if of.state == Import.State.CHECKED:
        return _check_page(request, of, AnswerForm(request, of))
    return _progress_page(request, of)


@require_POST
@needs(Permission.IMPORT)
def match_columns(request: SignedInRequest, pk: int) -> HttpResponse:
    of = _import(request, pk)
    form = MatchForm(request, of)
    answer = form.submit(lambda: _matched(request, of, form))
    return _columns_page(request, of, form) if answer is None else answer


def _matched(
    request: SignedInRequest, of: Import, form: MatchForm
) -> HttpResponse:
    """Read the file as was chosen, or check it with the columns as they were matched."""
    before = ReadingChoices(**of.choices)
    choices = choices_in(form.sent_ways, of)
    if choices != before:
        is_confirmed = choices == replace(before, sheet=of.sheet)
        choose_reading(of=of, by=request.user, choices=choices)
        if not is_confirmed:
            return redirect(f"{reverse('import', args=[of.pk])}?columns=1")
    day = form.cleaned_data["on"]
    choose_import_columns(
        of=of,
        by=request.user,
        columns=form.columns,
        on=None if day == request.on else day,
        ignored=form.ignored,
    )
    request_check(of=of, by=request.user, at=request.at)
    return redirect("import", of.pk)


@require_POST
@needs(Permission.IMPORT)
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    of = _import(request, pk)
    form = AnswerForm(request, of)
    response = form.submit(lambda: _answered(request, of, form))
    if response is not None:
        return response
    if of.state == Import.State.CHECKED:
        return _check_page(request, of, form)
    raise UserError("import.wrong_state", state=of.state)


def _answered(
    request: SignedInRequest, of: Import, form: AnswerForm
) -> HttpResponse:
    headings = of.headings
    give_answers(of=of, by=request.user, answers=form.answers)
    if of.headings == headings:  # else the columns have to be matched anew
        request_check(of=of, by=request.user, at=request.at)
    return redirect("import", of.pk)


@require_POST
@needs(Permission.IMPORT)
def change_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask a question again, or answer one about reading that the page did not have to ask."""
    of = _import(request, pk)
    headings = of.headings
    if is_sent(request, "forget"):
        key = sent_text(request, "forget")
        take_back_answer(of=of, by=request.user, key=key)
    else:
        answers = {
            key: {"do": sent_text(request, key)}
            for key in ("hidden", "totals")
            if is_sent(request, key)
        }
        give_answers(of=of, by=request.user, answers=answers)
    if of.headings == headings:
        request_check(of=of, by=request.user, at=request.at)
    return redirect("import", of.pk)


@require_POST
@needs(Permission.IMPORT)
@once
def start(request: SignedInRequest, pk: int) -> HttpResponse:
    is_again = is_sent(request, "again")
    request_import(
        of=_import(request, pk),
        by=request.user,
        at=request.at,
        is_again=is_again,
    )
    return redirect("import", pk)


@require_POST
@needs(Permission.IMPORT)
def check_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make the plan anew: it no longer fits, or has expired."""
    request_check(of=_import(request, pk), by=request.user, at=request.at)
    return redirect("import", pk)


@require_POST
@needs(Permission.IMPORT)
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    continue_import(of=_import(request, pk), by=request.user, at=request.at)
    return redirect("import", pk)


@require_POST
@needs(Permission.IMPORT)
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    discard_import(of=_import(request, pk), by=request.user, at=request.at)
    return redirect("imports")


@require_POST
@needs(Permission.IMPORT)
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    request_undo(of=_import(request, pk), by=request.user, at=request.at)
    return redirect("import", pk)


@require_GET
@needs(Permission.IMPORT)
def problems(request: SignedInRequest, pk: int) -> HttpResponseBase:
    return problems_file(_import(request, pk), heading=_("Problem"))


def _columns_page(
    request: SignedInRequest, of: Import, form: MatchForm
) -> HttpResponse:
    fields = catalog(RecordKind(of.record_kind))
    language = language_of(request)
    targets = grouped_fields(
        fields, language, target_paths(fields), name=target_name
    )
    columns = [
        {
            "number": number,
            "heading": heading,
            "samples": " · ".join(
                sample_text(cell, language) for cell in samples
            ),
            "path": form.path(number),
            "errors": form.errors_of(number),
        }
        for number, (heading, samples) in enumerate(
            zip(of.headings, of.samples, strict=True)
        )
    ]
    if of.state == Import.State.FAILED and of.error:
        messages.error(request, sentence(of.error["code"], of.error["params"]))
    context = _context(of) | {
        "step": 2,
        "columns": columns,
        "targets": targets,
        "matched": sum(1 for path in of.columns if path),
        "form": form,
        "has_won": of.record_kind == RecordKind.DEAL,
        "ways": ways_to_read(of, form.sent_ways),
        "missing": missing_words(missing_fields(of)),
    }
    context |= _beside(request, of)
    return render(request, "imports/columns.html", context, status=form.status)


def _check_page(
    request: SignedInRequest, of: Import, form: AnswerForm
) -> HttpResponse:
    verdict = request.GET.get("verdict", "")
    page = page_in(request.GET.get("page"))
    language = language_of(request)
    if form.is_bound:  # what was chosen for single rows stays as well
        earlier = of.answers.get(EXISTING, {})
        of.answers[EXISTING] = {**earlier, "rows": form.rows}
    rows, has_next = planned_rows(
        of, verdict, page, language, request.company.zone, viewer=request.user
    )
    questions = (
        asked(of, form, language, request.user)
        if of.has_open_questions
        else []
    )
    context = _context(of) | {
        "step": 3,
        "form": form,
        "questions": questions,
        "keyed": keyed(questions),
        "answered": answered(of, language),
        "encodings": ENCODINGS,
        "reading": how_it_was_read(of),
        "missing": missing_words(of.totals.get("missing", ())),
        "notes": notes_in_words(of),
        "rows": rows,
        "has_repeats": any(row.repeat for row in rows),
        "verdict": verdict,
        "tabs": [(tab, of.totals[tab]) for tab in _TABS if of.totals.get(tab)],
        "page": page,
        "has_next": has_next,
        "won": won_months(of, request.user),
        "may_start": not of.has_open_questions
        and bool(of.totals.get("new") or of.totals.get("update")),
        "has_moved": bool(of.error),
    }
    context |= _beside(request, of)
    return render(request, "imports/check.html", context, status=form.status)


def _progress_page(request: SignedInRequest, of: Import) -> HttpResponse:
    undo_run = Run.objects.filter(undoes=of.run).first()
    context = _context(of) | {
        "is_running": of.state in AT_WORK,
        "is_stalled": is_stalled(of, at=request.at),
        "undo": undo_run,
        "stays": stays_said(of),
        "conflicts": (undo_run.totals.get("conflicts") or [])[:100]
        if undo_run
        else [],
    }
    return render(request, "imports/progress.html", context)


def stays_said(of: Import) -> str:
    """Return what undoing the import leaves in the settings, in words; empty for nothing."""
    return (
        sentence("undo.stays", {"words": quoted(of.added_words)})
        if of.added_words
        else ""
    )


def _beside(request: SignedInRequest, of: Import) -> dict[str, Any]:
    """Return the unfinished import of the very same file: its state, and whose it is."""
    other = None if of.is_again else unfinished_of_file(of)
    if other is None:
        return {"other": None}
    return {
        "other": other,
        "standing": standing_of(other),
        "may_go_on": may_go_on(other, request.user),
    }


def _context(of: Import) -> dict[str, Any]:
    return {
        "of": of,
        "word": word_of(RecordKind(of.record_kind)),
        "kind": of.record_kind,
        "step": _STEPS[of.state],
    }


def _import(request: SignedInRequest, pk: int) -> Import:
    return get_object_or_404(own_imports(request.user), pk=pk)
