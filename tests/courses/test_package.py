"""A course goes from one municipality to another as a file, and comes back equal; a hostile file changes nothing."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file_jpeg

from courses import package
from courses.loading import CourseFileWrong, course_names, load_course, read_course
from courses.models import CourseIndexPage, CoursePage, FactSnippet, LessonPage, Recording, Route
from courses.package import PackageWrong, export_course, import_course
from learning.access import pictures
from learning.access.editors import editors_group
from learning.translations import in_language, state
from quizzes.models import Question
from tests.factories import (
    CAPTIONS,
    FILM,
    make_course,
    make_head,
    make_municipality,
    make_recording,
    show_recording,
    translate,
)

COURSES = sorted(course_names())


@pytest.fixture
def here(db):
    return make_municipality()


@pytest.fixture
def there(db):
    return make_municipality("Annan kommun")


@pytest.fixture
def course(here):
    return make_course(here)


def in_site(municipality) -> CoursePage:
    return CoursePage.objects.descendant_of(municipality.site.root_page).get()


def repacked(content: bytes, **changes) -> bytes:
    """The package with another `course.json`: values by path, such as course__title."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read("course.json"))
    for path, value in changes.items():
        *way, last = path.split("__")
        place = told
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value
    return packed({"course.json": json.dumps(told)})


def with_media(content: bytes, media: dict[str, bytes]) -> bytes:
    """The package with these files as its media."""
    course = zipfile.ZipFile(io.BytesIO(content)).read("course.json")
    return packed({"course.json": course, **{f"media/{name}": held for name, held in media.items()}})


