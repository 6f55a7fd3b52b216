"""A check that asks a question of every kind, and answers to it."""

from quizzes.grading import Kind, PaperQuestion
from quizzes.models import PoolItem
from tests.factories import make_course, make_question


def course_of_every_kind(municipality):
    """A course whose check asks one question of each kind, and is passed with three of them right."""
    course = make_course(municipality)
    check = course.check_ref
    check.pool.all().delete()
    for kind in Kind.values:
        PoolItem.objects.create(check_ref=check, question=make_question(municipality, kind))
    check.draw, check.pass_percent = len(Kind.values), 60
    check.save()
    return course


def wrongly(question: PaperQuestion) -> list:
    """What is chosen by whoever is wrong: the first options that are not right, or every thing in another's place."""
    if not question.places_things:
        others = sorted(option.id for option in question.options if option.id not in question.key)
        return [*others, *sorted(question.key)][: question.choose]
    things = sorted(question.options, key=lambda option: option.place)
    return [(a.id, b.place) for a, b in zip(things, [*things[1:], things[0]], strict=True)]


def as_form(question: PaperQuestion, chosen) -> dict:
    """What a browser posts."""
    if question.places_things:
        return {f"choice-{thing}": place for thing, place in chosen}
    return {"choice": list(chosen)}
