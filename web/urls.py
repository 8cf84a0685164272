"""Addresses of the map page, the session and the accounts."""

from allauth.account import views as account
from django.urls import path
from django.views.generic import TemplateView

from web import views

urlpatterns = [
    path("", views.map_page, name="map"),
    path("session.json", views.session, name="session"),
    # Of django-allauth only what works without a mail server and without sign-up.
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path(
        "accounts/password/reset/",
        TemplateView.as_view(template_name="account/password_reset.html"),
        name="account_reset_password",
    ),
]
