"""How sure a share is, and a difference."""

from math import sqrt

Z = 1.959963984540054  # 95 per cent


def student(freedom: int) -> float:
    """The same of Student's t, by Cornish and Fisher's expansion (Abramowitz & Stegun 1964, 26.7.5)."""
    terms = [
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    ]
    return Z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def wilson(part: float, total: float) -> tuple[float, float]:
    """The interval of a share (Wilson 1927)."""
    share, square = part / total, Z * Z
    middle = share + square / (2 * total)
    reach = Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    return (middle - reach) / (1 + square / total), (middle + reach) / (1 + square / total)


def difference(part: int, total: int, part_before: int, total_before: int) -> tuple[float, float]:
    """The interval of the difference of two shares of different people: Newcombe 1998, method 10."""
    share, before = part / total, part_before / total_before
    low, high = wilson(part, total)
    low_before, high_before = wilson(part_before, total_before)
    change = share - before
    return (
        change - sqrt((share - low) ** 2 + (high_before - before) ** 2),
        change + sqrt((high - share) ** 2 + (before - low_before) ** 2),
    )
