"""The whole way of a lesson: written in the admin, read and published by a colleague, taken with the keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect

from courses.models import LessonPage
from learning.organisation.models import Person
from learning.records.models import LessonProgress
from tests.browser.conftest import DESK, PASSWORD, follow
from tests.factories import make_head

SLOW = 20_000  # for what the editor does by itself, on a slow machine
TITLE = "När någon drar sig undan"
QUESTIONS = {
    "Vad gör du allra först?": ["Frågar hur det är", "Väntar och ser"],
    "Vem berättar du för efteråt?": ["Chefen", "Ingen"],
}


@pytest.fixture
def writers(place) -> list[Person]:
    """Two of the group: nobody may approve what they have written themselves."""
    people = [make_head(place.unit, "editor", email=f"{name}@example.org") for name in ("ann", "bo")]
    for person in people:
        person.set_password(PASSWORD)
        person.save()
    return people


class Part:
    """A field, a list, a card or a part of one in the editor, by the path that Wagtail gives it."""

    def __init__(self, locator):
        self.locator = locator

    def __getitem__(self, path: str) -> "Part":
        return Part(self.locator.locator(f'[data-contentpath="{path}"]'))

    def fill(self, **words: str) -> None:
        for name, text in words.items():
            self[name].locator.locator("input[type=text], textarea, [contenteditable=true]").fill(text)

    def parts(self) -> list["Part"]:
        paths = self.locator.evaluate(
            """list => [...list.querySelectorAll("[data-streamfield-child]")]
                .filter(part => part.parentElement.closest("[data-contentpath]") === list)
                .map(part => part.dataset.contentpath)"""
        )
        return [self[path] for path in paths]

    def add(self, kind: str = "") -> "Part":
        """One more at the end; of this kind, where there are several."""
        number = len(self.parts())
        self.locator.locator(".c-sf-add-button").last.click()
        if kind:
            self.locator.page.get_by_role("listbox").get_by_role("option", name=kind, exact=True).click()
        expect(self.locator.locator("[data-streamfield-child]").nth(number)).to_be_attached()
        return self.parts()[number]


def write_questions(page, url: str) -> None:
    for text, options in QUESTIONS.items():
        page.goto(f"{url}/admin/snippets/quizzes/question/add/")
        page.locator("#id_text").fill(text)
        for number, option in enumerate(options):
            page.locator(f"#id_options-{number}-text").fill(option)
            page.locator(f"#id_options-{number}-feedback").fill(f"Därför: {option}.")
        page.locator("#id_options-0-correct").check()
        page.get_by_role("navigation", name="Åtgärder").get_by_role("button", name="Fler åtgärder").click()
        follow(page.get_by_role("button", name="Publicera"))


def choose_question(card: Part, text: str) -> None:
    opens, dialog = card.locator.get_by_role("button", name="Välj fråga"), card.locator.page.get_by_role("dialog")
    opens.click()
    try:
        dialog.get_by_role("textbox").wait_for(timeout=SLOW / 2)
    except TimeoutError:  # on a slow machine the first press may come before the new card listens
        opens.click()
    dialog.get_by_role("textbox").fill(text)
    dialog.get_by_role("link", name=text).click()
    expect(card.locator).to_contain_text(text)


def write_talk(card: Part) -> None:
    """A conversation of two turns and two endings, from the beginning that a new card has; one reply leads nowhere."""
    card.fill(heading="I fikarummet")
    start, good, bad = card["turns"].parts()
    start.fill(says="”Det spelar ingen roll längre.”")
    first, second = start["replies"].parts()
    first.fill(text="”Vad har hänt?”", reaction="Hen ser upp.", to="tilit")
    second.fill(text="”Ryck upp dig.”", reaction="Hen går.")
    good.fill(says="Ni pratar länge.")
    bad.fill(says="Dörren slår igen.")
    trust = card["turns"].add()
    trust.fill(id="tillit", says="”Ingen har frågat förut.”")
    trust["replies"].add().fill(text="”Ska vi ta en kaffe?”", reaction="Axlarna sjunker.", to="slut-1")


def write_sort(card: Part) -> None:
    card.fill(heading="Vart går du?", prompt="Välj väg för varje fall.")
    for category, words in zip(card["categories"].parts(), ("112", "Chefen"), strict=True):
        category.locator.get_by_role("textbox").fill(words)
    for statement, text, category in zip(
        card["items"].parts(), ("Någon är i fara nu.", "Klotter i trapphuset."), ("112", "Chefen"), strict=True
    ):
        statement.fill(text=text, category=category, feedback="Så är det.")


def look(page) -> None:
    """axe-core finds nothing in what is ours of the editor."""
    found = Axe().run(page, context="#sheet")
    assert found.violations_count == 0, found.generate_report()


def write_lesson(page) -> None:
    """Fill in the form of a new lesson, with a slip in the conversation."""
    page.get_by_placeholder("Sidrubrik").fill(TITLE)
    page.get_by_role("textbox", name="Lektionsmål").fill("Du kan fråga hur någon mår.")
    cards = Part(page.locator('[data-contentpath="cards"]'))
    cards.add("Text").fill(heading="Du märker något", body="Någon har slutat skratta. Du undrar.")
    write_talk(cards.add("Samtal"))
    write_sort(cards.add("Sortera"))
    for text in QUESTIONS:
        choose_question(cards.add("Fråga"), text)


def saved(page) -> None:
    """Wait until what the editor saves by itself is saved."""
    page.wait_for_timeout(1500)  # so long it may wait before it begins
    indicator = page.locator("#w-autosave-indicator")
    expect(indicator).to_have_attribute("data-w-autosave-state-value", "saved", timeout=SLOW)


def delay(page, milliseconds: int) -> None:
    """Let each request wait so long for its answer."""
    unbounded = {"downloadThroughput": -1, "uploadThroughput": -1}
    session = page.context.new_cdp_session(page)
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": milliseconds, **unbounded})


def send_and_mend(page) -> None:
    """Send the lesson to a colleague, be told what is wrong, mend it and send it again."""
    sheet, send = page.locator("#sheet"), page.get_by_role("button", name="Skicka till en kollega för läsning")
    saved(page)
    page.get_by_role("button", name="Fler åtgärder").click()
    follow(page.get_by_role("button", name="Spara utkast"))
    expect(sheet).to_contain_text("”start” leder till ”tilit”, som inte finns.")
    delay(page, 1500)
    follow(send)
    # What was refused is saved as a draft all the same, and so is what is written while that goes on.
    indicator = page.locator("#w-autosave-indicator")
    expect(indicator).to_have_attribute("data-w-autosave-state-value", "saving", timeout=SLOW)
    reply = Part(page.locator('[data-contentpath="replies"]').first).parts()[0]
    reply.fill(to="tillit")
    delay(page, 0)
    expect(page.locator(".messages")).to_contain_text("Sidan kunde inte sparas")
    expect(page.locator("#panel-child-innehall-cards-content")).to_contain_text("”tilit”, som inte finns")
    look(page)
    expect(sheet).not_to_contain_text("tilit", timeout=SLOW)
    page.get_by_role("button", name="Växla förhandsgranskning").click()
    tree = page.frame_locator("#w-preview-iframe").locator(".tree .tree")
    expect(tree).to_contain_text("slut-1: Ni pratar länge.", timeout=SLOW)
    follow(send)
    expect(page.locator(".messages")).to_contain_text("har blivit inlämnad")


# The keyboard alone: nothing is clicked, filled or given focus but by its keys.

HERE = """() => {
    const here = document.activeElement, shown = here.closest("label") ?? here, box = shown.getBoundingClientRect();
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
        drawn: [here, shown].some(one => getComputedStyle(one).outlineStyle !== "none"),
        covered: !(shown.contains(at) || at?.contains(shown)),
        top: box.top + scrollY, name: here.name ?? "", words: shown.innerText.trim(), isIn: !!here.closest("main"),
    };
}"""


def tab_to(page, locator) -> None:
    """Go from stop to stop to the element: each can be seen, and within the page none stands above the one before."""
    top = 0
    for _stop in range(40):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        assert here["drawn"], f"{here['words']} shows no focus"
        assert not here["covered"], f"{here['words']} is covered"
        assert not here["isIn"] or here["top"] >= top - 1, f"{here['words']} stands above what came before"
        top = here["top"] if here["isIn"] else top
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{locator} is reached by no key")


def press_to_next_page(page, key: str) -> None:
    with page.expect_event("load"):
        page.keyboard.press(key)


def go_on(page) -> None:
    tab_to(page, page.locator(".lesson-bar__next"))
    press_to_next_page(page, "Enter")


def choose(page, group: str, number: int) -> None:
    """Choose by arrow the option with the number, from 0, of the group of radio buttons."""
    options = page.locator(f'input[name="{group}"]')
    tab_to(page, options.first)
    page.keyboard.press("Space")
    for _step in range(number):
        page.keyboard.press("ArrowDown")
    assert options.nth(number).is_checked()


@pytest.mark.long
def test_a_lesson_from_its_first_word_to_its_last_key(place, page, sign_in, writers, no_violations):
    ann, bo = writers
    page.set_default_timeout(SLOW)
    page.set_viewport_size(DESK)
    sign_in(page, ann)
    write_questions(page, place.url)
    page.goto(f"{place.url}/admin/pages/{place.course.pk}/")
    follow(page.get_by_role("link", name="Lägg till undersida"))
    write_lesson(page)
    send_and_mend(page)
    page.goto(f"{place.url}/admin/pages/{LessonPage.objects.get(title=TITLE).pk}/edit/")
    assert page.get_by_role("button", name="Godkänn och Publicera", exact=True).count() == 0

    sign_in(page, bo)
    page.goto(f"{place.url}/admin/")
    follow(page.get_by_role("link", name=TITLE))
    follow(page.get_by_role("button", name="Godkänn och Publicera", exact=True))
    lesson = LessonPage.objects.get(title=TITLE)
    assert lesson.live

    sign_in(page, place.employee)
    page.goto(place.url + place.course.url.replace("http://localhost", ""))
    tab_to(page, page.get_by_role("link", name=TITLE))
    press_to_next_page(page, "Enter")
    go_on(page)  # the text
    for _turn in range(2):
        choose(page, "choice", 0)
        no_violations(page)
        go_on(page)
    no_violations(page)  # the ending
    go_on(page)
    for item, place_of in enumerate((0, 1)):
        choose(page, f"item-{item}", place_of)
    no_violations(page)
    for _step in ("answer", "next"):
        go_on(page)
    for _question in QUESTIONS:
        choose(page, "choice", 0)
        no_violations(page)
        for _step in ("answer", "next"):
            go_on(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Du är klar med")
    assert LessonProgress.objects.get(person=place.employee, lesson=lesson).finished_at
