"""The words of `why`, English and Chinese: one entry for every reason, term, limit and fault of a sensor.

Read by why.py; calls nothing but the nouns. An entry is a pair of texts (en, zh); `{...}` is filled in by why.py. A new
`Reason` without an entry fails a test.
"""

from dataclasses import dataclass
from typing import Literal

from controller.signals import Landing, Reason

LANGUAGES = ("en", "zh")
Pair = tuple[str, str]
"""English, Chinese."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """How one reason is told."""

    en: str
    zh: str
    tells: Literal["move", "advice", "nothing"] = "nothing"
    """Whether the policy's terms are told: of the move itself, of what auto would do, or not at all."""
    held: str = ""
    """Name of what this reason holds back; empty for the reasons that hold nothing back."""

    def text(self, language: str) -> str:
        """The words in one language."""
        return self.zh if language == "zh" else self.en


REASONS = {
    Reason.FOLLOWED: Phrase("{cause}", "{cause}", "move"),
    Reason.NOT_DUE: Phrase("no execution of its loop was due", "其回路尚未到执行时刻", held="not_due"),
    Reason.LIMITED_LOW: Phrase("{limit} allows no less{why}", "{limit}不允许更低", held="limit"),
    Reason.LIMITED_HIGH: Phrase("{limit} allows no more{why}", "{limit}不允许更高", held="limit"),
    Reason.HELD_NO_DATA: Phrase(
        "held, since the sensor {sensor} gives no data{detail}",
        "保持不变，因为{sensor}没有数据{detail}",
        held="held",
    ),
    Reason.HELD_BAD_DATA: Phrase(
        "held until the sensor {sensor} gives believable data again{detail}",
        "保持不变，直到{sensor}恢复可信数据{detail}",
        held="held",
    ),
    Reason.HELD_TOO_FEW: Phrase(
        "held, since the sensor {sensor} rests on too few samples{detail}",
        "保持不变，因为{sensor}样本太少{detail}",
        held="held",
    ),
    Reason.FALLBACK: Phrase(
        "the safe value, since the sensor {sensor} has been lost for too long{detail}",
        "采用安全值，因为{sensor}失效过久{detail}",
        held="fallback",
    ),
    Reason.MODE_OFF: Phrase(
        "the mode is off, so nothing is sent", "模式为关闭，不下发任何值", "advice", "mode"
    ),
    Reason.MODE_OBSERVE: Phrase(
        "the mode is observe, so nothing is sent", "模式为观察，不下发任何值", "advice", "mode"
    ),
    Reason.MODE_ADVISE: Phrase(
        "the mode is advise, so nothing is sent", "模式为建议，不下发任何值", "advice", "mode"
    ),
    Reason.MODE_MANUAL: Phrase(
        "the mode is manual: a person sets it", "模式为手动，由人设定", "advice", "mode"
    ),
    Reason.OVERRIDE: Phrase("a person's override is in force", "人工指定值生效中", held="override"),
    Reason.SUSPENDED: Phrase(
        "no value is both lawful and safe, so the offer is suspended{dropped}",
        "没有既合法又安全的值，因此暂停发放{dropped}",
        held="suspended",
    ),
    Reason.DWELL: Phrase(
        "it moved so recently that it must rest first; {cause}",
        "距上次变动太近，须先停留；{cause}",
        "move",
        "dwell",
    ),
    Reason.GATE: Phrase("auto is not permitted{gate}", "自动模式未获许可{gate}", "advice", "mode"),
    Reason.AFTER_END: Phrase(
        "the campaign is over, so the safe value stands", "活动已结束，采用安全值", held="ended"
    ),
    Reason.STARTING: Phrase("the loop has only just started", "回路刚刚启动", held="starting"),
    Reason.STALE_WRITE: Phrase(
        "a newer order than ours is in force there", "执行端已有比本次更新的指令", "advice", "newer_order"
    ),
    Reason.INNER_OPEN: Phrase(
        "the loop that keeps this target does not steer now; {cause}",
        "执行该目标的回路当前未在调节；{cause}",
        "move",
        "inner_open",
    ),
}
"""Why an output has the value it has."""

TERMS: dict[str, Pair] = {
    "p": ("from the present gap", "来自当前偏差"),
    "i": ("from the past", "来自过去的累积"),
    "d": ("from the trend", "来自变化趋势"),
    "feedforward": ("known in advance", "来自前馈"),
    "step": ("by the rule's step", "来自规则的步进"),
    "pace": ("to keep pace with the plan", "为跟上计划进度"),
    "wish": ("by the policy's setting", "来自策略设定"),
    "plan": ("by the plan for what is foretold", "来自对预测的规划"),
    "back_off": ("back to safety, since it seems to do nothing", "因看似无效而退回安全值"),
    "carried": ("carried over from before", "来自此前的结转"),
}
"""Parts of a move; a policy's own further terms are told by their names."""

