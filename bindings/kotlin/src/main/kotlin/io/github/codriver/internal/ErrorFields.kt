package io.github.codriver.internal

import io.github.codriver.internal.ffi.Exception as FfiException

/** What every case of the generated error has. */
internal class ErrorFields(
    val number: UInt,
    val reason: String,
    val rpcCode: Long?,
    val rpcMessage: String?,
    val rpcData: String?,
)

internal fun FfiException.fields(): ErrorFields =
    when (this) {
        is FfiException.InvalidArgument -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.InvalidConfig -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Closed -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.WouldDeadlock -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Forked -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.BadHandle -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.InvalidUtf8 -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.RuntimeNotFound -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.RuntimeLost -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.ConnectFailed -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.AuthenticationRequired -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.AuthenticationFailed -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Protocol -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.VersionMismatch -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Rpc -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.MethodNotFound -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FrameTooLarge -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.SessionNotFound -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.SessionAlreadyOpen -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.SessionIdMismatch -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.SessionException -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.CloudNotReady -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.CloudPolicyBlocked -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.SessionLocked -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FsNotFound -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FsInvalidPath -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FsUnsupported -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FsIo -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FsConflict -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.FsCorrupt -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Cancelled -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Timeout -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
        is FfiException.Internal -> ErrorFields(number, reason, rpcCode, rpcMessage, rpcData)
    }
