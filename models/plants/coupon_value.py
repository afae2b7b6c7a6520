"""Coupons on receipts: redemptions and sales answer to the face value.

The campaign plant with this one lever; equations and numbers stand in parts/coupon.py. Called by the simulated market.

```yaml
market: {kind: coupon_value, signals: {redemptions: redemptions, paid: coupons_paid, owed: coupons_owed},
         levers: {coupon: coupon_value}}
```
"""

from models.plants.base import Knobs
from models.plants.campaign import CampaignPlant, coupon, plant_of


def build(knobs: Knobs) -> CampaignPlant:
    """The plant of this kind."""
    return plant_of(knobs, coupon=coupon(knobs))
