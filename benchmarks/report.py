"""What stays of a run: its figures as JSON, and a picture."""

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.goals import Verdict
from benchmarks.results import Column, Place, Results, Scheme

_FOLDER = Path(__file__).with_name("results")


def write_report(results: Results, judged: list[Verdict], complete: bool) -> list[Path]:
    """Write the files, and return their paths: ``latest`` of a complete run, else ``part``."""
    name = "latest" if complete else "part"
    document, picture = _FOLDER / f"{name}.json", _FOLDER / f"{name}.svg"
    _FOLDER.mkdir(exist_ok=True)
    _write_json(results, judged, document)
    if importlib.util.find_spec("matplotlib") is None:
        return [document]
    from benchmarks.plot import plot

    plot(results, picture)
    return [document, picture]


def _write_json(results: Results, judged: list[Verdict], path: Path) -> None:
    document = {
        "machine": asdict(results.machine),
        "rounds": results.rounds,
        "figures": [_row(results, scheme, column) for scheme, column in results.rows()],
        "goals": [
            {"goal": verdict.goal.text(), "found": verdict.found, "met": verdict.met}
            for verdict in judged
        ],
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _row(results: Results, scheme: Scheme, column: Column) -> dict[str, object]:
    places = {peer: Place(scheme, column, peer) for peer in results.peers()}
    return {
        "scheme": scheme,
        **asdict(column),
        "medians": {
            peer: results.median(place)
            for peer, place in places.items()
            if place in results.figures
        },
        "rounds": {
            peer: results.figures[place]
            for peer, place in places.items()
            if place in results.figures
        },
        "remarks": {
            peer: results.remarks[place]
            for peer, place in places.items()
            if place in results.remarks
        },
    }
