"""`/healthz`: whether this process is alive and reaches its database, and whether a worker is."""

import logging
import time

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from gisplatform.tasks import SILENT_AFTER_S

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, 503 otherwise; who may not know more learns only that.

    Without a worker pages and tiles go on, but what it keeps (the map from afar, jobs) stays as it was.
    """
    began = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %s * interval '1 second'",
                [SILENT_AFTER_S],
            )
            workers = cursor.fetchone()[0]
    except (DatabaseError, PoolTimeout) as exc:
        logger.error("health: %s", exc)
        return JsonResponse({"status": "unavailable", "database": "away"}, status=503, headers={"Retry-After": "10"})
    took_ms = round((time.perf_counter() - began) * 1000, 1)
    return JsonResponse(
        {"status": "ok", "database": "ok", "database_ms": took_ms, "worker": "ok" if workers else "away"}
    )
