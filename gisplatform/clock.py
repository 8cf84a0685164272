"""What day it is where the land is. Legal dates are days in Viet Nam, never UTC days."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def today() -> date:
    """The current date in Asia/Ho_Chi_Minh."""
    return timezone.localdate()


def tomorrow_s() -> float:
    """When the present day ends there, in seconds since 1970."""
    return datetime.combine(today() + timedelta(days=1), time(), timezone.get_default_timezone()).timestamp()
