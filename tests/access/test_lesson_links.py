"""Links that open one person's lessons: looking uses nothing up, a press lets in, and nothing else comes with it."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core import mail
from django.core.serializers import serialize
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from learning.access.authority import Authority, authority_of
from learning.access.lesson_links import BACKEND, LinkRefused, lesson_url, read_link, revoke
from learning.organisation.models import Person
from learning.organisation.services import end_employment
from learning.records.models import Completion
from learning.records.services import finish_lesson
from tests.factories import make_course, make_head, make_municipality, make_person, make_unit, moment, take_check

PASSWORD = "ett-långt-lösenord-för-prov"
TODAY = date(2025, 3, 3)
LAST_DAY = date(2025, 3, 10)
MY_PAGE = reverse("records:my_page")


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(TODAY), tick=False)


@pytest.fixture
def person(unit):
    return make_person(unit, first_name="Robin", last_name="Ek", email="robin@example.org")


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def url(person, lesson):
    return lesson_url(person, lesson, through=LAST_DAY)


def who(client: Client) -> str | None:
    """The key of whoever is signed in, as the session has it."""
    return client.session.get("_auth_user_id")


def everything() -> dict:
    """Every row of every table, sessions too."""
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label: serialize("json", model._base_manager.order_by("pk")) for model in models}


def plain(response) -> str:
    """The page without the tokens against forgery."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def is_to_sign_in(response) -> bool:
    return response.status_code == 302 and response.url.startswith(reverse("access:sign_in"))


# Looking


def test_looking_at_a_link_changes_and_uses_up_nothing(person, lesson, url):
    before = everything()
    for look in ("head", "get", "get", "get"):
        for headers in ({}, {"sec-purpose": "prefetch"}, {"purpose": "prefetch"}):
            client = Client(headers=headers)
            assert getattr(client, look)(url).status_code == 200
            assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert Client(enforce_csrf_checks=True).post(url).status_code == 403
    assert everything() == before
    assert Client().post(url).url == lesson.get_url()


def test_the_page_of_a_link_tells_of_the_lesson_and_of_nobody(client, municipality, person, lesson, url):
    page = client.get(url).content.decode()
    for told in (municipality.name, lesson.title, lesson.objective):
        assert told in page
    for private in ("Robin", "Ek<", "robin@example.org", str(person.uuid)):
        assert private not in page


def test_the_page_of_a_link_is_kept_by_nobody_and_found_by_nobody(client, url):
    for address, status in ((url, 200), (url[:-2] + "/", 400)):
        response = client.get(address)
        assert response.status_code == status
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "strict-origin"


def test_a_link_speaks_the_language_it_was_sent_in_until_another_is_chosen(client, person, lesson):
    with override("en"):
        english = lesson_url(person, lesson, through=LAST_DAY)
    swedish = lesson_url(person, lesson, through=LAST_DAY)
    for address, language in ((swedish, "sv"), (english, "en")):
        assert f'<html lang="{language}">' in Client().get(address).content.decode()
    client.post(english)
    assert '<html lang="en">' in client.get(lesson.get_url()).content.decode()
    chosen = Client()
    chosen.cookies[settings.LANGUAGE_COOKIE_NAME] = "sv"
    assert '<html lang="sv">' in chosen.get(english).content.decode()


def test_a_link_leads_to_the_site_of_its_municipality(municipality):
    other = make_municipality("Annan")
    lesson = make_course(other, slug="annan").lessons().first()
    url = lesson_url(make_person(make_unit(other)), lesson, through=LAST_DAY)
    assert urlsplit(url).hostname == other.site.hostname
    client = Client(headers={"host": other.site.hostname})
    assert client.post(url).url == lesson.get_url(client.get("/").wsgi_request)


# Being let in


def test_a_press_lets_in_and_the_link_can_be_used_again(client, person, lesson, url):
    for browser in (client, Client(), client):
        assert browser.post(url).url == lesson.get_url()
        assert who(browser) == str(person.pk)
        assert browser.session[BACKEND_SESSION_KEY] == BACKEND
        assert browser.get(lesson.get_url()).status_code == 200


def test_a_link_goes_on_where_the_lesson_or_else_the_course_does(client, person, course, url):
    first, second = course.lessons()
    assert client.post(url).url == first.get_url()
    finish_lesson(person=person, lesson=first, now=timezone.now())
    assert client.get(url).url == second.get_url()
    finish_lesson(person=person, lesson=second, now=timezone.now())
    assert client.get(url).url == course.get_url()


def test_being_let_in_is_no_signing_in_so_a_one_time_link_on_its_way_still_works(client, person, url):
    client.post(reverse("access:ask_for_link"), {"email": person.email})
    mailed = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    before = client.session.session_key
    client.post(url)
    assert client.session.session_key != before
    assert Person.objects.get(pk=person.pk).last_login is None
    assert client.post(mailed).status_code == 302
    assert client.get(MY_PAGE).status_code == 200


