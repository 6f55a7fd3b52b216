"""Taking a lesson and a check through the pages, as an employee does."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import PageViewRestriction

from courses.models import CoursePage
from learning.records.models import Completion, LessonProgress
from learning.records.overview import CourseState
from quizzes.models import Attempt, PoolItem, Question
from tests.factories import make_course, make_goal, make_municipality, make_person, make_unit, take_check


@pytest.fixture
def municipality(db):
    return make_municipality(vbe_group_name="Gruppen & Co")


def right_answer(card) -> dict:
    """What the form sends for the right answer on the card."""
    told = card.told
    if card.kind == "plan":
        return {"when": "jag märker något", "then": "berättar jag"}
    if card.kind == "dialogue":
        return {"turn": told["turn"], "choice": "0"}
    if "items" in told:
        return {item["name"]: item["place"] for item in told["items"]}
    if "question" in told:
        return {"choice": list(told["question"].key)}
    if "choices" in told:
        options = card.value["options"]
        return {"choice": [c["value"] for c in told["choices"] if _is_right(options[int(c["value"])])]}
    return {}


def _is_right(option) -> bool:
    return bool(option.get("best") or option.get("right"))


def send(client, lesson, position: int, act: str = "next", **choice):
    """Send the form of the card at the position; returns the page that it leads to."""
    return client.post(lesson.url, {"card": lesson.cards[position - 1].id, "act": act, **choice}, follow=True)


def path_of(page) -> str:
    """The page's address on its site, however many sites there are."""
    return page.relative_url(page.get_site())


def take(client, lesson) -> list[str]:
    """Go through the lesson card by card; returns the kinds that were met."""
    met = []
    response = client.get(lesson.url)
    for _step in range(40):
        if "card" not in (response.context or {}):
            break
        card = response.context["card"]
        if not card.is_answered:
            met.append(card.kind)
        response = client.post(
            lesson.url, {"card": card.id, "act": response.context["act"], **right_answer(card)}, follow=True
        )
    assert response.status_code == 200
    return met


def test_a_lesson_is_taken_card_by_card_to_its_end(learner, lesson, person):
    assert take(learner, lesson) == [card.block_type for card in lesson.cards]
    assert LessonProgress.objects.get(person=person, lesson=lesson).finished_at is not None


def test_reading_and_scanning_changes_no_record(learner, lesson, course):
    for url in (
        lesson.url,
        f"{lesson.url}?kort=1",
        course.url,
        reverse("records:my_page"),
        reverse("records:check", args=[course.pk]),
    ):
        assert learner.get(url).status_code == 200
        assert learner.head(url).status_code == 200
    assert not LessonProgress.objects.exists()
    assert not Attempt.objects.exists()


def test_a_lesson_that_has_been_taken_can_be_printed_with_what_was_right(learner, lesson):
    assert learner.get(f"{lesson.url}?kort=alla").context["card"].position == 1
    take(learner, lesson)
    done = learner.get(f"{lesson.url}?kort=klar").content.decode()
    assert "?kort=alla" in done
    html = learner.get(f"{lesson.url}?kort=alla").content.decode()
    for words in ("Därför 0.", "Då syns inte mönstret.", "112", "Lag (2023:196)"):
        assert words in html


def test_no_card_can_be_jumped_to_before_it_is_reached(learner, lesson):
    response = learner.get(f"{lesson.url}?kort=9")
    assert response.context["card"].position == 1


def test_the_lesson_goes_on_where_it_was_left_on_another_device(learner, lesson, person):
    from django.test import Client

    send(learner, lesson, 1)
    other = Client()
    other.force_login(person)
    assert other.get(lesson.url).context["card"].position == 2


def test_the_rule_and_the_feedback_are_shown_only_after_the_choice(learner, lesson):
    send(learner, lesson, 1)
    before = learner.get(lesson.url).content.decode()
    assert "Märk och berätta." not in before
    assert "Då syns inte mönstret." not in before
    after = send(learner, lesson, 2, "answer", choice="1").content.decode()
    assert "Märk och berätta." in after
    assert "Då syns inte mönstret." in after


