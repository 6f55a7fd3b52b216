"""The municipality's own words in shared texts: slots such as {vbe_group}."""

import re

SLOT = re.compile(r"\{(municipality|vbe_group|coordinator)\}")
# What stands in a slot where no municipality is at hand, such as a preview.
NEUTRAL = {"municipality": "kommunen", "vbe_group": "VBE-gruppen", "coordinator": "säkerhetssamordnaren"}


def words_of(municipality) -> dict[str, str]:
    """What the slots mean in this municipality (None: neutral words)."""
    if not municipality:
        return NEUTRAL
    return {
        "municipality": municipality.name,
        "vbe_group": municipality.vbe_group_name or municipality.coordinator_title,
        "coordinator": municipality.coordinator_title,
    }


def fill(text: str, municipality, written=str) -> str:
    """The text with the municipality's words in its slots, written so; other braces are left alone."""
    return SLOT.sub(lambda slot: written(words_of(municipality)[slot[1]]), text)
