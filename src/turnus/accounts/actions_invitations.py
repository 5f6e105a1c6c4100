"""Choosing a password by a link."""

from django.db import transaction

from turnus.accounts.actions import set_password
from turnus.accounts.invitations import invited_user
from turnus.accounts.models import User


@transaction.atomic
def answer_invitation(*, word: str, password: str) -> User:
    """Set the password of whom the word of a link invites, and return the user.

    Of two answers at once the second is refused: the first has ended the link.
    """
    user = invited_user(word)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user = invited_user(word)
    set_password(user=user, by=user, password=password)
    return user
