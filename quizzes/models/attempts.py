"""Attempts at a check, their answers, and what was graded anew."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from learning.append_only import AppendOnlyModel, AppendOnlyQuerySet
from learning.organisation.models import Person

from ..grading import Chosen, Paper, PaperQuestion, Score, as_kept
from .checks import KnowledgeCheck


class Stage(models.TextChoices):
    """When a check that measures is taken."""

    BEFORE = "before", _("before the course")
    AFTER = "after", _("after the course")


class Confidence(models.IntegerChoices):
    """How sure one is of an answer."""

    GUESS = 1, _("I am guessing")
    UNSURE = 2, _("Unsure")
    FAIRLY = 3, _("Fairly sure")
    SURE = 4, _("Sure")


class Attempt(models.Model):
    """One try at a knowledge check. The paper is kept as it was shown, and what is handed in is never edited.

    What it was worth changes only when a question is graded anew (Regrade), and never for the worse.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts")
    check_ref = models.ForeignKey(KnowledgeCheck, null=True, on_delete=models.SET_NULL, related_name="attempts")
    # What the check is taken for, as whoever begins it keys its things; empty only on what is older than the field.
    subject_key = models.UUIDField(null=True, editable=False)
    paper = models.JSONField(_("paper"))
    # Of a check that measures: which form was drawn, and whether it was taken before or after the course.
    form = models.CharField(_("form"), max_length=1, blank=True, editable=False)
    stage = models.CharField(_("before or after"), max_length=10, choices=Stage, blank=True, editable=False)
    started_at = models.DateTimeField(_("started"))
    ends_at = models.DateTimeField(_("time is out"), null=True, blank=True)  # empty: no limit
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    right = models.PositiveSmallIntegerField(_("right answers"), null=True, blank=True)
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    # Whether it is the first that the person handed in; item statistics count nobody twice, and no measurement.
    is_first = models.BooleanField(_("first attempt"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "check_ref", "subject_key", "stage"],
                condition=Q(handed_in_at__isnull=True),
                name="one_open_attempt_per_person_check_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(handed_in_at__isnull=True, passed__isnull=True, right__isnull=True)
                | Q(handed_in_at__isnull=False, passed__isnull=False, right__isnull=False)
                # A measurement is neither passed nor failed.
                | Q(handed_in_at__isnull=False, passed__isnull=True, right__isnull=False) & ~Q(stage=""),
                name="an_attempt_is_graded_when_handed_in",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.started_at:%Y-%m-%d}"

    @property
    def measures(self) -> bool:
        """Whether it only measures: no answers are told, and nothing is passed."""
        return bool(self.stage)

    def is_out_of_time(self, now: datetime) -> bool:
        return self.ends_at is not None and now > self.ends_at

    @cached_property
    def as_paper(self) -> Paper:
        """The questions as they were shown."""
        return Paper.from_json(self.paper)

    @cached_property
    def graded_paper(self) -> Paper:
        """The questions as they were shown, with what has been graded anew since."""
        return self.as_paper.regraded(Regrade.objects.keys(question.id for question in self.as_paper.questions))

    @property
    def total(self) -> int:
        """How many questions there are."""
        return len(self.paper["questions"])

    def question_at(self, position: int) -> PaperQuestion:
        """The question at the position (from 1), without reading the others."""
        return PaperQuestion.from_json(self.paper["questions"][position - 1])

    def choices(self) -> dict[int, Chosen]:
        """Question id → what was chosen; unanswered questions are left out."""
        return {answer.question_id: as_kept(answer.chosen) for answer in self.answers.all()}

    def missed_topics(self) -> set[str]:
        """The topics of the questions that were not right."""
        choices = self.choices()
        questions = self.graded_paper.questions
        return {one.topic for one in questions if not one.is_right(choices.get(one.id, frozenset()))} - {""}

    def score(self) -> Score:
        """The grading of what has been answered so far."""
        return self.graded_paper.grade(self.choices())


