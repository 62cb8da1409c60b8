"""A picture of simulated days."""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot
from matplotlib.axes import Axes

from benchmarks.fleet.measures import Sample
from benchmarks.fleet.report import SimulatedDay

_SIZE_INCHES = (9, 6.4)
_HOUR_SECONDS = 3600.0
_COLOURS = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd")
_STYLES = ("-", "-", "--", ":")

Value = Callable[[Sample], float | None]


def _empty(sample: Sample) -> float | None:
    return sample.balance.empty if sample.balance else None


def _spread(sample: Sample) -> float | None:
    return sample.balance.spread if sample.balance else None


_PANELS: tuple[tuple[str, Value], ...] = (
    ("open sessions", lambda sample: sample.sessions),
    ("proxies without a session", _empty),
    ("spread of the loads (coefficient of variation)", _spread),
    ("proxies wanted", lambda sample: sample.wanted),
)


def draw(days: Sequence[SimulatedDay], path: Path) -> None:
    """Write the picture as SVG."""
    # Text stays text, and the same figures make the same file.
    with pyplot.rc_context({"svg.fonttype": "none", "svg.hashsalt": "fleet", "font.size": 9}):
        figure, drawn = pyplot.subplots(2, 2, figsize=_SIZE_INCHES, sharex=True)
        for axes, (title, value) in zip(drawn.flat, _PANELS, strict=True):
            _panel(axes, days, title, value)
        handles, labels = drawn[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper center", ncols=len(days), frameon=False)
        for axes in drawn[-1]:
            axes.set_xlabel("hour of the day")
        figure.tight_layout(rect=(0, 0, 1, 0.95))
        figure.savefig(path, format="svg", metadata={"Date": None})
        pyplot.close(figure)


def _panel(axes: Axes, days: Sequence[SimulatedDay], title: str, value: Value) -> None:
    for number, day in enumerate(days):
        points = [(sample.at / _HOUR_SECONDS, value(sample)) for sample in day.measures.samples]
        shown = [(at, found) for at, found in points if found is not None]
        axes.plot(
            [at for at, _ in shown],
            [found for _, found in shown],
            color=_COLOURS[number % len(_COLOURS)],
            linestyle=_STYLES[number % len(_STYLES)],
            linewidth=1.2,
            label=day.title,
        )
    axes.set_title(title, fontsize=9)
    axes.set_xticks(range(0, 25, 4))
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