def packed(files: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("slug", COURSES)
def test_a_course_of_the_catalogue_is_equal_after_the_journey(here, there, slug):
    load_course(municipality=here, source=read_course(slug))
    out = export_course(in_site(here))
    import_course(municipality=there, content=out.content)
    assert export_course(in_site(there)).content == out.content


def test_every_kind_of_card_and_picture_is_equal_after_the_journey(here, there, course):
    lesson = course.lessons().first()
    file = get_test_image_file_jpeg("bild.jpg", size=(40, 30))
    image = get_image_model().objects.create(title="En bild", file=file)
    image.decorative, image.contextual_alt_text = False, "En skog"
    lesson.cards[0].value["image"] = image
    lesson.save_revision().publish()
    out = export_course(course)
    import_course(municipality=there, content=out.content)
    brought = in_site(there)
    assert export_course(brought).content == out.content
    picture = brought.lessons().first().cards[0].value["image"]
    assert (picture.contextual_alt_text, picture.width) == ("En skog", 40)
    assert picture.pk != image.pk


@pytest.fixture
def recorded(course, here, settings, tmp_path):
    """The package of a course with a film in it, and what is told of it."""
    settings.MEDIA_ROOT = tmp_path
    film = make_recording(here, FILM, captions=["sv", "en"])
    translate(film)
    film.save()
    show_recording(course.lessons().first(), film)
    content = export_course(course).content
    return content, json.loads(zipfile.ZipFile(io.BytesIO(content)).read("course.json"))["recordings"][0]


def test_recordings_captions_and_transcripts_are_equal_after_the_journey(there, recorded):
    content, told = recorded
    import_course(municipality=there, content=content)
    assert export_course(in_site(there)).content == content
    film = in_site(there).lessons().first().cards[0].value["recording"]
    assert (film.municipality, film.format, film.length.total_seconds()) == (there, "webm", told["seconds"])
    assert film.file.open("rb").read() == FILM
    assert [captions.language for captions in film.captions.all()] == ["sv", "en"]
    assert film.captions.first().file.open("rb").read().decode() == CAPTIONS
    assert "stannade kvar" in film.transcript
    assert in_language(film, "en").title == "en: Ett samtal"
    # Never the same file: what is taken away in one municipality stays in the other.
    assert film.file.name not in Recording.objects.exclude(pk=film.pk).values_list("file", flat=True)
    assert set(import_course(municipality=there, content=content).counts) == {"unchanged"}


@pytest.mark.parametrize(
    "changes",
    [
        {"recordings__0__file": "../../etc/passwd"},
        {"recordings__0__file": f"{'a' * 40}.mp4"},
        {"recordings__0__file": None},
        {"recordings__0__seconds": "tre"},
        {"recordings__0__seconds": 1e300},
        {"recordings__0__seconds": 0},
        {"recordings__0__captions": []},
        {"recordings__0__captions__0__text": "<html>"},
        {"recordings__0__captions__0__text": "\ud800"},
        {"recordings__0__captions__0__language": "x" * 50},
        {"recordings__0__captions__1__language": "sv"},
        {"recordings__0__transcript": ""},
        {"recordings__0__transcript": None},
        {"recordings__0__title": "x" * 500},
        {"recordings__0__id": "annat"},
        {"recordings": {"a": 1}},
        {"lessons__0__cards__0__recording": "finns-inte"},
    ],
)
def test_a_recording_that_is_not_whole_changes_nothing(there, recorded, changes):
    content, told = recorded
    changed = with_media(repacked(content, **changes), {told["file"]: FILM})
    with pytest.raises((PackageWrong, CourseFileWrong)):
        import_course(municipality=there, content=changed)
    assert not Recording.objects.filter(municipality=there).exists()
    assert not CoursePage.objects.descendant_of(there.site.root_page).exists()


@pytest.mark.parametrize("held", [b"<html><script>x()</script>", b"", b"MZ" + bytes(100), FILM * 100])
def test_a_recording_that_is_none_or_too_big_is_refused(there, recorded, settings, held):
    settings.RECORDING_MAX_SIZE = 10_000
    content, told = recorded
    with pytest.raises((PackageWrong, CourseFileWrong)):
        import_course(municipality=there, content=with_media(content, {told["file"]: held}))
    assert not Recording.objects.filter(municipality=there).exists()


def test_a_recording_that_is_damaged_is_refused(there, recorded):
    content, _told = recorded
    with pytest.raises(PackageWrong):
        import_course(municipality=there, content=content.replace(FILM[:100], bytes(100)))


def test_more_than_a_package_may_hold_is_neither_carried_nor_taken(there, course, recorded, monkeypatch):
    content, _told = recorded
    monkeypatch.setattr(package, "MOST_BYTES", len(content) - 1)
    with pytest.raises(PackageWrong):
        import_course(municipality=there, content=content)
    monkeypatch.setattr(package, "MOST_TEXT", 0)
    monkeypatch.setattr(package, "MOST_BYTES", len(FILM) - 1)
    with pytest.raises(PackageWrong):
        export_course(course)


def test_the_course_is_the_other_municipalitys_own(here, there, course):
    import_course(municipality=there, content=export_course(course).content)
    for model in (Question, FactSnippet):
        assert model.objects.filter(municipality=there).count() == model.objects.filter(municipality=here).count() > 0
    assert not Route.objects.filter(municipality=there).exists()
    assert in_site(there).key != course.key
    assert in_site(there).check_ref.municipality == there


def test_what_is_not_carried_is_said(course):
    lesson = course.lessons().first()
    html = f'<p>Läs <a linktype="page" id="{course.pk}">mer</a> här.</p>'
    lesson.cards[0].value["body"] = lesson.cards[0].block.child_blocks["body"].normalize(html)
    lesson.save_revision().publish()
    out = export_course(course)
    assert len(out.left_out) == 2
    told = json.loads(zipfile.ZipFile(io.BytesIO(out.content)).read("course.json"))
    assert told["lessons"][0]["cards"][0]["body"] == "<p>Läs mer här.</p>"


def test_the_same_package_twice_changes_nothing_and_what_was_changed_here_stays(there, course):
    content = export_course(course).content
    import_course(municipality=there, content=content)
    assert set(import_course(municipality=there, content=content).counts) == {"unchanged"}
    lesson = in_site(there).lessons().first()
    lesson.title = "Vår egen rubrik"
    lesson.save_revision().publish()
    outcome = import_course(municipality=there, content=repacked(content, lessons__0__title="Deras nya rubrik"))
    assert len(outcome.kept) == 1
    assert LessonPage.objects.get(pk=lesson.pk).title == "Vår egen rubrik"


def test_html_that_no_author_could_have_written_does_not_come_through(there, course):
    evil = '<p onclick="x()">Hej <script>x()</script><a href="javascript:x()">du</a></p><iframe src="x"></iframe>'
    content = repacked(export_course(course).content, course__introduction=evil, lessons__0__cards__0__body=evil)
    import_course(municipality=there, content=content)
    brought = in_site(there)
    for html in (brought.introduction, brought.lessons().first().cards[0].value["body"].source):
        assert "Hej" in html
        for part in ("script", "onclick", "javascript", "iframe"):
            assert part not in html


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"format": "annat"},
        {"course": []},
        {"course__title": None},
        {"course__title": "x" * 500},
        {"course__slug": "../../x"},
        {"course__level": "x" * 50},
        {"lessons": {"a": 1}},
        {"lessons__0__cards__0__type": "finns-inte"},
        {"lessons__0__cards__0__finns_inte": 1},
        {"lessons__0__cards__1__options": "text"},
        {"lessons__0__cards__3__question": "finns-inte"},
        {"lessons__0__minutes": "tre"},
        {"questions__0__options": []},
        {"questions__0__options__0__text": "x" * 1000},
        {"questions__0__kind": "essä"},
        {"facts__0__as_of": "i går"},
        {"facts__0__url": "javascript:alert(1)"},
    ],
)
def test_a_package_that_is_not_whole_changes_nothing(there, course, changes):
    content = repacked(export_course(course).content, **changes)
    before = [model.objects.count() for model in (CoursePage, LessonPage, Question, FactSnippet)]
    with pytest.raises((PackageWrong, CourseFileWrong)) as error:
        import_course(municipality=there, content=content)
    assert str(error.value)
    assert [model.objects.count() for model in (CoursePage, LessonPage, Question, FactSnippet)] == before


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"x" * 100, packed({}), packed({"annat.json": "{}"}), packed({"course.json": "[" * 100_000})],
)
def test_what_is_no_package_is_told_so(there, content):
    with pytest.raises(PackageWrong, match="inget kurspaket"):
        import_course(municipality=there, content=content)


