"""Recordings play in the lesson, by keyboard and with captions; without script what is said can be read."""

import base64
from datetime import timedelta

import pytest

from learning import parts
from tests.browser.conftest import PHONE
from tests.factories import SILENCE, make_recording, show_recording

# A film that Chromium makes itself: a second of a moving square.
FILM = """async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 36];
  const context = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/webm; codecs=vp8" });
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const ended = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let place = 0; place < 10; place++) {
    context.fillStyle = place % 2 ? "white" : "black";
    context.fillRect(place * 5, 0, 30, 36);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
PLAYS_TO_THE_END = """async (player) => {
  player.muted = true;
  await player.play();
  if (!player.ended) await new Promise((resolve) => { player.onended = resolve; });
  return player.currentTime;
}"""


@pytest.fixture
def recorded(place, settings, tmp_path):
    """The address of the place's first lesson, with this recording on its first card."""
    settings.MEDIA_ROOT = tmp_path

    def show(content: bytes) -> str:
        recording = make_recording(place.municipality, content, length=timedelta(seconds=2))
        lesson = show_recording(place.course.lessons().first(), recording)
        return place.url + lesson.url.replace("http://localhost", "")

    return show


@pytest.fixture
def film(page, place) -> bytes:
    page.goto(place.url)
    return base64.b64decode(page.evaluate(FILM))


@pytest.mark.parametrize("size", [PHONE, {"width": 320, "height": 640}], ids=["phone", "narrow"])
def test_a_film_plays_to_its_end_with_captions_however_little_is_sent_at_a_time(
    page, place, sign_in, recorded, film, no_violations, monkeypatch, size
):
    monkeypatch.setattr(parts, "MOST", 1000)
    assert len(film) > parts.MOST
    address = recorded(film)
    sign_in(page, place.employee)
    page.set_viewport_size(size)
    page.goto(address)
    no_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    player = page.locator("video")
    assert player.evaluate(PLAYS_TO_THE_END) > 0.5
    tracks = "player => [...player.textTracks].map(one => [one.mode, one.language, one.cues.length])"
    assert player.evaluate(tracks) == [["showing", "sv", 1]]


def test_arrows_belong_to_the_player_while_it_has_the_focus(page, place, sign_in, recorded):
    address = recorded(SILENCE)
    sign_in(page, place.employee)
    page.goto(address)
    player = page.locator("audio")
    assert player.evaluate(PLAYS_TO_THE_END) == pytest.approx(2, abs=0.2)
    player.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert player.is_visible()
    with page.expect_event("load"):
        page.locator("h2").first.click()
        page.keyboard.press("ArrowRight")
    assert player.count() == 0


def test_without_script_what_is_said_can_be_read_and_the_lesson_goes_on(
    browser, browser_context_args, place, sign_in, recorded
):
    address = recorded(SILENCE)
    context = browser.new_context(**browser_context_args, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, place.employee)
    page.goto(address)
    assert page.locator("audio").is_visible()
    assert page.get_by_text("Jag såg att du stannade kvar.").is_visible()
    with page.expect_event("load"):
        page.locator(".lesson-bar__next").click()
    assert page.locator("audio").count() == 0
    context.close()
