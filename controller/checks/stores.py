"""The contract of a store, as checks over any implementation of the port.

Called by tests, here and in plugins that bring a store of their own: `check_store(make)` with a function that opens an
empty store, and `again` which opens the same one after it was closed (None: it lives in memory only). Raises
AssertionError that names the promise. Calls nothing but the port and the nouns.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.errors import SetpointError, StoreError
from controller.ports import OperatorCommand, Record, Store

Make = Callable[[], Store]

NASTY = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, 5e-324, np.pi])


def check_store(make: Make, again: Make | None = None) -> None:
    """Run every check on fresh stores; `again` opens the store that `make` made last."""
    for check in CHECKS:
        store = make()
        try:
            check(store)
        finally:
            store.close()
    if again is not None:
        check_reopening(make, again)


def numbers_grow_by_one(store: Store) -> None:
    """Records are numbered from 0 without gaps and come back in that order."""
    store.claim("check")
    numbers = [store.append(tick(index), durable=index % 3 == 0) for index in range(10)]
    _same("numbers of ten records", numbers, list(range(10)))
    _same("order of reading", [record.number for record in store.records()], numbers)
    _same("reading from a number", [record.index for record in store.records(7)], [7, 8, 9])


def round_trip_is_exact(store: Store) -> None:
    """Every bit of every column comes back, for few cells and for many."""
    store.claim("check")
    for size in (1, 8, 5000):
        written = Record(
            "tick", size, 60.0 * size, columns(size), {"names": ["limits", "月"], "elapsed": 60.0}
        )
        store.append(written)
        found = store.last("tick")
        assert found is not None, "last('tick') finds a record that was just written"
        _same("kind, index, time", (found.kind, found.index, found.time), ("tick", size, 60.0 * size))
        _same("data", found.data, written.data)
        _same_arrays(f"columns of {size} cells", found.columns, written.columns)


def kinds_are_told_apart(store: Store) -> None:
    """Reading by kind gives those kinds, in order; `last` gives the newest of one."""
    store.claim("check")
    for index, kind in enumerate(("start", "tick", "intent", "tick", "alarm")):
        store.append(Record(kind, index, float(index)))
    _same("kinds", [r.kind for r in store.records(0, ("tick", "intent"))], ["tick", "intent", "tick"])
    _same("kinds from a number", [r.number for r in store.records(3, iter(("tick",)))], [3])
    newest = store.last("tick")
    _same("last tick", newest and newest.number, 3)
    _same("last of a kind that is not there", store.last("stop"), None)


def what_was_written_stays(store: Store) -> None:
    """An array changed after it was appended, or after it was read, changes nothing in the journal."""
    store.claim("check")
    mine = np.array([0.03])
    store.append(Record("tick", 0, 0.0, {"applied.x": mine}, {"a": 1}))
    store.save_snapshot(0, {"loop/x/sum": mine}, {"sequence": 3})
    mine[:] = 1.0
    for record in list(store.records()):
        record.columns["applied.x"][:] = 2.0
    found, kept = store.last("tick"), store.snapshot()
    assert found is not None, "a record that was just written is found"
    assert kept is not None, "a snapshot that was just saved is found"
    _same("a column after the caller changed its array", float(found.columns["applied.x"][0]), 0.03)
    _same("a saved state after the caller changed its array", float(kept[1]["loop/x/sum"][0]), 0.03)


def strangers_are_refused(store: Store) -> None:
    """NaN in JSON, columns of text and a time that is none are refused by name, and the store works on."""
    store.claim("check")
    _refuses(
        "NaN in data", lambda: store.append(Record("tick", 0, 0.0, {}, {"x": {"y": float("nan")}})), "x.y"
    )
    _refuses("a text column", lambda: store.append(Record("tick", 0, 0.0, {"who": np.array(["a"])})), "who")
    _refuses("time NaN", lambda: store.append(Record("tick", 0, float("nan"))), "time")
    _same("the number after refusals", store.append(tick(0)), 0)


def terms_grow_and_one_owner_writes(store: Store) -> None:
    """Nobody writes without a claim, and a second claim is refused while the first lives."""
    _refuses("append before claim", lambda: store.append(tick(0)), "claim", StoreError)
    _refuses("snapshot before claim", lambda: store.save_snapshot(0, {}, {}), "claim", StoreError)
    assert store.claim("first") >= 1, "a term is 1 or more"
    _refuses("a second claim", lambda: store.claim("second"), "first", StoreError)


def snapshots_give_the_newest(store: Store) -> None:
    """The newest snapshot comes back with every array, whatever came before it."""
    store.claim("check")
    _same("no snapshot", store.snapshot(), None)
    for index in range(4):
        state = {
            "loop/a/sum": np.array([index + 0.1]),
            "pool/b/n": np.arange(6).reshape(3, 2),
            "loop/a/on": np.array(True),
        }
        store.append(tick(index))
        store.save_snapshot(index, state, {"sequence": index})
    kept = store.snapshot()
    assert kept is not None, "a snapshot that was just saved is found"
    _same("number and data", (kept[0], kept[2]), (3, {"sequence": 3}))
    _same_arrays("saved state", kept[1], state)


def commands_wait_for_the_daemon(store: Store) -> None:
    """Operators' commands need no claim, are numbered, and come back whole."""
    asked = [
        OperatorCommand("hold", "ann", "sale", {"channel": "x"}, 90.5, 30.0),
        OperatorCommand("resume", "bob", ""),
    ]
    _same("numbers of commands", [store.post(command) for command in asked], [0, 1])
    first, second = store.pending()
    _same("the first command", (first.verb, first.owner, first.reason), ("hold", "ann", "sale"))
    _same(
        "its data and times",
        (dict(first.data), first.expires_at, first.issued_at),
        ({"channel": "x"}, 90.5, 30.0),
    )
    _same("commands after 0", [c.number for c in store.pending(0)], [second.number])
    _refuses(
        "NaN in a command", lambda: store.post(OperatorCommand("mode", "a", "b", {"v": float("inf")})), "v"
    )
    _same("commands after a refusal", len(store.pending()), 2)


