"""Console proxy for IaaS clouds: a VM's screen in the browser, without its password.

Data goes one way::

    front -> console -> endpoint -> hypervisor -> rfb -> relay -> session -> load report

``console`` is the story of one console, from the upgrade to its end: read it first. Each package
below it does one step and knows none of the others; ``errors`` is what a person is told when a
step says no. See docs/ARCHITECTURE.md for where to change what.
"""

__version__ = "0.1.0"
