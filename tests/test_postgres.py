import os
import signal
import subprocess
import sys

import pytest

from tests.postgres import find_binaries


def start(*command, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "--", *command],
        env={**os.environ, "TEST_DATABASE_URL": "", **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background may have it ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_the_command_gets_the_database_that_was_named_and_its_exit_code_is_kept():
    process = start("sh", "-c", "echo $DATABASE_URL; exit 7", TEST_DATABASE_URL="postgres://elsewhere/tests")
    assert process.communicate()[0] == "postgres://elsewhere/tests\n"
    assert process.returncode == 7


@pytest.mark.skipif(not find_binaries(), reason="needs PostgreSQL, and installing it is not this test's business")
def test_ctrl_c_stops_the_server_and_removes_its_folder():
    process = start("sh", "-c", "echo $DATABASE_URL; exec sleep 60")
    folder = process.stdout.readline().partition("@/")[2].removesuffix("/postgres\n")
    assert os.path.exists(f"{folder}/data/PG_VERSION")

    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(timeout=60) == 130
    assert not os.path.exists(folder)
