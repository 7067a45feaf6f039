"""The conformance driver of the Python package: JSON lines in, JSON lines out, by nothing but the public API."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from typing import Any

import behave
import codriver
import say
from codriver.options import CreateOptions, ResumeOptions
from foreign import ForeignStore

PATIENCE = 60.0


class Driver:
    """Everything that outlives a command."""

    def __init__(self) -> None:
        self.given: dict[str, Any] | None = None
        self.started: codriver.Client | None = None
        self.stopped = False
        self.sessions: dict[str, codriver.Session] = {}
        self.subscribers: set[asyncio.Task[None]] = set()
        self.foreign = ForeignStore()
        self.running: dict[int, asyncio.Task[None]] = {}

    def begin(self, line: str) -> bool:
        """Starts the command of a line; `False` ends the driver."""
        try:
            command = json.loads(line)
            work = getattr(self, "op_" + command["op"])
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            say.line({"id": None, "error": say.error(TypeError(f"not a command: {problem}"))})
            return True
        if command["op"] == "exit":
            return False
        task = asyncio.get_running_loop().create_task(self.perform(command, work))
        self.running[command["id"]] = task
        return True

    async def perform(self, command: dict[str, Any], work: Any) -> None:
        try:
            result = {"ok": await work(command)}
        except asyncio.CancelledError:
            result = {"error": {"number": 100, "name": "CANCELLED", "message": "the task was cancelled"}}
        except Exception as failure:
            result = {"error": say.error(failure)}
        self.running.pop(command["id"], None)
        say.line({"id": command["id"], **result})

    def client(self) -> codriver.Client:
        if self.started is None:
            raise codriver.InvalidArgumentError("no start came before this")
        return self.started

    def session(self, command: dict[str, Any]) -> codriver.Session:
        name = command["session"]
        if name not in self.sessions:
            raise codriver.InvalidArgumentError(f"no session is called {name!r}")
        return self.sessions[name]

    async def op_start(self, command: dict[str, Any]) -> Any:
        given = {key: command.get(key) for key in ("runtime", "session_fs", "options")}
        if self.started is None or self.given != given or self.stopped:
            self.started = self.prepare(**given)
            self.given, self.stopped = given, False
        client = self.started
        await client.start()
        runtime = client.runtime
        if runtime is None:
            raise codriver.ClosedError("the connection ended at once")
        return {"protocol_version": runtime.protocol_version, "runtime_version": runtime.version}

    def prepare(self, runtime: Any, session_fs: Any, options: Any) -> codriver.Client:
        keywords = {_snake(name): value for name, value in (options or {}).items()}
        if runtime["kind"] == "stdio":
            keywords |= {"cli_path": runtime["path"], "cli_args": runtime.get("args", [])}
            keywords["env"] = {**keywords.get("env", {}), **runtime.get("env", {})}
        else:
            token = {"token": runtime["token"]} if runtime.get("token") is not None else {}
            where = {"kind": "external", "host": runtime["host"], "port": runtime["port"]}
            keywords["transport"] = {**where, **token}
        if session_fs is not None:
            store = session_fs["store"]
            keywords["session_fs"] = {
                **session_fs,
                "binary": session_fs.get("binary", False),
                "store": self.foreign.open if store == "foreign" else _url(store),
            }

        def on_lifecycle(event: codriver.View) -> None:
            say.line({"obs": "lifecycle", "type": event["type"], "session_id": event["sessionId"]})

        return codriver.Client(
            on_state=lambda state: say.line({"obs": "state", "state": state}),
            on_lifecycle=on_lifecycle,
            **keywords,
        )

    async def op_create_session(self, command: dict[str, Any]) -> Any:
        config, handlers = command.get("config") or {}, command.get("handlers") or {}
        self.foreign.expect(config.get("sessionId"), handlers.get("fs", "memory"))
        keywords = self.keywords(command["session"], config, handlers, CreateOptions)
        return self.keep(command["session"], await self.client().create_session(**keywords))

    async def op_resume_session(self, command: dict[str, Any]) -> Any:
        config, handlers = command.get("config") or {}, command.get("handlers") or {}
        self.foreign.expect(command["session_id"], handlers.get("fs", "memory"))
        keywords = self.keywords(command["session"], config, handlers, ResumeOptions)
        opened = await self.client().resume_session(command["session_id"], **keywords)
        return self.keep(command["session"], opened)

    def keywords(self, name: str, config: dict[str, Any], handlers: dict[str, Any], known: Any) -> dict[str, Any]:
        config = dict(config)
        declared = config.pop("tools", None) or []
        named = {key: value for key, value in config.items() if _snake(key) in known.__annotations__}
        extra = {key: value for key, value in config.items() if key not in named}
        keywords = {_snake(key): value for key, value in named.items()}
        return {**keywords, "extra": extra, **behave.keywords(self.client(), name, declared, handlers)}

    def keep(self, name: str, session: codriver.Session) -> Any:
        self.sessions[name] = session
        told = {"session_id": session.id}
        return told if session.workspace_path is None else {**told, "workspace_path": session.workspace_path}

    async def op_send(self, command: dict[str, Any]) -> Any:
        return {"message_id": await self.session(command).send(command["prompt"])}

    async def op_send_and_wait(self, command: dict[str, Any]) -> Any:
        timeout = command["timeout_ms"] / 1000 if command.get("timeout_ms") is not None else PATIENCE
        turn = await self.session(command).send_and_wait(command["prompt"], timeout=timeout)
        return {"content": turn.content}

    async def op_wait_ready(self, command: dict[str, Any]) -> Any:
        await self.session(command).wait_until_ready(PATIENCE)
        return {}

    async def op_abort(self, command: dict[str, Any]) -> Any:
        await self.session(command).abort()
        return {}

    async def op_disconnect(self, command: dict[str, Any]) -> Any:
        await self.session(command).disconnect()
        return {}

    async def op_get_events(self, command: dict[str, Any]) -> Any:
        return {"types": [event.type for event in await self.session(command).get_events()]}

    async def op_set_model(self, command: dict[str, Any]) -> Any:
        await self.session(command).set_model(command["model"])
        return {}

    async def op_subscribe(self, command: dict[str, Any]) -> Any:
        events = self.session(command).events(from_seq=command.get("from_seq"))

        async def listen() -> None:
            async for event in events:
                say.event(command["session"], event, command["id"])

        task = asyncio.create_task(listen())
        self.subscribers.add(task)
        task.add_done_callback(self.subscribers.discard)
        return {}

    async def op_list_sessions(self, command: dict[str, Any]) -> Any:
        found = await self.client().list_sessions(command.get("filter"))
        return {"ids": [session["sessionId"] for session in found]}

    async def op_get_metadata(self, command: dict[str, Any]) -> Any:
        return {"found": await self.client().get_session_metadata(command["session_id"]) is not None}

    async def op_delete_session(self, command: dict[str, Any]) -> Any:
        await self.client().delete_session(command["session_id"])
        return {}

    async def op_last_session_id(self, command: dict[str, Any]) -> Any:
        return {"session_id": await self.client().get_last_session_id()}

    async def op_ping(self, command: dict[str, Any]) -> Any:
        return {"message": (await self.client().ping(command.get("message")))["message"]}

    async def op_rpc(self, command: dict[str, Any]) -> Any:
        if command.get("session") is not None:
            return await self.session(command).rpc(command["method"], command.get("params"))
        return await self.client().rpc(command["method"], command.get("params"))

    async def op_counters(self, command: dict[str, Any]) -> Any:
        return self.session(command).counters if command.get("session") is not None else self.client().counters

    async def op_cancel(self, command: dict[str, Any]) -> Any:
        # A command that has ended already is as cancelled as can be.
        target = self.running.get(command["target"])
        if target is not None:
            target.cancel()
        return {}

    async def op_stop(self, command: dict[str, Any]) -> Any:
        self.stopped = True
        return {"errors": [say.error(error) for error in await self.client().stop()]}

    async def op_force_stop(self, command: dict[str, Any]) -> Any:
        self.stopped = True
        return {"errors": [say.error(error) for error in await self.client().force_stop()]}

    async def op_exit(self, command: dict[str, Any]) -> Any:
        return {}


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _url(store: str) -> str:
    """A store as the contract names it, as a URL."""
    kind, _, path = store.partition(":")
    return {"memory": "memory:", "directory": f"dir:{path}"}.get(kind, store)


async def main() -> None:
    driver = Driver()
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    # Not a thread that the end of the interpreter waits for.
    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) and driver.begin(line):
        pass


asyncio.run(main())
