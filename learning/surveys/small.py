"""Which groups are told apart, so that no answer points at somebody (TRUST: published figures)."""

from collections.abc import Hashable, Mapping


def hidden(numbers: Mapping[Hashable, int], smallest: int) -> set:
    """The groups that are shown within the whole only: the small ones, and the next smallest until they are safe.

    Whoever subtracts what is shown from the whole is left with at least two groups that are together no small group.
    So nothing but that sum is known of any of them: each may be anything from nobody to all of it.
    """
    found = {group for group, number in numbers.items() if number < smallest}
    rest = sorted(numbers.keys() - found, key=lambda group: (numbers[group], str(group)), reverse=True)
    while rest and found and (len(found) < 2 or sum(numbers[group] for group in found) < smallest):
        found.add(rest.pop())
    return found
