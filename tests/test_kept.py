"""What templates draw once and keep: it is of what is named there, and of nothing else."""

import pytest
from django.template import Context, Template
from django.utils.html import format_html
from django.utils.translation import override

from learning.templatetags.ui import Kept


def template(content: str, values: str = "name=name") -> Template:
    return Template(f"{{% load i18n ui %}}{{% kept {values} %}}{content}{{% endkept %}}")


def test_it_sees_what_is_named_and_nothing_else():
    drawn = template("{{ name }}{{ user }}{% csrf_token %}").render(
        Context({"name": "Lekeberg", "user": "Kim", "csrf_token": "secret"})
    )
    assert drawn == "Lekeberg"


def test_it_is_drawn_once_for_each_value_and_language():
    frame = template('{{ name }} {% translate "Back" %}')
    for _time in range(2):
        for language, back in [("sv", "Tillbaka"), ("en", "Back")]:
            for name in ("Lekeberg", "Hallsberg", ""):
                with override(language):
                    assert frame.render(Context({"name": name})) == f"{name} {back}"
    (node,) = frame.nodelist.get_nodes_by_type(Kept)
    assert len(node._drawn) == 6


SAFE = format_html("<{}>", "b")


@pytest.mark.parametrize("values", [["<b>", SAFE], [SAFE, "<b>"], [1, True], [True, 1]])
def test_what_is_equal_and_not_the_same_is_drawn_apart(values):
    frame = template("{{ name }}")
    expected = [str(value) if value != "<b>" or hasattr(value, "__html__") else "&lt;b&gt;" for value in values]
    assert [frame.render(Context({"name": value})) for value in values] == expected


def test_what_can_change_is_refused():
    with pytest.raises(TypeError, match="not name"):
        template("{{ name }}").render(Context({"name": object()}))


def test_it_keeps_no_more_than_so_many(monkeypatch):
    monkeypatch.setattr(Kept, "MOST", 3)
    frame = template("{{ name }}")
    assert [frame.render(Context({"name": n})) for n in range(8)] == [str(n) for n in range(8)]
    (node,) = frame.nodelist.get_nodes_by_type(Kept)
    assert len(node._drawn) <= 3
