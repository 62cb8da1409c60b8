"""Domains of libvirt as machines of the inventory, followed while they live.

``uri`` reads the setting, ``follower`` keeps an observer going for each hypervisor: ``observer`` is
a program of its own, as calls into libvirt cannot be interrupted where a host hangs, and a process
can. It asks in ``look``, which reads each domain's XML by ``domain``, ``states`` and ``graphics``;
``restart`` bridges the moment in which a domain is off, and ``messages`` brings the machines over.
Only ``observer`` imports libvirt.
"""
