"""The situation picture: what lacks a lesson, what is refused because it looks secret, and what the report tells."""

import json
import re
from datetime import date, datetime

import pytest
from django.urls import reverse
from django.utils.timezone import make_aware
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html

from courses.models import LessonPage
from learning.plans.models import SituationPicture, Topic
from learning.plans.openness import LooksSecret
from learning.plans.situation import needs, told
from tests.factories import (
    make_course,
    make_head,
    make_municipality,
    make_person,
    make_picture,
    make_unit,
    moment,
)
from tests.plans.forms import picture_form

YEAR = date(2025, 12, 31)

SECRET = "850101-2382"


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def editor(unit):
    return make_head(unit, "editor")


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def save(client, form: dict, picture: SituationPicture | None = None, *, publish=False):
    """Send the form, for a new picture or one that is there."""
    name = SituationPicture.snippet_viewset.get_url_name("edit" if picture else "add")
    buttons = {"action-publish": "1"} if publish else {}
    return client.post(reverse(name, args=[picture.pk] if picture else []), nested_form_data(form) | buttons)


def lacking(municipality) -> list[str]:
    return [topic.title for topic in needs(municipality)]


def test_a_topic_without_a_lesson_is_a_need_until_a_published_one_teaches_about_it(client, municipality, lesson):
    form = picture_form({"title": "Rykten"}, {"title": "Klotter", "lessons": (lesson.pk,)})
    assert save(client, form).status_code == 302
    assert lacking(municipality) == []  # a draft tells nobody anything
    picture = SituationPicture.objects.get()
    first, second = ({"id": topic.pk, "title": topic.title} for topic in picture.topics.all())
    taught = {"lessons": (lesson.pk,)}
    assert save(client, picture_form(first, second | taught), picture, publish=True).status_code == 302
    assert lacking(municipality) == ["Rykten"]
    assert save(client, picture_form(first | taught, second | taught), picture, publish=True).status_code == 302
    assert lacking(municipality) == []


@pytest.mark.parametrize("act", ["unpublish", "delete"])
def test_a_lesson_that_is_taken_away_brings_the_need_back(municipality, lesson, act):
    picture = make_picture(municipality, {"title": "Klotter", "lessons": [lesson]})
    assert lacking(municipality) == []
    getattr(LessonPage.objects.get(pk=lesson.pk), act)()
    assert lacking(municipality) == ["Klotter"]
    SituationPicture.objects.get(pk=picture.pk).save_revision().publish()
    assert lacking(municipality) == ["Klotter"]


def test_one_published_lesson_of_several_is_enough(municipality, course):
    first, second = course.lessons()
    make_picture(municipality, {"title": "Klotter", "lessons": [first, second]})
    first.unpublish()
    assert lacking(municipality) == []


def test_a_topic_that_needs_no_lesson_or_is_no_longer_seen_asks_for_none(municipality):
    reason = {"title": "Rutiner för sekretess", "no_lesson_because": "Gruppen går igenom rutinen själv."}
    make_picture(municipality, reason, {"title": "Flygblad", "change": Topic.Change.GONE}, "Rykten")
    assert lacking(municipality) == ["Rykten"]


def test_only_the_newest_published_picture_of_the_own_municipality_asks(municipality):
    make_picture(municipality, "Förra årets", year=2024)
    make_picture(municipality, "Årets", year=2025)
    SituationPicture.objects.create(municipality=municipality, title="Nästa", year=2026, live=False)
    other = make_municipality("Annan")
    make_picture(other, "Grannens", year=2027)
    assert (lacking(municipality), lacking(other)) == (["Årets"], ["Grannens"])
    assert lacking(make_municipality("Tredje")) == []


def test_the_start_page_leads_to_the_topic_and_to_writing_a_lesson(client, municipality, course):
    picture = make_picture(municipality, {"title": "Klotter", "lessons": [course.lessons().first()]}, "Rykten & annat")
    html = client.get(reverse("wagtailadmin_home")).content.decode()
    edit = reverse(SituationPicture.snippet_viewset.get_url_name("edit"), args=[picture.pk])
    assert f'<a href="{edit}#inline_child_topics-1-panel-section">Rykten &amp; annat</a>' in html
    assert "Klotter" not in html
    assert reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk]) in html
    assert 'id="inline_child_topics-1-panel-section"' in client.get(edit).content.decode()


