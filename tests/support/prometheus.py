"""A real Prometheus on a free loopback port, filled with history whose times the test chooses.

History is written in OpenMetrics text and made into blocks by promtool, so that a test of hours takes a second and
waits for nothing but the server's start.
"""

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def need_prometheus() -> None:
    """Skip, with the reason, where the programs are not installed; in CI that is a failure (see conftest)."""
    lacking = [program for program in ("prometheus", "promtool") if shutil.which(program) is None]
    if lacking:
        pytest.skip(f"{' and '.join(lacking)} not installed here (Debian: apt-get install prometheus)")


@contextlib.contextmanager
def prometheus(folder: Path, history: str = "", config: str = "") -> Iterator[str]:
    """The URL of a server with this history (OpenMetrics, without `# EOF`) and this configuration."""
    need_prometheus()
    data, settings, port = folder / "data", folder / "prometheus.yml", free_port()
    data.mkdir(parents=True)
    settings.write_text(config or "global: {scrape_interval: 1h}\n")
    if history:
        page = folder / "history.om"
        page.write_text(f"{history}# EOF\n")
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(page), str(data)]
        subprocess.run(command, check=True, capture_output=True)
    arguments = [
        f"--config.file={settings}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--storage.tsdb.retention.time=100y",
        "--log.level=warn",
    ]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(["prometheus", *arguments], stdout=log, stderr=log)
    try:
        yield _ready(f"http://127.0.0.1:{port}", server, folder / "log")
    finally:
        server.terminate()
        server.wait(20)


def _ready(url: str, server: subprocess.Popen, log: Path) -> str:
    ends = time.monotonic() + 30
    while time.monotonic() < ends and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/-/ready", timeout=1):
            return url
        time.sleep(0.05)
    raise AssertionError(f"prometheus did not start: {log.read_text()[-2000:]}")


def samples(metric: str, labels: str, points) -> Iterator[str]:
    """Lines of one series: `points` are (UTC seconds, value)."""
    return (f"{metric}{{{labels}}} {value} {moment}\n" for moment, value in points)
