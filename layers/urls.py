"""Addresses for measuring, summing up and downloading."""

from django.urls import path, re_path

from layers import views

urlpatterns = [
    path("measure.json", views.measure, name="measure"),
    path("summary.json", views.summary, name="summary"),
    re_path(r"^layers/(?P<key>\w+)/download\.(?P<ending>geojson|csv|gpkg|json)$", views.download, name="download"),
]
