import Codriver
import Foundation

/// The conformance driver of the Swift package: JSON lines in, JSON lines out, by nothing but the public API.
final class Driver: Sendable {
    struct State {
        var given: JSONValue?
        var client: Client?
        var stopped = false
        var sessions: [String: Session] = [:]
        var running: [Int: Task<Void, Never>] = [:]
    }

    static let patience = Duration.seconds(60)

    let state = Guarded(State())
    let foreign = ForeignStore()
    let loop = Loop()

    /// Starts the command of a line; false ends the driver.
    func begin(_ line: String) -> Bool {
        guard let command = try? JSONValue(parsing: line), let op = command["op"]?.string else {
            Say.line(["error": ["number": 1, "name": "INVALID_ARGUMENT", "message": .string("no command: \(line)")]])
            return true
        }
        if op == "exit" { return false }
        let id = command["id"]?.int ?? 0
        state.change { state in
            state.running[id] = Task(executorPreference: loop) {
                do {
                    Say.line(["id": .int(id), "ok": try await self.run(op, command)])
                } catch {
                    Say.line(["id": .int(id), "error": Say.error(error)])
                }
                self.state.change { state in _ = state.running.removeValue(forKey: id) }
            }
        }
        return true
    }

    func client() throws -> Client {
        guard let client = state.value.client else { throw invalid("no start came before this") }
        return client
    }

    func session(_ command: JSONValue) throws -> Session {
        let name = command["session"]?.string ?? ""
        guard let session = state.value.sessions[name] else { throw invalid("no session is called \(name)") }
        return session
    }

    private func run(_ op: String, _ command: JSONValue) async throws -> JSONValue {
        let id = command["session_id"]?.string ?? ""
        let prompt = command["prompt"]?.string ?? ""
        switch op {
        case "start": return try await start(command)
        case "create_session": return try await create(command)
        case "resume_session": return try await resume(command)
        case "send": return ["message_id": .string(try await session(command).send(prompt))]
        case "send_and_wait":
            let timeout = command["timeout_ms"]?.int.map { Duration.milliseconds($0) } ?? Self.patience
            let turn = try await session(command).sendAndWait(prompt, timeout: timeout)
            return ["content": turn.content.map(JSONValue.string) ?? .null]
        case "wait_ready": try await session(command).waitUntilReady(timeout: Self.patience)
        case "abort": try await session(command).abort()
        case "disconnect": try await session(command).disconnect()
        case "get_events": return ["types": .array(try await session(command).getEvents().map { .string($0.type) })]
        case "set_model": try await session(command).setModel(command["model"]?.string ?? "")
        case "subscribe": try subscribe(command)
        case "list_sessions":
            return ["ids": .array(try await client().listSessions(command["filter"]?.object).map { .string($0.sessionId) })]
        case "get_metadata": return ["found": .bool(try await client().getSessionMetadata(id) != nil)]
        case "delete_session": try await client().deleteSession(id)
        case "last_session_id":
            return ["session_id": try await client().getLastSessionId().map(JSONValue.string) ?? .null]
        case "ping": return ["message": try await client().ping(command["message"]?.string)["message"] ?? .null]
        case "rpc":
            let method = command["method"]?.string ?? ""
            if command["session"]?.string == nil { return try await client().rpc(method, command["params"]) }
            return try await session(command).rpc(method, command["params"]?.object)
        case "counters":
            let isSession = command["session"]?.string != nil
            let counters = try isSession ? session(command).counters : client().counters
            return .object(counters.mapValues(JSONValue.int))
        case "cancel": state.value.running[command["target"]?.int ?? 0]?.cancel()
        case "stop": return try await ended { try await $0.stop() }
        case "force_stop": return try await ended { try await $0.forceStop() }
        default: throw invalid("not a command: \(op)")
        }
        return .object([:])
    }

    private func create(_ command: JSONValue) async throws -> JSONValue {
        let config = command["config"] ?? .object([:])
        foreign.expect(config["sessionId"]?.string, command["handlers"]?["fs"]?.string ?? "memory")
        return keep(command, try await client().createSession(configured(command, config)))
    }

    private func resume(_ command: JSONValue) async throws -> JSONValue {
        let id = command["session_id"]?.string ?? ""
        foreign.expect(id, command["handlers"]?["fs"]?.string ?? "memory")
        return keep(command, try await client().resumeSession(id, configured(command, command["config"] ?? .object([:]))))
    }

    private func configured(_ command: JSONValue, _ config: JSONValue) throws -> SessionConfig {
        var fields = config.object ?? [:]
        let declared = fields.removeValue(forKey: "tools")?.array ?? []
        return try SessionConfig(extra: fields)
            .behave(client(), command["session"]?.string ?? "", declared, command["handlers"] ?? .object([:]))
    }

    private func keep(_ command: JSONValue, _ session: Session) -> JSONValue {
        state.change { $0.sessions[command["session"]?.string ?? ""] = session }
        return .object(
            .some(["session_id": .string(session.id), "workspace_path": session.workspacePath.map(JSONValue.string)])
        )
    }

    private func subscribe(_ command: JSONValue) throws {
        let session = try session(command)
        let from = command["from_seq"]?.int
        // Subscribed before the result is said.
        let events = from.map { session.events(from: UInt64($0)) } ?? session.events
        Task(executorPreference: loop) {
            for await event in events {
                Say.event(command["session"]?.string ?? "", event, subscriber: command["id"])
            }
        }
    }

    private func ended(_ end: (Client) async throws -> [CodriverError]) async throws -> JSONValue {
        state.change { $0.stopped = true }
        return ["errors": .array(try await end(client()).map(Say.error))]
    }
}

func invalid(_ words: String) -> CodriverError { .invalidArgument(.init(words)) }

/// A value behind a lock.
final class Guarded<Value>: @unchecked Sendable {
    // The value is read and written with the lock held, which is why it is @unchecked Sendable.
    private let lock = NSLock()
    private var held: Value

    init(_ value: Value) { held = value }

    func change<R>(_ work: (inout Value) throws -> R) rethrows -> R {
        lock.lock()
        defer { lock.unlock() }
        return try work(&held)
    }

    var value: Value { change { $0 } }
}
