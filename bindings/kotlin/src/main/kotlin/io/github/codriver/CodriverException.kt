package io.github.codriver

import kotlinx.serialization.json.JsonElement

/** The JSON-RPC error object that the runtime answered with: its [code], its own words, and its `data` if it sent any. */
public class RpcDetails(
    public val code: Long,
    public val message: String,
    public val data: JsonElement? = null,
) {
    override fun toString(): String = "RpcDetails(code=$code, message=$message)"
}

/**
 * Anything that Codriver reports: a subclass for each name, with the same numbers in every language.
 *
 * ```kotlin
 * try {
 *     client.resumeSession(id)
 * } catch (gone: CodriverException.SessionNotFound) {
 *     client.createSession { sessionId = id }
 * }
 * ```
 *
 * @property number the stable number of its kind.
 * @property name the stable name of its kind, e.g. `SESSION_NOT_FOUND`.
 * @property reason a sentence for people.
 * @property rpc the runtime's error object, where the runtime answered with one.
 */
public sealed class CodriverException(
    public val number: Int,
    public val name: String,
    public val reason: String,
    public val rpc: RpcDetails?,
) : RuntimeException("$name: $reason") {
    /** An argument of a call is not usable. */
    public class InvalidArgument(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(1, "INVALID_ARGUMENT", reason, rpc)

    /** A client or session option is not usable; the message names the field. */
    public class InvalidConfig(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(2, "INVALID_CONFIG", reason, rpc)

    /** The client or session was stopped, disconnected or never connected. */
    public class Closed(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(3, "CLOSED", reason, rpc)

    /** A blocking call from a thread that must not block. */
    public class WouldDeadlock(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(4, "WOULD_DEADLOCK", reason, rpc)

    /** The handle was made before `fork`; make a new client in the child. */
    public class Forked(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(5, "FORKED", reason, rpc)

    /** A handle that names nothing. */
    public class BadHandle(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(6, "BAD_HANDLE", reason, rpc)

    /** Text that is not UTF-8. */
    public class InvalidUtf8(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(7, "INVALID_UTF8", reason, rpc)

    /** No runtime was found, or it cannot be executed. */
    public class RuntimeNotFound(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(20, "RUNTIME_NOT_FOUND", reason, rpc)

    /** The runtime or the connection to it is gone; the message has exit status and stderr. */
    public class RuntimeLost(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(21, "RUNTIME_LOST", reason, rpc)

    /** No connection could be made. */
    public class ConnectFailed(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(22, "CONNECT_FAILED", reason, rpc)

    /** The runtime wants a connection token or a login. */
    public class AuthenticationRequired(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(23, "AUTHENTICATION_REQUIRED", reason, rpc)

    /** The token was refused. */
    public class AuthenticationFailed(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(24, "AUTHENTICATION_FAILED", reason, rpc)

    /** The peer broke the protocol. */
    public class Protocol(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(40, "PROTOCOL", reason, rpc)

    /** The runtime speaks a protocol version this library does not. */
    public class VersionMismatch(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(41, "VERSION_MISMATCH", reason, rpc)

    /** The runtime answered with an error; see `rpc`. */
    public class Rpc(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(42, "RPC", reason, rpc)

    /** The runtime does not know the method. */
    public class MethodNotFound(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(43, "METHOD_NOT_FOUND", reason, rpc)

    /** A frame over the limit. */
    public class FrameTooLarge(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(44, "FRAME_TOO_LARGE", reason, rpc)

    /** No session has that id. */
    public class SessionNotFound(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(60, "SESSION_NOT_FOUND", reason, rpc)

    /** That session is open in this client already. */
    public class SessionAlreadyOpen(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(61, "SESSION_ALREADY_OPEN", reason, rpc)

    /** The runtime answered with another id than the one asked for. */
    public class SessionIdMismatch(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(62, "SESSION_ID_MISMATCH", reason, rpc)

    /** The session reported an error while a call waited for it. */
    public class SessionError(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(63, "SESSION_ERROR", reason, rpc)

    /** The cloud worker was not there before the deadline. */
    public class CloudNotReady(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(64, "CLOUD_NOT_READY", reason, rpc)

    /** Policy forbids the cloud session. */
    public class CloudPolicyBlocked(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(65, "CLOUD_POLICY_BLOCKED", reason, rpc)

    /** Another holder has the session open for writing. */
    public class SessionLocked(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(66, "SESSION_LOCKED", reason, rpc)

    /** A file or directory is not there. */
    public class FsNotFound(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(80, "FS_NOT_FOUND", reason, rpc)

    /** A path that is malformed or leaves its mount. */
    public class FsInvalidPath(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(81, "FS_INVALID_PATH", reason, rpc)

    /** The store cannot do this. */
    public class FsUnsupported(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(82, "FS_UNSUPPORTED", reason, rpc)

    /** The store failed. */
    public class FsIo(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(83, "FS_IO", reason, rpc)

    /** A file was changed by somebody else meanwhile. */
    public class FsConflict(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(84, "FS_CONFLICT", reason, rpc)

    /** What is stored is damaged, or not what it says it is. */
    public class FsCorrupt(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(85, "FS_CORRUPT", reason, rpc)

    /** The caller cancelled. */
    public class Cancelled(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(100, "CANCELLED", reason, rpc)

    /** A deadline passed. */
    public class Timeout(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(101, "TIMEOUT", reason, rpc)

    /** A bug in this library. */
    public class Internal(
        reason: String,
        rpc: RpcDetails? = null,
    ) : CodriverException(120, "INTERNAL", reason, rpc)

    public companion object {
        /** The exception of a [number]; one that nobody knows is [Internal]. */
        @JvmStatic
        @JvmOverloads
        public fun of(
            number: Int,
            reason: String,
            rpc: RpcDetails? = null,
        ): CodriverException =
            when (number) {
                1 -> InvalidArgument(reason, rpc)
                2 -> InvalidConfig(reason, rpc)
                3 -> Closed(reason, rpc)
                4 -> WouldDeadlock(reason, rpc)
                5 -> Forked(reason, rpc)
                6 -> BadHandle(reason, rpc)
                7 -> InvalidUtf8(reason, rpc)
                20 -> RuntimeNotFound(reason, rpc)
                21 -> RuntimeLost(reason, rpc)
                22 -> ConnectFailed(reason, rpc)
                23 -> AuthenticationRequired(reason, rpc)
                24 -> AuthenticationFailed(reason, rpc)
                40 -> Protocol(reason, rpc)
                41 -> VersionMismatch(reason, rpc)
                42 -> Rpc(reason, rpc)
                43 -> MethodNotFound(reason, rpc)
                44 -> FrameTooLarge(reason, rpc)
                60 -> SessionNotFound(reason, rpc)
                61 -> SessionAlreadyOpen(reason, rpc)
                62 -> SessionIdMismatch(reason, rpc)
                63 -> SessionError(reason, rpc)
                64 -> CloudNotReady(reason, rpc)
                65 -> CloudPolicyBlocked(reason, rpc)
                66 -> SessionLocked(reason, rpc)
                80 -> FsNotFound(reason, rpc)
                81 -> FsInvalidPath(reason, rpc)
                82 -> FsUnsupported(reason, rpc)
                83 -> FsIo(reason, rpc)
                84 -> FsConflict(reason, rpc)
                85 -> FsCorrupt(reason, rpc)
                100 -> Cancelled(reason, rpc)
                101 -> Timeout(reason, rpc)
                else -> Internal(reason, rpc)
            }
    }
}
