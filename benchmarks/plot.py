"""A picture of a run: how many times better than websockify each contestant is."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from benchmarks import columns
from benchmarks.peers.product import ConsoleProxy
from benchmarks.peers.programs import Websockify
from benchmarks.results import Column, Place, Results, Scheme

# Apart, as the one's differences could not be seen at the other's scale.
_TIMES = (
    columns.DOWN_1_64K,
    columns.DOWN_8_64K,
    columns.CPU_1_64K,
    columns.CPU_8_64K,
    columns.CPU_8_1K,
    columns.ECHO_P50,
    columns.ECHO_P99,
    columns.PACED_P50,
    columns.PACED_P99,
)
_ORDERS = (columns.UP, columns.OPENED, columns.IDLE_300, columns.KEY_P50)
_SCHEMES: tuple[Scheme, ...] = ("ws", "wss")
# Where an axis is marked within each power of ten.
_TICKS_OF_TIMES, _TICKS_OF_ORDERS = (1, 2, 5), (1,)

_OURS = "#d62728"
_OTHERS = ("#7f7f7f", "#ff9896", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#17becf", "#bcbd22")
_MARKERS = "osv^PXdh"
_WIDTH_INCHES = 9
_ROW_INCHES = 0.3
_PANEL_INCHES = 0.45
_LEGEND_COLUMNS = 4
_LEGEND_INCHES = 0.6


@dataclass(frozen=True, slots=True)
class _Panel:
    scheme: Scheme
    rows: list[Column]
    ticks: tuple[int, ...]


def plot(results: Results, path: Path) -> None:
    """Write the picture as SVG; nothing where websockify was not measured."""
    panels = _panels(results)
    if not panels:
        return
    heights = [len(panel.rows) * _ROW_INCHES + _PANEL_INCHES for panel in panels]
    height = sum(heights) + _LEGEND_INCHES
    # Text stays text, and the same figures make the same file.
    with pyplot.rc_context({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9}):
        figure, drawn = pyplot.subplots(
            len(panels),
            1,
            figsize=(_WIDTH_INCHES, height),
            height_ratios=heights,
            squeeze=False,
        )
        for panel, axes in zip(panels, drawn[:, 0], strict=True):
            _draw(axes, results, panel)
        handles, labels = drawn[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=_LEGEND_COLUMNS, frameon=False)
        drawn[-1, 0].set_xlabel("times better than websockify (further right is better)")
        figure.tight_layout(rect=(0, 0, 1, 1 - _LEGEND_INCHES / height))
        figure.savefig(path, format="svg", metadata={"Date": None})
        pyplot.close(figure)


def _panels(results: Results) -> list[_Panel]:
    panels = []
    for scheme in _SCHEMES:
        for shown, ticks in ((_TIMES, _TICKS_OF_TIMES), (_ORDERS, _TICKS_OF_ORDERS)):
            rows = [
                column for column in shown if results.median(Place(scheme, column, Websockify.name))
            ]
            if rows:
                panels.append(_Panel(scheme, rows, ticks))
    return panels


def _draw(axes: Axes, results: Results, panel: _Panel) -> None:
    for index, peer in enumerate(results.peers()):
        points = [
            (times, row)
            for row, column in enumerate(panel.rows)
            if (times := _times_better(results, panel.scheme, column, peer))
        ]
        ours = peer == ConsoleProxy.name
        axes.scatter(
            [times for times, _ in points],
            [row for _, row in points],
            color=_OURS if ours else _OTHERS[index],
            marker="D" if ours else _MARKERS[index],
            s=55 if ours else 30,
            zorder=3 if ours else 2,
            label=peer,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=panel.ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:,g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(
        range(len(panel.rows)), [f"{panel.scheme} {column.title}" for column in panel.rows]
    )
    axes.set_ylim(len(panel.rows) - 0.5, -0.5)
    axes.grid(axis="both", alpha=0.3)
    axes.axvline(1, color="black", linewidth=0.8)


def _times_better(results: Results, scheme: Scheme, column: Column, peer: str) -> float | None:
    theirs = results.median(Place(scheme, column, Websockify.name))
    mine = results.median(Place(scheme, column, peer))
    if not theirs or not mine:
        return None
    return mine / theirs if column.better == "higher" else theirs / mine
