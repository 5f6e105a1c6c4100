"""Plans, subscriptions, terms, lines of renewal runs, and the stored ledger of revenue."""

from datetime import date, timedelta

from django.db import models

from turnus.contacts.models import Organization, Person
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.fields.models import Record, RecordQuerySet
from turnus.history.models import Run
from turnus.sales.models import Deal, Stage


class RenewalWay(models.TextChoices):
    """What happens when a term is due."""

    #: The renewal is booked as a deal won on its due day.
    BOOK = "book"
    #: A renewal deal is opened some days before, to be won by a person.
    OPEN = "open"
    REMIND = "remind"


class Plan(models.Model):
    """How something recurs: a cadence, the grace of renewals, and what happens on a due day."""

    name = models.CharField(max_length=255, unique=True)
    #: `core.cadence.Cadence` in its text form; never changed once subscriptions have it.
    cadence = models.CharField(max_length=20)
    #: Days that a renewal may come late and still continue its term; null: as usual for the
    #: cadence.
    grace_days = models.PositiveSmallIntegerField(null=True, blank=True)
    renewal_way = models.CharField(
        max_length=6, choices=RenewalWay.choices, default=RenewalWay.BOOK
    )
    #: For `open`: how many days before the due day the deal is opened, and where.
    days_before = models.PositiveSmallIntegerField(default=30)
    stage = models.ForeignKey(
        Stage, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def how(self) -> Cadence:
        """The cadence."""
        return Cadence.parse(self.cadence)

    @property
    def grace(self) -> int:
        """Days that a renewal may come late."""
        return (
            self.how.default_grace_days
            if self.grace_days is None
            else self.grace_days
        )


class Subscription(Record):
    """What one customer pays by a plan; terms are counted from an anchor, so dates never drift."""

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        ENDED = "ended"

    name = models.CharField(max_length=255)
    name_folded = models.CharField(max_length=510)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions",
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions",
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="subscriptions"
    )
    #: The plan's cadence with what follows from the anchor (the two days of twice a month).
    cadence = models.CharField(max_length=20)
    #: What the next term costs, in ten-thousandths of one unit of `currency`.
    price_e4 = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    #: The price as a month's share, rounded to ten-thousandths; 0 unless active. Not what counts on
    #: a day: that is `revenue.monthly`.
    mrr_e4 = models.BigIntegerField(default=0)
    state = models.CharField(
        max_length=6, choices=State.choices, default=State.ACTIVE
    )
    started_on = models.DateField()
    #: First day of the present uninterrupted stretch, and the number of its first term: due dates
    #: follow from both.
    anchor_on = models.DateField()
    anchor_number = models.PositiveIntegerField(default=0)
    #: The first term that is not booked yet, and its first day; the day is null while paused and
    #: after the end.
    next_number = models.PositiveIntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)
    #: First day that is not covered any more; null: open-ended.
    end_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=255, blank=True)
    paused_on = models.DateField(null=True, blank=True)
    #: Empty: as the plan says.
    renewal_way = models.CharField(
        max_length=6, choices=RenewalWay.choices, blank=True
    )

    objects = RecordQuerySet["Subscription"].as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["state", "next_due_on", "id"], name="subscription_due"
            ),
            models.Index(
                fields=["name_folded", "id"], name="subscription_name"
            ),
            models.Index(
                fields=["trashed_at"],
                name="subscription_trash",
                condition=models.Q(trashed_at__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person__isnull=False)
                | models.Q(organization__isnull=False),
                name="subscription_has_customer",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def last_on(self) -> date | None:
        """The last day that is covered; None for an open-ended one."""
        return self.end_on - timedelta(days=1) if self.end_on else None

    @property
    def price(self) -> Money:
        """What the next term costs."""
        return Money(self.price_e4, self.currency)

    @property
    def how(self) -> Cadence:
        """The cadence, with its two days if it has them."""
        return Cadence.parse(self.cadence)


class Term(models.Model):
    """One period of a subscription, booked by one won deal, once: its number is unique."""

    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="terms"
    )
    number = models.PositiveIntegerField()
    starts_on = models.DateField()
    #: First day after the term.
    ends_on = models.DateField()
    price_e4 = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    #: How often that is paid: the subscription's cadence when the term was booked, for a plan may
    #: change.
    cadence = models.CharField(max_length=20)
    #: Null: it was skipped, imported (see `imported_terms`), or its deal was removed for good.
    deal = models.OneToOneField(
        Deal, models.SET_NULL, null=True, blank=True, related_name="term"
    )
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="terms"
    )
    #: When Turnus learned it.
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("subscription", "number")
        constraints = (
            models.UniqueConstraint(
                fields=["subscription", "number"], name="term_booked_once"
            ),
            # No figure can be computed from a term that does not say how often it is paid.
            models.CheckConstraint(
                condition=~models.Q(cadence=""), name="term_has_cadence"
            ),
        )
        indexes = (models.Index(fields=["starts_on"], name="term_start"),)

    def __str__(self) -> str:
        return f"{self.subscription_id}/{self.number}"

    @property
    def days(self) -> DateRange:
        """The days it covers."""
        return DateRange(self.starts_on, self.ends_on)

    @property
    def is_empty(self) -> bool:
        """Whether it covers no day: a pause or an end came on its first day or before."""
        return self.ends_on <= self.starts_on

    @property
    def is_imported(self) -> bool:
        """Whether a file brought it, or it was missed, as `imported_terms` says.

        Its run has to be read before.
        """
        return (
            self.deal_id is None
            and self.price_e4 > 0
            and self.run is not None
            and self.run.kind in _WITHOUT_DEAL
        )

    @property
    def last_on(self) -> date:
        """The last day it covers."""
        return self.ends_on - timedelta(days=1)

    @property
    def price(self) -> Money:
        """What it costs."""
        return Money(self.price_e4, self.currency)


