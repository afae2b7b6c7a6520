"""Configs: one strict YAML file a campaign, into the plan that the engine runs.

`load(path)` gives a controller.plan.Campaign or raises ConfigError with every problem, each as
`file:line:column path: what, value received, what is allowed`. pydantic and yaml are imported when something is
read.

    document, yaml12    YAML 1.2 with the place of each part      canonical, changes   text, digest, differences
    typed, members      entries into dataclasses                  noise                what a band can reach
    parse, files        the whole campaign, and files beside it   schema, starter      for editors and beginners
    rules/, reserved    what must hold, and what is not there     daemon               configs/daemon.yaml
"""

from controller.config.load import Findings, check_text, examine, load, loads

__all__ = ["Findings", "check_text", "examine", "load", "loads"]
