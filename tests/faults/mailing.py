"""Completions and the mails that they cause, while everything is killed at random: `python -m tests.faults.mailing`.

Web server, worker, clock, broker and database are processes of their own, which get SIGKILL and are started again as a
supervisor would. People complete a course over HTTP and try again until they are answered; each is to have completed it
once, and to have been sent one mail. A mail may go twice where its sender or the database was killed, with the same
Message-ID.
"""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from tests.debian import ensure
from tests.postgres import cluster, wait_until_ready

ROOT = Path(__file__).parents[2]
CLIENTS = 4
# An acknowledgement is worth what is on the disk.
OPTIONS = ["fsync=on", "synchronous_commit=on", "listen_addresses="]
# Those whose end can come between the acceptance of a mail and its note.
DOUBLING = {"worker", "database"}
SECRET = "k" * 32  # of the form's protection: cookie and field say the same
HEALED = 60


@dataclass
class Service:
    """A process that is started again whenever it has died."""

    name: str
    command: list
    how: dict = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def tend(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(self.command, **self.how)

    def kill(self) -> None:
        """End it, and whatever it has started in its session, without a word."""
        with suppress(ProcessLookupError):  # it had died already, as one does whose database has gone
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Report:
    """What came of it."""

    completed: int
    completions: Counter
    states: dict[str, int]
    queued: set[str]
    accepted: Counter
    kills: list[str]
    healed: float

    @property
    def doubles(self) -> int:
        return sum(self.accepted.values()) - len(self.accepted)

    def problems(self) -> list[str]:
        """What was promised and not kept."""
        allowed = sum(name in DOUBLING for name in self.kills)
        promises = {
            "each acknowledged completion is there": len(self.completions) == self.completed,
            "none is there twice": set(self.completions.values()) == {1},
            "each caused one message": len(self.queued) == self.completed,
            "all are sent": set(self.states) == {"sent"},
            "none is lost": set(self.accepted) == self.queued,
            f"doubles are at most {allowed}": self.doubles <= allowed,
            f"all is done {HEALED} s after the last kill": self.healed <= HEALED,
        }
        return [promise for promise, is_kept in promises.items() if not is_kept]

    def __str__(self):
        kills = ", ".join(f"{name} {number}" for name, number in sorted(Counter(self.kills).items()))
        return (
            f"{self.completed} acknowledged, {sum(self.completions.values())} completions, {len(self.queued)} messages "
            f"{self.states}, {sum(self.accepted.values())} mails accepted, {self.doubles} twice; "
            f"{len(self.kills)} kills ({kills}); done {self.healed:.0f} s after the last.\n"
            f"Not kept: {', '.join(self.problems()) or 'nothing'}"
        )


def run(people: int, kills: int, seed: int = 1) -> Report:
    """Let so many people complete a course while so many processes are killed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        command, how, url = stack.enter_context(cluster(OPTIONS))
        log = stack.enter_context((folder / "log").open("ab"))
        scene = Scene(folder, url, Service("database", command, {**how, "stderr": log}), log)
        stack.callback(scene.end)
        return scene.play(people, kills, random.Random(seed))


class Scene:
    """The services, and those who use them."""

    def __init__(self, folder: Path, url: str, database: Service, log):
        self.folder, self.url, self.log = folder, url, log
        self.web, self.smtp, self.broker = (free_port() for _ in range(3))
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "learning.settings.dev",
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.broker}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp}",
            "SECRET_KEY": "only-for-tests",
            "DEMO": "0",
            "BASE_URL": f"http://127.0.0.1:{self.web}",
        }
        self.database = database
        self.sink = self._service("sink", f"-m tests.faults.sink {self.smtp} {folder / 'accepted'}")
        redis = ensure("Redis", lambda: _program("redis-server"), package="redis-server", or_else="put it on the path.")
        app = "-m celery --quiet --app learning.celery"
        quick = "--without-mingle --without-gossip --without-heartbeat --loglevel warning"
        server = "--interface wsgi --workers 1 --blocking-threads 4 --log-level warning --host 127.0.0.1"
        self.mortal = {
            "database": database,
            # It keeps nothing, as a broker that is emptied.
            "broker": Service("broker", [redis, *f"--port {self.broker} --save".split(), ""], self._how()),
            "web": self._service("web", f"-m granian {server} --port {self.web} learning.wsgi:application"),
            "worker": self._service(
                "worker", f"{app} worker --pool threads --concurrency 4 --queues celery,ticks {quick}"
            ),
            "clock": self._service("clock", f"{app} beat --schedule {folder / 'beat'} --loglevel warning"),
        }
        self.playing, self.lock = False, threading.Lock()
        self.acknowledged: list[str] = []
        self.kills: list[str] = []

    def _how(self) -> dict:
        return {"cwd": ROOT, "env": self.environment, "stdout": self.log, "stderr": self.log, "start_new_session": True}

    def _service(self, name: str, arguments: str) -> Service:
        return Service(name, [sys.executable, *arguments.split()], self._how())

    def play(self, people: int, kills: int, chance: random.Random) -> Report:
        self.database.tend()
        wait_until_ready(self.database.command[0].parent, Path(self.database.how["cwd"]), self.database.process)
        world = [sys.executable, "-m", "tests.faults.world", str(people), self.folder / "world"]
        subprocess.run(world, check=True, **self._how())
        self.world = json.loads((self.folder / "world").read_text())
        self.playing = True
        tending = threading.Thread(target=self._tend)
        tending.start()
        try:
            wait_for(self.smtp), wait_for(self.web)
            sessions = iter(self.world["sessions"])
            clients = [threading.Thread(target=self._complete, args=(sessions,), daemon=True) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            last_kill = self._kill(people, kills, chance)
            for client in clients:
                client.join()
            healed = self._drained(people, last_kill)
            return self._report(healed)
        finally:
            self.playing = False
            tending.join()

    def _tend(self) -> None:
        """Start again whatever has died."""
        while self.playing:
            with self.lock:
                for service in (self.sink, *self.mortal.values()):
                    service.tend()
            time.sleep(0.2)

    def _kill(self, people: int, kills: int, chance: random.Random) -> float:
        """Kill so many processes, each at a moment of its own while people complete; returns when the last was."""
        names = [name for _, name in zip(range(kills), _in_turn(chance, list(self.mortal)), strict=False)]
        moments = sorted(chance.uniform(0.02, 0.95) * people for _ in names)
        for name, moment in zip(names, moments, strict=True):
            while len(self.acknowledged) < moment:
                time.sleep(0.01)
            with self.lock:
                self.mortal[name].kill()
            self.kills.append(name)
        return time.monotonic()

    def _complete(self, sessions) -> None:
        """Complete the course for one after the other, trying again until it is acknowledged."""
        while session := self._next(sessions):
            while not self._is_acknowledged(session):
                time.sleep(0.2)
            self.acknowledged.append(session)

    def _next(self, sessions) -> str | None:
        with self.lock:
            return next(sessions, None)

    def _is_acknowledged(self, session: str) -> bool:
        form = urlencode({"csrfmiddlewaretoken": SECRET, "card": self.world["card"], "act": "next"})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={session}; csrftoken={SECRET}",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=30)
        try:
            connection.request("POST", self.world["url"], form, headers)
            return connection.getresponse().status == 302
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _drained(self, people: int, since: float) -> float:
        """Seconds from the last kill until nothing waits; gives up after some minutes."""
        deadline = time.monotonic() + 5 * HEALED
        while time.monotonic() < deadline:
            try:
                states = dict(self._asked("SELECT state, count(*) FROM delivery_message GROUP BY state"))
            except psycopg.OperationalError:  # killed last, and not up again
                states = {}
            if states.get("sent") == people:
                break
            time.sleep(0.5)
        return time.monotonic() - since

    def _asked(self, query: str) -> list[tuple]:
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.database.how['cwd']}") as connection:
            return connection.execute(query).fetchall()

    def _report(self, healed: float) -> Report:
        accepted = (self.folder / "accepted").read_text().split()
        return Report(
            completed=len(self.acknowledged),
            completions=Counter(person for (person,) in self._asked("SELECT person_id FROM records_completion")),
            states=dict(self._asked("SELECT state, count(*) FROM delivery_message GROUP BY state")),
            queued={one for (one,) in self._asked("SELECT message_id FROM delivery_message")},
            accepted=Counter(accepted),
            kills=self.kills,
            healed=healed,
        )

    def end(self) -> None:
        for service in (*self.mortal.values(), self.sink):
            if service.process and service.process.poll() is None:
                service.kill()


def _in_turn(chance: random.Random, names: list[str]):
    """The names in random order, over and over: each is met equally often."""
    while True:
        yield from chance.sample(names, len(names))


def _program(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(port: int) -> None:
    """Return when something listens on the port."""
    until = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def main() -> int:
    people, kills = (int(os.environ.get(name, default)) for name, default in (("MAILS", 10_000), ("KILLS", 50)))
    start = time.monotonic()
    report = run(people, kills, seed=int(os.environ.get("SEED", time.time())))
    print(f"{report}\n{time.monotonic() - start:.0f} s in all.")
    return 1 if report.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
