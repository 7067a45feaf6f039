import Foundation
internal import CodriverFFI

// Where the generated layer is imported, `Error` is its own.
typealias NativeError = CodriverFFI.Error

/// Calls the generated layer; its errors become those of this package.
func called<T>(_ call: () throws -> T) throws -> T {
    do {
        return try call()
    } catch {
        throw told(error)
    }
}

/// Awaits the generated layer; its errors become those of this package. A task that is cancelled is cancelled in the core too, and
/// throws `CancellationError`.
func awaited<T: Sendable>(_ call: () async throws -> T) async throws -> T {
    do {
        return try await call()
    } catch {
        throw told(error)
    }
}

private func told(_ error: any Swift.Error) -> any Swift.Error {
    switch error {
    case let native as NativeError: CodriverError(native)
    case is CodriverError, is CancellationError, is EncodingError, is DecodingError: error
    // A panic that got here: the generated layer has words for it.
    default: CodriverError.internal(.init(describe(error)))
    }
}

/// What is told of an error: its own words.
func describe(_ error: any Swift.Error) -> String {
    switch error {
    case let error as CodriverError: error.message
    case let native as NativeError: CodriverError(native).message
    case let error as any LocalizedError: error.errorDescription ?? String(describing: error)
    default: String(describing: error)
    }
}

/// The number by which the core knows an error; 0 for one that it does not know.
func number(of error: any Swift.Error) -> Int {
    switch error {
    case let error as CodriverError: error.number
    case let native as NativeError: CodriverError(native).number
    case let error as CocoaError where [.fileNoSuchFile, .fileReadNoSuchFile].contains(error.code): fsNotFound
    case let error as POSIXError where error.code == .ENOENT: fsNotFound
    default: 0
    }
}

/// The number of `FS_NOT_FOUND`.
let fsNotFound = 80

extension CodriverError {
    init(_ native: NativeError) {
        let (number, message, code, words, data) = native.fields
        var rpc: RpcDetails?
        if let code {
            rpc = RpcDetails(code: Int(code), message: words ?? "", data: data.flatMap { try? JSONValue(parsing: $0) })
        }
        self = CodriverError(number: Int(number), message: message, rpc: rpc)
    }

    /// An error as the core's JSON tells it.
    init(told: JSONValue) {
        var rpc: RpcDetails?
        if let details = told["rpc"]?.object {
            rpc = RpcDetails(code: details["code"]?.int ?? 0, message: details.string("message"), data: details["data"])
        }
        self = CodriverError(number: told["number"]?.int ?? 0, message: told["message"]?.string ?? "", rpc: rpc)
    }
}

extension NativeError {
    /// What every case has: number, message, and the runtime's code, words and data.
    fileprivate var fields: (UInt32, String, Int64?, String?, String?) {
        switch self {
        case let .InvalidArgument(number, _, message, code, words, data),
            let .InvalidConfig(number, _, message, code, words, data),
            let .Closed(number, _, message, code, words, data),
            let .WouldDeadlock(number, _, message, code, words, data),
            let .Forked(number, _, message, code, words, data),
            let .BadHandle(number, _, message, code, words, data),
            let .InvalidUtf8(number, _, message, code, words, data),
            let .RuntimeNotFound(number, _, message, code, words, data),
            let .RuntimeLost(number, _, message, code, words, data),
            let .ConnectFailed(number, _, message, code, words, data),
            let .AuthenticationRequired(number, _, message, code, words, data),
            let .AuthenticationFailed(number, _, message, code, words, data),
            let .`Protocol`(number, _, message, code, words, data),
            let .VersionMismatch(number, _, message, code, words, data),
            let .Rpc(number, _, message, code, words, data),
            let .MethodNotFound(number, _, message, code, words, data),
            let .FrameTooLarge(number, _, message, code, words, data),
            let .SessionNotFound(number, _, message, code, words, data),
            let .SessionAlreadyOpen(number, _, message, code, words, data),
            let .SessionIdMismatch(number, _, message, code, words, data),
            let .SessionError(number, _, message, code, words, data),
            let .CloudNotReady(number, _, message, code, words, data),
            let .CloudPolicyBlocked(number, _, message, code, words, data),
            let .SessionLocked(number, _, message, code, words, data),
            let .FsNotFound(number, _, message, code, words, data),
            let .FsInvalidPath(number, _, message, code, words, data),
            let .FsUnsupported(number, _, message, code, words, data),
            let .FsIo(number, _, message, code, words, data),
            let .FsConflict(number, _, message, code, words, data),
            let .FsCorrupt(number, _, message, code, words, data),
            let .Cancelled(number, _, message, code, words, data),
            let .Timeout(number, _, message, code, words, data),
            let .Internal(number, _, message, code, words, data):
            (number, message, code, words, data)
        }
    }
}

/// The decision that approves the same thing for the rest of the session.
func approvalForSession(of request: [String: JSONValue]) throws -> [String: JSONValue] {
    let told = try called { try approveForSession(request: JSONValue.object(request).text) }
    return try JSONValue(parsing: told).object ?? [:]
}
