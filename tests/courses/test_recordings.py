"""Recordings come in checked, are for those of the municipality, and stand in lessons with what is said in them."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from courses import authoring
from courses.models import LessonPage, Recording
from courses.recordings import FOLDER, check_captions, check_recording
from learning.records.services import finish_lesson
from tests.courses.writing import add_address, lesson_form, make_draft, signed_in, text_card
from tests.factories import (
    CAPTIONS,
    FILM,
    SILENCE,
    make_head,
    make_municipality,
    make_person,
    make_recording,
    make_unit,
    show_recording,
)


@pytest.fixture(autouse=True)
def _in_the_words_of_the_source(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


@pytest.fixture
def editor(municipality):
    return make_head(make_unit(municipality), "editor")


def file(content: bytes, name: str = "fil.bin") -> ContentFile:
    return ContentFile(content, name)


def brand(name: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + name + bytes(40)


# What comes in


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (brand(b"isom"), "film.mp4", "mp4"),
        (brand(b"mp42"), "ljud.m4a", "m4a"),
        (brand(b"M4A "), "ljud.mp4", "m4a"),
        (FILM, "ljud.mp3", "webm"),
        (SILENCE, "film.mp4", "mp3"),
        (b"ID3\x04" + bytes(40), "x", "mp3"),
        (b"OggS" + bytes(40), "x", "ogg"),
    ],
)
def test_a_recording_is_known_by_what_it_holds(content, name, found):
    assert check_recording(file(content, name), 1000_000) == found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>x()</script>",
        b"<svg onload='x()'/>",
        b"MZ" + bytes(60),
        b"\xff",
        b"\xff\xd8\xff\xe0JFIF",
        brand(b"heic"),
        brand(b"avif"),
        brand(b"qt  "),
        b"\x1a\x45\xdf\xa3matroska",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
    ],
)
def test_what_no_browser_plays_is_refused_whatever_it_is_called(content):
    with pytest.raises(ValidationError, match="no recording"):
        check_recording(file(content, "film.mp4"), 1000_000)


def test_a_recording_that_is_too_big_is_refused():
    with pytest.raises(ValidationError, match="bigger than 2 MB"):
        check_recording(file(SILENCE + bytes(2_000_000)), 2_000_000)


@pytest.mark.parametrize("text", [CAPTIONS, "\ufeff" + CAPTIONS, CAPTIONS.replace("\n", "\r\n")])
def test_captions_are_read_as_programs_write_them(text):
    check_captions(file(text.encode()))
    check_captions(file((text + "\nNOTE Klart\n\n2\n00:00:02.000 --> 01:00:03.000 line:0\nHej\nDu").encode()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nHej", "first line"),
        ("<html>", "first line"),
        ("", "first line"),
        ("WEBVTT\n\nNOTE Inget", "no captions"),
        (CAPTIONS + "\n2\n00:02,000 --> 00:03,000\nHej", "Line 7 .*00:02,000"),
        (CAPTIONS + "\n00:02.000 -> 00:03.000\nHej", "Line 6 "),
        (CAPTIONS + "\n00:05.000 --> 00:03.000\nHej", "Line 6 "),
        (CAPTIONS + "\nEn rad för sig", "Line 6 .*En rad"),
        (CAPTIONS + "\n00:71.000 --> 00:72.000\nHej", "Line 6 "),
    ],
)
def test_captions_that_cannot_be_read_are_refused_with_the_line(text, told):
    with pytest.raises(ValidationError, match=told):
        check_captions(file(text.encode()))


def test_captions_are_text_and_not_too_many():
    with pytest.raises(ValidationError, match="UTF-8"):
        check_captions(file("WEBVTT\n\nå".encode("latin-1")))
    with pytest.raises(ValidationError, match="too big"):
        check_captions(file(b"WEBVTT" + bytes(500_000)))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("WEBVTT\n\n" + text).encode()))
def test_whatever_comes_is_taken_or_refused(content):
    for check in (check_captions, lambda one: check_recording(one, 100)):
        with suppress(ValidationError):
            check(file(content))


# In the admin


def recording_form(content: bytes, *captions: bytes, **fields) -> dict:
    rows = [
        {"language": "sv", "file": SimpleUploadedFile("a.vtt", one), "ORDER": str(place)}
        for place, one in enumerate(captions)
    ]
    form = {"title": "Ett samtal", "length": "3:05", "transcript": rich_text("<p>Hej.</p>"), **fields}
    return nested_form_data({**form, "file": SimpleUploadedFile("film", content), "captions": inline_formset(rows)})


def test_an_editor_brings_in_a_film_with_its_captions(editor, municipality):
    client = signed_in(editor)
    address = reverse(Recording.snippet_viewset.get_url_name("add"))
    assert "multipart/form-data" in client.get(address).content.decode()
    assert "data-w-autosave" not in client.get(address).content.decode()
    assert client.post(address, recording_form(FILM, CAPTIONS.encode())).status_code == 302
    recording = Recording.objects.get()
    assert (recording.municipality, recording.format, recording.length) == (
        municipality,
        "webm",
        timedelta(minutes=3, seconds=5),
    )
    shown = client.get(reverse(Recording.snippet_viewset.get_url_name("edit"), args=[recording.pk])).content.decode()
    assert "data-w-autosave" not in shown
    for kept in (recording, recording.captions.get()):
        assert "film" not in kept.file.name
        assert kept.file.url in shown
        assert b"".join(client.get(kept.file.url)) == kept.file.open("rb").read()


def test_what_is_wrong_is_told_in_the_form_and_nothing_is_kept(editor, tmp_path):
    address = reverse(Recording.snippet_viewset.get_url_name("add"))
    for form in (recording_form(b"<html>", CAPTIONS.encode()), recording_form(FILM, b"WEBVTT\n\n1 -> 2\n")):
        response = signed_in(editor).post(address, form)
        assert response.status_code == 200
        assert "error-message" in response.content.decode()
    assert not Recording.objects.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", ["3", "3,05", "3.05", "3 min", "3:65", "-3:05", "0:00", "99:99:99"])
def test_a_length_that_could_be_taken_for_another_is_refused(editor, length):
    address = reverse(Recording.snippet_viewset.get_url_name("add"))
    assert signed_in(editor).post(address, recording_form(FILM, length=length)).status_code == 200
    assert not Recording.objects.exists()


@pytest.mark.parametrize(("length", "seconds"), [("3:05", 185), ("0:59", 59), ("1:00:00", 3600), (" 12:00 ", 720)])
def test_a_length_is_shown_as_it_was_written(editor, length, seconds):
    client = signed_in(editor)
    client.post(reverse(Recording.snippet_viewset.get_url_name("add")), recording_form(FILM, length=length))
    recording = Recording.objects.get()
    assert recording.length == timedelta(seconds=seconds)
    edit = client.get(reverse(Recording.snippet_viewset.get_url_name("edit"), args=[recording.pk])).content.decode()
    assert f'value="{length.strip()}"' in edit
    assert length.strip() in client.get(reverse(Recording.snippet_viewset.get_url_name("list"))).content.decode()


def test_what_was_brought_in_is_changed_without_its_files_being_brought_again(editor, municipality):
    recording = make_recording(municipality)
    captions = recording.captions.get()
    rows = [{"id": captions.pk, "language": "en", "ORDER": "1"}]
    form = {"title": "Nytt namn", "length": "2:00", "transcript": rich_text("<p>Hej.</p>")}
    form = nested_form_data({**form, "captions": inline_formset(rows, initial=1)})
    address = reverse(Recording.snippet_viewset.get_url_name("edit"), args=[recording.pk])
    assert signed_in(editor).post(address, form).status_code == 302
    changed = Recording.objects.get()
    assert (changed.title, changed.file.name, changed.format) == ("Nytt namn", recording.file.name, "mp3")
    assert (changed.captions.get().language, changed.captions.get().file.name) == ("en", captions.file.name)


# In a lesson


def card(recording) -> tuple:
    return ("recording", {"heading": "Se", "recording": recording})


def found(course, recording) -> authoring.Sheet:
    return make_draft(course, card(recording)).sheet()


@pytest.mark.parametrize(
    ("content", "captions", "transcript", "stops"),
    [
        (FILM, ["sv"], "<p>Hej.</p>", []),
        (FILM, ["en"], "<p>Hej.</p>", ["captions in Swedish"]),
        (FILM, [], "<p> </p>", ["captions in Swedish", "no transcript"]),
        (SILENCE, [], "<p>Hej.</p>", []),
        (SILENCE, [], "", ["no transcript"]),
    ],
)
def test_a_film_needs_captions_and_every_recording_a_transcript(
    course, municipality, content, captions, transcript, stops
):
    recording = make_recording(municipality, content, captions=captions, transcript=transcript)
    told = [str(stop) for stop in found(course, recording).stops]
    assert len(told) == len(stops)
    for stop, words in zip(told, stops, strict=True):
        assert stop.startswith("Card 1, ")
        assert words in stop


def test_the_length_of_a_recording_counts_and_its_transcript_does_not(course, municipality):
    transcript = "<p>" + "ord " * 500 + "</p>"
    recording = make_recording(municipality, FILM, length=timedelta(minutes=4), transcript=transcript)
    sheet = found(course, recording)
    assert (sheet.measure.words, sheet.measure.minutes, sheet.measure.recorded) == (1, 4.0, 4.0)
    assert any("4.0 recorded" in str(advice) for advice in sheet.advice)


def test_a_lesson_with_a_film_without_captions_is_saved_and_not_published(course, municipality, editor):
    recording = make_recording(municipality, FILM, captions=[])
    values = ("recording", {"heading": "Se", "body": rich_text(""), "recording": recording.pk})
    client = signed_in(editor)
    translation.activate("sv")
    refused = client.post(add_address(course), lesson_form(values, **{"action-publish": "1"}))
    assert str(make_draft(course, card(recording)).stops()[0]) in refused.content.decode()
    assert not LessonPage.objects.filter(slug="ny-lektion").exists()
    client.post(add_address(course), lesson_form(values))
    assert LessonPage.objects.get(slug="ny-lektion").live is False


def test_a_foreign_recording_is_put_in_no_lesson(course, editor):
    foreign = make_recording(make_municipality("Annan"), title="Hemlig film")
    values = ("recording", {"heading": "Se", "body": rich_text(""), "recording": foreign.pk})
    response = signed_in(editor).post(add_address(course), lesson_form(text_card(), values))
    assert "Hemlig film" not in response.content.decode()
    assert not LessonPage.objects.filter(slug="ny-lektion").exists()


# To those who learn


def test_a_recording_is_sent_in_parts_to_those_of_the_municipality_alone(client, municipality):
    recording = make_recording(municipality)
    for url in (recording.file.url, recording.captions.get().file.url):
        assert client.get(url).url.startswith("/logga-in/")
        client.force_login(make_person(make_unit(municipality)))
        response = client.get(url, headers={"range": "bytes=2-5"})
        assert (response.status_code, len(b"".join(response))) == (206, 4)
        client.force_login(make_person(make_unit(make_municipality("Annan"))))
        assert client.get(url).status_code == 404
        client.logout()


def test_what_is_sent_can_be_nothing_but_what_it_is(client, municipality):
    recording = make_recording(municipality)
    client.force_login(make_person(make_unit(municipality)))
    types = {recording.file.url: "audio/mpeg", recording.captions.get().file.url: "text/vtt; charset=utf-8"}
    for url, content_type in types.items():
        response = client.get(url)
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == (content_type, "nosniff")
        assert response["Cache-Control"].startswith("private")
        assert client.post(url).status_code == 405


def test_a_recording_whose_file_is_gone_is_not_there(client, municipality):
    recording = make_recording(municipality)
    recording.file.storage.delete(recording.file.name)
    client.force_login(make_person(make_unit(municipality)))
    assert client.get(recording.file.url).status_code == 404


def test_the_card_plays_the_film_with_its_captions_and_tells_what_is_said(client, municipality, course):
    recording = make_recording(municipality, FILM, captions=["sv", "en"])
    lesson = show_recording(course.lessons().first(), recording)
    client.force_login(make_person(make_unit(municipality)))
    html = client.get(lesson.url).content.decode()
    swedish, english = recording.captions.all()
    assert f'<source src="{recording.file.url}" type="video/webm">' in html
    assert f'<track kind="captions" src="{swedish.file.url}" srclang="sv" label="Svenska" default>' in html
    assert f'<track kind="captions" src="{english.file.url}" srclang="en" label="English">' in html
    assert "autoplay" not in html
    assert "stannade kvar" in html


def test_on_paper_there_is_what_is_said_and_no_player(client, municipality, course):
    lesson = show_recording(course.lessons().first(), make_recording(municipality))
    person = make_person(make_unit(municipality))
    finish_lesson(person=person, lesson=lesson, now=timezone.now())
    client.force_login(person)
    html = client.get(lesson.url, {"kort": "alla"}).content.decode()
    assert "stannade kvar" in html
    assert "Ett samtal" in html
    assert "<audio" not in html


def test_a_lesson_goes_on_where_its_recording_has_been_removed_with_its_files(
    client, municipality, course, tmp_path, django_capture_on_commit_callbacks
):
    recording = make_recording(municipality)
    lesson = show_recording(course.lessons().first(), recording)
    with django_capture_on_commit_callbacks(execute=True):
        recording.delete()
    assert list((tmp_path / FOLDER).iterdir()) == []
    client.force_login(make_person(make_unit(municipality)))
    assert client.get(lesson.url).status_code == 200
    assert "<audio" not in client.get(lesson.url).content.decode()
    assert LessonPage.objects.get(pk=lesson.pk).stops()
