"""The guard against shadowing: are `models` and `sim` the packages that lie beside this one?

Called once, by the package's face, before anything else is imported; imports nothing but the standard library and
loads neither package. Looks, costs well under a millisecond, and raises ImportError with the path that is in the way.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

MARK = b'"""Setpoint'
"""How the face of each of our packages begins; another distribution that overwrote it begins differently."""


def require_beside(package: str, face: str, names: tuple[str, ...]) -> None:
    """Raise ImportError unless each of `names` would be imported from the folder that holds `package`.

    `face` is the package's own `__init__.py`.

    >>> require_beside("controller", __import__("controller").__file__, ("models", "sim"))
    """
    home = Path(face).resolve().parent.parent
    for name in names:
        found = _face_of(name)
        if found is None or found.resolve() != home / name / "__init__.py":
            raise ImportError(_shadowed(package, home, name, found))
        if not found.read_bytes().startswith(MARK):
            raise ImportError(_overwritten(name, found))


def _face_of(name: str) -> Path | None:
    loaded = sys.modules.get(name)
    if loaded is not None:
        return Path(loaded.__file__) if loaded.__file__ else None
    spec = find_spec(name)
    return Path(spec.origin) if spec and spec.origin else None


def _shadowed(package: str, home: Path, name: str, found: Path | None) -> str:
    if found is None:
        return f"setpoint needs its package {name!r} beside {package!r} in {home}, which has none: reinstall setpoint"
    return (
        f"setpoint needs its own package {name!r} from {home / name}, but Python finds another one first: {found}. "
        f"Rename that one, start Python in another folder, or take its folder off PYTHONPATH"
    )


def _overwritten(name: str, found: Path) -> str:
    from importlib.metadata import packages_distributions

    owners = [owner for owner in packages_distributions().get(name, ()) if owner != "setpoint"]
    culprit = f"by the distribution {', '.join(owners)}" if owners else "by something else"
    return (
        f"setpoint's package {name!r} was overwritten {culprit}: {found} is not ours. "
        f"Uninstall {', '.join(owners) or 'what wrote it'}, then reinstall setpoint"
    )
