"""What a lesson weighs on its way to a phone, as a running site serves it."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client

from tests.browser.conftest import PHONE
from tests.test_supervisor import until

ROOT = Path(__file__).parents[2]
KB = 1000
PICTURES = "/static/img/lessons/"


@contextmanager
def running_site(folder: Path):
    """The site as `make run` starts it, over a copy of the tests' database; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "learning.settings.dev",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(folder / "kunskapslaget.sqlite3")])
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=True)
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "learning.wsgi:application"]
    process = subprocess.Popen(server, cwd=ROOT, env=environment)
    try:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass
class Scale:
    """Counts the requests of a page and the bytes that came over the network, headers and all; no pictures."""

    page: object
    weights: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        self._addresses = {}
        self._network = self.page.context.new_cdp_session(self.page)
        self._network.on("Network.requestWillBeSent", self._begin)
        self._network.on("Network.loadingFinished", self._end)
        self._network.send("Network.enable")

    def _begin(self, event):
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _end(self, event):
        address = self._addresses.get(event["requestId"], "")
        if event["encodedDataLength"] and PICTURES not in address:
            self.weights[address] = self.weights.get(address, 0) + int(event["encodedDataLength"])

    def weigh(self, address: str) -> tuple[int, int]:
        """How many requests went over the network, and how many bytes came."""
        self.weights.clear()
        self.page.goto(address, wait_until="networkidle")
        return len(self.weights), sum(self.weights.values())


def test_a_lesson_is_light(place, browser, browser_context_args, tmp_path):
    client = Client()
    client.force_login(place.employee)
    path = place.course.lessons().first().url.replace("http://localhost", "")
    with running_site(tmp_path) as url:
        context = browser.new_context(**browser_context_args, viewport=PHONE)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
        scale = Scale(context.new_page())
        cold = scale.weigh(url + path)
        warm = scale.weigh(url + path)
        context.close()
    assert cold[0] <= 8
    assert cold[1] <= 45 * KB
    assert warm[1] <= 10 * KB