def check_reopening(make: Make, again: Make) -> None:
    """After it was closed a store holds all there was, its term grows, and its numbers go on."""
    store = make()
    store.post(OperatorCommand("hold", "ann", ""))
    term = store.claim("first")
    store.append(tick(0))
    store.append(tick(1), durable=False)
    store.save_snapshot(1, {"a/b/c": NASTY}, {"n": 1})
    store.append(tick(2), durable=False)
    store.close()
    store = again()
    try:
        assert store.claim("second") > term, (
            "the term grows with each claim, also after the first owner closed"
        )
        _same("records after reopening", [r.index for r in store.records()], [0, 1, 2])
        _same("the next number", store.append(tick(3)), 3)
        _same("commands after reopening", [c.verb for c in store.pending()], ["hold"])
        kept = store.snapshot()
        assert kept is not None, "a snapshot outlives its process"
        _same_arrays("saved state after reopening", kept[1], {"a/b/c": NASTY})
    finally:
        store.close()


CHECKS = (
    numbers_grow_by_one,
    round_trip_is_exact,
    kinds_are_told_apart,
    what_was_written_stays,
    strangers_are_refused,
    terms_grow_and_one_owner_writes,
    snapshots_give_the_newest,
    commands_wait_for_the_daemon,
)


def tick(index: int) -> Record:
    """A small tick record."""
    return Record("tick", index, 60.0 * index, columns(1), {"elapsed": 60.0})


def columns(size: int) -> dict[str, NDArray[Any]]:
    """Columns of every dtype and of every shape of content: constant, repeated, whole, anything."""
    wild = np.resize(NASTY, size)
    return {
        "wild": wild,
        "wild.again": wild.copy(),
        "constant": np.full(size, 0.03),
        "whole": np.arange(size, dtype=np.float64) * 1000.0,
        "minus.zero": np.where(np.arange(size) % 2, 0.0, -0.0),
        "int": np.arange(size, dtype=np.int64) - size // 2,
        "huge": np.full(size, 2**62, np.int64) + np.arange(size),
        "code": (np.arange(size) % 5).astype(np.int8),
        "flag": np.arange(size) % 3 == 0,
        "strided": np.arange(2.0 * size)[::2] / 3.0,
    }


def _same(what: str, found: object, wanted: object) -> None:
    assert found == wanted, f"{what}: {found!r}, promised is {wanted!r}"


def _same_arrays(what: str, found: Any, wanted: Any) -> None:
    _same(f"names of {what}", list(found), list(wanted))
    for name, array in wanted.items():
        other = np.asarray(found[name])
        _same(f"dtype and shape of {what}, {name}", (other.dtype, other.shape), (array.dtype, array.shape))
        assert other.tobytes() == array.tobytes(), f"{what}, {name}: some bits came back changed"


def _refuses(what: str, do: Callable[[], object], word: str, error: type[Exception] = Exception) -> None:
    fault = _fault(do)
    assert fault is not None, f"{what} was taken; it must be refused"
    assert isinstance(fault, error), f"{what} is refused by {type(fault).__name__}, not by {error.__name__}"
    assert word in str(fault), f"{what} is refused without naming {word!r}: {fault}"


def _fault(do: Callable[[], object]) -> Exception | None:
    try:
        do()
    except (SetpointError, ValueError) as fault:
        return fault
    return None
