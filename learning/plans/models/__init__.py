"""What has been decided: the governing document with all that stands in it, what is asked of whom, what is seen."""

from .asked import Duty, Obligation, Requirement, Rule
from .plan import (
    ActionPlan,
    Activity,
    Decision,
    FollowUp,
    Goal,
    GoalArea,
    Indicator,
    PlanIsReported,
    PreventionLevel,
    Reading,
    Remark,
    Stewardship,
)
from .situation import SituationPicture, Topic

__all__ = [
    "ActionPlan",
    "Activity",
    "Decision",
    "Duty",
    "FollowUp",
    "Goal",
    "GoalArea",
    "Indicator",
    "Obligation",
    "PlanIsReported",
    "PreventionLevel",
    "Reading",
    "Remark",
    "Requirement",
    "Rule",
    "SituationPicture",
    "Stewardship",
    "Topic",
]
