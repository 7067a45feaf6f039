from __future__ import annotations

import json
import pickle

import pytest
from conftest import ROOT

import codriver
from codriver import errors


def test_numbers_and_names_are_those_of_the_shared_vectors() -> None:
    vectors = json.loads((ROOT / "tests/vectors/errors.json").read_text())
    assert vectors.pop("OK") == 0
    assert {kind.name: kind.number for kind in errors.ERRORS.values()} == vectors


def test_every_name_has_a_class_of_its_own_that_is_exported() -> None:
    for kind in errors.ERRORS.values():
        assert getattr(codriver, kind.__name__) is kind
        assert kind.__name__ in codriver.__all__
        assert kind.__doc__


def test_an_error_says_its_name_and_survives_pickling() -> None:
    error = errors.error_of(42, "no", -32000, "words", '{"a": 1}')
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == "RPC: no"
    assert (type(copy), copy.rpc.code, copy.rpc.data) == (codriver.RpcError, -32000, {"a": 1})


def test_what_python_has_a_name_for_is_caught_by_that_name() -> None:
    with pytest.raises(TimeoutError):
        raise codriver.TimeoutError("late")
    with pytest.raises(FileNotFoundError):
        raise codriver.FsNotFoundError("/x")


def test_a_number_nobody_knows_is_internal() -> None:
    assert type(errors.error_of(9999, "?")) is codriver.InternalError
