"""How knowledge is checked: the question bank, the knowledge check and the attempts at it."""

from .attempts import Answer, Attempt, Confidence, Regrade, RegradedAttempt, Stage
from .bank import Option, Question, QuestionFile, QuestionNotWhole
from .checks import KnowledgeCheck, PoolItem, Quota

__all__ = [
    "Answer",
    "Attempt",
    "Confidence",
    "KnowledgeCheck",
    "Option",
    "PoolItem",
    "Question",
    "QuestionFile",
    "QuestionNotWhole",
    "Quota",
    "Regrade",
    "RegradedAttempt",
    "Stage",
]
