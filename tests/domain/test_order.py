"""Fractional indices: always room for one more, and short for long."""

import random
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.order import PATTERN, after, before, between, spread
from tests.manners import count, seed
from tests.strategies import order_keys


def is_key(key: str) -> bool:
    return bool(key) and re.fullmatch(PATTERN, key) is not None


@given(order_keys(), order_keys())
def test_between_two_keys(one: str, two: str) -> None:
    assume(one != two)
    low, high = sorted((one, two))
    assert low < between(low, high) < high
    assert is_key(between(low, high))
    with pytest.raises(ValueError, match="does not sort before"):
        between(high, low)


@given(order_keys())
def test_either_side_of_a_key(key: str) -> None:
    assert before(key) < key < after(key)
    assert between("", key) < key < between(key, "")
    assert all(is_key(k) for k in (before(key), after(key), between("", key), between(key, "")))


@given(st.integers(0, 300), order_keys() | st.just(""), order_keys() | st.just(""))
def test_spread(number: int, one: str, two: str) -> None:
    assume(one != two or not one)
    low, high = (one, two) if not one or not two else (min(one, two), max(one, two))
    keys = spread(number, low, high)
    assert keys == sorted(set(keys))
    assert len(keys) == number
    assert all(is_key(k) and k > low and (not high or k < high) for k in keys)
    assert max(map(len, keys), default=0) <= max(len(low), len(high)) + 4


@pytest.mark.parametrize("step", [after, before])
def test_long_runs_to_one_side_stay_short(step: object) -> None:
    key = ""
    for _ in range(count(20_000, 1_000_000)):
        following = step(key)  # type: ignore[operator]
        assert is_key(following)
        assert not key or (following > key) == (step is after)
        key = following
    assert len(key) <= 5


def test_turns_at_the_ends() -> None:
    assert after("zzzz") > "zzzz"
    assert after("zzzzz") > "zzzzz"
    assert before("0001") < "0001"
    assert before("0000V") < "0000V"
    key = "0002"
    for _ in range(500):
        lower = before(key)
        assert is_key(lower)
        assert lower < key
        key = lower
    assert len(key) < 500 / 4


def test_random_insertions_stay_short() -> None:
    dice = random.Random(seed())
    keys = spread(10)
    for _ in range(2000):
        place = dice.randrange(len(keys) + 1)
        low = keys[place - 1] if place else ""
        high = keys[place] if place < len(keys) else ""
        keys.insert(place, between(low, high))
    assert keys == sorted(set(keys))
    assert max(map(len, keys)) < 20


@pytest.mark.parametrize(("low", "high"), [("1", "10"), ("", "0"), ("a!", ""), ("", "ä"), ("b", "b")])
def test_what_is_no_key_is_refused(low: str, high: str) -> None:
    with pytest.raises(ValueError, match=r"key|sort|digit"):
        between(low, high)