def test_a_bomb_is_not_unpacked(there, monkeypatch):
    monkeypatch.setattr(package, "MOST_TEXT", 10_000)
    monkeypatch.setattr(package, "MOST_BYTES", 1_000_000)
    bomb = packed({"course.json": b" " * 5_000_000})
    assert len(bomb) < 10_000
    for content in (bomb, packed({f"{n}.txt": "" for n in range(300)}), b"x" * (package.MOST_BYTES + 1)):
        with pytest.raises(PackageWrong, match="för stort"):
            import_course(municipality=there, content=content)


@pytest.mark.parametrize("content", [b"GIF89a", b"<svg onload='x()'/>", b""])
def test_a_picture_that_is_none_is_refused(there, course, content):
    card = {"type": "text", "heading": "H", "body": "<p>B</p>"}
    card["image"] = {"file": f"{'a' * 40}.jpg", "decorative": False, "alt": "x"}
    told = zipfile.ZipFile(io.BytesIO(repacked(export_course(course).content, lessons__0__cards__0=card)))
    files = {"course.json": told.read("course.json"), f"media/{'a' * 40}.jpg": content}
    with pytest.raises(PackageWrong):
        import_course(municipality=there, content=packed(files))
    assert not get_image_model().objects.exists()


def test_a_picture_is_read_by_its_name_within_the_package_only(there, course):
    card = {"type": "text", "heading": "H", "body": "<p>B</p>"}
    card["image"] = {"file": "../../../etc/passwd", "decorative": False, "alt": "x"}
    with pytest.raises(CourseFileWrong, match="saknar"):
        import_course(municipality=there, content=repacked(export_course(course).content, lessons__0__cards__0=card))


