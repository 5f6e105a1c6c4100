"""The filter builder: new, change, delete."""

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from turnus.core.fields import Operator
from turnus.core.filters import All, AnyOf, Condition, Node, to_json
from turnus.core.records import RecordKind
from turnus.fields.words import notation_of
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.listing.actions import (
    delete_filter,
    refuse_others,
    save_filter,
    update_filter,
)
from turnus.listing.models import SavedFilter
from turnus.listing.trees import tree_in
from turnus.web.buttons import sent_action
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.lists.builder import (
    Posted,
    changed,
    refuse_unknown,
    with_open_ends,
)
from turnus.web.lists.drawing import Drawer
from turnus.web.lists.filter_form import FilterForm
from turnus.web.lists.state import ListAddress
from turnus.web.menus import filterable_fields, sortable_fields
from turnus.web.once import once
from turnus.web.record_lookup import kind_of, word_of
from turnus.web.redirects import go
from turnus.web.words import Speaker


@require_http_methods(["GET", "POST"])
@once
def new_filter(request: SignedInRequest, word: str) -> HttpResponse:
    return _builder(request, word, None)


@require_http_methods(["GET", "POST"])
@once
def edit_filter(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    saved = _saved(request, kind_of(word), pk)
    refuse_others(saved, request.user)
    return _builder(request, word, saved)


@require_POST
def remove_filter(
    request: SignedInRequest, word: str, pk: int
) -> HttpResponse:
    saved = _saved(request, kind_of(word), pk)
    delete_filter(saved=saved, by=request.user)
    messages.success(
        request, _("The filter “%(name)s” was deleted.") % {"name": saved.name}
    )
    return redirect("list", word)


def _builder(
    request: SignedInRequest, word: str, saved: SavedFilter | None
) -> HttpResponse:
    kind = kind_of(word)
    address = ListAddress.of(request, kind)
    form = _form(request, address, saved)
    data = posted(request)
    if data is None:
        return _begin(request, address, saved, form)
    notation = notation_of(language_of(request))
    conditions = Posted(data, request.user, address.catalog, notation)
    tree = conditions.node() or All(())
    action = sent_action(request)
    if action not in {"save", "copy", "apply"}:
        return _draw(request, address, changed(tree, action), saved, form)
    tree = with_open_ends(tree, address.catalog)
    try:
        conditions.refuse_unreadable()
        refuse_unknown(tree, address.catalog)
    except UserError as error:
        return _draw(request, address, tree, saved, form, refused=say(error))
    if action == "apply":
        answer = form.submit(lambda: _apply(request, word, tree, form))
    else:
        target = saved if action == "save" else None
        answer = form.submit(
            lambda: _save(request, address, tree, target, form)
        )
    if answer is not None:
        return answer
    return _draw(request, address, tree, saved, form, status=form.status)


def _form(
    request: SignedInRequest, address: ListAddress, saved: SavedFilter | None
) -> FilterForm:
    saved_sort = saved.sort if saved else ""
    return FilterForm(
        posted(request),
        sortable=sortable_fields(address.catalog, language_of(request)),
        saved=saved,
        sort=address.sort or saved_sort,
    )


def _begin(
    request: SignedInRequest,
    address: ListAddress,
    saved: SavedFilter | None,
    form: FilterForm,
) -> HttpResponse:
    """Draw the saved filter, or a first condition; of an unreadable filter, why it is one."""
    refused = ""
    try:
        tree = tree_in(saved.tree) if saved else address.tree
    except UserError as error:
        tree = All(())
        refused = say(error)
    if not _is_begun(tree):
        tree = _beginning(address.kind)
    return _draw(request, address, tree, saved, form, refused=refused)


def _apply(
    request: SignedInRequest, word: str, tree: Node, form: FilterForm
) -> HttpResponse:
    parameters = {"where": _json(tree)}
    if form.sort_order:
        parameters["sort"] = form.sort_order
    return go(request, f"/{word}/?{urlencode(parameters)}")


def _save(
    request: SignedInRequest,
    address: ListAddress,
    tree: Node,
    saved: SavedFilter | None,
    form: FilterForm,
) -> HttpResponse:
    name = form.cleaned_data["name"]
    is_shared = form.cleaned_data["is_shared"]
    if saved is None:
        saved = save_filter(
            by=request.user,
            kind=address.kind,
            name=name,
            tree=to_json(tree),
            is_shared=is_shared,
            sort=form.sort_order,
            at=request.at,
        )
    else:
        update_filter(
            saved=saved,
            by=request.user,
            name=name,
            tree=to_json(tree),
            is_shared=is_shared,
            sort=form.sort_order,
        )
    return go(request, f"/{word_of(address.kind)}/?filter={saved.pk}")


def _draw(
    request: SignedInRequest,
    address: ListAddress,
    tree: Node,
    saved: SavedFilter | None,
    form: FilterForm,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    fields = address.catalog
    language = language_of(request)
    speaker = Speaker(fields, language, request.user)
    inputs = Inputs(request.user, request.company, language)
    context = {
        "word": word_of(address.kind),
        "saved": saved,
        "root": Drawer(fields, speaker, inputs).draw(tree),
        "fields": filterable_fields(fields, language),
        "form": form,
        "sentence": speaker.sentence(tree),
        "refused": refused,
    }
    if refused:
        status = 422
    return render(request, "filters/builder.html", context, status=status)


def _beginning(kind: RecordKind) -> Node:
    return All(
        (
            Condition(
                "status" if kind is RecordKind.DEAL else "name", Operator.IS
            ),
        )
    )


def _is_begun(tree: Node) -> bool:
    return not (isinstance(tree, All | AnyOf) and not tree.parts)


def _json(tree: Node) -> str:
    return json.dumps(to_json(tree), separators=(",", ":"))


def _saved(request: SignedInRequest, kind: RecordKind, pk: int) -> SavedFilter:
    address = ListAddress.of(request, kind)
    for saved in address.filters:
        if saved.pk == pk:
            return saved
    raise Http404
