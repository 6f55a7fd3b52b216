"""What anyone may read."""

import pytest
from django.urls import reverse

from learning.organisation.models import Municipality
from tests.factories import make_course, make_municipality


@pytest.fixture
def municipality(db):
    return make_municipality("Provkommun", is_fictional=True)


@pytest.mark.parametrize("path", ["/", "/vart-vander-jag-mig/", "/tillganglighet/", "/logga-in/"])
def test_public_pages_open_without_signing_in_and_name_the_municipality(client, municipality, path):
    response = client.get(path)
    assert response.status_code == 200
    assert "Provkommun" in response.content.decode()


@pytest.mark.django_db
def test_the_start_page_opens_before_there_is_a_municipality(client):
    assert not Municipality.objects.exists()
    assert client.get("/").status_code == 200


def test_only_routes_that_somebody_has_checked_are_shown(client, municipality):
    make_course(municipality)
    html = client.get(reverse("home:routes")).content.decode()
    assert 'href="tel:112"' in html
    assert "020-1" not in html


def test_routes_of_another_municipality_are_not_shown(client, municipality):
    make_course(make_municipality("Annan kommun"))
    assert 'href="tel:112"' not in client.get(reverse("home:routes")).content.decode()


def test_pages_run_nothing_inline_and_fetch_nothing_from_others(client, municipality):
    policy = client.get("/").headers["Content-Security-Policy"]
    for directive in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "style-src 'self'"):
        assert directive in policy
    assert "unsafe-inline" not in policy


def test_the_pages_are_swedish_until_english_is_chosen(client, municipality):
    assert "Logga in" in client.get("/", headers={"accept-language": "en"}).content.decode()
    client.post(reverse("set_language"), {"language": "en"})
    assert "Sign in" in client.get("/").content.decode()


def test_a_page_that_is_not_there_says_so(client, municipality):
    response = client.get("/finns-inte/")
    assert response.status_code == 404
    assert "Sidan finns inte" in response.content.decode()


def test_the_demonstrations_doors_are_shut_outside_it(client, municipality):
    assert client.get("/komponenter/").status_code == 404
    assert client.post(reverse("access:demo_sign_in"), {"email": "chef@granforsa.example"}).status_code == 404
