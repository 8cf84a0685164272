"""A real web server in front of the test database: what streams must be seen to stream."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.tiles.conftest import Reply, Server, serving


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web process as it runs by default."""
    with serving("gisplatform.asgi:application", tmp_path_factory.mktemp("layers") / "log", "web") as running:
        yield running


@pytest.fixture
def download(server: Server):
    """A function that downloads a layer in an area, as somebody or as nobody."""

    def ask(name: str, user: User | None = None, language: str = "en", **asked: Any) -> Reply:
        query = {key: value if isinstance(value, str) else json.dumps(value) for key, value in asked.items()}
        headers = {"accept_language": language}
        if user:
            client = Client()
            client.force_login(user)
            headers["cookie"] = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        return server.ask(f"/layers/{name}?{urlencode(query)}", **headers)

    return ask
