"""Forms that were sent, so that the same one sent twice does its work once."""

from django.conf import settings
from django.db import models


class SentForm(models.Model):
    """A form that did its work, and where the answer led; kept for some days."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    #: What tells this form from all others: a hash of its key, its address and what was typed.
    mark = models.CharField(max_length=64)
    #: What is answered when it comes again: `address`, and `messages` as (level, words, tags).
    led_to = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "mark"], name="form_sent_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.mark[:8]}"
