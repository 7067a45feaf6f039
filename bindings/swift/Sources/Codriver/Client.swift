internal import CodriverFFI

/// What the handshake said of the runtime.
public struct RuntimeInfo: Sendable, Hashable {
    /// Its version, e.g. `1.0.102`.
    public let version: String
    /// The protocol it speaks.
    public let protocolVersion: Int
}

/// A client of one runtime, and the sessions on it.
///
/// ```swift
/// let client = try await Client.start()
/// let session = try await client.createSession(SessionConfig(model: "gpt-5"))
/// print(try await session.sendAndWait("What is the capital of France?").content ?? "")
/// try await client.stop()
/// ```
///
/// ``withClient(_:_:)`` stops it in order at the end. A client that nobody holds any more is closed, and its runtime killed; a session
/// holds its client.
public final class Client: Sendable {
    let native: CodriverFFI.Client
    let bridge: Bridge
    let sessions = Locked<[UInt64: Weak<Session>]>([:])
    private let handlers: ClientHandlers
    // A store must live as long as the client that was given its number.
    private let store: Store?

    /// Starts a runtime, or connects to one.
    ///
    /// - Throws: ``CodriverError/invalidConfig(_:)`` for an option that cannot work, by its name;
    ///   ``CodriverError/runtimeNotFound(_:)`` with all that was tried; ``CodriverError/runtimeLost(_:)`` where it ended at once, with its
    ///   last words.
    public static func start(_ options: ClientOptions = ClientOptions()) async throws -> Client {
        let client = try Client(options: options)
        do {
            try await client.start()
            return client
        } catch {
            client.close()
            throw error
        }
    }

    /// A client that is not connected yet; ``start()`` connects it.
    public init(options: ClientOptions) throws {
        let bridge = Bridge(spawn: options.handlers.spawn, openFiles: options.sessionFs?.openFiles)
        let json = try options.json
        self.bridge = bridge
        native = try called { try CodriverFFI.Client(options: json, callbacks: bridge, files: bridge.files) }
        handlers = options.handlers
        store = options.sessionFs?.store
        let waker = Waker(bridge.spawn)
        let take: @Sendable () async -> Void = { [weak self] in await self?.takeNotices() }
        bridge.hear(native.id(), Wake(wake: { waker.wake(take) }, end: { waker.end() }))
    }

    deinit {
        close()
    }

    /// `disconnected`, `connecting`, `connected` or `error`.
    public var state: String {
        get throws { try info().string("state") }
    }

    /// What the runtime said of itself; `nil` where the client is not connected.
    public var runtime: RuntimeInfo? {
        get throws {
            let info = try info()
            guard let version = info["runtimeVersion"]?.string else { return nil }
            return RuntimeInfo(version: version, protocolVersion: info["protocolVersion"]?.int ?? 0)
        }
    }

    /// The process id of the runtime, where it is a child of this client.
    public var runtimePid: Int? {
        get throws { try info()["runtimePid"]?.int }
    }

    /// What was counted for all its sessions together: `events_received`, `events_delivered`, `events_lost`, …
    public var counters: [String: Int] {
        get throws { try countersOf(called { try native.counters() }) }
    }

    /// Connects, and starts the runtime where that is ours to do; does nothing where the client is connected. After an error or a lost
    /// runtime it may be called again.
    public func start() async throws {
        _ = try await awaited { try await native.connect() }
    }

    /// Ends the client in order: sessions, runtime, and all that the runtime started. Twice is fine.
    ///
    /// - Returns: what went wrong; the client is stopped all the same.
    @discardableResult
    public func stop() async throws -> [CodriverError] {
        try await ended { try await native.stop() }
    }

    /// Ends the client at once: the runtime is killed with all that it started.
    @discardableResult
    public func forceStop() async throws -> [CodriverError] {
        try await ended { try await native.forceStop() }
    }

    /// Gives everything back without waiting: the runtime is killed, handlers are cancelled. ``stop()`` ends it in order.
    public func close() {
        native.close()
        bridge.end()
    }

