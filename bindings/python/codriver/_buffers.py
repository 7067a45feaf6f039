"""The generated layer's buffers and calls, in fewer steps.

What crosses the boundary is text, most of all. The generated layer moves it by a context manager, a builder and a foreign call
for each part; here it is one copy and one call. Nothing else changes: the converters read and write what they did.
"""

from __future__ import annotations

import ctypes
from struct import Struct
from typing import Any

from ._native import codriver as native

__all__ = ["install"]

_Status = native._UniffiRustCallStatus
_ForeignBytes = native._UniffiForeignBytes
_from_bytes = native._UniffiLib.ffi_codriver_uniffi_rustbuffer_from_bytes
_free = native._UniffiLib.ffi_codriver_uniffi_rustbuffer_free
_byref = ctypes.byref
_characters = ctypes.POINTER(ctypes.c_char)


def _call(error_converter: Any, function: Any, *args: Any) -> Any:
    status = _Status()
    result = function(*args, _byref(status))
    if status.code:
        native._uniffi_check_call_status(error_converter, status)
    return result


def _given(content: bytes) -> Any:
    """A buffer of the library with this content."""
    # The cast holds the bytes for as long as the call takes.
    bytes_ = _ForeignBytes(len(content), ctypes.cast(ctypes.c_char_p(content), _characters)) if content else _ForeignBytes()
    return _call(None, _from_bytes, bytes_)


def _taken(buffer: Any) -> bytes:
    """The content of a buffer of the library, which is given back."""
    content = ctypes.string_at(buffer.data, buffer.len) if buffer.len else b""
    _call(None, _free, buffer)
    return content


_FORMATS = {"i8": ">b", "u8": ">B", "i16": ">h", "u16": ">H", "i32": ">i", "u32": ">I", "i64": ">q", "u64": ">Q"}
_FORMATS |= {"float": ">f", "double": ">d"}


class _Reader:
    """`_UniffiRustBufferStream`, of bytes that are ours."""

    __slots__ = ("_at", "_content")

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def read(self, size: int) -> bytes:
        begin, self._at = self._at, self._at + size
        if self._at > len(self._content):
            raise native.InternalError("read past end of rust buffer")
        return self._content[begin : self._at]


class _Writer:
    """`_UniffiRustBufferBuilder`, of bytes that are ours."""

    __slots__ = ("_content",)

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, value: Any) -> None:
        self._content += value

    def finalize(self) -> Any:
        return _given(bytes(self._content))


def _add_number(name: str, packing: Struct) -> None:
    def read(self: _Reader) -> Any:
        begin, self._at = self._at, self._at + packing.size
        if self._at > len(self._content):
            raise native.InternalError("read past end of rust buffer")
        return packing.unpack_from(self._content, begin)[0]

    def write(self: _Writer, value: Any) -> None:
        self._content += packing.pack(value)

    setattr(_Reader, f"read_{name}", read)
    setattr(_Writer, f"write_{name}", write)


def _lift(cls: Any, buffer: Any) -> Any:
    return cls.read(_Reader(_taken(buffer)))


def _lower(cls: Any, value: Any) -> Any:
    writer = _Writer()
    cls.write(value, writer)
    return writer.finalize()


def install() -> None:
    """Puts these in the places of the generated ones."""
    for name, layout in _FORMATS.items():
        _add_number(name, Struct(layout))
    native._uniffi_rust_call_with_error = _call
    native._UniffiConverterRustBuffer.lift = classmethod(_lift)
    native._UniffiConverterRustBuffer.lower = classmethod(_lower)
    native._UniffiFfiConverterString.lift = staticmethod(lambda buffer: _taken(buffer).decode())
    native._UniffiFfiConverterString.lower = staticmethod(lambda value: _given(value.encode()))
