"""Runs a command against a PostgreSQL of its own: `python -m tests.postgres -- pytest …`.

The server lives in a temporary folder, listens on a Unix socket only, and goes when the command ends.
TEST_DATABASE_URL names a server to use instead.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.debian import ensure

# Quick rather than safe: what it holds is thrown away.
OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses="]


def find_binaries() -> Path | None:
    """The folder of initdb and postgres: the newest Debian has, or the one on the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    found = versions[-1] if versions else on_path and Path(on_path).resolve()
    return found.parent if found else None


def unprivileged() -> dict:
    """Who runs the server, as arguments to subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {account.pw_name: account for account in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def cluster(options: list[str]) -> Iterator[tuple[list, dict, str]]:
    """A new cluster: the command that serves it, how that is run, and the DATABASE_URL; removed at the end."""
    binaries = ensure("PostgreSQL", find_binaries, package="postgresql", or_else="set TEST_DATABASE_URL.")
    owner = unprivileged()
    # /tmp, whatever TMPDIR says: the path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="kunskapslaget-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        if owner:
            os.chown(folder, owner["user"], owner["group"])
        data = Path(folder, "data")
        # A session of its own, so that Ctrl+C reaches the tests and not the server under them.
        common = {"cwd": folder, "start_new_session": True, "stdout": subprocess.DEVNULL, **owner}
        initdb = ["--pgdata", data, "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([binaries / "initdb", *initdb, "--no-sync"], check=True, **common)
        settings = [part for option in options for part in ("-c", option)]
        yield (
            [binaries / "postgres", "-D", data, "-k", folder, *settings],
            common,
            f"postgres://postgres@/{folder}/postgres",
        )


@contextmanager
def server() -> Iterator[str]:
    """A running PostgreSQL, as a DATABASE_URL; stopped and removed at the end."""
    with cluster(OPTIONS) as (command, how, url):
        folder = Path(how["cwd"])
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, **{**how, "stderr": log})
        try:
            wait_until_ready(command[0].parent, folder, process)
            yield url
        finally:
            process.send_signal(signal.SIGQUIT)  # at once; there is nothing to save
            process.wait()


def wait_until_ready(binaries: Path, folder: Path, process: subprocess.Popen) -> None:
    """Return when the server answers; end the run with its log if it does not."""
    asked = [binaries / "pg_isready", "--quiet", "--host", folder]
    until = time.monotonic() + 30
    while subprocess.run(asked, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > until:
            sys.exit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.1)


def run(command: list[str], url: str) -> int:
    """The exit code of the command, run with that DATABASE_URL; it ends before its server does."""
    child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    try:
        return child.wait()
    except BaseException:  # Ctrl+C has reached the child too; anything else has not
        child.terminate()
        child.wait()
        raise


def main(arguments: list[str]) -> int:
    if arguments[:1] != ["--"] or len(arguments) < 2:
        sys.exit("Usage: python -m tests.postgres -- COMMAND …")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if url := os.environ.get("TEST_DATABASE_URL"):
        return run(arguments[1:], url)
    with server() as url:
        return run(arguments[1:], url)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
