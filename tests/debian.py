"""Finds the programs that the tests need beside Python's packages, and installs them where that is allowed."""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def ensure(name: str, find: Callable[[], Path | None], *, package: str, or_else: str) -> Path:
    """The program that `find` finds, installed first where it is missing and we are root."""
    if found := find():
        return found
    if os.geteuid() == 0:
        with open(Path(tempfile.gettempdir(), "kunskapslaget-apt.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the test processes run side by side
            if found := find() or (_install(package) and find()):
                return found
    sys.exit(f"{name} is missing: install the package {package}, or {or_else}")


def _install(package: str) -> bool:
    """Whether apt could install the package."""
    print(f"Installing the package {package} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quietly = {"env": environment, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    try:
        subprocess.run(["apt-get", "-qq", "update"], **quietly, check=True)
        subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", package], **quietly, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
