"""Rounds of the survey of elected officials: opened by the coordinator, closed by the day, compared afterwards."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from learning.surveys import services
from learning.surveys.models import Answered, FreeText, Tally, Wave
from learning.surveys.services import WaveNotPossible
from learning.surveys.tasks import tick_forget_answers
from tests.factories import make_head, make_unit, moment
from tests.surveys.conftest import ON, answer_all, make_elected

LAST = ON + timedelta(days=20)


@pytest.fixture(autouse=True)
def _on_a_day(time_machine):
    time_machine.move_to(moment(ON), tick=False)


@pytest.fixture
def council(municipality):
    return make_elected(make_unit(municipality, "Kommunfullmäktige"), 12)


@pytest.fixture
def board(municipality):
    return make_elected(make_unit(municipality, "Byggnämnden"), 7)


def open_now(needs, starts_on=ON, ends_on=LAST) -> Wave:
    return services.open_wave(survey=needs, starts_on=starts_on, ends_on=ends_on, by=None, on=ON)


def test_the_coordinator_sees_whom_it_reaches_and_opens_it(client, coordinator, needs, council, board):
    client.force_login(coordinator)
    url = reverse("surveys:open_wave", args=[needs.pk])
    html = client.get(url).content.decode()
    assert f'value="{ON}"' in html
    assert f'value="{LAST}"' in html
    assert ">12<" in html
    assert ">7<" in html
    assert not Wave.objects.exists()
    assert client.post(url, {"starts_on": ON, "ends_on": LAST}).status_code == 302
    assert Wave.objects.get().opened_by == coordinator
    assert client.post(url, {"starts_on": ON, "ends_on": LAST}).status_code == 400
    assert Wave.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "last"), [(ON - timedelta(days=1), LAST), (LAST, ON), (ON, date(2025, 2, 2))], ids=str
)
def test_a_round_cannot_open_in_the_past_or_close_before_it_opens(needs, first, last):
    with pytest.raises(WaveNotPossible):
        open_now(needs, first, last)


def test_the_next_round_is_planned_so_many_months_after_the_last(needs):
    open_now(needs)
    assert services.next_wave(needs, LAST + timedelta(days=1))[0] == date(2025, 8, 3)
    assert services.next_wave(needs, date(2025, 10, 1)) == (date(2025, 10, 1), date(2025, 10, 21))


def test_participation_is_told_in_numbers_and_of_no_small_committee(client, coordinator, needs, council, board):
    wave = open_now(needs)
    answer_all(wave, [*council[:9], *board[:3]])
    client.force_login(coordinator)
    html = client.get(reverse("surveys:overview")).content.decode()
    table = html[html.index("<tbody>") : html.index("</tbody>")]
    assert "<td>12</td>" in table
    assert "<td>7</td>" in table
    assert "<td>9</td>" not in table
    assert "<td>3</td>" not in table
    answer_all(wave, board[3:6])
    html = client.get(reverse("surveys:overview")).content.decode()
    assert "<td>9</td>" in html
    assert "<td>6</td>" in html


def test_nothing_is_told_of_answers_while_the_round_is_open(client, coordinator, needs, council):
    answer_all(open_now(needs), council, text="Hur andra gör.")
    client.force_login(coordinator)
    assert client.get(reverse("surveys:results", args=[needs.pk])).context["result"].is_empty
    for name in ("results", "results_csv", "texts"):
        html = client.get(reverse(f"surveys:{name}", args=[needs.pk])).content.decode()
        assert "Hur andra gör." not in html
        assert "100" not in html


def test_a_closed_round_is_read_by_the_board_and_its_words_by_the_coordinator(
    client, coordinator, municipality, needs, council, time_machine
):
    answer_all(open_now(needs), council, text="Hur andra gör.")
    time_machine.move_to(moment(LAST + timedelta(days=1)), tick=False)
    reader = make_head(make_unit(municipality), "board_reader")
    results, texts = reverse("surveys:results", args=[needs.pk]), reverse("surveys:texts", args=[needs.pk])
    client.force_login(reader)
    assert "100" in client.get(results).content.decode()
    assert client.get(texts).status_code == 404
    client.force_login(coordinator)
    assert client.get(texts).content.decode().count("Hur andra gör.") == 12
    client.force_login(make_head(make_unit(municipality)))
    assert client.get(results).status_code == 404


def test_two_rounds_stand_beside_each_other_with_the_difference_and_its_span(
    client, coordinator, needs, council, board, time_machine
):
    answer_all(open_now(needs), council, "1")
    second = date(2025, 8, 4)
    wave = services.open_wave(survey=needs, starts_on=second, ends_on=second, by=None, on=second)
    answer_all(wave, [*council, *board], "4", on=second)
    time_machine.move_to(moment(date(2025, 9, 1)), tick=False)
    client.force_login(coordinator)
    lines = client.get(reverse("surveys:results", args=[needs.pk])).context["result"].questions[0][1]
    assert [line.percent for line in lines] == [0, 100]
    assert lines[1].change["points"] == "+100"
    assert lines[1].change["is_clear"] is True


def test_few_answers_are_told_of_nobody(client, coordinator, needs, board, time_machine):
    answer_all(open_now(needs), board[:4], text="Vi vet inget.")
    time_machine.move_to(moment(LAST + timedelta(days=1)), tick=False)
    client.force_login(coordinator)
    assert client.get(reverse("surveys:results", args=[needs.pk])).context["result"].is_empty
    assert "Vi vet inget." not in client.get(reverse("surveys:texts", args=[needs.pk])).content.decode()


def test_a_round_is_closed_early_and_one_that_has_not_begun_is_taken_away(client, coordinator, needs, council):
    wave = open_now(needs)
    client.force_login(coordinator)
    answer_all(wave, council[:1])
    assert client.post(reverse("surveys:close_wave", args=[wave.pk])).status_code == 400
    Tally.objects.all().delete()
    assert client.post(reverse("surveys:close_wave", args=[wave.pk])).status_code == 302
    assert not Wave.objects.exists()


def test_a_text_is_blotted_out_for_good_and_it_is_noted_who_did(client, coordinator, needs, council, time_machine):
    answer_all(open_now(needs), council, text="Kim Ek på bygg är konstig.")
    time_machine.move_to(moment(LAST + timedelta(days=1)), tick=False)
    client.force_login(coordinator)
    url, text = reverse("surveys:texts", args=[needs.pk]), FreeText.objects.first()
    assert client.post(url, {"text": text.pk}).status_code == 302
    text.refresh_from_db()
    assert (text.text, text.blotted_by, text.blotted_at) == ("", coordinator, moment(LAST + timedelta(days=1)))
    assert client.get(url).content.decode().count("Kim Ek på bygg") == 11
    for forged in ("", "x", str(text.pk + 1)):
        assert client.post(url, {"text": forged}).status_code == 404


def test_old_texts_are_removed_and_so_is_who_has_answered_a_closed_round(needs, council, time_machine):
    answer_all(open_now(needs), council, text="Mer tid.")
    for day, texts, answered in [
        (LAST, 12, 12),
        (LAST + timedelta(days=1), 12, 0),
        (date(2027, 2, 28), 12, 0),
        (date(2027, 3, 1), 0, 0),
    ]:
        time_machine.move_to(moment(day), tick=False)
        tick_forget_answers()
        assert (FreeText.objects.count(), Answered.objects.count()) == (texts, answered), day
    assert Tally.objects.get().number == 12
