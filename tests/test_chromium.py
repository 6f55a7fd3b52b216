import os

import pytest
from playwright.sync_api import Error

from tests.debian import ensure


def test_the_browser_is_offline_too(page):
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://kommun.example/")


def test_what_needs_a_page_is_marked(request, page):
    assert request.node.get_closest_marker("browser") is not None


def test_what_is_missing_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"^PostgreSQL is missing: install the package postgresql, or set TEST\.$"):
        ensure("PostgreSQL", lambda: None, package="postgresql", or_else="set TEST.")


def test_what_is_there_is_not_installed(tmp_path):
    assert ensure("PostgreSQL", lambda: tmp_path, package="postgresql", or_else="set TEST.") == tmp_path
