"""How django-allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator; there is no sign-up."""

    # django-allauth has no Vietnamese of its own.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "enter_current_password": _("The present password is not right."),
        "incorrect_password": _("The present password is not right."),
        "invalid_login": _("The user name or the password is not right."),
        "username_password_mismatch": _("The user name or the password is not right."),
        "too_many_login_attempts": _("Too many attempts to sign in. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
