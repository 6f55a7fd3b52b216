from datetime import date, timedelta
from itertools import pairwise

import pytest

from learning.reporting.charts import bar_geometry, line_chart, percent, small_multiple

YEARS = [(date(2022, 1, 31), 0), (date(2023, 6, 30), 40.5), (date(2025, 3, 31), 74)]


def chart_of(series, **rest):
    return line_chart(series, title="Andel", description="Från 0 till 74 procent.", **rest)


def wide(series, **rest):
    return chart_of(series, **rest)["pictures"][1]


def numbers(path):
    return [float(number) for number in path.replace("M", " ").replace("L", " ").split()]


def test_a_chart_is_drawn_for_phone_and_for_desk():
    narrow, wide = chart_of(YEARS)["pictures"]
    assert (narrow["view_box"], wide["view_box"]) == ("0 0 320 260", "0 0 760 340")


def test_names_in_the_picture_are_its_own():
    ids = [picture["id"] for series in (YEARS, YEARS[:2]) for picture in chart_of(series)["pictures"]]
    assert len(set(ids)) == 4


def test_the_line_runs_from_the_lower_left_to_the_last_figure():
    picture = wide(YEARS)
    x, y, *_middle, last_x, last_y = numbers(picture["paths"][0])
    assert x < float(picture["left"]) + 30
    assert y == float(picture["bottom"])
    assert (last_x, last_y) == (float(picture["last"]["x"]), float(picture["last"]["y"]))
    assert last_x == float(picture["right"])


def test_order_of_the_figures_does_not_matter():
    assert wide(YEARS)["paths"] == wide(YEARS[::-1])["paths"]


def test_a_day_without_a_figure_leaves_a_gap():
    start = date(2025, 1, 31)
    shares = [10, 20, None, 30, 40]
    picture = wide([(start + timedelta(days=30 * n), share) for n, share in enumerate(shares)])
    assert len(picture["paths"]) == len(picture["areas"]) == 2


def test_a_figure_between_two_gaps_is_a_dot():
    start = date(2025, 1, 31)
    shares = [10, 20, None, 30, None]
    picture = wide([(start + timedelta(days=30 * n), share) for n, share in enumerate(shares)])
    assert len(picture["dots"]) == 1


def test_the_last_label_is_the_latest_known_figure():
    assert wide([*YEARS, (date(2025, 4, 30), None)])["last"]["label"] == "74\u00a0%"


def test_a_goal_beyond_the_last_figure_widens_the_span():
    picture = wide(YEARS, goal=100, goal_on=date(2025, 12, 31))
    assert picture["goal_date"]["x"] == picture["right"]
    assert float(picture["last"]["x"]) < float(picture["right"])
    assert picture["goal"]["y"] == picture["top"]


def test_the_goals_label_stays_inside_the_picture():
    late, early = wide(YEARS, goal_on=date(2025, 12, 31)), wide(YEARS, goal_on=date(2022, 2, 1))
    assert (late["goal_date"]["anchor"], early["goal_date"]["anchor"]) == ("end", "start")


@pytest.mark.parametrize("goal_on", [date(2022, 2, 1), date(2025, 12, 31)])
def test_the_goals_two_labels_keep_apart(goal_on):
    picture = wide(YEARS, goal=100, goal_on=goal_on)
    assert picture["goal"]["anchor"] != picture["goal_date"]["anchor"]


def test_the_last_label_keeps_clear_of_the_top_and_of_the_goal():
    for share, goal in [(97, None), (77, 80)]:
        last = wide([*YEARS, (date(2025, 4, 30), share)], goal=goal)["last"]
        assert float(last["text_y"]) > float(last["y"])


def test_long_spans_are_marked_by_year():
    ticks = wide(YEARS)["x_ticks"]
    assert [tick["on"] for tick in ticks] == [date(year, 1, 1) for year in (2022, 2023, 2024, 2025)]
    assert all(tick["is_year"] for tick in ticks)


def test_a_narrow_picture_has_few_year_ticks():
    decades = [(date(1990, 1, 1), 0), (date(2025, 1, 1), 100)]
    narrow = chart_of(decades)["pictures"][0]
    assert 2 <= len(narrow["x_ticks"]) <= 4


@pytest.mark.parametrize("days", [40, 100, 200, 365, 700])
def test_short_spans_are_marked_by_month(days):
    start = date(2024, 11, 15)
    ticks = wide([(start, 0), (start + timedelta(days=days), 50)])["x_ticks"]
    assert 1 <= len(ticks) <= 9
    assert all(
        tick["on"].day == 1 and start.replace(day=1) <= tick["on"] <= start + timedelta(days=days) for tick in ticks
    )
    assert all(tick["is_year"] == (tick["on"].month == 1) for tick in ticks)