    /// Creates a session. Its handlers are there before the first byte is written.
    ///
    /// - Throws: ``CodriverError/invalidConfig(_:)`` for an option that cannot work, by its name;
    ///   ``CodriverError/sessionAlreadyOpen(_:)`` where that session is open here.
    public func createSession(_ config: SessionConfig = SessionConfig()) async throws -> Session {
        try await open(config, config.sessionId) { try await $0.create() }
    }

    /// Resumes a stored session.
    ///
    /// - Throws: ``CodriverError/sessionNotFound(_:)`` where the runtime has none of that id;
    ///   ``CodriverError/sessionAlreadyOpen(_:)`` where it is open here.
    public func resumeSession(_ sessionId: String, _ config: SessionConfig = SessionConfig()) async throws -> Session {
        try await open(config, sessionId) { try await $0.resume(sessionId: sessionId) }
    }

    /// Joins the session of the runtime that started this process as an extension (`transport: .parent`).
    public func joinSession(_ config: SessionConfig = SessionConfig()) async throws -> Session {
        try await open(config, nil) { try await $0.join() }
    }

    private func open(
        _ config: SessionConfig,
        _ id: String?,
        _ method: @Sendable (CodriverFFI.Session) async throws -> String
    ) async throws -> Session {
        let session = try Session(self, config, id)
        do {
            session.opened(try await awaited { try await method(session.native) })
            return session
        } catch {
            session.close()
            throw error
        }
    }

    private func info() throws -> [String: JSONValue] {
        try JSONValue(parsing: called { try native.info() }).object ?? [:]
    }

    private func ended(_ method: () async throws -> String) async throws -> [CodriverError] {
        let told = try await JSONValue(parsing: awaited(method))
        for session in sessions.current.values { session.object?.forget() }
        return (told.array ?? []).map(CodriverError.init(told:))
    }

    func takeNotices() async {
        var more = true
        while more && !Task.isCancelled {
            guard let batch = try? native.take(max: 256), let notices = try? JSONValue(parsing: batch.json) else { return }
            for notice in notices.array ?? [] { await tell(notice) }
            more = batch.more
        }
    }

    private func tell(_ notice: JSONValue) async {
        do {
            switch notice["kind"]?.string {
            case "state": try await handlers.onState?(notice["state"]?.string ?? "")
            case "lifecycle": try await handlers.onLifecycle?(LifecycleEvent(raw: notice["event"]?.object ?? [:]))
            case "notification":
                try await handlers.onNotification?(notice["method"]?.string ?? "", notice["params"] ?? .null)
            case "handlerError":
                let session = notice["session"]?.int.flatMap { sessions.current[UInt64($0)]?.object }
                let error = CodriverError(told: notice["error"] ?? .null)
                await session?.tellFailure(notice["place"]?.string ?? "", error)
            default: break
            }
        } catch {
            if !Task.isCancelled { complain("a handler failed: \(describe(error))") }
        }
    }
}

extension Client: CustomStringConvertible {
    /// Its state.
    public var description: String { "Client(\((try? state) ?? "closed"))" }
}

/// Starts a client, calls `body` with it, and stops it in order, however that ends.
public func withClient<Result: Sendable>(
    _ options: ClientOptions = ClientOptions(),
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Client) async throws -> Result
) async throws -> Result {
    let client = try await Client.start(options)
    let result: Swift.Result<Result, any Swift.Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    // In a task of its own: one that was cancelled must be able to stop it too.
    let stopping = Task {
        for error in try await client.stop() { complain("while stopping: \(error)") }
    }
    do {
        try await stopping.value
    } catch {
        complain("while stopping: \(describe(error))")
    }
    await client.takeNotices()
    return try result.get()
}

func countersOf(_ json: String) throws -> [String: Int] {
    try JSONValue(parsing: json).object?.compactMapValues(\.int) ?? [:]
}
