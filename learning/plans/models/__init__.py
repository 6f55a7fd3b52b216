"""What has been decided: the governing document with all that stands in it, and what is asked of whom."""

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
    "Stewardship",
]
