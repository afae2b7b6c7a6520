"""The field trial: every scenario, many seeds, policies side by side, between doing nothing and an oracle.

    python benchmarks/field_trial.py                               all of it: 16 scenarios, 50 seeds, 8 rows
    python benchmarks/field_trial.py --seeds 10 --scenarios steady,shock --rows fixed,auto,oracle
    python benchmarks/field_trial.py --rows 'fixed,oracle,slow={kind: pid, gain: 0.2, integral_time: 1d}'

By the loss J of sim.runs.scoring. A scenario is scored where the oracle beats doing nothing by more than three standard
errors and 5 % of J; elsewhere the regret is told. Scenarios are played on the first of --campaigns on which they make
sense. Rows that can't be built are shown with the reason. Finished runs are kept in the folder under the digest of
code, config and luck: a trial that was stopped goes on, one whose code has changed begins anew. With --json the last
line is {figure: {value, unit, target, met}}.
"""

import argparse
import json
import math
import sys
from pathlib import Path

from controller.errors import SetpointError
from sim.cli.telling import telling
from sim.scenarios._family import kinds
from sim.sweep import ProcessExecutor, SerialExecutor
from sim.trial.cases import Trial
from sim.trial.entries import STANDARD, entries_of
from sim.trial.field import play_all
from sim.trial.judge import judge, together
from sim.trial.table import lines
from sim.trial.targets import targets

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
CAMPAIGNS = ("cap_lottery", "push_frequency", "coupon_value")


def arguments(words):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("field-trial"), help="where finished runs are kept"
    )
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--weeks", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1, help="root of all luck")
    parser.add_argument("--scenarios", default="all", help="names, with commas between")
    parser.add_argument(
        "--rows", default=",".join(entry.name for entry in STANDARD), help="names, or NAME={kind: ...}"
    )
    parser.add_argument("--campaigns", default=",".join(CAMPAIGNS), help="names of configs/, or files")
    parser.add_argument(
        "--everywhere", action="store_true", help="each scenario on every campaign that it fits"
    )
    parser.add_argument("--markets", choices=("file", "assumed"), default="file")
    parser.add_argument("--block", type=int, default=50, help="seeds of one task, at most")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def split(text):
    """Parts between commas that are in no bracket.

    >>> split("fixed,slow={kind: mpc, model: {gain: [0.1, 0.2]}},oracle")
    ['fixed', 'slow={kind: mpc, model: {gain: [0.1, 0.2]}}', 'oracle']
    """
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "{[") - (sign in "}]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


def trial_of(asked):
    scenarios = kinds() if asked.scenarios == "all" else tuple(split(asked.scenarios))
    strangers = [name for name in scenarios if name not in kinds()]
    if strangers:
        raise SetpointError(f"scenarios: no {strangers[0]!r}, allowed: all, or of {', '.join(kinds())}")
    for name in ("seeds", "block", "jobs"):
        if getattr(asked, name) < (2 if name == "seeds" else 1):
            raise SetpointError(
                f"{name}: received {getattr(asked, name)}, allowed: {2 if name == 'seeds' else 1} or more"
            )
    files = [
        Path(name) if name.endswith(".yaml") else CONFIGS / f"{name}.yaml" for name in split(asked.campaigns)
    ]
    lost = [file for file in files if not file.is_file()]
    if lost:
        raise SetpointError(f"campaigns: there is no file {lost[0]}")
    return Trial(
        entries=entries_of(split(asked.rows)),
        scenarios=scenarios,
        files=tuple(files),
        everywhere=asked.everywhere,
        weeks=asked.weeks,
        seeds=asked.seeds,
        block=asked.block,
        markets=asked.markets,
        seed=asked.seed,
    )


def figures(verdicts, asked):
    found = {
        each.figure: {"value": number(each.value), "unit": each.unit, "target": each.target, "met": each.met}
        for each in asked
    }
    scored = [verdict for verdict in verdicts if verdict.scored]
    for name in verdicts[0].rows if verdicts else ():
        whole, _ = together(verdicts, name)
        if whole is not None and name not in ("fixed", "oracle"):
            found[f"{name}, mean score in {len(scored)} scenarios"] = plain(whole.value)
            rows = [verdict.rows[name] for verdict in scored if not verdict.rows[name].missing]
            found[f"{name}, worst decile of the score"] = plain(
                sum(row.worst_score for row in rows) / len(rows)
            )
    found["cpu"] = plain(sum(row.cpu for verdict in verdicts for row in verdict.rows.values()), "s")
    return found


def plain(value, unit=""):
    return {"value": number(value), "unit": unit, "target": None, "met": None}


def number(value):
    return value if math.isfinite(value) else None


def played(asked):
    trial = trial_of(asked)
    executor = ProcessExecutor(asked.jobs) if asked.jobs > 1 else SerialExecutor()
    with telling("field trial") as tell:
        return play_all(trial, executor, asked.folder, tell)


def tell(found, as_json):
    verdicts = judge(found)
    shown = targets(verdicts)
    print("\n".join(lines(found, verdicts, shown)))
    if as_json:
        print(json.dumps(figures(verdicts, shown)))


def main(words=None):
    asked = arguments(words)
    try:
        found = played(asked)
    except SetpointError as fault:
        sys.exit(f"field trial: {fault}")
    tell(found, asked.json)


if __name__ == "__main__":
    main()
