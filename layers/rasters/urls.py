"""Addresses of rasters."""

from django.urls import path

from layers.rasters import views

urlpatterns = [path("rasters/<int:number>/<int:z>/<int:x>/<int:y>.webp", views.tile, name="raster_tile")]
