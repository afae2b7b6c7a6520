"""The journal's stores.

All keep the same rows through the same codec, so that whatever reads one reads the other; controller/checks/stores.py
holds them to one contract. Called by the daemon, the command line and the simulator; the loop knows the port only.
"""

from controller.store.memory import MemoryStore
from controller.store.sqlite import SqliteStore

__all__ = ["MemoryStore", "SqliteStore"]
