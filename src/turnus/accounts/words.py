"""What the rights are called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from turnus.accounts.access import Permission

PERMISSION_NAMES: Mapping[Permission, Promise] = {
    Permission.IMPORT: gettext_lazy("Import data"),
    Permission.EXPORT: gettext_lazy("Export data"),
    Permission.CUSTOM_FIELDS: gettext_lazy("Change custom fields and labels"),
    Permission.PIPELINES: gettext_lazy("Change pipelines and lost reasons"),
    Permission.USERS: gettext_lazy("Manage users and teams"),
    Permission.COMPANY: gettext_lazy("Change the company's settings"),
    Permission.EDIT_ALL: gettext_lazy("Change records of other teams"),
}
