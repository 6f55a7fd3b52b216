"""A new coordinator goes from an unknown file to a confirmed import, and back, on a phone and on a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from learning.organisation.models import Employment, Person
from tests.browser.conftest import DESK, PHONE

TITLE = "PERSONALLISTA\nUtskriven 2026-03-02\n\n"
HEADING = "Anst.nr;Personnr;Namn;Org.enhet;Bef;Anst fr.o.m.;Anst t.o.m.\n"


def look(page):
    """axe-core finds nothing in what is ours on a page of the admin; nothing scrolls sideways."""
    found = Axe().run(page, context="#main .nice-padding")
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(
    "viewport", [pytest.param(PHONE, id="phone", marks=pytest.mark.long), pytest.param(DESK, id="desk")]
)
def test_from_an_unknown_file_to_the_register_and_back(browser, browser_context_args, place, sign_in, viewport):
    context = browser.new_context(**browser_context_args, viewport=viewport)
    page = context.new_page()
    sign_in(page, place.coordinator)
    rows = [
        f"{person.external_id};850101-1234;{person.last_name}, {person.first_name};Hemtjänsten;;2022-01-01;9999-12-31"
        for person in Person.objects.exclude(external_id=None)
    ]
    rows += ["9001;850101-1234;Nyman, Nina;Hemtjänsten;Vårdbiträde;2026-01-01;9999-12-31", "9002;;;Hemtjänsten;;;"]
    page.goto(f"{place.url}/admin/register/hr-filer/")
    look(page)
    content = (TITLE + HEADING + "\n".join(rows)).encode("cp1252")
    page.set_input_files("input[type=file]", {"name": "lista.txt", "mimeType": "text/plain", "buffer": content})
    page.get_by_role("button", name="Läs filen").click()
    page.get_by_role("heading", name="Vilken kolumn innehåller vad?").wait_for()
    look(page)
    page.get_by_role("button", name="Jämför med registret").click()
    page.get_by_role("heading", name="Filen skulle ändra").wait_for()
    look(page)
    assert "Nina Nyman" in page.content()
    assert "850101" not in page.content()
    page.get_by_role("link", name="Avvisad rad").click()
    page.get_by_text("Uppgiften ”förnamn” saknas").wait_for()
    page.get_by_role("button", name="Läs in filen i registret").click()
    page.get_by_role("heading", name="Filen ändrade").wait_for()
    look(page)
    assert Employment.objects.filter(person__external_id="9001", unit=place.unit).exists()
    page.get_by_text("Ångra filen").click()
    page.get_by_role("button", name="Ångra").click()
    page.get_by_role("heading", name="Filen ångrades").wait_for()
    assert not Person.objects.filter(external_id="9001").exists()
    page.goto(f"{place.url}/admin/register/uppdrag/")
    look(page)
    context.close()
