import Foundation

/// The JSON-RPC error object that the runtime answered with.
public struct RpcDetails: Sendable, Hashable {
    /// The code, e.g. -32603.
    public let code: Int
    /// The runtime's own words.
    public let message: String
    /// What it sent with them.
    public let data: JSONValue?

    /// Puts one together, for tests.
    public init(code: Int, message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }
}

/// Anything that Codriver reports: a case for each name, with the same numbers in every language.
///
/// ```swift
/// do {
///     return try await client.resumeSession(id)
/// } catch CodriverError.sessionNotFound {
///     return try await client.createSession(SessionConfig(sessionId: id))
/// }
/// ```
///
/// A task that is cancelled gets Swift's own `CancellationError` instead.
public enum CodriverError: Error, Sendable, Hashable {
    /// What every case has.
    public struct Details: Sendable, Hashable {
        /// A sentence for people.
        public let message: String
        /// The runtime's error object, where the runtime answered with one.
        public let rpc: RpcDetails?

        /// Puts them together, for what your own files and handlers throw.
        public init(_ message: String, rpc: RpcDetails? = nil) {
            self.message = message
            self.rpc = rpc
        }
    }

    /// An argument of a call is not usable.
    case invalidArgument(Details)
    /// A client or session option is not usable; the message names the field.
    case invalidConfig(Details)
    /// The client or session was stopped, disconnected or never connected.
    case closed(Details)
    /// A blocking call from a thread that must not block.
    case wouldDeadlock(Details)
    /// The handle was made before `fork`; make a new client in the child.
    case forked(Details)
    /// A handle that names nothing (any more).
    case badHandle(Details)
    /// A text that is not UTF-8.
    case invalidUtf8(Details)
    /// No runtime was found; the message has all that was tried.
    case runtimeNotFound(Details)
    /// The runtime is gone; the message has its exit status and last words.
    case runtimeLost(Details)
    /// The runtime could not be reached.
    case connectFailed(Details)
    /// The runtime wants a connection token.
    case authenticationRequired(Details)
    /// The runtime refused the connection token.
    case authenticationFailed(Details)
    /// The runtime said something that is not in the protocol.
    case `protocol`(Details)
    /// The runtime speaks another version of the protocol.
    case versionMismatch(Details)
    /// The runtime refused a call; `rpc` has its code, words and data.
    case rpc(Details)
    /// The runtime does not know the method.
    case methodNotFound(Details)
    /// A message is larger than the limit.
    case frameTooLarge(Details)
    /// There is no session of that id.
    case sessionNotFound(Details)
    /// A session of that id is open in this client.
    case sessionAlreadyOpen(Details)
    /// The runtime answered with another session's id.
    case sessionIdMismatch(Details)
    /// The turn failed.
    case sessionError(Details)
    /// The worker of a cloud session did not come in time.
    case cloudNotReady(Details)
    /// A policy forbids the cloud session.
    case cloudPolicyBlocked(Details)
    /// Somebody else has the session open.
    case sessionLocked(Details)
    /// There is no such file or directory.
    case fsNotFound(Details)
    /// The path is not usable.
    case fsInvalidPath(Details)
    /// The store cannot do that.
    case fsUnsupported(Details)
    /// The store failed.
    case fsIo(Details)
    /// Somebody else changed the file meanwhile.
    case fsConflict(Details)
    /// What is stored is damaged.
    case fsCorrupt(Details)
    /// The call was cancelled, by the end of its client for example.
    case cancelled(Details)
    /// The time was over; the message says what was pending.
    case timeout(Details)
    /// A fault of Codriver itself.
    case `internal`(Details)
}

extension CodriverError {
    /// The stable number of its kind.
    public var number: Int { parts.number }

    /// The stable name of its kind, e.g. `SESSION_NOT_FOUND`.
    public var name: String { parts.name }

    /// A sentence for people.
    public var message: String { parts.details.message }

    /// The runtime's error object, where the runtime answered with one.
    public var rpc: RpcDetails? { parts.details.rpc }

