"""Background work of the platform itself. Other apps put their jobs in a `tasks.py` of their own."""

import logging

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app

logger = logging.getLogger(__name__)

# A worker says every ten seconds that it is alive; one that has been silent this long was killed.
SILENT_AFTER_S = 60


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_abandoned_jobs", pass_context=True)
async def take_up_abandoned_jobs(context: JobContext, timestamp: int) -> None:
    """Put jobs whose worker was killed back in the queue; they are written so that a second run does no harm."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER_S):
        logger.warning("job %s (%s) was left by a killed worker and starts again", job.id, job.task_name)
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Remove sessions that have run out."""
    call_command("clearsessions")