class Answer(models.Model):
    """What was chosen for one question of an attempt; the wording stands in the attempt's paper."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    question_id = models.BigIntegerField()  # no foreign key: answers outlive questions
    chosen = models.JSONField(default=list)
    confidence = models.PositiveSmallIntegerField(null=True)  # a Confidence; empty: not told
    answered_at = models.DateTimeField()
    # What item statistics are counted from, set when the attempt is handed in (quizzes.analysis).
    edition = models.CharField(max_length=16, blank=True, editable=False)
    right = models.BooleanField(null=True, editable=False)
    rest = models.FloatField(null=True, editable=False)  # the share right of the other questions, 0–1
    seconds = models.PositiveIntegerField(null=True, editable=False)  # since the answer before, or the beginning

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "question_id"], name="one_answer_per_question")]
        indexes = [models.Index(fields=["question_id", "edition"], name="answer_by_question")]

    def __str__(self):
        return f"{self.attempt_id}: {self.question_id}"


class RegradeQuerySet(AppendOnlyQuerySet):
    def keys(self, question_ids: Iterable[int]) -> dict[tuple[int, str], tuple[frozenset[int], ...]]:
        """Question id and edition → what counts as right since the wording was graded anew, the newest last."""
        found = defaultdict(tuple)
        rows = self.filter(question_id__in=list(question_ids)).order_by("pk")
        for question_id, edition, accepted in rows.values_list("question_id", "edition", "accepted"):
            found[question_id, edition] += (frozenset(accepted),)
        return found

    def of(self, attempt: Attempt) -> list["Regrade"]:
        """Those of the wordings that the attempt was asked, the oldest first, each with what it was worth `before`."""
        asked = {question.id: question.edition for question in attempt.as_paper.questions}
        rows = [
            row for row in self.filter(question_id__in=asked).order_by("pk") if asked[row.question_id] == row.edition
        ]
        before = {one.regrade_id: one for one in attempt.regrades.all()}
        for row in rows:
            row.before = before.get(row.pk)
        return rows

    def counted(self):
        """With how many attempts each changed, and how many of them it let pass; the newest first."""
        changed, passing = models.Count("attempts"), models.Count("attempts", filter=Q(attempts__lets_pass=True))
        return self.annotate(changed=changed, passing=passing).order_by("-pk")


class Regrade(AppendOnlyModel):
    """A wording of a question was graded anew, since its key was wrong (decision 16).

    The papers stay as they were shown. Each regrade adds to what counts as right; none takes anything away.
    """

    question_id = models.BigIntegerField()  # no foreign key: it outlives the question
    edition = models.CharField(max_length=16)
    wording = models.JSONField(_("wording"))
    accepted = models.JSONField(_("counts as right"), default=list)  # ids of options; none: any answer
    reason = models.TextField(_("reason"), max_length=500)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    objects = RegradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("question graded anew")
        verbose_name_plural = _("questions graded anew")
        constraints = [
            models.UniqueConstraint(
                fields=["question_id", "edition", "accepted"], name="a_wording_is_graded_anew_so_once"
            )
        ]

    def __str__(self):
        return self.as_question.text

    @cached_property
    def as_question(self) -> PaperQuestion:
        """The wording as it was shown, with what counts as right since."""
        return replace(PaperQuestion.from_json(self.wording), regraded=(frozenset(self.accepted),))

    @property
    def counts_all(self) -> bool:
        """Whether any answer counts as right."""
        return not self.accepted

    @property
    def accepted_words(self) -> list[str]:
        """The options that count as right since."""
        return [option.text for option in self.as_question.options if option.id in self.accepted]


class RegradedAttempt(AppendOnlyModel):
    """What an attempt was worth before a question of it was graded anew."""

    regrade = models.ForeignKey(Regrade, on_delete=models.PROTECT, related_name="attempts")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="regrades")
    right_before = models.PositiveSmallIntegerField(_("right answers before"))
    passed_before = models.BooleanField(_("passed before"))
    lets_pass = models.BooleanField(_("passed by it"))

    class Meta:
        verbose_name = _("attempt graded anew")
        verbose_name_plural = _("attempts graded anew")
        constraints = [
            models.UniqueConstraint(fields=["regrade", "attempt"], name="an_attempt_is_graded_anew_once_by_each")
        ]

    def __str__(self):
        return f"{self.attempt_id}: {self.regrade_id}"
