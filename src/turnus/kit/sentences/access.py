"""Sentences about people who sign in, their rights and a person's data."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_ACCESS: Mapping[str, Promise] = {
    "access.beyond": _(
        "Only an admin can change {name}, who has permissions that you do not have."
    ),
    "access.denied": _("You do not have permission to do this. Ask an admin."),
    "access.grants_more": _(
        "You can only grant permissions that you have yourself. Ask an admin."
    ),
    "access.import_adds": _(
        "You do not have permission to add “{word}”. Ask an admin for it, or to add it first."
    ),
    "access.sees_more": _(
        "Only an admin can set this password: {name} can see records that you cannot see."
    ),
    "access.team_left": _(
        "Only an admin can take people out of the team “{team}”: they would keep files of records "
        "that you cannot see."
    ),
    "access.team_outside": _(
        "Only an admin can add this person to the team “{team}”: hidden records would become "
        "visible."
    ),
    "email.invalid": _("“{email}” is not an email address."),
    "email.taken": _("That email is already in use."),
    "invitation.inactive": _(
        "{name} cannot sign in. Let this user sign in first."
    ),
    "invitation.over": _(
        "This link no longer works. A link works once and only for some days; ask for a new one."
    ),
    "mail.failed": _("The message to {email} could not be sent: {reason}."),
    "mail.missing": _(
        "This instance sends no mail. Set TURNUS_SMTP_HOST, or pass the link on yourself."
    ),
    "password.different": _("The passwords do not match."),
    "password.throttled": _(
        "Too many attempts. Wait a few minutes and try again."
    ),
    "password.weak": _("Please choose another password. {reasons}"),
    "password.wrong": _("The current password is wrong."),
    "person.import_running": _(
        "An import is running. Erase the data when it has finished."
    ),
    "person.missing": _(
        "No person has the number, email address or name “{given}”."
    ),
    "person.not_one": _(
        "“{given}” matches {count} persons. Use the number of one of them: {numbers}."
    ),
    "person.output_missing": _("Name the file to write: -o FILE."),
    "person.unconfirmed": _(
        "Nothing was erased, because the person's number was not entered."
    ),
    "user.last_admin": _(
        "This is the last admin. Make another user an admin first."
    ),
    "user.unknown": _("There is no active user with the email {email}."),
}
