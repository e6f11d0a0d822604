"""The locks of a model."""

from __future__ import annotations

import os
import threading
import weakref


class ModelLocks:
    """`fitting` is held by the thread that trains, `building` by the one that makes a program.

    A child forked while another thread held them finds them open: that thread is not in the child.
    """

    def __init__(self) -> None:
        self.renew()
        _all.add(self)

    def renew(self) -> None:
        """Open locks; whoever holds the old ones still releases the old ones."""
        self.fitting = threading.Lock()
        self.building = threading.RLock()


_all: weakref.WeakSet[ModelLocks] = weakref.WeakSet()


def _renew_all() -> None:
    for locks in list(_all):
        locks.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
