"""What a lesson weighs on its way to a phone, as a running site serves it."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from learning.records.services import finish_lesson
from learning.supervisor import answers
from tests.browser.conftest import PHONE

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
    server = (
        f"granian --interface wsgi --port {port} --blocking-threads 4 --log-level warning learning.wsgi:application"
    )
    command, address = [sys.executable, "-m", *server.split()], f"http://localhost:{port}"
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not answers("127.0.0.1", port, address):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # it has workers, and serves a copy
        process.wait()


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
    heavy = place.course.lessons().get(title="Gör rätt med oron")
    finish_lesson(person=place.employee, lesson=heavy, now=timezone.now())  # so that any of its cards can be opened
    client = Client()
    client.force_login(place.employee)
    first, much = [lesson.url.replace("http://localhost", "") for lesson in (place.course.lessons().first(), heavy)]
    with running_site(tmp_path) as url:
        context = browser.new_context(**browser_context_args, viewport=PHONE)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
        scale = Scale(context.new_page())
        requests, cold = scale.weigh(url + first)
        assert scale.page.locator(".lesson-bar__next").count() == 1
        _one, warm = scale.weigh(f"{url}{much}?kort=2")
        assert scale.page.locator("input[name=item-5]").count()
        context.close()
    assert requests <= 8
    assert 10 * KB < cold <= 30 * KB
    assert 1 * KB < warm <= 5 * KB
