"""The company that this instance belongs to, the currencies it sells in and their dated rates."""

from zoneinfo import ZoneInfo

from django.db import models


class Language(models.TextChoices):
    """A language that every text exists in."""

    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class Company(models.Model):
    """The one row that says who owns the instance; created by `turnus init` or the first page."""

    name = models.CharField(max_length=255)
    language = models.CharField(
        max_length=2, choices=Language.choices, default=Language.ENGLISH
    )
    #: ISO 4217; what amounts are converted to and what a deal gets when nothing else is said.
    currency = models.CharField(max_length=3, default="EUR")
    #: IANA name; decides which day a moment belongs to.
    time_zone = models.CharField(max_length=64, default="Europe/Berlin")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(pk=1), name="company_is_one"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that decides days."""
        return ZoneInfo(self.time_zone)


class Currency(models.Model):
    """A currency that deals may be in; its number of decimals is known to `core.money`."""

    code = models.CharField(max_length=3, primary_key=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class ExchangeRate(models.Model):
    """What a unit of `currency` is worth in the company's currency from `on` to the next rate."""

    currency = models.ForeignKey(
        Currency, models.CASCADE, related_name="rates"
    )
    on = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["currency", "on"], name="one_rate_a_day"
            ),
        )
        ordering = ("currency", "on")

    def __str__(self) -> str:
        return f"{self.currency_id} {self.on}"