def test_the_same_answer_twice_leads_to_its_feedback_and_not_past_it(learner, lesson):
    send(learner, lesson, 1)
    for choice in ("1", "0"):
        response = send(learner, lesson, 2, "answer", choice=choice)
        ((address, status),) = response.redirect_chain
        assert (address.removeprefix("http://localhost"), status) == (f"{path_of(lesson)}?kort=2#svar", 302)
    assert response.context["card"].chosen == "1"
    assert LessonProgress.objects.get().seen == 1


def test_going_on_twice_goes_on_once(learner, lesson):
    assert [send(learner, lesson, 1).context["position"] for _ in range(2)] == [2, 2]
    assert LessonProgress.objects.get().seen == 1


@pytest.mark.parametrize("form", [{}, {"card": "x", "act": "next"}, {"card": "x", "act": "answer", "choice": "1"}])
def test_a_card_that_is_not_there_leads_to_where_one_was(learner, lesson, form):
    send(learner, lesson, 1)
    assert learner.post(lesson.url, form, follow=True).context["position"] == 2
    assert LessonProgress.objects.get().answers == {}


def test_a_card_that_moved_while_it_was_read_is_the_one_that_is_answered(learner, lesson):
    send(learner, lesson, 1)
    scenario = lesson.cards[1]
    lesson.cards.insert(1, ("key_point", {"text": "Nytt"}))
    lesson.save_revision().publish()
    LessonProgress.objects.update(seen=2)
    response = learner.post(lesson.url, {"card": scenario.id, "act": "answer", "choice": "1"}, follow=True)
    assert (response.context["card"].id, response.context["position"]) == (scenario.id, 3)
    assert LessonProgress.objects.get().answers == {scenario.id: "1"}


@pytest.mark.parametrize(("position", "act"), [(2, "next"), (2, ""), (5, "next"), (5, "answer")])
def test_no_card_is_gone_past_unanswered_or_before_it_is_reached(learner, lesson, position, act):
    send(learner, lesson, 1)
    assert send(learner, lesson, position, act, **({"choice": "0"} if position > 2 else {})).context["position"] == 2
    progress = LessonProgress.objects.get()
    assert (progress.seen, progress.answers) == (1, {})


@pytest.mark.parametrize("choice", [{}, {"choice": "7"}, {"choice": "x"}, {"choice": ""}])
def test_a_missing_or_forged_choice_is_refused_and_nothing_is_kept(learner, lesson, choice):
    send(learner, lesson, 1)
    response = send(learner, lesson, 2, "answer", **choice)
    assert response.status_code == 400
    assert response.context["problem"]
    assert LessonProgress.objects.get().answers == {}


def test_a_municipalitys_own_words_stand_in_the_text_and_are_escaped(learner, lesson):
    assert "Gruppen &amp; Co" in learner.get(lesson.url).content.decode()


def test_only_checked_routes_are_shown(learner, lesson):
    take(learner, lesson)
    html = learner.get(f"{lesson.url}?kort=8").content.decode()
    assert "112" in html
    assert "020-1" not in html


def test_without_signing_in_a_lesson_leads_to_sign_in_and_back(client, lesson):
    response = client.get(lesson.url)
    assert response.status_code == 302
    assert response.url == f"/logga-in/?next={lesson.relative_url(lesson.get_site())}"


def test_a_lesson_of_another_municipality_does_not_exist(learner, course):
    foreign = make_course(make_municipality("Annan kommun"), slug="annan")
    page = foreign.lessons().first()
    host = page.get_site().hostname
    assert learner.get(page.relative_url(page.get_site()), headers={"host": host}).status_code == 404
    assert not LessonProgress.objects.exists()


