"""What came in, from whom, and what was not taken."""

from django.conf import settings
from django.db import models


class ImportRun(models.Model):
    """One file that was taken into a register, with its checksum and the counts of what it did."""

    register = models.CharField(max_length=40)  # the layer's key
    file_names = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    crs = models.CharField(max_length=200)
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.register} {', '.join(self.file_names)}"


class ImportIssue(models.Model):
    """One row that was not taken, or was taken with a remark, and why."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="issues")
    file_name = models.CharField(max_length=255)
    row = models.PositiveBigIntegerField()  # counted from 1 in the file's order
    parcel = models.CharField(max_length=60, blank=True)  # its public code, where it has one
    taken = models.BooleanField()
    code = models.CharField(max_length=40)
    message = models.TextField()
    lon = models.FloatField(null=True)  # WGS 84, where the fault lies
    lat = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.file_name} row {self.row}: {self.code}"
