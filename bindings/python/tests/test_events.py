from __future__ import annotations

import json
import pickle
import struct
from typing import Any

import pytest

from codriver import SessionEvent, View
from codriver._ffi import native
from codriver.events import events_of


def batch(*events: str) -> Any:
    types = sorted({json.loads(event)["type"] for event in events})
    marks = b""
    for number, event in enumerate(events, 4):
        marks += struct.pack("<4Q", number, number - 1, types.index(json.loads(event)["type"]), len(event.encode()))
    return native.EventBatch(marks=marks, types=types, events="".join(events).encode(), more=False, ended=False)


@pytest.mark.parametrize("text", ["plain", "ünï ☃ 𝄞", '\\"],\\"events\\":[', "a,b]}"])
def test_a_batch_is_cut_by_bytes_whatever_is_in_it(text: str) -> None:
    one = f'{{"type":"a.b","id":"1","data":{{"text":"{text}"}}}}'
    two = '{ "type" : "c" , "unknown" : [ 1 ] }'
    events = events_of(batch(one, two, one))
    assert [(event.first_seq, event.seq) for event in events] == [(3, 4), (4, 5), (5, 6)]
    assert [event.type for event in events] == ["a.b", "c", "a.b"]
    assert events[2].data["text"] == json.loads(f'"{text}"')
    assert events[1].raw["unknown"] == [1]
    assert events_of(batch()) == []


def test_a_type_with_quotes_does_not_confuse_the_cut() -> None:
    odd = '{"type":"x\\"],\\"events\\":[","data":{}}'
    assert events_of(batch(odd))[0].raw == json.loads(odd)


def test_data_is_decoded_when_it_is_looked_at_and_not_before() -> None:
    event = SessionEvent(1, 1, "a", b"this is no JSON")
    assert (event.seq, event.type) == (1, "a")
    with pytest.raises(ValueError, match="Expecting value"):
        _ = event.data


def test_fields_are_there_by_attribute_and_as_the_plain_dict() -> None:
    raw = {"type": "t", "id": "e", "parentId": "p", "ephemeral": True, "data": {"deltaContent": "x", "a": [{"bC": 1}]}}
    event = SessionEvent.from_json(json.dumps(raw))
    assert (event.id, event.parent_id, event.ephemeral, event.seq) == ("e", "p", True, 0)
    assert event.data.delta_content == event.data["deltaContent"] == "x"
    assert event.data.a[0].b_c == 1
    assert event.raw == raw
    copy = pickle.loads(pickle.dumps(event))
    assert (copy.raw, copy.type, copy.seq, copy.first_seq) == (raw, "t", 0, 0)


def test_a_field_that_is_not_there_says_which_are() -> None:
    with pytest.raises(AttributeError, match="no field 'contnt'; there are delta_content"):
        _ = View({"deltaContent": 1}).contnt
    assert View({"a": 1}).get("b", 5) == 5
