"""The page on which an admin hands out or erases everything about a person."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.contacts.models import Person
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.privacy.actions import erase_person, require_admin
from turnus.privacy.queries import data_of, deals_of, subscriptions_of
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import visible_record


@require_http_methods(["GET", "POST"])
def personal_data(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    person = visible_record(request, RecordKind.PERSON, pk)
    if request.method == "GET":
        return _page(request, person)
    if request.POST.get("action") == "export":
        text = json.dumps(data_of(person, at=request.at), ensure_ascii=False, indent=2)
        response = HttpResponse(text, content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="person-{person.pk}.json"'
        return response
    if request.POST.get("number", "").strip() != str(person.pk):
        return _page(request, person, refused=UserError("person.unconfirmed"))
    name = erase_person(person=person, by=request.user, at=request.at)
    messages.success(
        request, _("The data is erased; the record is called “%(name)s” now.") % {"name": name}
    )
    return redirect("record", "persons", person.pk)


def _page(
    request: SignedInRequest, person: Person, refused: UserError | None = None
) -> HttpResponse:
    context = {
        "record": person,
        "deal_count": len(deals_of(person)),
        "subscription_count": len(subscriptions_of(person)),
        "refused": say(refused) if refused else "",
    }
    return render(request, "privacy/page.html", context, status=422 if refused else 200)