HELD: dict[str, Pair] = {
    "rounding": ("rounding to its steps", "取整"),
    "dwell": ("the least time between two moves", "最短停留时间"),
    "mode": ("the mode", "模式"),
    "held": ("the hold", "保持"),
    "other": ("another loop's wish", "另一回路"),
    "inner_open": ("the loop that it leads, which does not steer now", "当前未在调节的内回路"),
}
"""What else than a limit may hold a move back."""

LIMITS: dict[str, Pair] = {
    "actuator": ("the actuator's own range", "执行器自身的范围"),
    "largest_step": ("the largest step", "最大步幅"),
}
"""Limits that bear the engine's name, not one from the campaign's file."""

FAULTS: dict[str, Pair] = {
    "unreachable": ("it did not answer", "无应答"),
    "missing": ("it has no value", "没有值"),
    "feed_dead": ("its feed is down", "数据源已中断"),
    "bad_quality": ("it calls its own value bad", "数据源自报为坏值"),
    "uncertain": ("it calls its own value uncertain", "数据源自报为不确定"),
    "not_finite": ("not a finite number", "不是有限数"),
    "from_the_future": ("stamped in the future", "时间戳在未来"),
    "out_of_order": ("older than the one before", "早于上一条"),
    "implausible": ("outside the plausible range", "超出可信范围"),
    "jump": ("jumped beyond belief", "跳变过大"),
    "counter_reset": ("its counter started anew", "计数器重新开始"),
    "warming_up": ("not seen for a whole window yet", "尚不足一个完整窗口"),
    "too_few": ("too few samples", "样本太少"),
    "stale": ("too old", "数据过旧"),
}
"""Verdicts of validation, by their words in a record."""

LANDINGS: dict[Landing, Pair] = {
    Landing.UNCONFIRMED: ("not confirmed yet", "尚未确认"),
    Landing.REFUSED: ("the actuator refused it", "被执行端拒绝"),
    Landing.SUPERSEDED: ("a newer order than ours is in force", "执行端已有更新的指令"),
}
"""What is said of an order that did not simply land."""

NAMES_ZH = {
    "win_rate": "中奖率",
    "coupon_value": "优惠券面值",
    "coupon": "优惠券面值",
    "push_frequency": "推送频率",
    "push": "推送频率",
    "sales": "销量",
    "units": "销量",
    "activity": "活跃度",
    "redemptions": "核销数",
    "scans": "扫码数",
    "paid": "已付金额",
    "owed": "未兑金额",
}
"""Usual names of outputs, loops and sensors; others stand in quotation marks as they are."""

_WORDS_EN = {"win_rate": "win-rate", "opt_outs": "opt-outs"}


def pick(pair: Pair, language: str) -> str:
    """One of two languages."""
    return pair[1] if language == "zh" else pair[0]


def name_of(name: str, language: str) -> str:
    """An output, loop, sensor or cell in words.

    >>> name_of("win_rate", "en"), name_of("win_rate", "zh"), name_of("push_frequency", "en"), name_of("hot_tea", "zh")
    ('win-rate', '中奖率', 'push frequency', '「hot_tea」')
    """
    if language == "zh":
        return NAMES_ZH.get(name, f"「{name}」")
    return _WORDS_EN.get(name, name.replace("_", " "))


def limit_of(name: str, language: str) -> str:
    """A guardrail in words; `budget_prizes` is the guard that a budget implies."""
    if name in LIMITS:
        return pick(LIMITS[name], language)
    if name.startswith("budget_"):
        whose = name.removeprefix("budget_").partition(".")[0]
        return f"预算「{whose}」" if language == "zh" else f"the budget {whose.replace('_', ' ')}"
    return f"「{name}」" if language == "zh" else f"the guardrail {name}"


def held_of(name: str, language: str) -> str:
    """What held a move back, in words: a limit's name, or one of `HELD`."""
    return pick(HELD[name], language) if name in HELD else limit_of(name, language)


def term_of(name: str, language: str) -> str:
    """A part of a move in words."""
    if name in TERMS:
        return pick(TERMS[name], language)
    return f"来自「{name}」" if language == "zh" else f"from {name.replace('_', ' ')}"
