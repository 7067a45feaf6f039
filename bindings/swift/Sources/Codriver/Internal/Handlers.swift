/// Who is told of what concerns no session.
struct ClientHandlers: Sendable {
    var onState: (@Sendable (String) async throws -> Void)?
    var onLifecycle: (@Sendable (LifecycleEvent) async throws -> Void)?
    var onNotification: (@Sendable (String, JSONValue) async throws -> Void)?
    var spawn: Spawn = { work in Task { await work() } }
}

/// The handlers of one session: which questions they answer, and with what.
struct SessionHandlers: Sendable {
    private struct Question: Hashable {
        let kind: String
        let name: String
    }

    private struct Answering {
        let place: String
        let answer: @Sendable (JSONValue) async throws -> JSONValue
    }

    var onEvent: [Pump.Handler] = []
    var onHandlerError: (@Sendable (HandlerFailure) async throws -> Void)?

    /// Tools without a handler here, as on the wire.
    private(set) var declared: [JSONValue] = []

    private var answers: [Question: Answering] = [:]
    private var ones: [String: JSONValue] = [:]
    private var lists: [String: [JSONValue]] = [:]

    /// A question that has one handler.
    mutating func one(
        _ kind: String,
        _ place: String,
        _ answer: @escaping @Sendable ([String: JSONValue]) async throws -> JSONValue
    ) {
        ones[kind] = true
        answers[Question(kind: kind, name: "")] = Answering(place: place) { try await answer($0.object ?? [:]) }
    }

    /// A question that has a handler for each name; `list` is where the core is told of them.
    mutating func named(
        _ list: String,
        _ kind: String,
        _ name: String,
        _ place: String,
        _ definition: JSONValue,
        _ answer: @escaping @Sendable (JSONValue) async throws -> JSONValue
    ) {
        let before = answers.updateValue(Answering(place: place, answer: answer), forKey: Question(kind: kind, name: name))
        if before == nil { lists[list, default: []].append(definition) }
    }

    mutating func tool(_ tool: Tool) {
        guard let run = tool.run else {
            declared.append(tool.definition)
            return
        }
        // A second tool of a name is refused by the core, in the words of every language.
        lists["tools", default: []].append(tool.definition)
        answers[Question(kind: "tool", name: tool.name)] =
            Answering(place: "tool") { try await run(ToolInvocation(raw: $0.object ?? [:])) }
    }

    /// `handlers` of the session's config.
    var wire: JSONValue {
        var fields = ones
        if !onEvent.isEmpty { fields["onEvent"] = true }
        for (list, definitions) in lists { fields[list] = .array(definitions) }
        return .object(fields)
    }

    /// Answers a question; `failed` is told the place of a handler and what it threw.
    func answer(
        _ kind: String,
        _ name: String,
        _ payload: JSONValue,
        failed: @Sendable (String, any Error) -> Void
    ) async throws -> JSONValue {
        guard let answering = answers[Question(kind: kind, name: name)] else {
            throw CodriverError.internal(.init("nobody answers \(kind) \(name) here"))
        }
        do {
            return try await answering.answer(payload)
        } catch {
            if !Task.isCancelled { failed(answering.place, error) }
            throw error
        }
    }
}
