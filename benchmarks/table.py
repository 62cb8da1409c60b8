"""A run for people: one table, and what became of the goals."""

from collections.abc import Iterator

from benchmarks.goals import Verdict
from benchmarks.peers.product import ConsoleProxy
from benchmarks.results import Column, Place, Results, Scheme

_TITLE_WIDTH = 54
_CELL_WIDTH = 18


def number(value: float) -> str:
    """Return it with three digits that count, and no fewer before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}"


def ratio(value: float) -> str:
    """Return a ratio, legible from thousandths to thousands."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def table(results: Results) -> Iterator[str]:
    """Yield lines: a row for each measure, and a cell for each peer.

    In brackets behind a peer's figure is ours divided by it.
    """
    peers = results.peers()
    yield f"{'median of ' + str(results.rounds):{_TITLE_WIDTH}}" + "".join(
        f"{peer:>{_CELL_WIDTH}}" for peer in peers
    )
    for scheme, column in results.rows():
        title = f"{scheme:3} {column.title} [{column.unit}]"
        cells = (_cell(results, scheme, column, peer) for peer in peers)
        yield f"{title:{_TITLE_WIDTH}}" + "".join(f"{cell:>{_CELL_WIDTH}}" for cell in cells)
    if results.remarks.keys() & results.figures.keys():
        yield "* failed in some of the rounds"


def goal_lines(judged: list[Verdict]) -> Iterator[str]:
    """Yield a line for each goal."""
    for verdict in judged:
        found = number(verdict.found) if verdict.goal.of is None else ratio(verdict.found)
        yield f"{'met' if verdict.met else 'NOT MET':8}{found:>9}  {verdict.goal.text()}"


def _cell(results: Results, scheme: Scheme, column: Column, peer: str) -> str:
    place = Place(scheme, column, peer)
    value = results.median(place)
    if value is None:
        return results.remarks.get(place, "-")
    if place in results.remarks:
        return f"{number(value)} *"
    ours = results.median(Place(scheme, column, ConsoleProxy.name))
    if ours is None or peer == ConsoleProxy.name or ours <= 0 or value <= 0:
        return number(value)
    return f"{number(value)} ({ratio(ours / value)})"
