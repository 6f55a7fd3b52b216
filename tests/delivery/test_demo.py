"""The demonstration sends nobody anything: its mails are read in pages, whole and harmless."""

import re

import pytest
from django.urls import reverse

from learning.delivery.kinds import kinds
from learning.delivery.models import KeptMail
from learning.delivery.tasks import tick_send
from tests.factories import make_person


@pytest.fixture(autouse=True)
def _demonstration(settings):
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.delivery.urls"
    settings.EMAIL_BACKEND = "learning.delivery.kept.EmailBackend"


def listed(client, **asked) -> set[str]:
    return {mail.subject for mail in client.get(reverse("demo_mails:index"), asked).context["pages"]}


def test_mails_are_kept_and_found_by_person_and_kind(ask, client, unit):
    other = make_person(unit)
    ask("Åt dig"), ask("Åt en annan", to=other, kind="decision")
    tick_send()
    assert listed(client) == {"Åt dig", "Åt en annan"}
    assert listed(client, till=other.email) == {"Åt en annan"}
    assert listed(client, slag="notice") == {"Åt dig"}


def test_a_kept_mail_is_shown_whole_and_its_links_work(ask, client, person, municipality):
    ask()
    tick_send()
    kept = KeptMail.objects.get()
    page = client.get(reverse("demo_mails:mail", args=[kept.pk])).content.decode()
    assert "Kunskapsläget" in page
    assert reverse("demo_mails:html", args=[kept.pk]) in page
    framed = client.get(reverse("demo_mails:html", args=[kept.pk]))
    assert "Kunskapsläget" in framed.content.decode()
    unsubscribe = re.search(r'href="https?://[^/"]+(/utskick/[^"]+)"', framed.content.decode())[1]
    assert client.get(unsubscribe).status_code == 200
    policy = framed["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_a_sign_in_link_is_kept_too(client, person):
    client.post(reverse("access:ask_for_link"), {"email": person.email})
    kept = KeptMail.objects.get()
    link = re.search(r"https?://[^/]+(/\S+)", kept.content)[1]
    assert client.get(link).status_code == 200


def test_every_kind_is_shown_beside_the_components(client, municipality):
    page = client.get(reverse("mail_samples:index")).content.decode()
    for kind in kinds():
        for language in ("sv", "en"):
            address = reverse("mail_samples:sample", args=[kind.name, language])
            assert address in page
            assert client.get(address).status_code == 200
    assert client.get(reverse("mail_samples:sample", args=["finns-inte", "sv"])).status_code == 404
