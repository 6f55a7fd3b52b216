"""What a lesson is shown in is drawn once and kept: each still meets their own, as it is now."""

import re

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.models import Route
from learning.records.services import note_card
from tests.factories import make_course, make_municipality, make_person, make_unit
from tests.records.test_languages import choose_language
from tests.records.test_player import path_of, send


def learner_in(municipality, **client) -> Client:
    """A browser in which somebody of the municipality is signed in, at the address of its site."""
    client = Client(headers={"host": municipality.site.hostname}, **client)
    client.force_login(make_person(make_unit(municipality)))
    return client


def page_of(client, lesson, position: int = 1) -> str:
    return client.get(f"{path_of(lesson)}?kort={position}").content.decode()


def token_in(html: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)[1]


def test_each_municipality_meets_its_own_name_and_words(db):
    names = {"Lekeberg": "Lekebergs grupp", "Hallsberg": "Hallsbergs grupp"}
    own = {name: make_municipality(name, vbe_group_name=group) for name, group in names.items()}
    worlds = {name: (learner_in(one), make_course(one).lessons().first()) for name, one in own.items()}
    for _time in range(2):
        for name, (client, lesson) in worlds.items():
            html = page_of(client, lesson)
            assert [other for other in names if other in html] == [name]
    own["Lekeberg"].name = "Nya Lekeberg"
    own["Lekeberg"].save()
    assert '<span class="wordmark__of">Nya Lekeberg</span>' in page_of(*worlds["Lekeberg"])
    assert "Nya" not in page_of(*worlds["Hallsberg"])


def test_each_language_has_its_own_frame(learner, lesson):
    for language, other, leave in [("sv", "en", "Lämna snabbt"), ("en", "sv", "Leave quickly")] * 2:
        choose_language(learner, language)
        html = learner.get(lesson.url).content.decode()
        assert f'<html lang="{language}">' in html
        assert f'name="language" value="{other}"' in html
        assert f'name="language" value="{language}"' not in html
        assert leave in html


def test_the_language_is_changed_on_the_page_that_one_reads(learner, lesson):
    send(learner, lesson, 1)
    for position in (1, 2, 1):
        html = learner.get(f"{lesson.url}?kort={position}").content.decode()
        assert re.search(r'name="next" value="([^"]+)"', html)[1].endswith(f"?kort={position}")


def test_each_has_a_token_of_their_own_and_it_is_taken(municipality, lesson):
    first, second = [learner_in(municipality, enforce_csrf_checks=True) for _person in range(2)]
    tokens = [token_in(page_of(client, lesson)) for client in (first, second, first, second)]
    assert len(set(tokens)) == 4
    form = {"card": lesson.cards[0].id, "act": "next"}
    address = path_of(lesson)
    assert first.post(address, {**form, "csrfmiddlewaretoken": tokens[1]}).status_code == 403
    assert first.post(address, {**form, "csrfmiddlewaretoken": tokens[0]}).status_code == 302
    assert second.post(address, {**form, "csrfmiddlewaretoken": tokens[3]}).status_code == 302


def test_whoever_signs_out_leaves_nothing_of_theirs(municipality, lesson):
    client = learner_in(municipality)
    mine = re.search(r'data-person="([^"]+)"', page_of(client, lesson))[1]
    client.post(reverse("access:sign_out"))
    assert client.get(path_of(lesson)).url.startswith(reverse("access:sign_in"))
    assert mine not in client.get("/").content.decode()
    assert mine not in page_of(learner_in(municipality), lesson)


def test_a_support_line_is_told_as_it_is_now(learner, person, course):
    lesson = course.lessons().first()
    position = next(n for n, card in enumerate(lesson.cards, start=1) if card.block_type == "routes")
    note_card(person=person, lesson=lesson, position=position, now=timezone.now())
    for number in ("112", "113 13"):
        Route.objects.filter(key="akut").update(number=number)
        assert f">{number}</a>" in learner.get(f"{lesson.url}?kort={position}").content.decode()