#: Runs whose terms count without a deal: a file told them, or they were missed between two copies.
_WITHOUT_DEAL = (Run.Kind.IMPORT, Run.Kind.DETECTION)


def imported_terms() -> models.Q:
    """Return the condition of terms that count although no deal books them.

    A run brought them, and they cost something (decisions 0015, 0019).
    """
    return models.Q(
        deal__isnull=True,
        price_e4__gt=0,
        run__in=Run.objects.filter(kind__in=_WITHOUT_DEAL),
    )


def forgotten_terms() -> models.Q:
    """Return the condition of terms that were missed between two detected copies.

    They count, and a deal may still be booked.
    """
    return models.Q(
        deal__isnull=True,
        price_e4__gt=0,
        run__in=Run.objects.filter(kind=Run.Kind.DETECTION),
    )


class RenewalLine(models.Model):
    """One term that a renewal run will book, exactly as it was previewed."""

    class State(models.TextChoices):
        PLANNED = "planned"
        #: Skipped by a person.
        SKIPPED = "skipped"
        BOOKED = "booked"
        #: The subscription had moved on since the preview.
        REFUSED = "refused"

    run = models.ForeignKey(Run, models.CASCADE, related_name="renewal_lines")
    position = models.PositiveIntegerField()
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="renewal_lines"
    )
    number = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    #: The day the deal counts as won; null: it is opened, to be won by a person.
    won_on = models.DateField(null=True, blank=True)
    price_e4 = models.BigIntegerField()
    #: The subscription's price when the run was planned: if it is another one by now, the preview
    #: does not hold any more.
    held_price_e4 = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(
        max_length=7, choices=State.choices, default=State.PLANNED
    )
    deal = models.ForeignKey(
        Deal, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("run", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["run", "subscription", "number"],
                name="renewal_line_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"

    @property
    def last_on(self) -> date:
        """The last day of the term."""
        return self.ends_on - timedelta(days=1)

    @property
    def price(self) -> Money:
        """What the term costs."""
        return Money(self.price_e4, self.currency)


class StaleSubscription(models.Model):
    """A mark: something of a subscription has changed since the ledger was stored.

    Written by the database itself, in the transaction of the change (`ledger.actions_marks`);
    several for one subscription are fine. The subscription 0 stands for who bills with whom.
    """

    subscription_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.subscription_id)


class LedgerCustomer(models.Model):
    """Up to when the stored ledger of a customer is right."""

    #: `core.customers.CustomerKey`
    key = models.BigIntegerField(primary_key=True)
    #: The one currency of all that the customer pays. Blank: several, so that nothing is stored;
    #: XXX (no currency, by ISO 4217): it never paid anything.
    currency = models.CharField(max_length=3, blank=True)
    #: The day as of which it was folded, and the first one on which time alone changes something:
    #: a term is over, or the grace of its renewal is. Null: none.
    folded_on = models.DateField()
    good_until = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["good_until"], name="ledger_good_until"),
            models.Index(fields=["folded_on"], name="ledger_folded_on"),
            models.Index(fields=["currency"], name="ledger_currency"),
        )

    def __str__(self) -> str:
        return str(self.key)


