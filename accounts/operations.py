"""Giving and changing accounts."""

from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from gisplatform.access import Role
from gisplatform.errors import InvalidInput


@transaction.atomic
def set_account(
    *,
    username: str,
    roles: Sequence[str],
    organisation: tuple[str, str] | None,
    password: str | None,
    active: bool = True,
) -> bool:
    """Make an account, or bring one to these roles; returns whether it is new.

    organisation  code and name; made where the code is new. A utility's member must have one
    password      None leaves the one that is there; a new account without one cannot sign in
    Raises InvalidInput.
    """
    if unknown := sorted(set(roles) - set(Role.values)):
        raise InvalidInput(
            _("There is no role “%(role)s”. Roles: %(roles)s.") % {"role": unknown[0], "roles": ", ".join(Role.values)}
        )
    if Role.UTILITY in roles and organisation is None:
        raise InvalidInput(_("A member of a utility needs its organisation: --organisation CODE “NAME”."))
    user, created = User.objects.get_or_create(username=username)
    if user.is_demo:
        raise InvalidInput(_("%(username)s is a demo account. Choose another name.") % {"username": username})
    user.roles, user.is_active = list(roles), active
    if organisation is not None:
        code, name = organisation
        user.organisation, _made = Organisation.objects.get_or_create(code=code, defaults={"name": name})
    try:
        user.full_clean(exclude=["password"])
        if password is not None:
            validate_password(password, user)
            user.set_password(password)
    except ValidationError as fault:
        raise InvalidInput(" ".join(fault.messages)) from None
    if created and password is None:
        user.set_unusable_password()
    user.save()
    return created
