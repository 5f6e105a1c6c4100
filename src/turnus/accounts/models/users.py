"""Users and the teams they are in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from turnus.accounts.models.company import Language


class Team(models.Model):
    """People who see each other's records where a record is visible to its owner's team."""

    name = models.CharField(max_length=255, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person who signs in; an admin may do everything, a regular user what was granted."""

    class Theme(models.TextChoices):
        AUTO = "auto"
        LIGHT = "light"
        DARK = "dark"

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=255)
    is_admin = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    #: Words of `accounts.access.Permission`, granted to a regular user.
    permissions = models.JSONField(default=list, blank=True)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="members"
    )
    #: Empty: the company's language.
    language = models.CharField(
        max_length=2, choices=Language.choices, blank=True
    )
    theme = models.CharField(
        max_length=5, choices=Theme.choices, default=Theme.AUTO
    )
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = BaseUserManager["User"]()

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name