def play_check(client, course, *, wrong: bool = False):
    """Take the check through its pages; returns the last response."""
    response = client.post(reverse("records:check", args=[course.pk]), follow=True)
    while "question" in (response.context or {}):
        question = response.context["question"]
        other = [o.id for o in question.options if o.id not in question.key]
        choice = [*other, *question.key][: question.choose] if wrong else list(question.key)
        response = client.post(
            response.redirect_chain[-1][0] if response.redirect_chain else "", {"choice": choice}, follow=True
        )
    return response


def test_a_passed_check_ends_with_a_proof(learner, course, person):
    response = play_check(learner, course)
    completion = Completion.objects.get()
    assert response.context["completion"] == completion
    proof = learner.get(reverse("records:proof", args=[completion.uuid])).content.decode()
    assert str(person) in proof
    assert "Provkurs" in proof


def test_a_failed_check_shows_feedback_and_offers_another_try(learner, course):
    response = play_check(learner, course, wrong=True)
    assert not Completion.objects.exists()
    assert len(response.context["wrong"]) == 4
    assert "Därför" in response.content.decode()
    again = learner.post(reverse("records:check", args=[course.pk]))
    assert Attempt.objects.filter(handed_in_at=None).count() == 1
    assert again.status_code == 302


def test_a_check_that_is_not_ready_says_so_and_can_be_begun_later(learner, course):
    items = [item.question for item in course.check_ref.pool.all()]
    course.check_ref.pool.all().delete()
    response = learner.post(reverse("records:check", args=[course.pk]))
    assert response.status_code == 409
    assert response.context["reason"]
    for question in items:
        PoolItem.objects.create(check_ref=course.check_ref, question=question)
    assert learner.post(reverse("records:check", args=[course.pk]), follow=True).status_code == 200


def test_an_interrupted_check_goes_on_with_its_answers_kept(learner, course):
    response = learner.post(reverse("records:check", args=[course.pk]), follow=True)
    question = response.context["question"]
    learner.post(response.redirect_chain[-1][0], {"choice": list(question.key)})
    resumed = learner.post(reverse("records:check", args=[course.pk]), follow=True)
    assert resumed.context["position"] == 2
    assert Attempt.objects.count() == 1


def test_an_answer_that_comes_while_the_check_is_handed_in_leads_to_the_result(learner, course, monkeypatch):
    learner.post(reverse("records:check", args=[course.pk]))
    read_before = Attempt.objects.get()
    play_check(learner, course)
    monkeypatch.setattr("learning.records.check_views._own_attempt", lambda request, pk: read_before)
    question = read_before.as_paper.questions[-1]
    url = reverse("records:check_question", args=[read_before.pk, 4])
    response = learner.post(url, {"choice": list(question.key)})
    assert (response.status_code, response.url) == (302, reverse("records:check_result", args=[read_before.pk]))


@pytest.mark.parametrize("choice", [[], ["999999"], ["x"], "all"])
def test_a_check_question_refuses_what_it_did_not_ask_for(learner, course, choice):
    response = learner.post(reverse("records:check", args=[course.pk]), follow=True)
    url, question = response.redirect_chain[-1][0], response.context["question"]
    raw = [o.id for o in question.options] if choice == "all" else choice
    refused = learner.post(url, {"choice": raw})
    assert refused.status_code == 400
    assert Attempt.objects.get().choices() == {}


def test_what_belongs_to_another_person_does_not_exist(learner, course, municipality):
    other = make_person(make_unit(municipality))
    attempt = take_check(other, course, date(2025, 3, 3))
    proof = Completion.objects.get().uuid
    for url in (
        reverse("records:check_result", args=[attempt.pk]),
        reverse("records:check_question", args=[attempt.pk, 1]),
        reverse("records:proof", args=[proof]),
    ):
        assert learner.get(url).status_code == 404


def test_a_course_that_nobody_asks_for_is_offered_until_it_is_begun(learner, course, lesson, municipality):
    page = learner.get(reverse("records:my_page"))
    assert (page.context["states"], page.context["others"]) == ([], [course])
    assert "Mer att lära" in page.content.decode()
    send(learner, lesson, 1)
    page = learner.get(reverse("records:my_page"))
    assert ([state.course for state in page.context["states"]], page.context["others"]) == ([course], [])


