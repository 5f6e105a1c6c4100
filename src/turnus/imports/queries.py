"""Reading imports: whose they are."""

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.imports.models import Import


def own_imports(user: User) -> QuerySet[Import]:
    """Return the imports that `user` made, an admin's are all, with their runs and who made them."""
    found = Import.objects.select_related("run__by")
    return found if user.is_admin else found.filter(run__by=user)
