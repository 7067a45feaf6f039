internal import CodriverFFI

extension Client {
    /// The stored sessions of the runtime; `filter` has the wire's names.
    public func listSessions(_ filter: [String: JSONValue]? = nil) async throws -> [SessionMetadata] {
        let filter = filter.map { JSONValue.object($0).text } ?? ""
        return try await sessionsOf(call { try await $0.listSessions(filter: filter) })
    }

    /// What is known of a stored session; `nil` where the runtime has none of that id.
    public func getSessionMetadata(_ sessionId: String) async throws -> SessionMetadata? {
        try await call { try await $0.getSessionMetadata(sessionId: sessionId) }.object.map(SessionMetadata.init(raw:))
    }

    /// The id of the session that was used last.
    public func getLastSessionId() async throws -> String? {
        try await call { try await $0.getLastSessionId() }.string
    }

    /// The stored events of a session, whether or not anybody has it open; their `seq` is 0.
    ///
    /// - Throws: ``CodriverError/sessionNotFound(_:)`` where there is none of that id.
    public func getEvents(_ sessionId: String) async throws -> [SessionEvent] {
        try await eventsOf(call { try await $0.getEvents(sessionId: sessionId) })
    }

    /// Erases a stored session.
    ///
    /// - Throws: ``CodriverError/sessionNotFound(_:)`` where there is none of that id.
    public func deleteSession(_ sessionId: String) async throws {
        try await awaited { try await native.deleteSession(sessionId: sessionId) }
    }

    /// The session the terminal shows; `nil` where there is no terminal.
    public func getForegroundSessionId() async throws -> String? {
        try await call { try await $0.getForegroundSessionId() }.string
    }

    /// Makes the terminal show a session.
    public func setForegroundSessionId(_ sessionId: String) async throws {
        try await awaited { try await native.setForegroundSessionId(sessionId: sessionId) }
    }

    /// Asks the runtime for a sign of life: `message`, `timestamp`.
    ///
    /// - Throws: ``CodriverError/closed(_:)`` where the client is not connected; ``CodriverError/runtimeLost(_:)`` where the runtime is
    ///   gone.
    @discardableResult
    public func ping(_ message: String? = nil) async throws -> JSONValue {
        try await call { try await $0.ping(message: message) }
    }

    /// The runtime's version and protocol: `version`, `protocolVersion`.
    public func getStatus() async throws -> JSONValue {
        try await call { try await $0.getStatus() }
    }

    /// Who is logged in: `isAuthenticated`, `login`, …
    public func getAuthStatus() async throws -> JSONValue {
        try await call { try await $0.getAuthStatus() }
    }

    /// The models the logged-in user may use: `id`, `name`, `capabilities`, …
    public func listModels() async throws -> [JSONValue] {
        try await call { try await $0.listModels() }.array ?? []
    }

    /// Any method of the runtime, with its result as it came. The way to all that has no name here.
    ///
    /// - Throws: ``CodriverError/methodNotFound(_:)`` where the runtime does not know it; ``CodriverError/rpc(_:)`` where it refused: its
    ///   `rpc` has the runtime's code, words and data.
    @discardableResult
    public func rpc(_ method: String, _ params: JSONValue? = nil) async throws -> JSONValue {
        let params = params?.text ?? ""
        return try await call { try await $0.rpc(method: method, params: params) }
    }

    /// The store of its sessions, opened for the caller; `nil` where the runtime keeps them, or files in Swift.
    public func sessionStore() throws -> Store? {
        try called { try native.sessionStore() }.map(Store.init(native:))
    }

    /// As ``createSession(_:)``; the session is disconnected when `body` ends, however that is.
    public func withSession<Result: Sendable>(
        _ config: SessionConfig = SessionConfig(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        let session = try await createSession(config)
        let result: Swift.Result<Result, any Swift.Error>
        do {
            result = .success(try await body(session))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: one that was cancelled must be able to disconnect it too.
        let ending = Task { try await session.disconnect() }
        do {
            try await ending.value
        } catch {
            complain("while disconnecting: \(describe(error))")
        }
        return try result.get()
    }

    private func call(_ method: @Sendable (CodriverFFI.Client) async throws -> String) async throws -> JSONValue {
        try await JSONValue(parsing: awaited { try await method(native) })
    }
}

func sessionsOf(_ told: JSONValue) -> [SessionMetadata] {
    (told.array ?? []).map { SessionMetadata(raw: $0.object ?? [:]) }
}

func eventsOf(_ told: JSONValue) -> [SessionEvent] {
    (told.array ?? []).map(SessionEvent.init(stored:))
}
