"""Addresses of the map page, the session and the accounts."""

from allauth.account import views as account
from django.urls import path
from django.views.generic import TemplateView

from web import print_views, table_views, thing_views, views

urlpatterns = [
    path("", views.map_page, name="map"),
    path("table", table_views.table_page, name="table"),
    path("table.json", table_views.table_json, name="table_json"),
    path("print", print_views.print_page, name="print"),
    path("print/placement.json", print_views.placement_json, name="placement_json"),
    path("start", views.start_page, name="start"),
    path("session.json", views.session, name="session"),
    path("things/<slug:layer>/<int:identity>.json", thing_views.thing_json, name="thing_json"),
    path("things/<slug:layer>/<int:identity>", thing_views.thing_page, name="thing"),
    path("at.json", thing_views.at_json, name="at_json"),
    path("coordinates.json", thing_views.coordinates_json, name="coordinates_json"),
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
