"""The page for what nobody foresaw; this file is the list of addresses of a platform with a bug."""

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from web.views import server_error


def bug(request: HttpRequest):
    raise ZeroDivisionError


urlpatterns = [path("bug", bug)]
handler500 = server_error


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_for_a_bug_says_its_language(settings, language: str):
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    page = client.get("/bug")
    assert page.status_code == 500
    assert f'<html lang="{language}">' in page.content.decode()
