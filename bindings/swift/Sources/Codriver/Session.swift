internal import CodriverFFI

/// A session that is open in a client; made by ``Client/createSession(_:)`` and its like.
///
/// It lives until ``disconnect()``, the end of its client, or until nobody holds it any more: then it ends here, and the runtime keeps
/// what it stored. A handler that captures its session keeps it until it is disconnected.
public final class Session: Sendable {
    private struct State {
        var id: String
        var workspacePath: String?
        var isOver = false
        var listening: Pump?
        var failures: [(place: String, error: any Swift.Error)] = []
    }

    private static let mostFailures = 64

    let client: Client
    let native: CodriverFFI.Session
    let number: UInt64
    private let onHandlerError: (@Sendable (HandlerFailure) async throws -> Void)?
    private let state: Locked<State>

    /// From here on questions are answered and events are heard. `id` is the one it will have, where that is known.
    init(_ client: Client, _ config: SessionConfig, _ id: String?) throws {
        let json = try config.json
        let native = try called { try client.native.session(config: json) }
        self.client = client
        self.native = native
        number = native.id()
        onHandlerError = config.handlers.onHandlerError
        state = Locked(State(id: id ?? ""))
        client.sessions.withLock { $0[number] = Weak(object: self) }
        let handlers = config.handlers
        client.bridge.answer(number) { [weak self] kind, name, payload in
            try await handlers.answer(kind, name, payload) { [weak self] in self?.remember($0, $1) }
        }
        if handlers.onEvent.isEmpty { return }
        let pump = pump(
            number,
            take: { try native.take(max: batchEvents, maxBytes: batchBytes) },
            report: { try native.reportHandlerError(place: "on_event", message: $0) }
        )
        for handler in handlers.onEvent { pump.add(handler) }
    }

    deinit {
        // What was disconnected still tells the events that are left.
        if !state.current.isOver { close() }
    }

    /// The session's id.
    public var id: String { state.current.id }

    /// Where the runtime keeps the session's state; `nil` for cloud sessions.
    public var workspacePath: String? { state.current.workspacePath }

    /// Questions to the user of whoever shows this session.
    public var ui: Ui { Ui(session: self) }

    /// What the host's interface can do, as the runtime said last.
    public var capabilities: [String: JSONValue] {
        get throws { try JSONValue(parsing: called { try native.info() })["capabilities"]?.object ?? [:] }
    }

    /// What was counted for it: `events_received`, `events_delivered`, `events_lost`, …
    public var counters: [String: Int] {
        get throws { try countersOf(called { try native.counters() }) }
    }

    /// The events from now on: from when this is asked for, not from when somebody begins to take them. Ends when the session does, after
    /// the last event.
    public var events: SessionEvents { subscribe(from: nil) }

    /// The events from a sequence number on, as far as they are still held.
    public func events(from seq: UInt64) -> SessionEvents { subscribe(from: seq) }

    private func subscribe(from seq: UInt64?) -> SessionEvents {
        // One that is over has no events.
        SessionEvents(source: EventSource(cursor: try? native.subscribe(fromSeq: seq), bridge: client.bridge))
    }

    /// Calls a handler for each event from now on: in wire order, one at a time, after those registered before.
    ///
    /// - Parameter type: only events of this type.
    /// - Returns: what unregisters it; not needed otherwise.
    /// - Throws: ``CodriverError/closed(_:)`` where the session is over.
    @discardableResult
    public func on(
        _ type: String? = nil,
        _ handler: @escaping @Sendable (SessionEvent) async throws -> Void
    ) throws -> Registration {
        let pump = try listening()
        let number = pump.add { event in
            if type == nil || event.type == type { try await handler(event) }
        }
        return Registration { [weak pump] in pump?.remove(number) }
    }

    private func listening() throws -> Pump {
        try state.withLock { state in
            if let there = state.listening { return there }
            let cursor = try called { try native.subscribe(fromSeq: nil) }
            let fresh = pump(
                cursor.id(),
                take: { try cursor.take(max: batchEvents, maxBytes: batchBytes) },
                report: { try cursor.reportHandlerError(place: "on_event", message: $0) }
            )
            state.listening = fresh
            return fresh
        }
    }

    /// A pump that is waked by an id until all was told.
    private func pump(
        _ id: UInt64,
        take: @escaping @Sendable () throws -> EventBatch,
        report: @escaping @Sendable (String) throws -> Void
    ) -> Pump {
        let bridge = client.bridge
        let pump = Pump(
            spawn: bridge.spawn,
            take: take,
            failed: { [weak self] error in
                self?.remember("on_event", error)
                do {
                    try report(describe(error))
                } catch {
                    // After the end there is nobody to report to.
                    complain("handler on_event failed: \(describe(error))")
                }
            },
            ended: { [weak bridge] in bridge?.forgetWake(id) }
        )
        bridge.hear(id, Wake(wake: { pump.wake() }, end: { pump.end() }))
        // What came before somebody heard it.
        pump.wake()
        return pump
    }

    /// Ends the session here and tells the runtime, which keeps what it stored. Twice is fine.
    public func disconnect() async throws {
        defer { forget() }
        try await awaited { try await native.disconnect() }
    }

    /// Ends the session here without waiting; ``disconnect()`` tells the runtime.
    public func close() {
        forget()
        client.bridge.forgetWake(number)
        native.close()
    }

    func opened(_ info: String) {
        guard let told = try? JSONValue(parsing: info) else { return }
        state.withLock { state in
            state.id = told["sessionId"]?.string ?? ""
            state.workspacePath = told["workspacePath"]?.string
        }
    }

    /// The session is over: nobody is asked any more; the events that are left are still told.
    func forget() {
        let id = state.withLock { state in
            state.isOver = true
            return state.id
        }
        let gone = client.sessions.withLock { $0.removeValue(forKey: number) }
        _ = gone
        client.bridge.forgetAnswerer(number)
        client.bridge.files.forget(id)
    }

    private func remember(_ place: String, _ error: any Swift.Error) {
        state.withLock { state in
            state.failures.append((place, error))
            if state.failures.count > Self.mostFailures { state.failures.removeFirst() }
        }
    }

    /// A handler failed; `told` is what the library said of it, what was thrown here is better.
    func tellFailure(_ place: String, _ told: any Swift.Error) async {
        let (id, mine) = state.withLock { state in
            let at = state.failures.firstIndex { $0.place == place }
            return (state.id, at.map { state.failures.remove(at: $0).error })
        }
        let failure = HandlerFailure(place: place, sessionId: id, error: mine ?? told)
        guard let onHandlerError else {
            complain("handler \(place) of session \(id) failed: \(describe(failure.error))")
            return
        }
        do {
            try await onHandlerError(failure)
        } catch {
            if !Task.isCancelled { complain("a handler failed: \(describe(error))") }
        }
    }
}

extension Session: CustomStringConvertible {
    /// Its id.
    public var description: String { "Session(\(id))" }
}

/// A handler that is registered until this is cancelled.
public struct Registration: Sendable {
    let end: @Sendable () -> Void

    /// The handler hears no further event.
    public func cancel() { end() }
}
