"""What a mail looks like from outside: its headers, its two bodies, and what no name can do to them."""

import re
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from learning import mails
from learning.delivery.choices import choose
from learning.delivery.kinds import kinds
from learning.delivery.models import Message, State, Why
from learning.delivery.tasks import tick_send
from tests.factories import make_course, make_municipality, make_person, make_unit, take_check


def sent() -> dict:
    """The one mail that has been sent, as it goes over the line."""
    tick_send()
    [email] = mail.outbox
    return message_from_bytes(email.message().as_bytes(), policy=policy.default)


@pytest.fixture
def completed(person, course):
    """The person completes the course now."""
    return take_check(person, course, timezone.localdate())


def test_whoever_completes_a_course_gets_the_proof_by_mail(completed, person, client):
    email = sent()
    proof = reverse("records:proof", args=[person.completions.get().uuid])
    link = re.search(r"https?://[^/]+(/l/\S+)", email.get_body(["plain"]).get_content())[1]
    assert link in email.get_body(["html"]).get_content()
    # Without signing in: the page tells of nobody, and its button leads to the proof.
    assert person.last_name not in client.get(link).content.decode()
    response = client.post(link, follow=True)
    assert response.redirect_chain[-1] == (proof, 302)
    assert person.last_name in response.content.decode()
    tick_send()
    assert len(mail.outbox) == 1


def test_a_municipality_on_a_site_of_its_own_is_written_of_there(municipality):
    other = make_municipality("Grannkommun")
    take_check(make_person(make_unit(other)), make_course(other), timezone.localdate())
    text = sent().get_body(["plain"]).get_content()
    addresses = re.findall(r"https?://[^/\s]+", text)
    assert len(addresses) >= 3
    assert set(addresses) == {other.site.root_url}


def test_a_completion_of_an_earlier_day_sends_nothing(person, course):
    take_check(person, course, timezone.localdate().replace(year=2024, day=1))
    assert person.completions.exists()
    assert not Message.objects.exists()


def test_the_headers_say_who_sends_and_that_it_is_a_machine(ask, person, municipality, settings):
    municipality.contact_email = "vbe@kommun.example"
    municipality.save()
    settings.DEFAULT_FROM_EMAIL = "Tjänsten <utskick@kunskap.example>"
    settings.RETURN_PATH = "studs@kunskap.example"
    message = ask()
    email = sent()
    assert email["From"] == f'"Kunskapsläget, {municipality}" <utskick@kunskap.example>'
    assert mail.outbox[0].from_email == "studs@kunskap.example"
    assert email["Reply-To"] == "vbe@kommun.example"
    assert email["Message-ID"] == message.message_id
    assert message.message_id.endswith(f"@{municipality.site.hostname}>")
    assert email["Auto-Submitted"] == "auto-generated"
    assert "NDR" not in email["X-Auto-Response-Suppress"]  # or nothing would come back
    assert abs((email["Date"].datetime - timezone.now()).total_seconds()) < 60


def test_no_name_writes_headers_of_its_own(ask, notices, municipality):
    municipality.name = "Granforsa\r\nBcc: alla@example.org"
    municipality.save()
    notices.acts["s"] = lambda message: notices.mail("Hej\nBcc: alla@example.org\r\n\r\nText")
    ask()
    email = sent()
    assert email["Bcc"] is None
    assert email["Subject"] == "Hej Bcc: alla@example.org Text"
    assert email["To"].addresses[0].addr_spec == Message.objects.get().person.email


@pytest.mark.parametrize("kind", ["notice", "decision"])
def test_one_click_refuses_what_can_be_refused(kind, ask, client, person):
    ask(kind=kind)
    email = sent()
    if kind == "decision":
        assert email["List-Unsubscribe"] is None
        return
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<https?://[^/]+(/.+)>", email["List-Unsubscribe"].strip())[1]
    assert client.get(address).status_code == 200
    ask("före")
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    tick_send()
    assert [(one.state, one.why) for one in Message.objects.filter(subject_key="före")] == [
        (State.CANCELLED, Why.REFUSED)
    ]
    ask("beslut", kind="decision")
    tick_send()
    assert Message.objects.get(kind="decision").state == State.SENT


def test_a_forged_link_refuses_nothing(ask, client, person):
    ask()
    address = re.search(r"/utskick/[^>]+", sent()["List-Unsubscribe"])[0]
    assert client.post(f"{address[:-2]}x/").status_code == 404


def test_mails_come_in_the_language_of_the_person(ask, person):
    choose(person=person, language="en", refused=[])
    ask()
    email = sent()
    assert '<html lang="en"' in email.get_body(["html"]).get_content()
    assert Message.objects.get().language == "en"


def test_ones_own_page_shows_what_was_sent_and_keeps_what_is_chosen(ask, person, client, unit):
    ask("Till dig")
    ask("Till en annan", to=make_person(unit))
    tick_send()
    client.force_login(person)
    page = client.get(reverse("delivery:mine"))
    assert b"Till dig" in page.content
    assert b"Till en annan" not in page.content
    assert client.post(reverse("delivery:mine"), {"language": "en", "wanted": ["completed"]}).status_code == 302
    person.refresh_from_db()
    assert (person.mail_choice.language, "notice" in person.mail_choice.refused) == ("en", True)
    assert client.post(reverse("delivery:mine"), {"language": "xx"}).status_code == 400


def test_every_kind_is_whole_in_both_forms_and_languages(db, client, municipality, settings):
    from learning.delivery.sample_views import LANGUAGES, _html, _sample

    request = client.get("/").wsgi_request
    for kind in kinds():
        for language in LANGUAGES:
            email = _sample(request, kind, language)
            html = _html(email)
            assert "{%" not in html + email.body
            assert "{{" not in html + email.body
            assert "\ue000" not in html
            # Nothing is fetched, and nothing tells that it was read.
            assert re.findall(r"<(?:img|link|script|iframe)|url\(|@import", html) == []
            # Whoever reads the text has every address that the page has.
            links = set(re.findall(r'href="(?:mailto:)?([^"]+)"', html))
            assert {link for link in links if link not in email.body} == set()
            assert [line for line in email.body.splitlines() if len(line) > 72 and " " in line] == []


def test_styles_are_moved_once_for_a_template_and_leave_its_tags_alone():
    source = '{% if a > b and c != "d" %}<a class="x" href="{{ url|default:"/" }}">{{ text }}</a>{% endif %}'
    done = mails.inlined(source, css=".x { color: red; }")
    assert done == source.replace('">{{ text', '" style="color: red;">{{ text')


def test_text_is_wrapped_but_addresses_are_whole():
    address = "https://kunskap.example/" + "x" * 90
    text = mails.wrapped("ord " * 40 + f"\n\n\n\n{address}\n")
    lines = text.splitlines()
    assert address in lines
    assert max(len(line) for line in lines if line != address) <= 72
    assert "\n\n\n" not in text
