"""The exceptions: one base, `CodriverError`, and a subclass for each name, with the same numbers in every language.

Example:
    >>> issubclass(SessionNotFoundError, CodriverError), SessionNotFoundError.number
    (True, 60)
"""

from __future__ import annotations

import builtins
from typing import Any, ClassVar

__all__ = [
    "ERRORS",
    "AuthenticationFailedError",
    "AuthenticationRequiredError",
    "BadHandleError",
    "CancelledError",
    "ClosedError",
    "CloudNotReadyError",
    "CloudPolicyBlockedError",
    "CodriverError",
    "ConnectFailedError",
    "ForkedError",
    "FrameTooLargeError",
    "FsConflictError",
    "FsCorruptError",
    "FsInvalidPathError",
    "FsIoError",
    "FsNotFoundError",
    "FsUnsupportedError",
    "InternalError",
    "InvalidArgumentError",
    "InvalidConfigError",
    "InvalidUtf8Error",
    "MethodNotFoundError",
    "ProtocolError",
    "RpcDetails",
    "RpcError",
    "RuntimeLostError",
    "RuntimeNotFoundError",
    "SessionAlreadyOpenError",
    "SessionError",
    "SessionIdMismatchError",
    "SessionLockedError",
    "SessionNotFoundError",
    "TimeoutError",
    "VersionMismatchError",
    "WouldDeadlockError",
    "error_of",
]


class RpcDetails:
    """The JSON-RPC error object that the runtime answered with.

    Attributes:
        code: the JSON-RPC code, e.g. -32601.
        message: the runtime's own words.
        data: the runtime's `data`, if it sent any.
    """

    __slots__ = ("code", "data", "message")

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.code = code
        self.message = message
        self.data = data

    def __repr__(self) -> str:
        return f"RpcDetails(code={self.code}, message={self.message!r})"


class CodriverError(Exception):
    """Anything that Codriver reports.

    Attributes:
        number: the stable number of its kind.
        name: the stable name of its kind, e.g. `SESSION_NOT_FOUND`.
        message: a sentence for people.
        rpc: the runtime's error object, where the runtime answered with one.
    """

    number: ClassVar[int] = 0
    name: ClassVar[str] = ""

    def __init__(self, message: str = "", *, rpc: RpcDetails | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.rpc = rpc

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.name else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, self.rpc))


def _rebuild(kind: type[CodriverError], message: str, rpc: RpcDetails | None) -> CodriverError:
    return kind(message, rpc=rpc)


class InvalidArgumentError(CodriverError):
    """An argument of a call is not usable."""

    number = 1
    name = "INVALID_ARGUMENT"


class InvalidConfigError(CodriverError):
    """A client or session option is not usable; the message names the field."""

    number = 2
    name = "INVALID_CONFIG"


class ClosedError(CodriverError):
    """The client or session was stopped, disconnected or never connected."""

    number = 3
    name = "CLOSED"


class WouldDeadlockError(CodriverError):
    """A blocking call from a thread that must not block."""

    number = 4
    name = "WOULD_DEADLOCK"


class ForkedError(CodriverError):
    """The handle was made before `fork`; make a new client in the child."""

    number = 5
    name = "FORKED"


class BadHandleError(CodriverError):
    """A handle that names nothing."""

    number = 6
    name = "BAD_HANDLE"


class InvalidUtf8Error(CodriverError):
    """Text that is not UTF-8."""

    number = 7
    name = "INVALID_UTF8"


class RuntimeNotFoundError(CodriverError):
    """No runtime was found, or it cannot be executed."""

    number = 20
    name = "RUNTIME_NOT_FOUND"


class RuntimeLostError(CodriverError):
    """The runtime or the connection to it is gone; the message has exit status and stderr."""

    number = 21
    name = "RUNTIME_LOST"


class ConnectFailedError(CodriverError):
    """No connection could be made."""

    number = 22
    name = "CONNECT_FAILED"