def test_the_session_of_a_link_ends_after_twelve_hours(client, lesson, url, time_machine):
    client.post(url)
    time_machine.move_to(moment(TODAY) + timedelta(hours=11, minutes=59), tick=False)
    assert client.get(lesson.get_url()).status_code == 200
    time_machine.move_to(moment(TODAY) + timedelta(hours=12, minutes=1), tick=False)
    assert is_to_sign_in(client.get(lesson.get_url()))


def test_whoever_is_signed_in_goes_on_at_once_and_keeps_their_reach(client, person, lesson, url):
    client.force_login(person)
    before = everything()
    for answer in (client.get(url), client.post(url)):
        assert answer.url == lesson.get_url()
    assert everything() == before
    assert client.get(MY_PAGE).status_code == 200


def test_in_anothers_browser_it_says_so_without_a_name_and_only_a_press_changes_who_it_is(client, person, unit, url):
    other = make_head(unit, first_name="Mika", email="mika@example.org")
    client.force_login(other)
    page = client.get(url).content.decode()
    assert "notice--attention" in page
    assert "Mika" not in page
    assert "Robin" not in page
    assert who(client) == str(other.pk)
    theirs = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(url)
    assert who(client) == str(person.pk)
    assert is_to_sign_in(Client(headers={"cookie": f"sessionid={theirs}"}).get(MY_PAGE))


# Being refused


def go(person):
    end_employment(employment=person.employments.get(), last_day=TODAY - timedelta(days=1))


def deactivate(person):
    Person.objects.filter(pk=person.pk).update(is_active=False)


CAUSES = {"revoked": revoke, "inactive": deactivate, "gone": go}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_link_and_the_session_that_it_began_end_together(client, person, lesson, url, cause):
    client.post(url)
    assert client.get(lesson.get_url()).status_code == 200
    CAUSES[cause](person)
    assert is_to_sign_in(client.get(lesson.get_url()))
    for answer in (client.get(url), client.post(url), Client().head(url)):
        assert answer.status_code == 400


def test_every_cause_but_the_last_day_is_refused_in_the_same_words(person, lesson, unit, url):
    people = [make_person(unit) for _cause in CAUSES]
    links = [lesson_url(one, lesson, through=LAST_DAY) for one in people]
    for one, cause in zip(people, CAUSES.values(), strict=True):
        cause(one)
    foreign = make_course(make_municipality("Annan"), slug="annan").lessons().first()
    links += [url[:-2] + "/", url.replace("/l/", "/l/x"), reverse("records:lesson_link", args=["x"])]
    links += [lesson_url(person, foreign, through=LAST_DAY)]
    token = Signer(salt="another", sep=".").sign_object([person.pk, lesson.pk, LAST_DAY.toordinal(), 0, "sv"])
    links += [reverse("records:lesson_link", args=[token])]
    client = Client()
    assert {client.post(one).status_code for one in links} == {400}
    pages = {plain(client.get(one)).replace(urlsplit(one).path, "") for one in links}
    assert len(pages) == 1
    late = plain(client.get(lesson_url(person, lesson, through=TODAY - timedelta(days=1))))
    assert late not in pages
    assert "2 mars 2025" in late


def test_a_lesson_that_is_no_longer_published_is_refused(client, lesson, url):
    lesson.unpublish()
    assert client.get(url).status_code == client.post(url).status_code == 400


def test_links_after_a_revocation_work_and_anothers_are_untouched(person, unit, lesson, url):
    others = lesson_url(make_person(unit), lesson, through=LAST_DAY)
    for _time in range(2):
        revoke(person)
    again = lesson_url(person, lesson, through=LAST_DAY)
    assert [Client().post(one).status_code for one in (url, again, others)] == [400, 302, 302]


def test_the_appointed_without_employment_are_let_in(client, unit, lesson):
    appointed = make_head(unit)
    go(appointed)
    assert client.post(lesson_url(appointed, lesson, through=LAST_DAY)).url == lesson.get_url()


@pytest.mark.parametrize(
    ("through", "last", "first"),
    [  # in UTC: the last second of the last day in Stockholm, and the first after it
        (date(2025, 3, 10), "2025-03-10T22:59:59", "2025-03-10T23:00:00"),
        (date(2025, 7, 1), "2025-07-01T21:59:59", "2025-07-01T22:00:00"),
        (date(2025, 3, 29), "2025-03-29T22:59:59", "2025-03-29T23:00:00"),
        (date(2025, 3, 30), "2025-03-30T21:59:59", "2025-03-30T22:00:00"),
        (date(2025, 10, 26), "2025-10-26T22:59:59", "2025-10-26T23:00:00"),
        (date(2028, 2, 29), "2028-02-29T22:59:59", "2028-02-29T23:00:00"),
    ],
)
def test_a_link_works_through_the_whole_of_its_last_day_in_sweden(person, lesson, time_machine, through, last, first):
    url = lesson_url(person, lesson, through=through)
    for moment_, status in ((last, 302), (first, 400)):
        time_machine.move_to(datetime.fromisoformat(moment_).replace(tzinfo=UTC), tick=False)
        assert Client().post(url).status_code == status