def test_the_start_page_costs_the_same_for_one_need_as_for_ten(
    client, municipality, course, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(1000) as asked:
            client.get(reverse("wagtailadmin_home"))
        return len(asked)

    make_picture(municipality, "Ett", year=2024)
    queries()
    one = queries()
    make_picture(municipality, *map(str, range(10)), year=2025)
    assert queries() == one


@pytest.mark.parametrize("publish", [False, True])
@pytest.mark.parametrize("name", ["title", "made_by", "handed_over_to", "summary"])
def test_a_secret_in_the_picture_is_told_at_its_field_and_nothing_is_lost(client, name, publish):
    form = picture_form({"title": "Rykten", "text": "Allt som jag skrev."}, **{name: f"Om {SECRET} i år"})
    response = save(client, form, publish=publish)
    assert (response.status_code, SituationPicture.objects.count()) == (200, 0)
    assert list(response.context["form"].errors) == [name]
    [message] = response.context["form"].errors[name]
    label = str(response.context["form"].fields[name].label)
    assert message == (
        f"{label}: detta sparas inte, eftersom vem som helst får läsa det. "
        f"”{SECRET}” ser ut som ett person- eller samordningsnummer. Skriv vad som har synts, inte vem det gällde."
    )
    html = response.content.decode()
    assert f"Om {SECRET} i år" in html
    assert "Allt som jag skrev." in html


@pytest.mark.parametrize("publish", [False, True])
@pytest.mark.parametrize("name", ["title", "text", "no_lesson_because"])
def test_a_secret_in_a_topic_is_refused_beside_one_that_is_fine(client, lesson, name, publish):
    fine = {"title": "Klotter", "lessons": (lesson.pk,)}
    response = save(client, picture_form(fine, {name: f"Om {SECRET}"}), publish=publish)
    assert (response.status_code, SituationPicture.objects.count()) == (200, 0)
    first, second = response.context["form"].formsets["topics"].forms
    assert (list(first.errors), list(second.errors)) == ([], [name])
    html = response.content.decode()
    assert f"Om {SECRET}" in html
    assert re.search(rf'<input[^>]* value="{lesson.pk}"[^>]* checked', html)


def test_every_text_that_can_be_written_is_read(client):
    """A field that is added later is read too."""
    long = "Robin.ek@granforsa.example"
    response = save(client, picture_form({"title": long, "text": long, "no_lesson_because": long}))
    page = response.context["form"]
    texts = {name for name, field in page.fields.items() if field.__class__.__name__ == "CharField"}
    response = save(client, picture_form(**dict.fromkeys(texts, long)))
    assert set(response.context["form"].errors) == texts
    topic = page.formsets["topics"].forms[0]
    texts = {name for name, field in topic.fields.items() if field.__class__.__name__ == "CharField"}
    assert set(topic.errors) == texts - {"DELETE", "ORDER"}


def test_a_topic_that_is_taken_away_is_not_read(client, municipality):
    picture = make_picture(municipality, "Rykten", "Klotter")
    first, second = picture.topics.all()
    gone = {"id": first.pk, "title": SECRET, "DELETE": "1"}
    assert save(client, picture_form(gone, {"id": second.pk, "title": "Klotter"}), picture).status_code == 302


def test_what_else_is_wrong_is_told_with_it(client):
    response = save(client, picture_form(year="20", summary=SECRET), publish=True)
    assert set(response.context["form"].errors) == {"year", "summary"}


def test_a_draft_that_is_refused_leaves_the_one_before(client, municipality):
    picture = make_picture(municipality, "Rykten")
    revisions = picture.revisions.count()
    [topic] = picture.topics.all()
    response = save(client, picture_form({"id": topic.pk, "title": "Rykten", "text": SECRET}), picture)
    assert (response.status_code, picture.revisions.count()) == (200, revisions)


def test_the_full_name_of_somebody_on_the_own_register_is_refused(client, unit):
    make_person(unit, first_name="Robin Love", last_name="von Ek")
    make_person(make_unit(make_municipality("Annan")), first_name="Alex", last_name="Strand")
    for text in ("Robin von Ek var där.", "ROBIN VON EKS bil"):
        response = save(client, picture_form(summary=text))
        assert "kommunens register" in response.context["form"].errors["summary"][0]
    assert save(client, picture_form(summary="Robin, von Ek och Alex Strand är namn.")).status_code == 302


def test_somebody_with_protected_identity_is_no_hint_in_the_register(client, unit):
    make_person(unit, first_name="", last_name="", is_protected=True)
    assert save(client, picture_form(summary="Skyddade Personuppgifter")).status_code == 302


def test_the_numbers_of_the_municipalitys_routes_and_its_own_address_pass(client, municipality, course):
    municipality.contact_email = "vbe@granforsa.example"
    municipality.save()
    text = "Ring 112 eller 020-1 eller skriv till vbe@granforsa.example."
    assert save(client, picture_form(summary=text)).status_code == 302
    assert save(client, picture_form(year="2024", summary="Ring 070-123 45 67.")).status_code == 200


@pytest.mark.parametrize("where", ["picture", "topic"])
def test_no_other_door_lets_a_secret_in(municipality, where):
    picture = make_picture(municipality, "Rykten")
    if where == "picture":
        picture.summary = SECRET
    else:
        topic = picture.topics.get()
        topic.text = SECRET
        picture.topics.add(topic)
    with pytest.raises(LooksSecret, match=SECRET):
        picture.save_revision()


def test_a_municipality_has_one_picture_a_year(client, municipality):
    make_picture(municipality, year=2025)
    make_picture(make_municipality("Annan"), year=2026)
    response = save(client, picture_form(year="2025"))
    assert list(response.context["form"].errors) == ["year"]
    assert save(client, picture_form(year="2026")).status_code == 302


def test_the_picture_of_the_next_year_begins_from_the_last(client, municipality, lesson):
    make_picture(municipality, "Annat", year=2026)
    topics = [
        {"title": "Klotter", "lessons": [lesson], "change": "more"},
        {"title": "Rykten", "change": "gone"},
        {"title": "Nätet", "no_lesson_because": "Bibliotekets kurs räcker."},
    ]
    picture = make_picture(municipality, *topics, made_by="Samverkansgruppen", summary="Lugnt.", handed_over_on=YEAR)
    page = client.get(reverse(SituationPicture.snippet_viewset.get_url_name("copy"), args=[picture.pk]))
    sent = querydict_from_html(page.content.decode(), form_id="w-editor-form")
    sent.update({"action-publish": "1"})
    sent["topics-0-change"], sent["topics-1-text"] = "less", "Fler anmälningar."
    assert client.post(page.context["action_url"], sent).status_code == 302
    following = SituationPicture.objects.get(year=2027)
    assert (following.title, following.made_by) == ("Lägesbild 2027", "Samverkansgruppen")
    assert (following.summary, following.handed_over_on) == ("", None)
    told = [(topic.title, topic.text, topic.change, list(topic.lessons.all())) for topic in following.topics.all()]
    assert told == [("Klotter", "Det har märkts.", "less", [lesson]), ("Nätet", "Fler anmälningar.", "", [])]
    assert following.topics.last().no_lesson_because == "Bibliotekets kurs räcker."
    before = SituationPicture.objects.get(pk=picture.pk)
    assert (before.year, [topic.title for topic in before.topics.all()]) == (2025, ["Klotter", "Rykten", "Nätet"])
    assert list(before.topics.first().lessons.all()) == [lesson]


def test_the_year_of_a_picture_stays(client, municipality):
    picture = make_picture(municipality, year=2025)
    assert save(client, picture_form(year="2026"), picture, publish=True).status_code == 302
    assert SituationPicture.objects.get().year == 2025


def test_lessons_and_a_reason_against_them_are_not_given_at_once(client, lesson):
    response = save(client, picture_form({"lessons": (lesson.pk,), "no_lesson_because": "Behövs inte."}))
    assert list(response.context["form"].formsets["topics"].forms[0].errors) == ["no_lesson_because"]


def test_own_lessons_are_offered_the_ticked_first_and_foreign_ones_are_not(client, municipality, lesson):
    foreign = make_course(make_municipality("Annan"), slug="annan").lessons().first()
    second = lesson.get_next_sibling().specific
    second.unpublish()
    picture = make_picture(municipality, {"title": "Rykten", "lessons": [second]})
    edit = reverse(SituationPicture.snippet_viewset.get_url_name("edit"), args=[picture.pk])
    field = client.get(edit).context["form"].formsets["topics"].forms[0].fields["lessons"]
    assert [(value.value, label) for value, label in field.choices] == [
        (second.pk, "Provkurs: Lektion 2 (utkast)"),
        (lesson.pk, "Provkurs: Lektion 1"),
    ]
    [topic] = picture.topics.all()
    forged = picture_form({"id": topic.pk, "lessons": (foreign.pk,)})
    assert save(client, forged, picture, publish=True).url == reverse("wagtailadmin_home")
    assert [one.pk for one in Topic.objects.get().lessons.all()] == [second.pk]


def test_a_foreign_picture_answers_as_one_that_does_not_exist(client):
    foreign = make_picture(make_municipality("Annan"), "Grannens ämne", title="Grannens bild")
    assert save(client, picture_form(title="Ändrad"), foreign, publish=True).status_code == 404
    listing = client.get(reverse(SituationPicture.snippet_viewset.get_url_name("list"))).content.decode()
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "Grannens" not in listing + home
    assert SituationPicture.objects.get().title == "Grannens bild"


def publish_on(day: date, municipality, *topics, **fields) -> SituationPicture:
    return make_picture(municipality, *topics, first_published_at=moment(day), **fields)


def test_the_report_is_told_the_newest_picture_as_plain_data(municipality, course):
    first, second = course.lessons()
    second.unpublish()
    publish_on(date(2025, 2, 1), municipality, "Flygblad", "Klotter", year=2024)
    publish_on(
        date(2026, 2, 1),
        municipality,
        {"title": "KLOTTER", "change": "less", "lessons": [first, second]},
        {"title": "Rykten", "change": "new"},
        {"title": "Möten", "no_lesson_because": "Alla vet redan."},
        year=2025,
        made_by="Samverkansgruppen",
        handed_over_on=date(2026, 1, 20),
        handed_over_to="KS och lokala BRÅ",
        summary="Lite har hänt.",
    )
    text, to_write = "Det har märkts.", "En lektion behöver skrivas."
    expected = {
        "year": 2025,
        "title": "Lägesbild 2025",
        "made_by": "Samverkansgruppen",
        "handed_over_on": "2026-01-20",
        "handed_over_to": "KS och lokala BRÅ",
        "summary": "Lite har hänt.",
        "topics": [
            {
                "title": "KLOTTER",
                "text": text,
                "change": "Minskar",
                "lessons": ["Lektion 1"],
                "is_lacking": False,
                "instead": "",
            },
            {"title": "Rykten", "text": text, "change": "Nytt", "lessons": [], "is_lacking": True, "instead": to_write},
            {
                "title": "Möten",
                "text": text,
                "change": "",
                "lessons": [],
                "is_lacking": False,
                "instead": "Alla vet redan.",
            },
        ],
        "since": 2024,
        "new": ["Rykten", "Möten"],
        "gone": ["Flygblad"],
    }
    assert json.loads(json.dumps(told(municipality, YEAR, by=date(2026, 2, 1)))) == expected


def test_a_report_is_told_the_picture_of_its_year_and_none_of_a_later_one(municipality):
    publish_on(date(2025, 2, 1), municipality, "Flygblad", year=2024)
    publish_on(date(2026, 2, 1), municipality, "Rykten", year=2025)
    for day, year in [(date(2024, 12, 31), 2024), (YEAR, 2025), (date(2026, 6, 30), 2025)]:
        assert told(municipality, day, by=date(2026, 7, 1))["year"] == year
    assert told(municipality, date(2023, 12, 31), by=date(2026, 7, 1)) is None


def test_what_was_published_later_is_not_told(municipality):
    publish_on(date(2025, 2, 1), municipality, "Flygblad", year=2024)
    publish_on(date(2026, 2, 1), municipality, "Rykten", year=2025)
    first = told(municipality, YEAR, by=date(2026, 1, 31))
    assert (first["year"], first["since"], first["new"], first["gone"]) == (2024, None, [], [])
    assert told(municipality, YEAR, by=date(2025, 1, 31)) is None
    assert told(make_municipality("Annan"), YEAR, by=date(2026, 2, 1)) is None


def test_the_day_is_that_of_the_municipality(municipality):
    late = make_aware(datetime(2026, 2, 1, 0, 30))  # still the day before in UTC
    make_picture(municipality, year=2025, first_published_at=late)
    assert told(municipality, YEAR, by=date(2026, 1, 31)) is None
    assert told(municipality, YEAR, by=date(2026, 2, 1))["year"] == 2025


def test_what_is_no_longer_seen_is_gone_though_it_is_written(municipality):
    publish_on(date(2025, 2, 1), municipality, "Flygblad", year=2024)
    publish_on(date(2026, 2, 1), municipality, {"title": "Flygblad", "change": "gone"}, year=2025)
    assert told(municipality, YEAR, by=date(2026, 2, 1))["gone"] == ["Flygblad"]
    assert told(municipality, YEAR, by=date(2026, 2, 1))["topics"][0]["instead"] == ""
