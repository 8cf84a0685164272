"""Addresses of the pages. `/tiles` is another application, see gisplatform/asgi.py."""

from django.urls import URLPattern, URLResolver, include, path

from gisplatform.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("web.urls")),
    path("", include("layers.rasters.urls")),
    path("", include("layers.urls")),
    path("", include("planning.answers.urls")),
]

handler500 = "web.views.server_error"
