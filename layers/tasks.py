"""Background work of the layers."""

from django.db import connection
from procrastinate.contrib.django import app


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="forget_changes")
def forget_changes(timestamp: int) -> None:
    """Remove what the log of drawn changes no longer needs to tell."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM drawn.changes WHERE at < now() - interval '2 days'")
