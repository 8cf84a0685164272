"""What day it is where the land is. Legal dates are days in Viet Nam, never UTC days."""

from datetime import date

from django.utils import timezone


def today() -> date:
    """The current date in Asia/Ho_Chi_Minh."""
    return timezone.localdate()
