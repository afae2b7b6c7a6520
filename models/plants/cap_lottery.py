"""A bottle-cap lottery: sales answer to the win-rate, winners claim prizes later.

The campaign plant with this one lever; equations and numbers stand in parts/lottery.py. Called by the simulated market.

```yaml
market: {kind: cap_lottery, signals: {units: units_scanned, paid: prizes_paid, owed: prizes_owed},
         levers: {win_rate: win_probability}}
```
"""

from models.plants.base import Knobs
from models.plants.campaign import CampaignPlant, lottery, plant_of


def build(knobs: Knobs) -> CampaignPlant:
    """The plant of this kind."""
    return plant_of(knobs, lottery=lottery(knobs))
