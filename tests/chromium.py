"""Finds Chromium for the browser tests: `python -m tests.chromium` makes sure that there is one."""

import os
import shutil
from pathlib import Path

from tests.debian import ensure

# Nothing but the tests' own server answers, and Chromium does not look for its maker.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def find_chromium() -> Path | None:
    """The browser named in CHROMIUM, or else the system's."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None


def ensure_chromium() -> Path:
    """A Chromium to test with; ends the run with one sentence where there is none."""
    return ensure("Chromium", find_chromium, package="chromium", or_else="set CHROMIUM to the path of a browser.")


def launch_options() -> dict:
    """What playwright needs to know to start the system's browser."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": str(ensure_chromium()), "args": [*FLAGS, *as_root]}


if __name__ == "__main__":
    ensure_chromium()
