"""Addresses of the parcel answer and the search."""

from django.urls import path

from planning.answers import search_views, views

urlpatterns = [
    path("parcels/", views.parcels, name="parcels"),
    path("parcels/<str:code>.json", views.parcel_json, name="parcel_json"),
    path("parcels/<str:code>", views.parcel, name="parcel"),
    path("search", search_views.search, name="search"),
    path("search.json", search_views.search_json, name="search_json"),
]
