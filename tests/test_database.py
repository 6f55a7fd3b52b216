import pytest
from django.db import connection
from wagtail.models import Page, Site


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_test_that_commits_finds_what_the_migrations_made(time):
    assert Site.objects.filter(is_default_site=True).count() == 1


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_browser_test_finds_what_the_migrations_made(live_server, page, time):
    assert Page.objects.filter(depth=1).count() == 1


@pytest.mark.django_db
def test_the_database_is_not_kept_in_memory():
    assert "memory" not in str(connection.settings_dict["NAME"])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL answers in whatever order it likes")
def test_what_is_asked_for_in_no_order_comes_the_other_way_round():
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA reverse_unordered_selects").fetchone() == (1,)
