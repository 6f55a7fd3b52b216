"""The staff of Granforsa from quarter to quarter, as the HR system would export it."""

import csv
import io
import random
from dataclasses import dataclass
from datetime import date, timedelta

from . import granforsa

HEADINGS = [
    "Anst.nr",
    "Förnamn",
    "Efternamn",
    "E-post",
    "Förvaltning",
    "Enhet",
    "Enhetskod",
    "Befattning",
    "Fr.o.m.",
    "T.o.m.",
    "Kategori",
]
# Of all posts in a quarter: left, moved to another unit. New people fill what was left.
LEAVE_RATE, MOVE_RATE = 0.022, 0.006
# Home care and kitchens often have no address of their own.
WITHOUT_EMAIL = 0.12


@dataclass
class Post:
    """An employment in the HR system."""

    number: str
    first_name: str
    last_name: str
    email: str
    code: str
    role: str
    starts_on: date
    category: str = "Anställd"
    is_fixed: bool = False  # heads and visitors stay through the years


class Staff:
    """A staff that changes by chance, the same chance each time."""

    def __init__(self, seed: int = 2022):
        self.chance = random.Random(seed)
        self.next_number = 10001
        self.units = {
            code: (department, name)
            for department, units in granforsa.DEPARTMENTS.items()
            for code, name, _size, _roles in units
        }
        self.roles = {unit[0]: unit[3] for units in granforsa.DEPARTMENTS.values() for unit in units}
        self.addresses: set[str] = set()
        self.posts: list[Post] = []
        self._fill_units(date.fromisoformat(granforsa.OPENED))

    def _fill_units(self, on: date) -> None:
        for units in granforsa.DEPARTMENTS.values():
            for code, _name, size, roles in units:
                visitors = [(key, person) for key, person in granforsa.VISITORS.items() if person[0] == code]
                for key, (_code, role, first, last) in visitors:
                    self.posts.append(self._post(code, role, on, first=first, last=last, address=key))
                if not any(role == roles[0] for _key, (_code, role, *_names) in visitors):
                    self.posts.append(self._post(code, roles[0], on, is_fixed=True))
                while sum(post.code == code for post in self.posts) < size:
                    self.posts.append(self._post(code, self.chance.choice(roles[1:]), on))

    def _post(self, code, role, on, *, first="", last="", address="", is_fixed=False, category="Anställd") -> Post:
        first = first or self.chance.choice(granforsa.FIRST_NAMES)
        last = last or self.chance.choice(granforsa.LAST_NAMES)
        hired = on if on > date.fromisoformat(granforsa.OPENED) else on - timedelta(days=self.chance.randint(30, 6000))
        post = Post(
            number=str(self.next_number),
            first_name=first,
            last_name=last,
            email=f"{address}@granforsa.example" if address else self._address(first, last),
            code=code,
            role=role,
            starts_on=hired,
            category=category,
            is_fixed=is_fixed or bool(address),
        )
        self.next_number += 1
        return post

    def _address(self, first: str, last: str) -> str:
        if self.chance.random() < WITHOUT_EMAIL:
            return ""
        plain = str.maketrans("åäöéÅÄÖ", "aaoeAAO")
        name = f"{first}.{last}".translate(plain).lower()
        address, number = f"{name}@granforsa.example", 2
        while address in self.addresses:
            address, number = f"{name}{number}@granforsa.example", number + 1
        self.addresses.add(address)
        return address

    def turn(self, on: date) -> None:
        """Let a quarter pass: some leave, some move, others come during its first weeks."""
        loose = [post for post in self.posts if not post.is_fixed]
        leavers = self.chance.sample(loose, round(LEAVE_RATE * len(self.posts)))
        gone = {post.number for post in leavers}
        self.posts = [post for post in self.posts if post.number not in gone]
        staying = [post for post in self.posts if not post.is_fixed]
        for post in self.chance.sample(staying, round(MOVE_RATE * len(self.posts))):
            siblings = [c for c in self.units if self.units[c][0] == self.units[post.code][0]]
            post.code = self.chance.choice(siblings)
            post.role = self.chance.choice(self.roles[post.code][1:])
        openings = [post.code for post in leavers]
        for code in openings:
            hired = on - timedelta(days=self.chance.randint(0, 80))
            self.posts.append(self._post(code, self.chance.choice(self.roles[code][1:]), hired))

    def move_units(self, moves: dict[str, str]) -> None:
        """Let units belong to other departments from the next export on."""
        for code, department in moves.items():
            self.units[code] = (department, self.units[code][1])

    def export(self) -> bytes:
        """The employees as the HR system exports them: semicolons, Windows-1252."""
        return _csv(
            [
                post.number,
                post.first_name,
                post.last_name,
                post.email,
                *self.units[post.code],
                post.code,
                post.role,
                post.starts_on.isoformat(),
                "9999-12-31",
                post.category,
            ]
            for post in self.posts
        )


class Council:
    """The elected officials of a term."""

    def __init__(self, staff: Staff, on: date):
        department, units = granforsa.COUNCIL
        code, role, first, last = granforsa.VISITORS["kommunstyrelsen"]
        self.rows = []
        for unit_code, name, seats in units:
            for seat in range(seats):
                is_visitor = unit_code == code and seat == 0
                post = staff._post(
                    unit_code,
                    "Ordförande" if seat == 1 else role,
                    on,
                    first=first if is_visitor else "",
                    last=last if is_visitor else "",
                    address="kommunstyrelsen" if is_visitor else "",
                    category="Förtroendevald",
                )
                number = "F20001" if is_visitor else f"F{post.number}"
                place = [department, name, unit_code, post.role, on.isoformat(), "", post.category]
                self.rows.append([number, post.first_name, post.last_name, post.email, *place])

    def export(self) -> bytes:
        """The elected officials as a file of their own."""
        return _csv(self.rows)


def _csv(rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return text.getvalue().encode("cp1252")
