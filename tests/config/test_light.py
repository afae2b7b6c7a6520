"""Loading a config is cheap, and imports nothing heavy."""

import subprocess
import sys
from pathlib import Path

CODE = """
import sys, time
import controller.plan, controller.config, controller.quantities
early = {"pydantic", "yaml", "numpy", "pandas", "scipy"} & set(sys.modules)
from controller.config import loads
from tests.config.sample import TEXT
loads(TEXT)
start = time.process_time()
loads(TEXT)
heavy = {"pandas", "scipy", "httpx2", "uvicorn", "starlette", "rich"} & set(sys.modules)
print(sorted(early), sorted(heavy), time.process_time() - start < 0.3)
"""


def test_loading_is_light():
    home = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", CODE], cwd=home, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] [] True"
