"""A conversation in which each reply leads on: the card, what an author may get wrong, and its tree."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as pgettext
from wagtail import blocks

from learning.rich import RICH
from quizzes.grading import ChoiceMissing

from .cards import AskingCard, Fields, choice, index_of

ENDINGS = {
    "open": pgettext("ending", "The door is open"),
    "closed": pgettext("ending", "The door is closed"),
    "acute": pgettext("ending", "It is acute"),
}


class Reply(Fields):
    text = blocks.TextBlock(label=gettext_lazy("What one may say"), max_length=300)
    reaction = blocks.TextBlock(label=gettext_lazy("What it leads to, and why"))
    to = blocks.CharBlock(
        label=gettext_lazy("Goes on to"), max_length=30, help_text=gettext_lazy("The name of a turn.")
    )

    class Meta:
        icon, label = "comment", gettext_lazy("Reply")


class Turn(Fields):
    id = blocks.CharBlock(
        label=gettext_lazy("Name"),
        max_length=30,
        help_text=gettext_lazy("So that replies can lead here: start, trust, end-1."),
    )
    says = blocks.TextBlock(label=gettext_lazy("What the other person says or does, or how it ended"))
    replies = blocks.ListBlock(
        Reply(),
        label=gettext_lazy("Replies"),
        min_num=0,
        max_num=4,
        default=[],
        help_text=gettext_lazy("None: it ends here."),
    )
    ending = blocks.ChoiceBlock(label=gettext_lazy("Ending"), required=False, choices=list(ENDINGS.items()))

    class Meta:
        icon, label = "comment", gettext_lazy("Turn")


class DialogueCard(AskingCard):
    """A conversation of several turns and endings. What was chosen is the path: the number of each reply, from 0."""

    repeats = True
    heading = blocks.CharBlock(label=gettext_lazy("Heading"), max_length=100)
    situation = blocks.RichTextBlock(label=gettext_lazy("Situation"), features=RICH, required=False)
    turns = blocks.ListBlock(
        Turn(),
        label=gettext_lazy("Turns"),
        min_num=2,
        max_num=20,
        help_text=gettext_lazy("The first is where it begins."),
    )

    class Meta:
        icon, label, template = "comment", gettext_lazy("Conversation"), "blocks/dialogue.html"
        description = gettext_lazy("A conversation in which each reply leads on, to one of several endings.")
        # A new one is a conversation already, so that what names are for is seen.
        default = {
            "turns": [
                {"id": "start", "replies": [{"to": "slut-1"}, {"to": "slut-2"}]},
                {"id": "slut-1", "ending": "open"},
                {"id": "slut-2", "ending": "closed"},
            ]
        }
        preview_value = {
            "heading": "”Det brinner snart ändå”",
            "situation": "<p>En kollega säger något som stannar kvar hos dig.</p>",
            "turns": [
                {
                    "id": "start",
                    "says": "”Det brinner snart ändå.”",
                    "replies": [
                        {"text": "”Berätta hur du menar.”", "reaction": "Axlarna sjunker.", "to": "öppen"},
                        {"text": "”Så kan du väl inte tycka!”", "reaction": "Blicken viker.", "to": "stängd"},
                    ],
                },
                {"id": "öppen", "says": "Ni pratar länge.", "replies": [], "ending": "open"},
                {"id": "stängd", "says": "Samtalet tar slut.", "replies": [], "ending": "closed"},
            ],
        }

    def faults(self, value):
        yield from (("turns", words) for words in _wrong_in(list(value["turns"])))

    def read(self, value, data, chosen):
        path = chosen or []
        turn = self._walk(value, path)[-1][0]
        if data.get("turn") != str(len(path)):
            raise ChoiceMissing(_("The conversation has gone on from here already. Nothing is lost."))
        return [*path, index_of(data.get("choice"), len(turn["replies"]))]

    def fits(self, value, chosen) -> bool:
        return isinstance(chosen, list) and len(self._walk(value, chosen)) == len(chosen) + 1

    def is_done(self, value, chosen) -> bool:
        return not self._walk(value, chosen)[-1][0]["replies"]

    def is_right(self, value, chosen) -> bool:
        return self._walk(value, chosen)[-1][0]["ending"] == "open"

    def news(self, value, chosen) -> str:
        return ENDINGS.get(self._walk(value, chosen)[-1][0]["ending"], "")

    def told(self, value, chosen) -> dict:
        path = chosen or []
        walk = self._walk(value, path)
        turn = walk[-1][0]
        return {
            "passed": [{"says": turn["says"], "reply": reply} for turn, reply in walk[:-1]],
            "says": turn["says"],
            "turn": len(path),
            "is_over": not turn["replies"],
            "choices": [
                choice(str(index), reply["text"], "", right=False, checked=False, done=False)
                for index, reply in enumerate(turn["replies"])
            ],
        }

    def get_context(self, value, parent_context=None):
        """Beside the editor, where nobody plays it, the whole tree is drawn."""
        turns = list(value["turns"])
        return super().get_context(value, parent_context) | {"tree": _tree(turns) if turns else None}

    def _walk(self, value, path: list) -> list[tuple]:
        """The turns that the path leads through, each with the reply that was chosen there; as far as it leads."""
        turns = {turn["id"]: turn for turn in value["turns"]}
        turn, found = next(iter(value["turns"])), []
        for index in path:
            if not (isinstance(index, int) and 0 <= index < len(turn["replies"])):
                break
            reply = turn["replies"][index]
            found.append((turn, reply))
            if reply["to"] not in turns:
                return found
            turn = turns[reply["to"]]
        return [*found, (turn, None)]


def _wrong_in(turns: list) -> list[str]:
    """What keeps a conversation from being taken to an end, in words."""
    names = [turn["id"] for turn in turns]
    leads = {turn["id"]: [reply["to"] for reply in turn["replies"]] for turn in turns}
    return list(_slips(turns, names, leads)) or list(_dead_ends(names, leads))


def _slips(turns: list, names: list[str], leads: dict[str, list[str]]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _("Two turns are called “%(name)s”.") % {"name": name}
    for turn in turns:
        about = {"name": turn["id"]}
        for to in set(leads[turn["id"]]) - leads.keys():
            yield _("“%(name)s” leads to “%(to)s”, which there is not.") % {**about, "to": to}
        if not turn["replies"] and not turn["ending"]:
            yield _("“%(name)s” has no replies, and no ending is chosen.") % about
        if turn["replies"] and turn["ending"]:
            yield _("“%(name)s” has both replies and an ending.") % about


def _dead_ends(names: list[str], leads: dict[str, list[str]]) -> Iterator[str]:
    reached = _reached(names[:1], leads)
    came_from = {name: [one for one in names if name in leads[one]] for name in names}
    with_exit = _reached([name for name in names if not leads[name]], came_from)
    for name in names:
        if name not in reached:
            yield _("Nothing leads to “%(name)s”.") % {"name": name}
        elif name not in with_exit:
            yield _("From “%(name)s” there is no way to an ending.") % {"name": name}


def _reached(start: list[str], leads: dict[str, list[str]]) -> set[str]:
    found, ahead = set(), list(start)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += leads[name]
    return found


def _tree(turns: list) -> dict:
    """The conversation as a tree, its turns numbered; one that is drawn already is referred to only."""
    by_name, numbers = {turn["id"]: turn for turn in turns}, {}

    def draw(turn) -> dict:
        numbers[turn["id"]] = len(numbers) + 1
        return {
            "turn": turn,
            "number": numbers[turn["id"]],
            "ending": ENDINGS.get(turn["ending"], ""),
            "replies": [follow(reply) for reply in turn["replies"]],
        }

    def follow(reply) -> dict:
        name = reply["to"]
        then = draw(by_name[name]) if name in by_name and name not in numbers else None
        return {"reply": reply, "then": then, "number": numbers.get(name)}

    return draw(turns[0])