def test_a_course_is_asked_of_its_population_alone(client, course, municipality):
    make_goal(course, municipality)
    unit = make_unit(municipality)
    for population, asked in (("employee", 1), ("elected", 0)):
        client.force_login(make_person(unit, population=population))
        assert len(client.get(reverse("records:my_page")).context["states"]) == asked


def test_my_page_says_what_is_left_and_what_is_valid(learner, course, person, municipality):
    make_goal(course, municipality)
    page = learner.get(reverse("records:my_page"))
    assert page.context["minutes_left"] == 6
    take_check(person, course, date.today())
    page = learner.get(reverse("records:my_page"))
    assert page.context["all_done"] is True
    assert list(page.context["completions"]) == [Completion.objects.get()]


def test_opening_a_lesson_costs_the_same_for_one_card_as_for_ten(learner, course, django_assert_max_num_queries):
    short, long = course.lessons().last(), course.lessons().first()
    learner.get(short.url)
    with django_assert_max_num_queries(6):
        learner.get(long.url)
    take(learner, long)
    # In a test the host is not the site's own, which costs one more.
    for position, card in enumerate(long.cards, start=1):
        with django_assert_max_num_queries(7):
            assert learner.get(f"{long.url}?kort={position}").context["card"].kind == card.block_type


@pytest.fixture
def at_a_question(learner, course):
    """The second lesson, at its question."""
    lesson = course.lessons().last()
    send(learner, lesson, 1)
    return lesson


def test_a_question_is_asked_as_it_is_now(learner, at_a_question):
    question = Question.objects.get(key="l1-a")
    assert "Vad gäller l1-a?" in learner.get(at_a_question.url).content.decode()
    question.text = "Vad gäller nu?"
    first, *_others = options = list(question.options.all())
    first.text = "Ett annat svar"
    question.options = options
    question.save()
    page = learner.get(at_a_question.url)
    assert "Vad gäller nu?" in page.content.decode()
    assert [choice["text"] for choice in page.context["card"].told["choices"]] == ["Ett annat svar", "l1-a 1", "l1-a 2"]
    question.options = [option for option in question.options.all() if option.text != "l1-a 1"]
    question.save()
    html = learner.get(at_a_question.url).content.decode()
    assert "l1-a 1" not in html
    assert "Ett annat svar" in html


def test_the_options_of_a_question_stand_in_their_order(learner, at_a_question):
    question = Question.objects.get(key="l1-a")
    for order, option in enumerate(reversed(question.options.all())):
        type(option).objects.filter(pk=option.pk).update(sort_order=order)
    told = learner.get(at_a_question.url).context["card"].told["choices"]
    assert [choice["text"] for choice in told] == ["l1-a 2", "l1-a 1", "l1-a 0"]


@pytest.mark.parametrize("is_member", [True, False])
def test_a_lesson_that_is_kept_for_a_group_is_shown_to_no_others(learner, lesson, course, person, is_member):
    group = Group.objects.create(name="Förhandsläsare")
    restriction = PageViewRestriction.objects.create(page=course, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(group)
    if is_member:
        person.groups.add(group)
    for page in (course, lesson):
        response = learner.get(page.url)
        assert response.status_code == (200 if is_member else 302)
        assert "no-cache" in response.headers["Cache-Control"]
    if not is_member:
        assert learner.post(lesson.url, {"card": lesson.cards[0].id, "act": "next"}).status_code == 302
    assert not LessonProgress.objects.exists()


def test_a_lesson_taken_in_another_course_is_taken_where_it_is_moved(learner, lesson, course, person):
    take(learner, lesson)
    other = course.get_parent().add_child(instance=CoursePage(title="Annan", slug="annan"))
    lesson.move(other, "last-child")
    state = CourseState(person, other, date(2025, 3, 3))
    assert ([row["state"] for row in state.lessons], state.is_begun, state.left) == (["finished"], True, [])