class LedgerMovement(models.Model):
    """A stored `core.revenue.movements.Movement`: one customer's day, in the customer's currency.

    Amounts are whole numbers a year, of which `per_e4` are a ten-thousandth.
    """

    customer = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    day = models.DateField()
    #: `core.revenue.movements.MovementKind`
    kind = models.CharField(max_length=12)
    per_e4 = models.BigIntegerField()
    amount = models.BigIntegerField()
    opening = models.BigIntegerField()
    #: 1 where the customer begins to pay on that day, -1 where it stops, else 0.
    gained = models.SmallIntegerField()
    #: The first days of the months of that day, and of the one on which the customer was new.
    month = models.DateField()
    cohort = models.DateField()

    class Meta:
        indexes = (
            models.Index(fields=["customer"], name="ledger_movement_customer"),
            # All that the sums take: they never read the table.
            models.Index(
                fields=[
                    "currency",
                    "day",
                    "kind",
                    "per_e4",
                    "amount",
                    "gained",
                ],
                name="ledger_movement_sums",
            ),
            models.Index(
                fields=[
                    "currency",
                    "cohort",
                    "month",
                    "kind",
                    "per_e4",
                    "amount",
                    "gained",
                ],
                name="ledger_movement_cohorts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer} {self.day} {self.kind}"


class LedgerSegment(models.Model):
    """A stored `core.revenue.facts.Segment`, of a customer who pays in one currency."""

    customer = models.BigIntegerField()
    #: Without a constraint: a subscription may be deleted before its ledger is folded.
    subscription = models.ForeignKey(
        Subscription,
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    #: The first day not covered; null: open.
    ends_on = models.DateField(null=True)
    #: The first day on which it does not count: its end, or where a later one replaces it.
    counts_until = models.DateField(null=True)
    price_e4 = models.BigIntegerField()
    cadence = models.CharField(max_length=20)
    #: A year's worth; `per_e4` of it are a ten-thousandth.
    arr = models.BigIntegerField()
    per_e4 = models.BigIntegerField()
    plan_id = models.BigIntegerField()
    #: Whether no other segment of the subscription begins later.
    is_last = models.BooleanField()
    is_overdue = models.BooleanField()
    #: `core.revenue.facts.Reason`, and what is responsible, of the beginning and of the end.
    cause = models.CharField(max_length=12)
    cause_deal_id = models.BigIntegerField(null=True)
    cause_event_id = models.BigIntegerField(null=True)
    ended_by = models.CharField(max_length=12, blank=True)
    ended_by_deal_id = models.BigIntegerField(null=True)
    ended_by_event_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["customer"], name="ledger_segment_customer"),
            models.Index(
                fields=["starts_on"],
                name="ledger_segment_overdue",
                condition=models.Q(is_overdue=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.starts_on}"
