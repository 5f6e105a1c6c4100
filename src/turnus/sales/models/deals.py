"""Deals: a possible or made sale."""

from datetime import datetime

from django.db import models

from turnus.contacts.models import Organization, Person
from turnus.core.deal_lines import DealLine, read_lines, sum_e4
from turnus.core.money import Money
from turnus.fields.models import Record, RecordQuerySet
from turnus.sales.models.pipelines import Pipeline, Stage


class Deal(Record):
    """A possible or made sale: open, won or lost; of a person, an organization, or both."""

    class Status(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    title = models.CharField(max_length=255)
    title_folded = models.CharField(max_length=510)
    #: Ten-thousandths of one unit of `currency`.
    value_e4 = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    #: `core.deal_lines.stored_lines`; null: the value is not split into lines.
    lines = models.JSONField(null=True, blank=True)
    status = models.CharField(
        max_length=4, choices=Status.choices, default=Status.OPEN
    )
    pipeline = models.ForeignKey(
        Pipeline, models.PROTECT, related_name="deals", db_index=False
    )
    stage = models.ForeignKey(
        Stage, models.PROTECT, related_name="deals", db_index=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="deals"
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
    )
    #: Per cent; None: the stage's.
    probability = models.PositiveSmallIntegerField(null=True, blank=True)
    expected_close_on = models.DateField(null=True, blank=True)
    stage_changed_at = models.DateTimeField(null=True, blank=True)
    won_at = models.DateTimeField(null=True, blank=True)
    #: The day of `won_at` in the company's time zone: what reports group by.
    won_on = models.DateField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_on = models.DateField(null=True, blank=True)
    #: Kept when the deal is opened again.
    first_won_at = models.DateTimeField(null=True, blank=True)
    lost_reason = models.CharField(max_length=255, blank=True)
    lost_comment = models.TextField(blank=True)
    #: Where the deal came from: `manual`, `import`, ...; `origin_id` names the run.
    origin = models.CharField(max_length=20, default="manual")
    origin_id = models.CharField(max_length=50, blank=True)
    channel = models.CharField(max_length=255, blank=True)
    channel_id = models.CharField(max_length=255, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = RecordQuerySet["Deal"].as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["status", "won_on", "id"],
                name="deal_won",
                condition=models.Q(trashed_at__isnull=True),
            ),
            # Most deals of an old company are closed; indexes that serve open ones leave them out.
            models.Index(
                fields=["pipeline", "stage"],
                name="deal_pipeline",
                condition=models.Q(status="open", trashed_at__isnull=True),
            ),
            models.Index(fields=["created_at", "id"], name="deal_created"),
            models.Index(
                fields=["expected_close_on"],
                name="deal_expected_close",
                condition=models.Q(status="open", trashed_at__isnull=True),
            ),
            models.Index(
                fields=["trashed_at"],
                name="deal_trash",
                condition=models.Q(trashed_at__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person__isnull=False)
                | models.Q(organization__isnull=False),
                name="deal_has_contact",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status="won", won_at__isnull=False, won_on__isnull=False
                )
                | (
                    ~models.Q(status="won")
                    & models.Q(won_at__isnull=True, won_on__isnull=True)
                ),
                name="deal_won_at_iff_won",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def value(self) -> Money:
        """The agreed amount with its currency."""
        return Money(self.value_e4, self.currency)

    @property
    def parts(self) -> tuple[DealLine, ...]:
        """Its lines; none where the value is not split."""
        return read_lines(self.lines)

    @property
    def recurring(self) -> Money:
        """What of the value would recur: the recurring lines, without lines all of it."""
        lines = self.parts
        if not lines:
            return self.value
        return Money(sum_e4(lines, recurs=True), self.currency)

    @property
    def closed_at(self) -> datetime | None:
        """When the deal was won or lost; None while open."""
        return self.won_at or self.lost_at
