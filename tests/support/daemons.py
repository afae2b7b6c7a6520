"""Real daemons as processes: started on a campaign file, stopped or killed, their journal read afterwards."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from controller.store.sqlite import SqliteStore
from tests.support.lottery import CAMPAIGN, DAEMON, Lottery

PATIENCE = 30.0


@dataclass
class Setup:
    """The files of one daemon in one folder."""

    folder: Path
    target: Lottery
    lease: str = "20s"

    def __post_init__(self):
        self.journal = self.folder / "trial.journal"
        self.campaign = self.folder / "campaign.yaml"
        self.campaign.write_text(CAMPAIGN.format(port=self.target.port, lease=self.lease))
        self.daemon = self.folder / "daemon.yaml"
        self.daemon.write_text(DAEMON.format(store=self.journal))

    def edit(self, old, new):
        text = self.campaign.read_text()
        assert old in text
        self.campaign.write_text(text.replace(old, new))

    def start(self):
        return Running(self)

    def command(self, *words, check=True):
        place = ["--store", str(self.journal)]
        done = subprocess.run(
            [sys.executable, "-m", "controller.cli", *words, *place],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def accept(self):
        return self.command("accept", "--by", "kim", "--reason", "a test", "--for", "1h")

    def records(self, *kinds):
        store = SqliteStore(self.journal, readonly=True)
        try:
            return list(store.records(kinds=kinds or None))
        finally:
            store.close()


class Running:
    """One daemon process."""

    def __init__(self, setup: Setup):
        self.setup, self.log = setup, setup.folder / "daemon.log"
        words = [
            sys.executable,
            "-m",
            "controller.cli",
            "run",
            str(setup.campaign),
            "--daemon",
            str(setup.daemon),
        ]
        with self.log.open("a") as out:
            self.process = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT, env=dict(os.environ))
        self.said = self.log.stat().st_size

    def until(self, true, why, patience=PATIENCE):
        ends = time.monotonic() + patience
        while not true():
            assert self.process.poll() is None, f"the daemon ended: {self.output()}"
            assert time.monotonic() < ends, f"waited {patience} s for {why}: {self.output()}"
            time.sleep(0.02)

    def ready(self):
        """Wait until this life has made a turn."""
        self.until(lambda: "journal " in self.output(), "the first lines")
        return self

    def output(self):
        return self.log.read_text()[self.said :] if self.said else self.log.read_text()

    def address(self, name):
        line = next(line for line in self.output().splitlines() if line.startswith(name))
        return line.split()[1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.output()
        return self.output()

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def hup(self):
        self.process.send_signal(signal.SIGHUP)

    def __enter__(self):
        return self

    def __exit__(self, *about):
        if self.process.poll() is None:
            self.kill()
