"""List pages: rows, columns, in-place changes."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from turnus.accounts.access import Permission, may
from turnus.accounts.queries import rates
from turnus.core.calendar import Period, period_of
from turnus.core.filters import All, AnyOf, Condition, Node
from turnus.core.records import RecordKind
from turnus.fields.catalog import LINK_NAMES, Catalog
from turnus.fields.field import Field
from turnus.fields.models import Record
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.listing.actions import choose_columns, may_change
from turnus.listing.lists import (
    DEFAULT_COLUMNS,
    DEFAULT_SORT,
    PAGE_SIZE,
    Page,
    Summary,
    last_page,
)
from turnus.web.buttons import sent_action, sent_texts
from turnus.web.edit_conflicts import (
    SEEN,
    EditConflict,
    change_of,
    has_moved,
    seen_by_form,
    seen_of,
)
from turnus.web.editing import change_field, present_contact, refuse_uneditable
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import editable_fields, inputs_of
from turnus.web.language import language_of
from turnus.web.list_selection import selection_of
from turnus.web.lists.cell_html import cell_html
from turnus.web.lists.cells import CellDrawer, DrawnCell, DrawnRow
from turnus.web.lists.state import ListAddress, where_text
from turnus.web.record_forms import ValueForm
from turnus.web.record_lookup import kind_of, record_address, visible_record
from turnus.web.words import Speaker

#: What a list shows whose filter cannot be applied.
NO_PAGE = Page((), (), 1, has_next=False)


@require_GET
def list_page(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    address = ListAddress.of(request, kind)
    records = address.records()
    gone = address.gone_fields
    summary = Summary(0)
    page = NO_PAGE
    if not gone:
        summary = records.summary(rates())
        page = records.page(min(address.page, last_page(summary.count)))
    editable = set(_editable_ids(kind, page.ids, request))
    drawer = CellDrawer(request, records)
    column_paths = [column.path for column in records.columns]
    saved = address.saved
    context = {
        "word": word,
        "kind": str(kind),
        "address": address,
        "headings": _headings(address, column_paths),
        "rows": [_row(word, row) for row in drawer.rows(page, editable)],
        "page": page,
        **_paging(address, page),
        "summary": summary,
        "month_end": period_of(request.on, Period.MONTH).last_day,
        "chips": _chips(address),
        "gone": gone,
        "broken": address.broken_filters,
        "may_change_filter": saved and may_change(saved, request.user),
        "may_export": may(request.user, Permission.EXPORT),
        "here": request.get_full_path(),
        "all": address.address(filter="", where="", page=""),
    }
    response = render(request, "lists/page.html", context)
    response["Vary"] = "HX-Request"
    return response


def _paging(address: ListAddress, page: Page) -> dict[str, str | int]:
    """Return which rows a page shows, and the addresses of the pages around it; empty: none."""
    rows_before = (page.number - 1) * PAGE_SIZE
    previous = following = ""
    if page.number > 1:
        previous = address.address(page=page.number - 1)
    if page.has_next:
        following = address.address(page=page.number + 1)
    return {
        "first": rows_before + 1 if page.ids else 0,
        "last": rows_before + len(page.ids),
        "previous": previous,
        "next": following,
    }


@require_http_methods(["GET", "POST"])
def columns(request: SignedInRequest, word: str) -> HttpResponse:
    """Show the columns to choose from (GET, when the menu opens), or store the choice."""
    if request.method == "GET":
        return _column_choice(request, word)
    kind = kind_of(word)
    address = ListAddress.of(request, kind, selection_of(request).parts)
    sent = sent_texts(request, "column")
    chosen = [path for path in sent if path in address.catalog]
    if sent_action(request) == "reset":
        chosen = list(DEFAULT_COLUMNS[kind])
    choose_columns(
        by=request.user,
        kind=kind,
        columns=chosen or DEFAULT_COLUMNS[kind],
        saved=address.saved,
    )
    return redirect(address.address())


def _column_choice(request: SignedInRequest, word: str) -> HttpResponse:
    address = ListAddress.of(request, kind_of(word))
    shown = [column.path for column in address.records().columns]
    chooser = _chooser(address.catalog, shown, language_of(request))
    template = (
        "lists/_columns.html"
        if request.headers.get("HX-Request")
        else "lists/columns.html"
    )
    return render(
        request,
        template,
        {"word": word, "address": address, "chooser": chooser},
    )


@require_http_methods(["GET", "POST"])
def cell(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    """One cell: its input (GET), or its new value saved and shown (POST)."""
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    path = request.GET.get("path", "")
    address = ListAddress.of(request, kind)
    field = address.catalog.get(path)
    if field is None:
        raise UserError("field.unknown", field=path)
    drawer = CellDrawer(request, address.records())
    if request.GET.get("show"):
        return HttpResponse(cell_html(drawer.cell(path, pk)))
    if request.method == "GET":
        present = drawer.value(path, pk)
        seen = seen_of(field, record)
    else:
        refuse_uneditable(request, kind, field)
        present = present_contact(record, field)
        # A cell says it in its address, for it has no form of its own.
        seen = seen_by_form(request) or request.GET.get(SEEN, "")
    inputs = inputs_of(request)
    form = ValueForm(
        posted(request), field=field, inputs=inputs, present=present
    )
    shown = _ShownCell(word, record, field, path, form, seen, drawer)
    answer = form.submit(lambda: _save_cell(request, shown))
    return _cell_input(request, shown) if answer is None else answer


@dataclass(frozen=True, slots=True)
class _ShownCell:
    """A cell that is being changed; `seen` is the mark of what its input showed."""

    word: str
    record: Record
    field: Field
    path: str
    form: ValueForm
    seen: str
    drawer: CellDrawer

    @property
    def drawn(self) -> DrawnCell:
        """The cell as it is by now."""
        return self.drawer.cell(self.path, self.record.pk)


def _save_cell(request: SignedInRequest, shown: _ShownCell) -> HttpResponse:
    try:
        change_field(
            request,
            shown.record,
            shown.field,
            shown.form.value,
            seen=shown.seen,
        )
    except UserError as error:
        if has_moved(error):
            return _cell_moved(request, shown)
        raise
    return HttpResponse(cell_html(shown.drawn))


def _cell_moved(request: SignedInRequest, shown: _ShownCell) -> HttpResponse:
    """Return the input as it was posted, with what somebody else saved meanwhile.

    Sent once more, it overrules that.
    """
    field = shown.field
    record = visible_record(request, field.record, shown.record.pk)
    conflict = change_of(
        field.record,
        record.pk,
        field,
        name=field.name(language_of(request)),
        theirs=shown.drawn.words,
    )
    return _cell_input(
        request, replace(shown, seen=seen_of(field, record)), conflict=conflict
    )


def _cell_input(
    request: SignedInRequest,
    shown: _ShownCell,
    *,
    conflict: EditConflict | None = None,
) -> HttpResponse:
    context = {
        "word": shown.word,
        "pk": shown.record.pk,
        "path": shown.path,
        "form": shown.form,
        "seen": shown.seen,
        "conflict": conflict,
    }
    status = shown.form.status if conflict is None else 422
    return render(request, "lists/_cell_input.html", context, status=status)


def _editable_ids(
    kind: RecordKind, ids: tuple[int, ...], request: SignedInRequest
) -> list[int]:
    model: Any = tracked(kind).model
    return list(
        model.objects.editable_by(request.user)
        .filter(pk__in=ids)
        .values_list("pk", flat=True)
    )


def _row(word: str, row: DrawnRow) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "address": record_address(word, row.pk),
        "is_editable": row.is_editable,
        "html": mark_safe("".join(map(cell_html, row.cells))),  # noqa: S308 (each cell is safe)
    }


def _headings(address: ListAddress, paths: list[str]) -> list[dict[str, Any]]:
    fields = editable_fields(
        address.catalog, is_admin=address.request.user.is_admin
    )
    editable = {field.key for field in fields}
    return [
        _heading(address, path) | {"is_editable": path in editable}
        for path in paths
    ]


def _heading(address: ListAddress, path: str) -> dict[str, Any]:
    field = address.catalog[path]
    current = address.order or DEFAULT_SORT[address.kind]
    direction = ""
    # A click turns the order around; another column begins ascending.
    next_sort = path
    if current == path:
        direction = "ascending"
        next_sort = f"-{path}"
    elif current == f"-{path}":
        direction = "descending"
    sort_address = ""
    if field.is_sortable:
        sort_address = address.address(sort=next_sort, page="")
    return {
        "path": path,
        "name": address.catalog.name(path, language_of(address.request)),
        "kind": str(field.kind),
        "direction": direction,
        "sort": sort_address,
    }


def _chips(address: ListAddress) -> list[dict[str, str]]:
    """Return the parts of the filter in words, each with the address of the list without it."""
    speaker = Speaker(
        address.catalog, language_of(address.request), address.request.user
    )
    tree = address.tree
    parts: tuple[Node, ...] = tree.parts if isinstance(tree, All) else (tree,)
    chips = []
    for number, part in enumerate(parts):
        if isinstance(part, All | AnyOf) and not part.parts:
            continue
        rest = All(parts[:number] + parts[number + 1 :])
        without = where_text(rest) if rest.parts else ""
        field, operator, value = (
            speaker.pieces(part)
            if isinstance(part, Condition)
            else (speaker.sentence(part), "", "")
        )
        chips.append(
            {
                "field": field,
                "operator": operator,
                "value": value,
                "words": speaker.sentence(part),
                "without": address.address(where=without, filter="", page=""),
            }
        )
    return chips


def _chooser(
    catalog: Catalog, chosen: list[str], language: str
) -> list[dict[str, Any]]:
    """Return all possible columns: the chosen ones in order, then the others by record."""
    others = [
        path
        for path, field in catalog.by_path.items()
        if path not in chosen and field.is_listed
    ]
    own = [
        path
        for path in others
        if path.partition(".")[0] not in LINK_NAMES or "." not in path
    ]
    linked = [path for path in others if path not in own]
    return [
        {
            "path": path,
            "name": catalog.name(path, language),
            "chosen": path in chosen,
        }
        for path in [*chosen, *own, *linked]
    ]
