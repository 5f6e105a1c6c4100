"""The findings that people dismissed."""

from django.conf import settings
from django.db import models


class Dismissal(models.Model):
    """That a finding is no mistake; it stays away while the same two things are found."""

    kind = models.CharField(max_length=20)
    #: The two ids of `findings.Finding`.
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "one", "other"], name="dismissed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}-{self.one}-{self.other}"
