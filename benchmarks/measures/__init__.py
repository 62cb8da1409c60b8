"""What is measured of each contestant, in the order of a round."""

from benchmarks.measures.base import Measure
from benchmarks.measures.latency import LATENCY
from benchmarks.measures.memory import MEMORY
from benchmarks.measures.throughput import THROUGHPUT

MEASURES: tuple[Measure, ...] = (*THROUGHPUT, *LATENCY, *MEMORY)
