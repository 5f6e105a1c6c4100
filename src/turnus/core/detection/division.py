"""Lines of one customer told apart by their names before their rhythm is looked for.

The search keeps few stories, and forty branches at one price look like one weekly line
to it for as long as none has recurred. So it reads the deals of each title on their own
first, and joins what costs less together: a line that was renamed, or whose copies lost
their title. Deals whose title names nothing come last: one that fills a hole of a line,
at its price, is that line's. What the sections cost together is what a story of the whole
costs in which no line mixes them, so both can be compared. The cheapest division holds.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median

from turnus.core.detection import costs
from turnus.core.detection.facts import Copy
from turnus.core.detection.runs import places_of
from turnus.core.detection.search import Search, SearchStory, runs_in
from turnus.core.detection.titles import likeness

#: How alike two titles are that differ by a typing error.
_TYPING_ERROR = 0.9
#: What is written more often is meant so.
_FEW_ERRORS = 2
#: Days that two names of one line may be in use beside one another.
_OVERLAP_DAYS = 70
_NEW_LINE = costs.BIRTH + costs.FRESH_PRICE
#: So many changes of contact cost less than one more line: dividing saves nothing.
_FEW_CHANGES = _NEW_LINE / costs.OTHER_CONTACT
#: Two deals make a distance, three a rhythm.
_FEWEST_OF_A_LINE = 3
#: A distance so many times the usual one may have a forgotten copy in it; others are not
#: tried.
_HOLE = 1.3
#: So much the lines of several contacts may cost more than one woven of them, if each
#: is regular.
_REGULAR = _NEW_LINE / 2


@dataclass(frozen=True, slots=True, eq=False)
class DealSection:
    """Deals that are read on their own, and their stories, the likeliest first."""

    search: Search

    @property
    def copies(self) -> tuple[Copy, ...]:
        """Its deals in order of their days."""
        return self.search.copies

    @property
    def stories(self) -> tuple[SearchStory, ...]:
        """Its stories, the likeliest first."""
        return self.search.stories

    @property
    def cost(self) -> float:
        """What the likeliest story costs."""
        return self.stories[0].cost

    @property
    def words(self) -> frozenset[str]:
        """The words of its last title."""
        return frozenset(self.copies[-1].title.split())


@dataclass(frozen=True, slots=True, eq=False)
class _Join:
    """Two sections, and what reading them as one saves."""

    sections: tuple[DealSection, DealSection]
    together: DealSection
    saving: float

    def shares_a_section_with(self, other: "_Join") -> bool:
        return any(section in other.sections for section in self.sections)


def sections_of(copies: Sequence[Copy], *, as_of: int) -> list[DealSection]:
    """Return the sections whose likeliest stories cost least together.

    `copies` are in order of their days. Each deal is in one section.
    """
    whole = _read(copies, as_of)
    spelling = _spellings(copies)
    by_title = _groups(copies, lambda copy: spelling[copy.title])
    if all(len(group) == 1 for group in by_title) or _keeps_titles(
        whole, spelling
    ):
        return _by_contact(whole, as_of)
    titled: list[DealSection] = []
    untitled: list[Copy] = []
    for group in by_title:
        if group[0].title:
            titled += _by_contact(_read(group, as_of), as_of)
        else:
            untitled = group
    sections = _with_untitled(titled, untitled, as_of)
    filled, rest = _filled(titled, untitled, as_of)
    if len(rest) < len(untitled):
        last = _with_untitled(filled, rest, as_of)
        sections = min(last, sections, key=_cost)
    # Of deals that their names left alone, another division may make lines.
    may_be_one = "" in spelling or _alone_count(sections) > 1
    if may_be_one and whole.cost < _cost(sections):
        return [whole]
    return sections


def _with_untitled(
    titled: Sequence[DealSection], untitled: Sequence[Copy], as_of: int
) -> list[DealSection]:
    """Return the sections and that of the untitled deals, joined where that costs less."""
    sections = list(titled)
    if untitled:
        sections += _by_contact(_read(untitled, as_of), as_of)
    return _joined(sections, as_of, _telling_words(sections))


def _filled(
    titled: Sequence[DealSection], untitled: Sequence[Copy], as_of: int
) -> tuple[list[DealSection], list[Copy]]:
    """Return the sections with the untitled deals that make them cheaper, and the others.

    Such a deal fills a hole: without it, a copy would have been forgotten.
    """
    sections = list(titled)
    rest: list[Copy] = []
    for copy in untitled:
        fillings = [
            (section, _read(_in_order(section, copy), as_of, section))
            for section in sections
            if _may_fill(section, copy)
        ]
        best = min(fillings, key=_extra_cost, default=None)
        if best is None or _extra_cost(best) >= 0:
            rest.append(copy)
        else:
            sections[sections.index(best[0])] = best[1]
    return sections, rest


def _extra_cost(filling: tuple[DealSection, DealSection]) -> float:
    without, filled = filling
    return filled.cost - without.cost


def _in_order(section: DealSection, copy: Copy) -> list[Copy]:
    return sorted((*section.copies, copy), key=_position)


def _may_fill(section: DealSection, copy: Copy) -> bool:
    """Return whether the deal lies in a hole of the section, at the price of either side."""
    position = bisect_left(section.copies, copy.position, key=_position)
    if not 0 < position < len(section.copies):
        return False
    before, after = section.copies[position - 1], section.copies[position]
    gaps = [
        later.day - earlier.day for earlier, later in pairwise(section.copies)
    ]
    is_hole = after.day - before.day > _HOLE * median(gaps)
    return is_hole and copy.value_e4 in {before.value_e4, after.value_e4}


def _position(copy: Copy) -> int:
    return copy.position


def _keeps_titles(whole: DealSection, spelling: Mapping[str, str]) -> bool:
    """Return whether no line weaves two titles, and no title is in two lines.

    Then reading each title on its own would find the same.
    """
    copy_of = {copy.deal: copy for copy in whole.copies}
    placed: set[str] = set()
    for run in runs_in(whole.stories[0]):
        copies = [copy_of[place.deal] for place in places_of(run)]
        copies.sort(key=lambda copy: copy.position)
        titled = _groups(
            [copy for copy in copies if copy.title],
            lambda copy: spelling[copy.title],
        )
        titles = {spelling[group[0].title] for group in titled}
        if not placed.isdisjoint(titles) or _are_woven(titled):
            return False
        placed |= titles
    return True


def _are_woven(groups: Sequence[Sequence[Copy]]) -> bool:
    """Return whether two of the groups are in use beside one another."""
    ordered = sorted(groups, key=lambda group: group[0].position)
    return any(
        later[0].day < earlier[-1].day - _OVERLAP_DAYS
        for earlier, later in combinations(ordered, 2)
    )


def _read(
    copies: Sequence[Copy], as_of: int, *before: DealSection
) -> DealSection:
    """Return the deals as a section; it may begin as one of those that were read before."""
    searches = [section.search for section in before]
    return DealSection(Search(copies, as_of=as_of, before=searches))


def _cost(sections: Sequence[DealSection]) -> float:
    return sum(section.cost for section in sections)


def _groups(
    copies: Sequence[Copy], key: Callable[[Copy], str]
) -> list[list[Copy]]:
    groups: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[key(copy)].append(copy)
    return list(groups.values())


def _spellings(copies: Sequence[Copy]) -> dict[str, str]:
    """Return for each title the one that it is but for typing errors.

    An empty title is only like itself; so is one that is written often.
    """
    counts = Counter(copy.title for copy in copies)
    spelling: dict[str, str] = {}
    for title in sorted(counts, key=lambda title: (-counts[title], title)):
        usual = title
        if title and counts[title] <= _FEW_ERRORS:
            usual = _usual_spelling(title, spelling.values())
        spelling[title] = usual
    return spelling


def _usual_spelling(title: str, spellings: Iterable[str]) -> str:
    """Return the first of the spellings that the title is but for an error, or itself."""
    alike = (each for each in spellings if each and _is_misspelt(title, each))
    return next(alike, title)


def _is_misspelt(title: str, other: str) -> bool:
    return likeness(title, other) >= _TYPING_ERROR


def _by_contact(section: DealSection, as_of: int) -> list[DealSection]:
    """Return the section, or its deals by contact if that costs less."""
    groups = _groups(section.copies, lambda copy: copy.contact)
    repeated = [group for group in groups if len(group) > 1]
    change_count = _contact_changes(section)
    may_be_lines = change_count > 0 and _are_beside_one_another(groups)
    if len(repeated) < 2 or not (change_count >= _FEW_CHANGES or may_be_lines):
        return [section]
    own = [_read(group, as_of) for group in groups]
    if all(_is_one_line(each) for each in own):
        # Each contact's deals are one line without a gap: chance has not made them so.
        return own if _cost(own) < section.cost + _REGULAR else [section]
    divided = _joined(own, as_of, frozenset())
    best = min(divided, _with_stand_ins(own, as_of), key=_cost)
    return best if _cost(best) < section.cost else [section]


def _with_stand_ins(
    own: Sequence[DealSection], as_of: int
) -> list[DealSection]:
    """Return the contacts' lines with the deals that others entered for them.

    A contact who stands in now and then has no line of its own, but fills the holes of
    several.
    """
    lines = [section for section in own if _is_one_line(section)]
    others = [
        copy
        for section in own
        if section not in lines
        for copy in section.copies
    ]
    filled, rest = _filled(lines, sorted(others, key=_position), as_of)
    left_over = [_read(rest, as_of)] if rest else []
    return _joined([*filled, *left_over], as_of, frozenset())


def _are_beside_one_another(groups: Sequence[Sequence[Copy]]) -> bool:
    """Return whether all groups may be lines, and no two follow one another."""
    if any(len(group) < _FEWEST_OF_A_LINE for group in groups):
        return False
    last_beginning = max(group[0].position for group in groups)
    first_end = min(group[-1].position for group in groups)
    return last_beginning < first_end


def _is_one_line(section: DealSection) -> bool:
    """Return whether all deals renew one another, at least twice."""
    runs = list(runs_in(section.stories[0]))
    deal_count = len(section.copies)
    is_whole = len(runs) == 1 and runs[0].copy_count == deal_count
    return is_whole and deal_count >= _FEWEST_OF_A_LINE


def _contact_changes(section: DealSection) -> int:
    """Return how often a line of the likeliest story goes on with another contact."""
    contact_of = {copy.deal: copy.contact for copy in section.copies}
    changes = 0
    for run in runs_in(section.stories[0]):
        contacts = [contact_of[place.deal] for place in places_of(run)]
        changes += sum(
            contact != following for contact, following in pairwise(contacts)
        )
    return changes


def _alone_count(sections: Sequence[DealSection]) -> int:
    """Return how many deals no other deal renews, nor they another."""
    alone = 0
    for section in sections:
        counts = [run.copy_count for run in runs_in(section.stories[0])]
        alone += len(section.copies) - sum(
            count for count in counts if count > 1
        )
    return alone


def _telling_words(sections: Sequence[DealSection]) -> frozenset[str]:
    """Return the words by which titles differ that run side by side.

    These name branches, products, sizes.
    """
    telling: set[str] = set()
    for first, second in combinations(sections, 2):
        is_alike = not first.words.isdisjoint(second.words)
        if is_alike and _days_together(first, second) > _OVERLAP_DAYS:
            telling |= first.words ^ second.words
    return frozenset(telling)


def _days_together(first: DealSection, second: DealSection) -> int:
    begins = [section.copies[0].day for section in (first, second)]
    ends = [section.copies[-1].day for section in (first, second)]
    return min(ends) - max(begins)


def _joined(
    sections: Sequence[DealSection], as_of: int, telling: frozenset[str]
) -> list[DealSection]:
    """Return the sections, those read together that cost less together.

    Lines whose titles differ in words that tell others apart are two, however well one
    follows the other.
    """
    remaining = list(sections)
    joins: list[_Join] = []
    for first, second in combinations(remaining, 2):
        joins += _joins(first, second, as_of, telling)
    while joins:
        best = max(joins, key=lambda join: join.saving)
        remaining = [each for each in remaining if each not in best.sections]
        joins = [
            join for join in joins if not best.shares_a_section_with(join)
        ]
        for section in remaining:
            joins += _joins(section, best.together, as_of, telling)
        remaining.append(best.together)
    return remaining


def _are_told_apart(
    first: DealSection, second: DealSection, telling: frozenset[str]
) -> bool:
    if first.words.isdisjoint(second.words):
        return False
    has_each_its_own = (
        first.words - second.words and second.words - first.words
    )
    return bool(has_each_its_own) and (first.words ^ second.words) <= telling


def _joins(
    first: DealSection,
    second: DealSection,
    as_of: int,
    telling: frozenset[str],
) -> Iterator[_Join]:
    """Yield the join of two sections, if it saves anything."""
    if _are_told_apart(first, second, telling) or not _may_follow(
        first, second
    ):
        return
    copies = sorted(
        (*first.copies, *second.copies), key=lambda copy: copy.position
    )
    together = _read(copies, as_of, first, second)
    saving = first.cost + second.cost - together.cost
    if saving > 0:
        yield _Join((first, second), together, saving)


def _may_follow(first: DealSection, second: DealSection) -> bool:
    """Return whether one may be the other under a new name.

    A seam as dear as a new line saves nothing.
    """
    earlier, later = sorted(
        (first, second), key=lambda each: each.copies[0].position
    )
    last, following = earlier.copies[-1], later.copies[0]
    is_beside = following.day < last.day - _OVERLAP_DAYS
    if is_beside and len(later.copies) == 1:
        # A name that is used once is beside nothing: it may stand in a gap.
        last = _last_before(earlier.copies, following)
    elif is_beside and not _is_misspelt(last.title, following.title):
        return False
    return _seam_cost(last, following) < _NEW_LINE + costs.FRESH_TITLE


def _last_before(copies: Sequence[Copy], following: Copy) -> Copy:
    return max(
        (copy for copy in copies if copy.position < following.position),
        key=lambda copy: copy.position,
    )


def _seam_cost(last: Copy, following: Copy) -> float:
    """Return what a change of price, or of cadence, and of title costs at least."""
    if last.value_e4 <= 0 or following.value_e4 <= 0:
        return 0.0
    other_price = costs.price_cost(last.value_e4, following.value_e4)
    other_cadence = costs.SWITCH + costs.FRESH_PRICE / 2
    cost = min(other_price, other_cadence)
    if last.title and following.title:
        cost += costs.title_cost(likeness(last.title, following.title))
    return cost