    /// The error of a number; of one that is not known here, `internal`.
    public init(number: Int, message: String, rpc: RpcDetails? = nil) {
        let details = Details(message, rpc: rpc)
        switch number {
        case 1: self = .invalidArgument(details)
        case 2: self = .invalidConfig(details)
        case 3: self = .closed(details)
        case 4: self = .wouldDeadlock(details)
        case 5: self = .forked(details)
        case 6: self = .badHandle(details)
        case 7: self = .invalidUtf8(details)
        case 20: self = .runtimeNotFound(details)
        case 21: self = .runtimeLost(details)
        case 22: self = .connectFailed(details)
        case 23: self = .authenticationRequired(details)
        case 24: self = .authenticationFailed(details)
        case 40: self = .protocol(details)
        case 41: self = .versionMismatch(details)
        case 42: self = .rpc(details)
        case 43: self = .methodNotFound(details)
        case 44: self = .frameTooLarge(details)
        case 60: self = .sessionNotFound(details)
        case 61: self = .sessionAlreadyOpen(details)
        case 62: self = .sessionIdMismatch(details)
        case 63: self = .sessionError(details)
        case 64: self = .cloudNotReady(details)
        case 65: self = .cloudPolicyBlocked(details)
        case 66: self = .sessionLocked(details)
        case 80: self = .fsNotFound(details)
        case 81: self = .fsInvalidPath(details)
        case 82: self = .fsUnsupported(details)
        case 83: self = .fsIo(details)
        case 84: self = .fsConflict(details)
        case 85: self = .fsCorrupt(details)
        case 100: self = .cancelled(details)
        case 101: self = .timeout(details)
        default: self = .internal(details)
        }
    }

    private var parts: (number: Int, name: String, details: Details) {
        switch self {
        case .invalidArgument(let details): (1, "INVALID_ARGUMENT", details)
        case .invalidConfig(let details): (2, "INVALID_CONFIG", details)
        case .closed(let details): (3, "CLOSED", details)
        case .wouldDeadlock(let details): (4, "WOULD_DEADLOCK", details)
        case .forked(let details): (5, "FORKED", details)
        case .badHandle(let details): (6, "BAD_HANDLE", details)
        case .invalidUtf8(let details): (7, "INVALID_UTF8", details)
        case .runtimeNotFound(let details): (20, "RUNTIME_NOT_FOUND", details)
        case .runtimeLost(let details): (21, "RUNTIME_LOST", details)
        case .connectFailed(let details): (22, "CONNECT_FAILED", details)
        case .authenticationRequired(let details): (23, "AUTHENTICATION_REQUIRED", details)
        case .authenticationFailed(let details): (24, "AUTHENTICATION_FAILED", details)
        case .protocol(let details): (40, "PROTOCOL", details)
        case .versionMismatch(let details): (41, "VERSION_MISMATCH", details)
        case .rpc(let details): (42, "RPC", details)
        case .methodNotFound(let details): (43, "METHOD_NOT_FOUND", details)
        case .frameTooLarge(let details): (44, "FRAME_TOO_LARGE", details)
        case .sessionNotFound(let details): (60, "SESSION_NOT_FOUND", details)
        case .sessionAlreadyOpen(let details): (61, "SESSION_ALREADY_OPEN", details)
        case .sessionIdMismatch(let details): (62, "SESSION_ID_MISMATCH", details)
        case .sessionError(let details): (63, "SESSION_ERROR", details)
        case .cloudNotReady(let details): (64, "CLOUD_NOT_READY", details)
        case .cloudPolicyBlocked(let details): (65, "CLOUD_POLICY_BLOCKED", details)
        case .sessionLocked(let details): (66, "SESSION_LOCKED", details)
        case .fsNotFound(let details): (80, "FS_NOT_FOUND", details)
        case .fsInvalidPath(let details): (81, "FS_INVALID_PATH", details)
        case .fsUnsupported(let details): (82, "FS_UNSUPPORTED", details)
        case .fsIo(let details): (83, "FS_IO", details)
        case .fsConflict(let details): (84, "FS_CONFLICT", details)
        case .fsCorrupt(let details): (85, "FS_CORRUPT", details)
        case .cancelled(let details): (100, "CANCELLED", details)
        case .timeout(let details): (101, "TIMEOUT", details)
        case .internal(let details): (120, "INTERNAL", details)
        }
    }
}

extension CodriverError: LocalizedError, CustomStringConvertible {
    /// Name and sentence.
    public var description: String { "\(name): \(message)" }

    /// Name and sentence.
    public var errorDescription: String? { description }
}
