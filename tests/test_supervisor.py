import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learning.supervisor import Child, address_of, why_not_listen

ROOT = Path(__file__).parents[1]
# A worker that starts a clock of its own, as Celery does; both note who they are.
WORKER = "echo $$ >> workers; sleep 300 & echo $! >> clocks; wait"
SUPERVISE = """
import signal, sys
from learning import supervisor
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # even where the tests run under nohup
supervisor.GRACE = 0.5
server = ["sh", "-c", f"exec {sys.executable} -m http.server --bind 127.0.0.1 {sys.argv[1]} > /dev/null 2>&1"]
children = [supervisor.Child("web server", server), supervisor.Child("background worker", ["sh", "-c", sys.argv[2]])]
sys.exit(supervisor.supervise(children, host="127.0.0.1", port=int(sys.argv[1]), address="http://localhost:1"))
"""
RUNNING = "Kunskapsläget is running at http://localhost:1/ – stop with Ctrl+C\n"


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def start(tmp_path, port):
    """Starts a supervisor over stand-ins in tmp_path, and sees to it that it ends."""
    started = []

    def start(worker=WORKER):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SUPERVISE, str(port), worker]
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=10)


def run_main(**environment):
    """The real thing, where it is bound to stop before it starts anything."""
    command = [sys.executable, "-m", "learning.supervisor"]
    environment = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def until(truth):
    """What `truth` returns once it is true; fails where it stays false."""
    deadline = time.monotonic() + 15
    while not (found := truth()):
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.02)
    return found


def pids(path, count=1):
    """The process numbers in the file, once there are so many."""

    def noted():
        lines = path.read_text().split() if path.exists() else []
        return [int(line) for line in lines] if len(lines) >= count else None

    return until(noted)


def alive(pid):
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_says_once_that_the_server_answers(start):
    process = start()
    assert process.stdout.readline() == RUNNING
    process.terminate()
    assert process.communicate(timeout=10)[0] == "Stopping ...\n"


def test_a_killed_worker_starts_again_without_its_old_clock(start, tmp_path):
    start()
    [worker], [clock] = pids(tmp_path / "workers"), pids(tmp_path / "clocks")

    os.kill(worker, signal.SIGKILL)

    _, second = pids(tmp_path / "clocks", count=2)
    assert alive(second) is True
    until(lambda: not alive(clock))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(start, tmp_path, number):
    process = start()
    process.stdout.readline()
    everything = pids(tmp_path / "workers") + pids(tmp_path / "clocks")

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert [pid for pid in everything if alive(pid)] == []


def test_who_does_not_hear_the_request_to_end_is_ended_all_the_same(start, tmp_path):
    process = start("trap '' TERM; " + WORKER)
    everything = pids(tmp_path / "workers") + pids(tmp_path / "clocks")

    process.terminate()

    assert process.wait(timeout=10) == 0
    until(lambda: not any(map(alive, everything)))


def test_each_new_death_is_followed_by_a_longer_wait(capfd):
    child, now, waits = Child("worker", ["false"]), 100.0, []
    for _death in range(7):
        child.tend(now)
        child.process.wait()
        child.tend(now)
        waits.append(child.wait)
        now += child.wait
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert capfd.readouterr().out.splitlines()[0] == "The worker ended (1) and starts again in 1 s."


def test_a_child_that_ran_long_starts_again_at_once(capfd):
    child = Child("worker", ["false"])
    child.tend(100.0)
    child.process.wait()
    child.tend(161.0)
    assert child.wait == 0


def test_a_taken_port_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        process = run_main(HOST="127.0.0.1", PORT=str(taken))
    assert process.returncode == 1
    assert process.stdout == (
        f"Port {taken} is taken by another program: stop that, or choose another port with PORT={taken + 1}.\n"
    )
    assert process.stderr == ""


def test_a_port_that_is_no_number_is_said_in_one_line():
    process = run_main(PORT="web")
    assert (process.returncode, process.stdout) == (1, "PORT is a number from 1 to 65535, not web.\n")


def test_a_free_port_is_fine(port):
    assert why_not_listen("127.0.0.1", port) == ""


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://localhost:8000"),
        ("::", "http://localhost:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("kunskap.example", "http://kunskap.example:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host, address):
    assert address_of(host, 8000) == address


def test_the_supervisor_does_without_django():
    question = "import sys, learning.supervisor; print('django' in sys.modules or 'celery' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", question], cwd=ROOT, text=True) == "False\n"
