"""Proposals, the customers whose histories they read, and what people answered."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from turnus.fields.models import CustomField
from turnus.history.models import Run
from turnus.sales.models import Deal


class Proposal(models.Model):
    """A reading of won deals, customer by customer; nothing is booked before approval."""

    class State(models.TextChoices):
        #: A job is reading.
        READING = "reading"
        #: To review; answers are read anew at once.
        READY = "ready"
        #: A job is writing what was approved.
        WRITING = "writing"
        WRITTEN = "written"
        UNDONE = "undone"
        FAILED = "failed"

    class Source(models.TextChoices):
        """Which deals it reads, where these have no name of their own."""

        ALL = "all"
        CHOSEN = "chosen"
        IMPORT = "import"

    #: The name of a filter or of a file; empty where `source` says which deals.
    title = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=6, choices=Source.choices, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    #: The day that counts as today.
    on = models.DateField()
    #: The field whose words name the plan; null: titles alone do.
    plan_field = models.ForeignKey(
        CustomField, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.READING
    )
    #: The deals that were chosen, until they stand with their customers.
    deals = models.JSONField(default=list)
    #: What everything read adds to the MRR, by month: `2018-11` -> ten-thousandths of the
    #: company's currency, as a fraction: `250000/3`.
    months = models.JSONField(default=dict)
    run = models.OneToOneField(
        Run, models.PROTECT, null=True, blank=True, related_name="proposal"
    )

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the deals are called, in the language of whoever reads it."""
        source = Proposal.Source(self.source or Proposal.Source.CHOSEN)
        return self.title or str(_SOURCE_NAMES[source])


_SOURCE_NAMES = {
    Proposal.Source.ALL: gettext_lazy("All won deals"),
    Proposal.Source.CHOSEN: gettext_lazy("Chosen deals"),
    Proposal.Source.IMPORT: gettext_lazy("Deals of an import"),
}


class History(models.Model):
    """One customer's deals in one currency, and what they were read as."""

    class State(models.TextChoices):
        #: As it was read.
        PROPOSED = "proposed"
        #: A person confirmed it.
        CONFIRMED = "confirmed"
        #: Not to be written.
        LEFT_OUT = "left_out"
        WRITTEN = "written"
        #: Something had changed since it was read: nothing was written.
        MOVED = "moved"

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="histories"
    )
    name = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    deals = models.JSONField(default=list)
    #: `core.detection.facts.Sitting` by deal, as far as known: all customers of the
    #: proposal have a say in it, so it cannot be worked out from this one.
    sittings = models.JSONField(default=dict)
    #: `detection.title_habits.StoredTitles`, by which all customers have a say in `habits`.
    titles = models.JSONField(default=dict)
    #: `detection.title_habits.StoredHabit` by digest of a title: what all customers of the
    #: proposal make of it. Empty before they are read, and where it decides nothing.
    habits = models.JSONField(default=dict)
    #: `detection.reading.Reading`; null: not read yet.
    reading = models.JSONField(null=True)
    #: A mark of the facts that were read, by which a change since is noticed.
    digest = models.CharField(max_length=64, blank=True)
    #: A month's share of what is in question, and of what recurs now, in ten-thousandths
    #: of the company's currency.
    stake_e4 = models.BigIntegerField(default=0)
    mrr_e4 = models.BigIntegerField(default=0)
    #: As `Proposal.months`.
    months = models.JSONField(default=dict)
    subscription_count = models.PositiveIntegerField(default=0)
    question_count = models.PositiveIntegerField(default=0)
    #: The answers before the last one, by deal, and the state; null: nothing was answered.
    before = models.JSONField(null=True)
    state = models.CharField(
        max_length=9, choices=State.choices, default=State.PROPOSED
    )

    class Meta:
        indexes = (
            models.Index(
                fields=["proposal", "-stake_e4", "-mrr_e4", "id"],
                name="history_by_stake",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """A person's answer about a deal: which deals it is one subscription with, or none.

    Every later reading obeys it.

    Deals of one `number` are one subscription; other deals are not part of it. The number
    is the smallest ID among them, or minus that of the subscription that they continue.
    Null: the deal does not recur.
    """

    deal = models.OneToOneField(Deal, models.CASCADE, related_name="+")
    number = models.BigIntegerField(null=True, db_index=True)
    #: `core.cadence.Cadence` in its text form; empty: no answer.
    cadence = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.number}"
