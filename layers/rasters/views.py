"""Tiles of rasters, open to whoever may see the raster."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gisplatform.access import CITIZEN
from gisplatform.errors import NotFound
from gisplatform.http import person_of
from layers.rasters import queries

DRAWING = 1  # a higher number makes browsers forget tiles that were drawn otherwise
KEEP_S = 24 * 60 * 60


@require_safe
def tile(request: HttpRequest, number: int, z: int, x: int, y: int) -> HttpResponse:
    """One tile; 204 where the raster has nothing. Raises NotFound, Unavailable."""
    person = person_of(request)
    raster = queries.find(person, number)
    if not (raster.min_zoom <= z <= raster.max_zoom and x < 2**z and y < 2**z):
        raise NotFound(
            _("This image has tiles from zoom %(first)d to %(last)d, and none at this address.")
            % {"first": raster.min_zoom, "last": raster.max_zoom}
        )
    etag = f'"{raster.sha256[:16]}-{z}-{x}-{y}-{DRAWING}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        # GDAL takes 20 MB: only where there are rasters.
        from layers.rasters import tiles

        content = tiles.picture(raster, z, x, y)
        response = HttpResponse(content or b"", content_type="image/webp", status=200 if content else 204)
        response["ETag"] = etag
        response["X-Content-Type-Options"] = "nosniff"
    # The pixels of a number never change. Shared caches may keep only what goes out without anybody's cookies.
    response["Cache-Control"] = f"{'public' if person == CITIZEN else 'private'}, max-age={KEEP_S}"
    return response
