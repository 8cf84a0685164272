"""People who sign in, what they do here, and the organisations that utilities belong to."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gisplatform.access import CITIZEN, Person, Role


class Organisation(models.Model):
    """A utility company or a department that owns things on the map."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes users; passwords are stored as hashes only."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """One account. Without a password nobody can sign in with it."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account. It names a desk, not a citizen: personal data of citizens is never kept here."""

    username = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+$")],
        error_messages={"unique": _("This user name is taken.")},
    )
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    # A small office has people who are clerk and officer at once.
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="members")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)  # made with the demo city, removed with it

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_user_known_roles",
                condition=Q(roles__contained_by=list(Role.values)),
            ),
            models.CheckConstraint(
                name="accounts_user_utility_has_organisation",
                condition=~Q(roles__contains=[Role.UTILITY]) | Q(organisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def person(self) -> Person:
        """Who this is, for the access rule."""
        if not self.is_active:
            return CITIZEN
        return Person.of(self.roles, self.organisation_id)
