from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pytest
from conftest import ROOT

import codriver
from codriver.options import ClientOptions, CreateOptions, Limits, ResumeOptions, SessionFsOptions

SOURCES = ROOT / "core/src/options"
#: Options that are keywords of another shape: handlers, and what they bring along.
HANDLED = {"hooks", "commands"}


def group(text: str, name: str) -> set[str]:
    block = re.search(rf"\n    {name} \{{\n(.*?)\n    \}}", text, re.DOTALL)
    assert block, name
    return set(re.findall(r"^        (?:into|is|list) (\w+): ", block.group(1), re.MULTILINE))


def test_every_session_option_of_the_core_is_a_keyword() -> None:
    text = (SOURCES / "session.rs").read_text()
    both = (group(text, "both") | group(text, "update")) - HANDLED
    assert set(CreateOptions.__annotations__) == both | group(text, "create") | {"extra"}
    assert set(ResumeOptions.__annotations__) == both | group(text, "resume") | {"extra"}


@pytest.mark.parametrize(
    ("file", "struct", "ours", "own", "code_only"),
    [
        ("client.rs", "ClientOptions", ClientOptions, {"threads"}, set()),
        ("limits.rs", "Limits", Limits, set(), set()),
        # `store` is the factory, too.
        ("session_fs.rs", "SessionFsOptions", SessionFsOptions, set(), {"factory"}),
    ],
)
def test_every_client_option_of_the_core_is_a_keyword(
    file: str, struct: str, ours: type, own: set[str], code_only: set[str]
) -> None:
    text = (SOURCES / file).read_text()
    body = re.search(rf"pub struct {struct} \{{\n(.*?)\n}}", text, re.DOTALL)
    assert body
    fields = set()
    for name, kind in re.findall(r"^    pub (\w+): (.*),$", body.group(1), re.MULTILINE):
        fields.add(f"{name}_ms" if "Duration" in kind else name)
    assert set(ours.__annotations__) == (fields | own) - code_only


async def test_an_unknown_keyword_is_a_type_error_with_the_nearest_name(mock: Callable[..., codriver.Client]) -> None:
    with pytest.raises(TypeError, match="'github_tokn'. Did you mean 'github_token'"):
        codriver.Client(github_tokn="x")
    async with mock() as client:
        with pytest.raises(TypeError, match=r"create_session\(\).*'modle'. Did you mean 'model'"):
            await client.create_session(modle="x")
        with pytest.raises(TypeError, match="'on_permission'. Did you mean 'on_permission_request'"):
            await client.create_session(on_permission=print)
        session = await client.create_session()
        with pytest.raises(TypeError, match="'attachment'. Did you mean 'attachments'"):
            await session.send("hi", attachment=[])
    with pytest.raises(TypeError, match="session_fs.*'stor'. Did you mean 'store'"):
        codriver.Client(session_fs={"stor": "memory:"})


async def test_options_reach_the_runtime_by_their_names_on_the_wire(mock: Callable[..., codriver.Client]) -> None:
    steps = [
        {
            "expect": {
                "method": "session.create",
                "params": {"model": "m", "streaming": False, "excludedTools": ["bash"], "newer": {"a": 1}},
            }
        },
        {"reply": {"result": {"sessionId": "s-1"}}},
    ]
    async with mock(steps=steps) as client:
        session = await client.create_session(
            session_id="s-1", model="m", streaming=False, excluded_tools=("bash",), extra={"newer": {"a": 1}}
        )
        assert session.id == "s-1"


def test_whatever_opens_a_session_takes_the_same_handlers() -> None:
    from codriver._handlers import KEYWORDS

    for call in (codriver.Client.create_session, codriver.Client.resume_session, codriver.Client.join_session):
        keywords = [name for name, one in inspect.signature(call).parameters.items() if one.kind is one.KEYWORD_ONLY]
        assert sorted(keywords) == sorted(KEYWORDS), call.__name__
