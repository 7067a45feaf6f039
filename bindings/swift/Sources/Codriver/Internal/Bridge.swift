import Foundation
internal import CodriverFFI

/// Answers a question to a session: kind, name, payload to JSON.
typealias Answerer = @Sendable (String, String, JSONValue) async throws -> JSONValue

/// What takes where something is announced, and what ends with the client.
struct Wake: Sendable {
    let wake: @Sendable () -> Void
    let end: @Sendable () -> Void
}

/// The other side of the library's callbacks, for one client: from its thread into tasks, and answers back.
///
/// Each callback only begins a task: the library's thread never runs user code. Knows no client, so that the library keeps none alive.
final class Bridge: Callbacks {
    let files: Files

    private struct State {
        var isOver = false
        var wakes: [UInt64: Wake] = [:]
        var answerers: [UInt64: Answerer] = [:]
    }

    private let state = Locked(State())
    let spawn: Spawn
    private let running: Running

    init(spawn: @escaping Spawn, openFiles: OpenFiles?) {
        self.spawn = spawn
        running = Running(spawn)
        files = Files(running: running, open: openFiles)
    }

    /// From here on the id's wakes are heard.
    func hear(_ id: UInt64, _ wake: Wake) {
        let isOver = state.withLock { state in
            if !state.isOver { state.wakes[id] = wake }
            return state.isOver
        }
        if isOver { wake.end() }
    }

    func forgetWake(_ id: UInt64) {
        let gone = state.withLock { $0.wakes.removeValue(forKey: id) }
        _ = gone
    }

    /// From here on questions to the session are answered.
    func answer(_ session: UInt64, _ answerer: @escaping Answerer) {
        state.withLock { $0.answerers[session] = answerer }
    }

    func forgetAnswerer(_ session: UInt64) {
        let gone = state.withLock { $0.answerers.removeValue(forKey: session) }
        _ = gone
    }

    /// The client is closed: nobody is waked any more, and who waits goes on.
    func end() {
        let gone = state.withLock { state in
            defer { state = State(isOver: true) }
            return state
        }
        for wake in gone.wakes.values { wake.end() }
        running.cancelAll()
    }

    // MARK: On the library's thread

    func wake(id: UInt64) throws {
        state.withLock { $0.wakes[id] }?.wake()
    }

    func request(callId: UInt64, session: UInt64, kind: String, name: String, payload: String) throws {
        let answerer = state.withLock { $0.answerers[session] }
        running.run(callId) {
            guard let answerer else { throw CodriverError.closed(.init("the session is not open here any more")) }
            let answer = try await answerer(kind, name, JSONValue(parsing: payload))
            do {
                try CodriverFFI.respond(callId: callId, json: answer.text)
            } catch let refused as NativeError {
                if case .InvalidArgument = refused {
                    complain("the answer of handler \(kind) \(name) was refused: \(describe(refused))")
                }
                throw refused
            }
        }
    }

    func cancel(callId: UInt64) throws {
        running.cancel(callId)
    }
}

/// The tasks that answer calls.
final class Running: Sendable {
    private let tasks = Locked<[UInt64: Task<Void, Never>]>([:])
    private let spawn: Spawn

    init(_ spawn: @escaping Spawn) {
        self.spawn = spawn
    }

    /// Runs what answers a call. Whatever ends it without an answer is one: the call never waits for its deadline.
    func run(_ callId: UInt64, _ work: @escaping @Sendable () async throws -> Void) {
        tasks.withLock { tasks in
            tasks[callId] = spawn {
                do {
                    try Task.checkCancellation()
                    try await work()
                } catch {
                    if Task.isCancelled {
                        Self.fail(callId, Self.cancelled, "the handler was cancelled")
                    } else {
                        Self.fail(callId, number(of: error), describe(error))
                    }
                }
                self.tasks.withLock { tasks in _ = tasks.removeValue(forKey: callId) }
            }
        }
    }

    func cancel(_ callId: UInt64) {
        tasks.withLock { $0[callId] }?.cancel()
    }

    func cancelAll() {
        for task in tasks.withLock({ Array($0.values) }) { task.cancel() }
    }

    private static let cancelled = 100

    private static func fail(_ callId: UInt64, _ number: Int, _ message: String) {
        do {
            try CodriverFFI.fail(callId: callId, number: UInt32(number), message: message)
        } catch {
            // It was answered or given up meanwhile.
        }
    }
}