# Hypothesis gives no two examples a database of their own; nothing is written here.
@pytest.fixture
def dated_token(person, lesson):
    return lambda through: urlsplit(lesson_url(person, lesson, through=through)).path.split("/")[-2]


def test_a_link_is_good_exactly_through_its_day(dated_token, person, lesson):
    @given(through=st.dates(date(2024, 1, 1), date(2040, 1, 1)), days=st.integers(-400, 400))
    def law(through, days):
        on = through + timedelta(days=days)
        token = dated_token(through)
        if days <= 0:
            assert read_link(token, on=on).page_id == lesson.pk
        else:
            with pytest.raises(LinkRefused):
                read_link(token, on=on)

    law()


# The narrow reach; which routes are open the walk of all routes says


@pytest.fixture
def coordinator(unit):
    person = make_head(unit, "coordinator", is_staff=True, is_superuser=True, email="love@example.org")
    person.set_password(PASSWORD)
    person.save()
    return person


def test_nothing_that_one_may_goes_with_a_link(client, coordinator, course, lesson):
    assert Authority.of(coordinator, on=TODAY).grants
    client.post(lesson_url(coordinator, lesson, through=LAST_DAY))
    response = client.get(course.get_url())
    assert response.wsgi_request.user == coordinator
    assert authority_of(response.wsgi_request) == Authority()
    for address in (MY_PAGE, reverse("reporting:overview"), reverse("wagtailadmin_home"), reverse("records:together")):
        assert is_to_sign_in(client.get(address))
        assert address not in response.content.decode()


def test_signing_in_after_a_link_is_another_session_and_leads_where_one_was_going(client, coordinator, lesson):
    client.post(lesson_url(coordinator, lesson, through=LAST_DAY))
    narrow = client.session.session_key
    target = reverse("access:own_data")
    form = client.get(client.get(target).url).content.decode()
    assert f'value="{target}"' in form
    typed = {"username": coordinator.email, "password": PASSWORD, "next": target}
    assert client.post(reverse("access:sign_in"), typed).url == target
    assert client.session.session_key != narrow
    assert client.get(target).status_code == 200
    assert client.get(reverse("wagtailadmin_home")).status_code == 200


def test_a_one_time_link_that_is_asked_for_after_a_lesson_link_leads_where_one_was_going(client, person, url):
    client.post(url)
    client.post(reverse("access:ask_for_link"), {"email": person.email, "next": "/min-sida/mina-uppgifter/"})
    mailed = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    assert client.post(mailed).url == "/min-sida/mina-uppgifter/"
    assert client.get("/min-sida/mina-uppgifter/").status_code == 200


def test_signing_out_ends_the_session_of_a_link(client, lesson, url):
    client.post(url)
    client.post(reverse("access:sign_out"))
    assert who(client) is None
    assert is_to_sign_in(client.get(lesson.get_url()))


def test_a_page_for_the_signed_in_does_not_open_by_link(client, municipality, coordinator, lesson):
    home = municipality.site.root_page
    PageViewRestriction.objects.create(page=home.get_parent(), restriction_type=PageViewRestriction.LOGIN)
    client.post(lesson_url(coordinator, lesson, through=LAST_DAY))
    assert is_to_sign_in(client.get("/"))


def test_every_way_that_the_pages_show_leads_somewhere(client, coordinator, course, lesson):
    for one in course.lessons():
        finish_lesson(person=coordinator, lesson=one, now=timezone.now())
    attempt = take_check(coordinator, course, TODAY)
    client.post(lesson_url(coordinator, lesson, through=LAST_DAY))
    proof = reverse("records:proof", args=[Completion.objects.get().uuid])
    asked = [lesson.get_url(), f"{lesson.get_url()}?kort=klar", course.get_url(), proof, reverse("records:practice")]
    asked += [reverse("records:check_result", args=[attempt.pk])]
    seen, shut = set(), set()
    while asked:
        address = asked.pop()
        response = client.get(address)
        if is_to_sign_in(response):
            shut.add(address)
            continue
        assert response.status_code == 200, address
        seen.add(address)
        if not response["Content-Type"].startswith("text/html"):
            continue
        ways = re.findall(r'<a [^>]*href="([^"#]+)"', response.content.decode())
        ways = [way if way.startswith("/") else address.partition("?")[0] + way for way in ways if ":" not in way]
        asked += [way for way in ways if way not in seen and not way.startswith(reverse("access:sign_in"))]
        assert len(seen) < 100
    assert shut == set()
    assert proof in seen