def test_one_day_is_enough_for_a_chart():
    picture = wide([(date(2025, 1, 31), 50)])
    assert picture["paths"] == []
    assert picture["last"]["label"] == "50\u00a0%"


def test_nothing_to_draw_is_no_picture():
    assert chart_of([])["pictures"] == []
    assert chart_of([])["rows"] == []


def test_figures_never_known_draw_only_axes():
    picture = wide([(date(2025, 1, 31), None), (date(2025, 2, 28), None)])
    assert picture["paths"] == picture["dots"] == []
    assert picture["last"] is None


def test_the_table_says_what_the_line_says():
    rows = chart_of([*YEARS, (date(2025, 4, 30), None)])["rows"]
    assert [row["label"] for row in rows] == ["0\u00a0%", "41\u00a0%", "74\u00a0%", "–"]


def test_coordinates_are_text_with_a_point():
    picture = wide(YEARS, goal=80.5, goal_on=date(2025, 12, 31))
    values = [picture["goal"]["y"], picture["goal_date"]["x"], picture["last"]["x"], *picture["paths"]]
    assert all(isinstance(value, str) and "," not in value for value in values)


def test_shares_beyond_the_scale_stay_on_it():
    picture = wide([(date(2024, 1, 1), -5), (date(2025, 1, 1), 130)])
    _x, first_y, _last_x, last_y = numbers(picture["paths"][0])
    assert (first_y, last_y) == (float(picture["bottom"]), float(picture["top"]))


@pytest.mark.parametrize(("share", "words"), [(0, "0"), (0.2, "1"), (73.8, "74"), (99.9, "99"), (100, "100")])
def test_all_and_nothing_are_said_only_where_they_are_so(share, words):
    assert percent(share) == f"{words}\u00a0%"


def test_small_multiples_share_their_scale_of_time():
    span = {"first": date(2022, 1, 1), "last": date(2026, 1, 1)}
    early, late = small_multiple(YEARS[:2], **span), small_multiple(YEARS[1:], **span)
    assert numbers(early["paths"][0])[-2] == numbers(late["paths"][0])[0]


def test_small_multiples_leave_out_what_is_outside_their_time():
    picture = small_multiple(YEARS, first=date(2023, 1, 1), last=date(2026, 1, 1))
    assert len(numbers(picture["paths"][0])) == 4


def test_a_small_multiple_of_nothing_is_empty():
    assert small_multiple([])["paths"] == []


def test_bars_are_as_long_as_their_shares():
    rows = [{"label": "Skola", "share": 50}, {"label": "Omsorg", "share": 100}]
    picture = bar_geometry(rows, goal=100)
    half, whole = (float(bar["width"]) for bar in picture["bars"])
    assert whole == 2 * half == float(picture["track"])
    assert float(picture["goal"]["x"]) == float(picture["left"]) + whole


def test_a_hidden_share_has_no_bar():
    assert bar_geometry([{"label": "Växel", "share": None}])["bars"][0]["width"] == ""


def test_bars_do_not_overlap():
    picture = bar_geometry([{"label": str(n), "share": n} for n in range(5)])
    tops = [float(bar["y"]) for bar in picture["bars"]]
    assert all(b - a >= float(picture["thickness"]) for a, b in pairwise(tops))
    assert tops[-1] + float(picture["thickness"]) <= float(picture["bottom"])


def test_a_band_begins_at_the_last_figure_and_no_label_lies_on_it():
    band = [(date(2025, 6, 30), 60, 80), (date(2025, 12, 31), 50, 90)]
    picture = wide(YEARS, band=band, goal=100, goal_on=date(2025, 12, 31))
    last, (high, low) = picture["last"], picture["band"]["edges"]
    assert numbers(high)[:2] == numbers(low)[:2] == [float(last["x"]), float(last["y"])]
    assert numbers(high)[-2] == numbers(low)[-2] == float(picture["goal_date"]["x"])
    assert numbers(high)[-1] < numbers(low)[-1]  # higher is nearer the top
    assert (last["anchor"], float(last["text_x"]) < float(last["x"])) == ("end", True)


def test_without_a_figure_of_today_there_is_no_band():
    assert wide([*YEARS, (date(2025, 4, 30), None)], band=[(date(2025, 12, 31), 1, 2)])["band"] is None
