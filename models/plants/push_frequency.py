"""Push messages of an app: opens and sales answer to their frequency, and people opt out.

The campaign plant with this one lever; equations and numbers stand in parts/push.py. Called by the simulated market.

```yaml
market: {kind: push_frequency, signals: {opens: opens, opt_outs: opt_outs}, levers: {push: push_frequency}}
```
"""

from models.plants.base import Knobs
from models.plants.campaign import CampaignPlant, plant_of, push


def build(knobs: Knobs) -> CampaignPlant:
    """The plant of this kind."""
    return plant_of(knobs, push=push(knobs))
