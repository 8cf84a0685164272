"""The two Django peers: settings, models, addresses and WSGI application. Runs in the peers' environment, not in ours.

PEER_COLUMNS names the attributes; PGDATABASE and the like say where the rows are.
"""

import os

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="bench",  # noqa: S106 - nothing is signed
    INSTALLED_APPS=["django.contrib.gis", "rest_framework", "rest_framework_gis", "vectortiles"],
    MIDDLEWARE=[],
    # Connections stay open, and nobody is asked who he is.
    DATABASES={
        "default": {
            "ENGINE": "django.contrib.gis.db.backends.postgis",
            "NAME": os.environ["PGDATABASE"],
            "CONN_MAX_AGE": None,
        }
    },
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
)
django.setup()

from django.contrib.gis.db import models  # noqa: E402 - needs the settings
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework_mvt.managers import MVTManager  # noqa: E402
from rest_framework_mvt.views import mvt_view_factory  # noqa: E402
from vectortiles.backends.postgis import VectorLayer  # noqa: E402
from vectortiles.views import MVTView  # noqa: E402

COLUMNS = os.environ["PEER_COLUMNS"].split(",")


def model(name: str, table: str, srid: int, **more: object) -> type[models.Model]:
    """The rows of a table; what type a column has does not matter to a tile."""
    fields = {column: models.TextField(null=True) for column in COLUMNS}
    meta = type("Meta", (), {"app_label": "vectortiles", "managed": False, "db_table": table})
    shape = models.GeometryField(srid=srid)
    key = models.BigIntegerField(primary_key=True)
    return type(
        name, (models.Model,), {"__module__": __name__, "Meta": meta, "id": key, "shape": shape, **fields, **more}
    )


Parcel = model("Parcel", "raw_parcels", 3857)
# This one searches in degrees only.
LonLatParcel = model(
    "LonLatParcel", "raw_parcels_lonlat", 4326, objects=models.Manager(), vector_tiles=MVTManager(geo_col="shape")
)


class ParcelLayer(VectorLayer):
    """django-vectortiles."""

    model = Parcel
    id = "parcels"
    geom_field = "shape"
    tile_fields = ("id", *COLUMNS)
    tile_buffer = 64


class ParcelTiles(MVTView):
    """Its view."""

    layer_classes = [ParcelLayer]


urlpatterns = [
    path("vectortiles/<int:z>/<int:x>/<int:y>", ParcelTiles.as_view()),
    path("drf", mvt_view_factory(LonLatParcel, geom_col="shape")),
]
application = get_wsgi_application()
