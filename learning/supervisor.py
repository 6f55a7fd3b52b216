"""Runs the web server and the background worker side by side: `python -m learning.supervisor`.

Standard library only: with Django loaded, merely watching two processes would take over 200 MB.
"""

import errno
import http.client
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

GRACE = 8  # seconds for requests and tasks under way; less than the 10 that Docker gives
STABLE = 60  # a child that has run this long starts again at once
LONGEST_WAIT = 30
POLL = 0.1


class Child:
    """A command in a process session of its own, started again whenever it dies."""

    def __init__(self, name: str, command: list[str]):
        self.name, self.command = name, command
        self.process, self.started, self.wait = None, 0.0, 0.0

    def tend(self, now: float) -> None:
        """Start the command when it is due; clear up after it when it has died."""
        if self.process is None:
            if now >= self.started + self.wait:
                self.process, self.started = subprocess.Popen(self.command, start_new_session=True), now
        elif (code := self.process.poll()) is not None:
            self.signal(signal.SIGKILL)  # what it started itself, such as beat, would live on beside its successor
            self.wait = 0 if now - self.started > STABLE else min(max(1, 2 * self.wait), LONGEST_WAIT)
            self.process, self.started = None, now
            say(f"The {self.name} ended ({code}) and starts again in {self.wait:.0f} s.")

    def signal(self, number: int) -> bool:
        """Whether anything of the child's session was left to hear the signal."""
        if self.process is None:
            return False
        self.process.poll()  # a leader that has ended no longer counts
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True


def supervise(children: list[Child], *, host: str, port: int, address: str) -> int:
    """Keep the children running until a signal says stop, leave none behind, and return the exit code."""
    if problem := why_not_listen(host, port):
        say(problem)
        return 1
    signals = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN or number != signal.SIGHUP:  # nohup outlives its terminal
            signal.signal(number, lambda number, _frame: signals.append(number))
    announced = False
    try:
        while not signals:
            for child in children:
                child.tend(time.monotonic())
            if not announced and answers(host, port, address):
                say(f"Kunskapsläget is running at {address}/ – stop with Ctrl+C")
                announced = True
            time.sleep(POLL)
        say("Stopping ...")
    finally:
        end(children)
    return 0


def end(children: list[Child]) -> None:
    """End all children and whatever they started: kindly first, then surely."""
    until = time.monotonic() + GRACE
    left = [child for child in children if child.signal(signal.SIGTERM)]
    while left and time.monotonic() < until:
        time.sleep(POLL)
        left = [child for child in left if child.signal(0)]
    for child in left:
        child.signal(signal.SIGKILL)


def why_not_listen(host: str, port: int) -> str:
    """What keeps a server from listening there; empty if nothing does."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} is taken by another program: stop that, or choose another port with PORT={port + 1}."
        return f"Cannot listen on {host}, port {port}: {error.strerror}."
    return ""


def answers(host: str, port: int, address: str) -> bool:
    """Whether the server there answers to its address."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("HEAD", "/", headers={"Host": urlsplit(address).netloc})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def address_of(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens there."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if ip.is_loopback or ip.is_unspecified:
        return f"http://localhost:{port}"
    return f"http://[{ip}]:{port}" if ip.version == 6 else f"http://{ip}:{port}"


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        say(f"PORT is a number from 1 to 65535, not {port}.")
        return 1
    address = os.environ.setdefault("BASE_URL", address_of(host, int(port)))
    server = (
        f"granian --interface wsgi --host {host} --port {port} --workers 1 --blocking-threads 4 --log-level warning"
    )
    # One worker serves both queues in turn: however long the one is, a tick waits for the next free thread only.
    worker = "celery --quiet --app learning.celery worker --beat --pool threads --concurrency 4 --queues celery,ticks"
    quick_start = "--without-mingle --without-gossip --loglevel warning"
    children = [
        Child("web server", [sys.executable, "-m", *server.split(), "learning.wsgi:application"]),
        Child("background worker", [sys.executable, "-m", *worker.split(), *quick_start.split()]),
    ]
    return supervise(children, host=host, port=int(port), address=address.rstrip("/"))


if __name__ == "__main__":
    sys.exit(main())