def test_a_huge_picture_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    file = io.BytesIO()
    Picture.new("RGB", (20, 20)).save(file, "PNG")
    with pytest.raises(pictures.PictureWrong):
        pictures.picture_format(file.getvalue())


# In the admin


@pytest.fixture
def editor(client, there):
    person = make_head(there.root, "editor")
    assert editors_group(there) in person.groups.all()
    client.force_login(person)
    return client


def test_an_editor_brings_a_course_and_takes_it_out(editor, there, course):
    index = there.site.root_page.add_child(instance=CourseIndexPage(title="Kurser", slug="kurser"))
    page = editor.get(reverse("wagtailadmin_explore", args=[index.pk])).content.decode()
    address = reverse("bring_course_package", args=[index.pk])
    assert address in page
    out = export_course(course).content
    response = editor.post(address, {"file": SimpleUploadedFile("kurs.zip", out)}, follow=True)
    assert "Kursen är på plats" in response.content.decode()
    brought = CoursePage.objects.child_of(index).get(slug="kurs")
    shown = editor.get(reverse("course_package", args=[brought.pk])).content.decode()
    assert "Vägar och stödlinjer" in shown
    file = editor.get(reverse("course_package", args=[brought.pk]), {"fil": 1})
    assert b"".join(file.streaming_content) == out
    assert file.headers["Content-Disposition"] == 'attachment; filename="kurs.zip"'


def test_what_cannot_be_read_is_told_on_the_page(editor, there):
    make_course(there)
    address = reverse("bring_course_package", args=[in_site(there).get_parent().pk])
    response = editor.post(address, {"file": SimpleUploadedFile("kurs.zip", b"x")})
    assert "inget kurspaket" in response.content.decode()


def test_a_course_of_another_municipality_is_neither_given_nor_taken(editor, course):
    for name, pk in (("course_package", course.pk), ("bring_course_package", course.get_parent().pk)):
        assert editor.get(reverse(name, args=[pk])).status_code == 302
        assert reverse(name, args=[pk]) not in editor.get(reverse("wagtailadmin_home")).content.decode()


# In more languages


def in_english(course) -> None:
    """Translate all of the course but a title, and let a card have been changed since."""
    lesson = course.lessons().first()
    for thing in (course, lesson, course.check_ref, *Question.objects.all(), *FactSnippet.objects.all()):
        translate(thing)
        if thing == lesson:
            thing.translations["en"].pop("title")
            thing.cards[0].value["heading"] = "En annan tanke"
        thing.save()


def test_what_is_translated_travels_with_its_course_whole_or_not(here, there, course):
    in_english(course)
    out = export_course(course)
    import_course(municipality=there, content=out.content)
    brought = in_site(there)
    assert export_course(brought).content == out.content
    lesson = brought.lessons().first()
    assert (state(lesson, "en").missing, state(lesson, "en").outdated) == (1, 1)
    assert all(state(question, "en").is_whole for question in Question.objects.filter(municipality=there))
    assert in_language(brought, "en").title == "en: Provkurs"


@pytest.mark.parametrize(
    "entry", [{"of": "Provkurs"}, {"of": "Provkurs", "text": 5}, {"text": "x"}, "x", {"of": "x", "html": "<b>x</b>"}]
)
def test_a_translation_that_is_none_changes_nothing(there, course, entry):
    in_english(course)
    content = repacked(export_course(course).content, course__translations__en__title=entry)
    with pytest.raises((PackageWrong, CourseFileWrong)):
        import_course(municipality=there, content=content)
    assert not CoursePage.objects.descendant_of(there.site.root_page).exists()


def test_hostile_html_in_a_translation_does_not_come_through(there, course):
    in_english(course)
    hostile = {"of": "x", "html": "<script>alert(1)</script><p onclick='x'>Ok</p>"}
    content = repacked(export_course(course).content, course__translations__en__introduction=hostile)
    import_course(municipality=there, content=content)
    assert in_language(in_site(there), "en").introduction == "<p>alert(1)</p><p>Ok</p>"
