"""The ways a deal goes: pipelines, their stages, and why deals get lost."""

from django.db import models


class Pipeline(models.Model):
    """A way of selling with its own stages."""

    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField(default=0)
    #: Whether deals here may have a probability of their own, over that of the stage.
    has_deal_probability = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A step of a pipeline."""

    pipeline = models.ForeignKey(
        Pipeline, models.CASCADE, related_name="stages"
    )
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField(default=0)
    #: Per cent, 0 to 100.
    probability = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("pipeline", "position", "pk")

    def __str__(self) -> str:
        return self.name


class LostReason(models.Model):
    """A reason offered when a deal is marked lost; the deal stores the words."""

    name = models.CharField(max_length=255, unique=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name
