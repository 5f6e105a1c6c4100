"""The page on which an admin hands out or erases everything about a person."""

import json

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.contacts.models import Person
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.privacy.actions import erase_person, require_admin
from turnus.privacy.queries import data_of, deals_of, subscriptions_of
from turnus.web.buttons import sent_action
from turnus.web.forms import ScreenForm, posted
from turnus.web.gate import SignedInRequest
from turnus.web.record_lookup import visible_record


class EraseForm(ScreenForm):
    number = forms.CharField(
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: QueryDict | None, *, person: Person) -> None:
        super().__init__(data)
        self._number = str(person.pk)
        self.fields["number"].label = _(
            "To confirm, type the number of this person: %(number)s"
        ) % {"number": self._number}

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number != self._number:
            raise ValidationError(say(UserError("person.unconfirmed")))
        return number


@require_http_methods(["GET", "POST"])
def personal_data(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    person = visible_record(request, RecordKind.PERSON, pk)
    if sent_action(request) == "export":
        return _file(request, person)
    form = EraseForm(posted(request), person=person)
    answer = form.submit(lambda: _erase(request, person))
    if answer is not None:
        return answer
    context = {
        "record": person,
        "deal_count": len(deals_of(person)),
        "subscription_count": len(subscriptions_of(person)),
        "form": form,
    }
    return render(request, "privacy/page.html", context, status=form.status)


def _file(request: SignedInRequest, person: Person) -> HttpResponse:
    text = json.dumps(
        data_of(person, at=request.at), ensure_ascii=False, indent=2
    )
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = (
        f'attachment; filename="person-{person.pk}.json"'
    )
    return response


def _erase(request: SignedInRequest, person: Person) -> HttpResponse:
    name = erase_person(person=person, by=request.user, at=request.at)
    messages.success(
        request,
        _("The data was erased. The record is now called “%(name)s”.")
        % {"name": name},
    )
    return redirect("record", "persons", person.pk)