class AuthenticationRequiredError(CodriverError):
    """The runtime wants a connection token or a login."""

    number = 23
    name = "AUTHENTICATION_REQUIRED"


class AuthenticationFailedError(CodriverError):
    """The token was refused."""

    number = 24
    name = "AUTHENTICATION_FAILED"


class ProtocolError(CodriverError):
    """The peer broke the protocol."""

    number = 40
    name = "PROTOCOL"


class VersionMismatchError(CodriverError):
    """The runtime speaks a protocol version this library does not."""

    number = 41
    name = "VERSION_MISMATCH"


class RpcError(CodriverError):
    """The runtime answered with an error; see `rpc`."""

    number = 42
    name = "RPC"


class MethodNotFoundError(CodriverError):
    """The runtime does not know the method."""

    number = 43
    name = "METHOD_NOT_FOUND"


class FrameTooLargeError(CodriverError):
    """A frame over the limit."""

    number = 44
    name = "FRAME_TOO_LARGE"


class SessionNotFoundError(CodriverError):
    """No session has that id."""

    number = 60
    name = "SESSION_NOT_FOUND"


class SessionAlreadyOpenError(CodriverError):
    """That session is open in this client already."""

    number = 61
    name = "SESSION_ALREADY_OPEN"


class SessionIdMismatchError(CodriverError):
    """The runtime answered with another id than the one asked for."""

    number = 62
    name = "SESSION_ID_MISMATCH"


class SessionError(CodriverError):
    """The session reported an error while a call waited for it."""

    number = 63
    name = "SESSION_ERROR"


class CloudNotReadyError(CodriverError):
    """The cloud worker was not there before the deadline."""

    number = 64
    name = "CLOUD_NOT_READY"


class CloudPolicyBlockedError(CodriverError):
    """Policy forbids the cloud session."""

    number = 65
    name = "CLOUD_POLICY_BLOCKED"


class SessionLockedError(CodriverError):
    """Another holder has the session open for writing."""

    number = 66
    name = "SESSION_LOCKED"


class FsNotFoundError(CodriverError, FileNotFoundError):
    """A file or directory is not there."""

    number = 80
    name = "FS_NOT_FOUND"


class FsInvalidPathError(CodriverError):
    """A path that is malformed or leaves its mount."""

    number = 81
    name = "FS_INVALID_PATH"


class FsUnsupportedError(CodriverError):
    """The store cannot do this."""

    number = 82
    name = "FS_UNSUPPORTED"


class FsIoError(CodriverError):
    """The store failed."""

    number = 83
    name = "FS_IO"


class FsConflictError(CodriverError):
    """A file was changed by somebody else meanwhile."""

    number = 84
    name = "FS_CONFLICT"


class FsCorruptError(CodriverError):
    """What is stored is damaged, or not what it says it is."""

    number = 85
    name = "FS_CORRUPT"


class CancelledError(CodriverError):
    """The caller cancelled."""

    number = 100
    name = "CANCELLED"


class TimeoutError(CodriverError, builtins.TimeoutError):
    """A deadline passed."""

    number = 101
    name = "TIMEOUT"


class InternalError(CodriverError):
    """A bug in this library."""

    number = 120
    name = "INTERNAL"


#: Every subclass, by its number.
ERRORS: dict[int, type[CodriverError]] = {
    kind.number: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, CodriverError) and kind.number
}


def error_of(
    number: int,
    message: str,
    rpc_code: int | None = None,
    rpc_message: str | None = None,
    rpc_data: str | None = None,
) -> CodriverError:
    """The exception of a number; `rpc_data` is JSON text. A number nobody knows is an `InternalError`."""
    rpc = None
    if rpc_code is not None:
        import json

        rpc = RpcDetails(rpc_code, rpc_message or "", None if rpc_data is None else json.loads(rpc_data))
    return ERRORS.get(number, InternalError)(message, rpc=rpc)
