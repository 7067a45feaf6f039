"""The other side of the library's callbacks: from its thread to the event loop, and answers back.

Each callback only puts something onto the loop. Questions become tasks there; one that nobody waits for any more is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from ._ffi import native
from .errors import CancelledError, ClosedError, CodriverError, FsIoError, FsNotFoundError, FsUnsupportedError
from .fs import FsStat, SessionFs

__all__ = ["Bridge", "Question"]

log = logging.getLogger("codriver")

#: Answers a question: `(kind, name, payload)` to JSON.
Question = Callable[[str, str, Any], Coroutine[Any, Any, Any]]

_CANCELLED = CancelledError.number


class Bridge(native.Callbacks, native.SessionFiles):  # type: ignore[misc]
    """What the library calls back, for one client. Knows no client, so that nobody keeps one alive."""

    def __init__(self, open_files: Callable[[str], SessionFs] | None) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        #: What takes, by the id that a wake names.
        self.wakes: dict[int, Callable[[], None]] = {}
        #: Who answers, by the id of the session.
        self.questions: dict[int, Question] = {}
        self._open_files = open_files
        self._files: dict[str, SessionFs] = {}
        self._running: dict[int, asyncio.Task[None]] = {}

    # On the library's thread.

    def wake(self, id: int) -> None:
        self._post(self._wake, id)

    def request(self, call_id: int, session: int, kind: str, name: str, payload: str) -> None:
        if not self._post(self._ask, call_id, session, kind, name, payload):
            _fail(call_id, ClosedError.number, "the event loop of the handlers is closed")

    def cancel(self, call_id: int) -> None:
        self._post(self._cancel, call_id)

    def read(self, call_id: int, session_id: str, path: str) -> None:
        self._fs(call_id, session_id, _read, path)

    def write(self, call_id: int, session_id: str, path: str, content: bytes, mode: int | None) -> None:
        self._fs(call_id, session_id, _write, path, content, mode)

    def append(self, call_id: int, session_id: str, path: str, content: bytes, mode: int | None) -> None:
        self._fs(call_id, session_id, _append, path, content, mode)

    def exists(self, call_id: int, session_id: str, path: str) -> None:
        self._fs(call_id, session_id, _exists, path)

    def stat(self, call_id: int, session_id: str, path: str) -> None:
        self._fs(call_id, session_id, _stat, path)

    def mkdir(self, call_id: int, session_id: str, path: str, recursive: bool, mode: int | None) -> None:
        self._fs(call_id, session_id, _mkdir, path, recursive, mode)

    def read_dir(self, call_id: int, session_id: str, path: str) -> None:
        self._fs(call_id, session_id, _read_dir, path)

    def remove(self, call_id: int, session_id: str, path: str, recursive: bool, force: bool) -> None:
        self._fs(call_id, session_id, _remove, path, recursive, force)

    def rename(self, call_id: int, session_id: str, path: str, to: str) -> None:
        self._fs(call_id, session_id, _rename, path, to)

    def _post(self, work: Callable[..., None], *args: Any) -> bool:
        loop = self.loop
        if loop is None:
            return False
        try:
            loop.call_soon_threadsafe(work, *args)
        except RuntimeError:
            # The loop is closed; whoever asks is told, events stay where they are.
            return False
        return True

    def _fs(self, call_id: int, session_id: str, operation: Callable[..., Any], *args: Any) -> None:
        if not self._post(self._serve, call_id, session_id, operation, args):
            _fail(call_id, FsIoError.number, "the event loop of the files is closed")

    # On the loop.

    def _wake(self, id: int) -> None:
        take = self.wakes.get(id)
        if take is not None:
            take()

    def _ask(self, call_id: int, session: int, kind: str, name: str, payload: str) -> None:
        question = self.questions.get(session)
        if question is None:
            _fail(call_id, ClosedError.number, "the session is not open here any more")
            return
        self._run(call_id, self._answer(call_id, question, kind, name, payload))

    def _cancel(self, call_id: int) -> None:
        task = self._running.get(call_id)
        if task is not None:
            task.cancel()

    def _serve(self, call_id: int, session_id: str, operation: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._run(call_id, self._files_answer(call_id, session_id, operation, args))

    def _run(self, call_id: int, work: Coroutine[Any, Any, None]) -> None:
        task = _begun(work)
        if not task.done():
            self._running[call_id] = task
            task.add_done_callback(lambda _: self._running.pop(call_id, None))

    async def _answer(self, call_id: int, question: Question, kind: str, name: str, payload: str) -> None:
        try:
            answer = json.dumps(await question(kind, name, json.loads(payload)))
        except asyncio.CancelledError:
            _fail(call_id, _CANCELLED, "the handler was cancelled")
            raise
        except Exception as error:
            _fail(call_id, error.number if isinstance(error, CodriverError) else 0, describe(error))
            return
        try:
            native.respond(call_id, answer)
        except native.Error.InvalidArgument as error:
            log.error("the answer of handler %s %s was refused: %s", kind, name, error.message)
            _fail(call_id, error.number, error.message)
        except native.Error:
            # Nobody waits for it any more.
            pass

    async def _files_answer(self, call_id: int, session_id: str, operation: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            await operation(self.files_of(session_id), call_id, *args)
        except asyncio.CancelledError:
            _fail(call_id, _CANCELLED, "the call was cancelled")
            raise
        except native.Error:
            # The deadline has passed.
            pass
        except Exception as error:
            if not isinstance(error, (OSError, CodriverError, NotImplementedError)):
                log.exception("the files of session %s failed", session_id)
            _fail(call_id, _fs_number(error), describe(error))

    def files_of(self, session_id: str) -> SessionFs:
        """The files of a session, made with the first call."""
        files = self._files.get(session_id)
        if files is None:
            if self._open_files is None:
                raise FsUnsupportedError("the client was made without `session_fs`")
            files = self._open_files(session_id)
            if not isinstance(files, SessionFs):
                raise TypeError(f"session_fs.store must make a SessionFs, not {type(files).__name__}")
            self._files[session_id] = files
        return files

    @property
    def opens_files(self) -> bool:
        """Whether sessions have files that are made here."""
        return self._open_files is not None

    def forget_files(self, session_id: str) -> None:
        """A session is over."""
        self._files.pop(session_id, None)


if sys.version_info >= (3, 12):

    def _begun(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # What never waits is over when this returns, without another turn of the loop.
        return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)

else:

    def _begun(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)


def _fail(call_id: int, number: int, message: str) -> None:
    # It may have been answered or given up meanwhile.
    with contextlib.suppress(native.Error):
        native.fail(call_id, number, message)


def describe(error: BaseException) -> str:
    """What is told of an exception: its own words, without a stack trace."""
    if isinstance(error, CodriverError):
        return error.message
    return str(error) or type(error).__name__


def _fs_number(error: Exception) -> int:
    if isinstance(error, CodriverError):
        return error.number
    if isinstance(error, FileNotFoundError):
        return FsNotFoundError.number
    if isinstance(error, NotImplementedError):
        return FsUnsupportedError.number
    return FsIoError.number


async def _read(files: SessionFs, call_id: int, path: str) -> None:
    content = await files.read(path)
    if not isinstance(content, bytes):
        content = bytes(memoryview(content)) if not isinstance(content, str) else _refuse_text(path)
    native.respond_content(call_id, content)


def _refuse_text(path: str) -> bytes:
    raise TypeError(f"read({path!r}) must give bytes, not str")


async def _write(files: SessionFs, call_id: int, path: str, content: bytes, mode: int | None) -> None:
    await files.write(path, content, mode)
    native.respond_done(call_id)


async def _append(files: SessionFs, call_id: int, path: str, content: bytes, mode: int | None) -> None:
    await files.append(path, content, mode)
    native.respond_done(call_id)


async def _exists(files: SessionFs, call_id: int, path: str) -> None:
    native.respond_exists(call_id, bool(await files.exists(path)))


async def _stat(files: SessionFs, call_id: int, path: str) -> None:
    stat = await files.stat(path)
    if not isinstance(stat, FsStat):
        raise TypeError(f"stat({path!r}) must give an FsStat, not {type(stat).__name__}")
    modified_ms, created_ms = (max(0, int(seconds * 1000)) for seconds in (stat.modified, stat.created))
    told = native.FileStat(kind=_kind(stat.kind), size=stat.size, modified_ms=modified_ms, created_ms=created_ms)
    native.respond_stat(call_id, told)


async def _mkdir(files: SessionFs, call_id: int, path: str, recursive: bool, mode: int | None) -> None:
    await files.mkdir(path, recursive, mode)
    native.respond_done(call_id)


async def _read_dir(files: SessionFs, call_id: int, path: str) -> None:
    entries = [native.FileEntry(name=entry.name, kind=_kind(entry.kind)) for entry in await files.read_dir(path)]
    native.respond_entries(call_id, entries)


async def _remove(files: SessionFs, call_id: int, path: str, recursive: bool, force: bool) -> None:
    await files.remove(path, recursive, force)
    native.respond_done(call_id)


async def _rename(files: SessionFs, call_id: int, path: str, to: str) -> None:
    await files.rename(path, to)
    native.respond_done(call_id)


def _kind(kind: str) -> Any:
    if kind not in ("file", "directory"):
        raise ValueError(f"the kind of an entry is 'file' or 'directory', not {kind!r}")
    return native.FileKind.FILE if kind == "file" else native.FileKind.DIRECTORY
