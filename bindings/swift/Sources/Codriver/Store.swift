internal import CodriverFFI

/// A store of sessions, and what can be asked of stored sessions without a runtime.
public final class Store: Sendable {
    private let native: CodriverFFI.Store

    init(native: CodriverFFI.Store) {
        self.native = native
    }

    var number: Int { Int(native.id()) }

    /// Opens the store that a URL names: `memory:`, `dir:PATH`, `sqlite:PATH`, `sqlite-dir:PATH`. Not on the caller's thread.
    ///
    /// - Throws: ``CodriverError/invalidConfig(_:)`` where no store is called so; ``CodriverError/fsIo(_:)`` where it cannot be opened.
    public static func open(_ url: String) async throws -> Store {
        try await Task.detached { Store(native: try called { try CodriverFFI.Store.open(url: url) }) }.value
    }

    /// As ``open(_:)``, and makes nothing.
    ///
    /// - Throws: ``CodriverError/fsNotFound(_:)`` where there is nothing.
    public static func openExisting(_ url: String) async throws -> Store {
        try await Task.detached { Store(native: try called { try CodriverFFI.Store.openExisting(url: url) }) }.value
    }

    /// The sessions that are there, the last changed first; `filter` has the wire's names.
    public func listSessions(_ filter: [String: JSONValue]? = nil) async throws -> [SessionMetadata] {
        let filter = filter.map { JSONValue.object($0).text } ?? ""
        return try await sessionsOf(call { try await $0.listSessions(filter: filter) })
    }

    /// What is known of a session; `nil` where there is none of that id.
    public func getSessionMetadata(_ sessionId: String) async throws -> SessionMetadata? {
        try await call { try await $0.getSessionMetadata(sessionId: sessionId) }.object.map(SessionMetadata.init(raw:))
    }

    /// The id of the session that was changed last.
    public func getLastSessionId() async throws -> String? {
        try await call { try await $0.getLastSessionId() }.string
    }

    /// The events of a session; lines of its log that are none are left out, and counted.
    ///
    /// - Throws: ``CodriverError/sessionNotFound(_:)`` where there is none of that id.
    public func getEvents(_ sessionId: String) async throws -> (events: [SessionEvent], unreadable: Int) {
        let told = try await call { try await $0.getEvents(sessionId: sessionId) }
        return (eventsOf(told["events"] ?? .null), told["unreadable"]?.int ?? 0)
    }

    /// Erases a session with all its files.
    public func deleteSession(_ sessionId: String) async throws {
        try await awaited { try await native.deleteSession(sessionId: sessionId) }
    }

    /// Makes the session `newId` of what `sessionId` is now.
    public func forkSession(_ sessionId: String, _ newId: String) async throws {
        try await awaited { try await native.forkSession(sessionId: sessionId, newId: newId) }
    }

    /// Writes a session into a new file; gives the archive's manifest.
    @discardableResult
    public func exportSession(_ sessionId: String, path: String) async throws -> JSONValue {
        try await call { try await $0.exportSession(sessionId: sessionId, path: path) }
    }

    /// Makes a session of what ``exportSession(_:path:)`` wrote, under the id it had or a new one; gives the id.
    @discardableResult
    public func importSession(path: String, newId: String? = nil) async throws -> String {
        try await call { try await $0.importSession(path: path, newId: newId) }.string ?? ""
    }

    /// What is wrong with the event log of a session, which stays as it is: `sessionId`, `bytes`, `events`, `damage`, `quarantine`.
    public func check(_ sessionId: String) async throws -> JSONValue {
        try await call { try await $0.check(sessionId: sessionId) }
    }

    /// ``check(_:)`` of every session; one that cannot be read has `sessionId` and `error`.
    public func checkAll() async throws -> [JSONValue] {
        try await call { try await $0.checkAll() }.array ?? []
    }

    /// Repairs the event log of a session, and says what was wrong, as ``check(_:)``.
    @discardableResult
    public func repair(_ sessionId: String) async throws -> JSONValue {
        try await call { try await $0.repair(sessionId: sessionId) }
    }

    /// ``repair(_:)`` of every session, as ``checkAll()``.
    @discardableResult
    public func repairAll() async throws -> [JSONValue] {
        try await call { try await $0.repairAll() }.array ?? []
    }

    /// Gives it back before it is freed; clients that were given it keep it.
    public func close() {
        native.close()
    }

    private func call(_ method: @Sendable (CodriverFFI.Store) async throws -> String) async throws -> JSONValue {
        try await JSONValue(parsing: awaited { try await method(native) })
    }
}

/// What belongs to no client.
public enum CodriverLibrary {
    /// The version of this library.
    public static var version: String { CodriverFFI.version() }

    /// Where the runtime is that a client with these options would start: `path`, `origin`.
    ///
    /// - Throws: ``CodriverError/runtimeNotFound(_:)`` with all that was tried.
    public static func findRuntime(_ options: ClientOptions = ClientOptions()) throws -> JSONValue {
        let json = try options.json
        return try JSONValue(parsing: called { try CodriverFFI.findRuntime(options: json) })
    }
}
