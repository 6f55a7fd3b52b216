"""Each table with something about people says how it is found, handed out and disposed of."""

from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.utils.text import capfirst
from django.utils.translation import override

from learning import personal
from learning.access.models import Try
from learning.organisation.models import HrFinding, HrImport, Person
from learning.personal import Fate

# What points at people by other means than a key; nobody but us can know of it.
WITHOUT_A_KEY = {(HrFinding, "hr_id"), (HrImport, "lines"), (Session, "session_data"), (Try, "key")}
# What a row of ours need not tell its owner: keys, whose it is, and what other fields already say in words.
UNTOLD = {
    "organisation.Person": {"password", "made_by"},  # a password is kept as a sum that tells nothing
    "organisation.Employment": {"made_by"},
    "organisation.Leave": {"made_by"},
    "organisation.HrFinding": {"steps", "details"},  # what is told in words, as the computer writes it
    "quizzes.Attempt": {"paper", "subject_key"},  # the right answers of a check that may still be open
    "quizzes.Answer": {"attempt", "question_id", "chosen", "edition", "rest"},  # what statistics compare
    "records.LessonProgress": {"lesson_key", "course_key"},
    "records.Completion": {"course", "course_key", "attempt", "time"},
    "records.Withdrawal": {"completion"},
    "records.EvidenceStep": {"evidence", "completion"},
    "records.Exemption": {"course_key"},
    "access.AccessEntry": {"municipality", "functions", "what", "unit", "people", "number"},
}


def keys_to_people(models) -> set[tuple]:
    """Every foreign key, one-to-one and many-to-many row that leads to a person: model and field."""
    return {
        (model, field.name)
        for model in models
        if not model._meta.proxy
        for field in model._meta.local_fields
        if field.is_relation and field.related_model is Person
    }


def declared() -> set[tuple]:
    return {(table.model, table.path) for table in personal.tables()}


def test_every_key_to_a_person_is_declared():
    found = keys_to_people(apps.get_models(include_auto_created=True))
    assert len(found) > 30
    assert {(model._meta.label, name) for model, name in found - declared()} == set()


def test_a_table_that_is_forgotten_is_found():
    known = keys_to_people([apps.get_model("organisation", "Leave")])
    assert [name for _model, name in known] == ["person"]


def test_what_has_no_key_is_declared_too():
    assert WITHOUT_A_KEY <= declared()


def test_nothing_is_declared_twice():
    keys = [table.key for table in personal.tables()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("table", personal.tables(), ids=lambda table: table.key)
def test_each_table_says_why_it_is_kept_and_what_becomes_of_it(table):
    assert str(table.why)
    assert str(table.because)
    assert table.name
    assert table.fate != Fate.EMPTIED or table.empty or table.act
    assert table.fate == Fate.EMPTIED or not table.empty


def test_the_page_about_privacy_names_every_table_of_ours():
    text = (Path(__file__).parents[1] / "docs/privacy.md").read_text()
    models = {table.model for table in personal.tables() if not table.model._meta.auto_created}
    ours = {model._meta.label for model in models if not model.__module__.startswith(("wagtail.", "django."))}
    assert {label for label in ours if f"`{label}`" not in text} == set()


def labels_of(table) -> list[str]:
    """The labels as the page writes them: two words may be one in another language."""
    words = [table.model._meta.get_field(one).verbose_name if isinstance(one, str) else one[0] for one in table.fields]
    return [capfirst(str(label)) for label in words]


@pytest.mark.parametrize("table", personal.tables(), ids=lambda table: table.key)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_two_fields_of_a_row_have_the_same_label(table, language):
    with override(language):
        labels = labels_of(table)
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("table", personal.tables(), ids=lambda table: table.key)
def test_no_field_is_called_by_its_name_in_the_code(table):
    names = [field for field in table.fields if isinstance(field, str)]
    assert [name for name in names if table.model._meta.get_field(name)._verbose_name is None] == []


@pytest.mark.parametrize("label", UNTOLD)
def test_every_field_of_ours_is_told_or_there_is_a_reason(label):
    model = apps.get_model(label)
    about = [table for table in personal.tables() if table.model is model]
    told = {source if isinstance(source, str) else source[1] for table in about for source in table.fields}
    keys = {"id"} | {table.path.partition("__")[0] for table in about}
    # A function tells what its label says; the fields that it reads stand in UNTOLD.
    missing = {field.name for field in model._meta.local_fields} - told - keys - UNTOLD[label]
    assert missing == set()
