internal import CodriverFFI

/// How a turn ended.
public struct Turn: Sendable, Hashable {
    /// The id the runtime gave the prompt; empty where it does not tell.
    public let messageId: String
    /// The last text the assistant said in this turn; `nil` where it said none.
    public let content: String?
    /// Whether the turn was aborted.
    public let aborted: Bool
}

extension Session {
    /// Sends a prompt; the turn goes on by itself. Prompts go out in the order in which the calls begin.
    ///
    /// - Returns: the id of the message.
    /// - Throws: ``CodriverError/cloudNotReady(_:)`` where the worker of a cloud session did not come; ``CodriverError/closed(_:)`` where
    ///   the session is over.
    @discardableResult
    public func send(_ prompt: String, _ options: SendOptions = SendOptions()) async throws -> String {
        let options = try options.json(prompt)
        return try await call { try await $0.send(options: options) }.string ?? ""
    }

    /// Sends a prompt and waits for the end of its turn, whatever else the session does.
    ///
    /// - Parameter abortOnTimeout: whether the turn is aborted after `timeout`; else it goes on.
    /// - Throws: ``CodriverError/timeout(_:)`` with the last event, and what is pending; ``CodriverError/sessionError(_:)`` where the turn
    ///   failed; ``CodriverError/closed(_:)`` where the session is over.
    @discardableResult
    public func sendAndWait(
        _ prompt: String,
        timeout: Duration = .seconds(60),
        abortOnTimeout: Bool = false,
        _ options: SendOptions = SendOptions()
    ) async throws -> Turn {
        let options = try options.json(prompt)
        let milliseconds = try timeout.milliseconds
        let told = try await call {
            try await $0.sendAndWait(options: options, timeoutMs: milliseconds, abortOnTimeout: abortOnTimeout)
        }
        return Turn(
            messageId: told["messageId"]?.string ?? "",
            content: told["content"]?.string,
            aborted: told["aborted"]?.bool ?? false
        )
    }

    /// Stops what the session is doing. Handlers at work are cancelled.
    public func abort() async throws {
        try await awaited { try await native.abort() }
    }

    /// The stored events; they have no sequence numbers (`seq` is 0).
    public func getEvents() async throws -> [SessionEvent] {
        try await eventsOf(call { try await $0.getEvents() })
    }

    /// Switches to another model, from the next turn on.
    public func setModel(_ model: String, reasoningEffort: String? = nil) async throws {
        try await awaited { try await native.setModel(model: model, reasoningEffort: reasoningEffort) }
    }

    /// Puts a line into the session's log; `level`: `info`, `warning`, `error`. Gives the event's id.
    @discardableResult
    public func log(_ message: String, level: String? = nil, ephemeral: Bool = false) async throws -> String {
        try await call { try await $0.log(message: message, level: level, ephemeral: ephemeral) }.string ?? ""
    }

    /// Waits until the session takes prompts; only a cloud session's worker has to come first.
    ///
    /// - Throws: ``CodriverError/cloudNotReady(_:)`` where it did not come within `timeout`.
    public func waitUntilReady(timeout: Duration = .seconds(120)) async throws {
        let milliseconds = try timeout.milliseconds
        try await awaited { try await native.waitUntilReady(patienceMs: milliseconds) }
    }

    /// Any method of the runtime, with `sessionId` added to `params`, and its result as it came.
    ///
    /// - Throws: ``CodriverError/methodNotFound(_:)`` where the runtime does not know it; ``CodriverError/rpc(_:)`` where it refused.
    @discardableResult
    public func rpc(_ method: String, _ params: [String: JSONValue]? = nil) async throws -> JSONValue {
        let params = params.map { JSONValue.object($0).text } ?? ""
        return try await call { try await $0.rpc(method: method, params: params) }
    }

    func call(_ method: @Sendable (CodriverFFI.Session) async throws -> String) async throws -> JSONValue {
        try await JSONValue(parsing: awaited { try await method(native) })
    }
}

/// Questions to the user, through whoever shows the session; each fails where nobody can show one.
public struct Ui: Sendable {
    let session: Session

    /// Shows a form; `schema` is a JSON schema object.
    public func elicitation(_ message: String, schema: JSONValue) async throws -> ElicitationResult {
        let told = try await session.call { try await $0.uiElicitation(message: message, schema: schema.text) }
        return ElicitationResult(wire: told.object ?? [:])
    }

    /// Asks a yes-or-no question; anything but a yes is false.
    public func confirm(_ message: String) async throws -> Bool {
        try await session.call { try await $0.uiConfirm(message: message) }.bool ?? false
    }

    /// Lets the user choose; `nil` where they did not.
    public func select(_ message: String, choices: [String]) async throws -> String? {
        let choices = JSONValue.array(choices.map(JSONValue.string)).text
        return try await session.call { try await $0.uiSelect(message: message, choices: choices) }.string
    }

    /// Lets the user enter a line; `nil` where they did not.
    public func input(_ message: String) async throws -> String? {
        try await session.call { try await $0.uiInput(message: message) }.string
    }
}

extension Duration {
    /// For the core. What is longer than three centuries is long enough for everybody.
    fileprivate var milliseconds: UInt64 {
        get throws {
            let (seconds, attoseconds) = components
            if self < .zero { throw CodriverError.invalidArgument(.init("a timeout must not be negative: \(self)")) }
            let most: UInt64 = 10_000_000_000_000
            let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
            return overflow ? most : min(most, whole + UInt64(attoseconds / 1_000_000_000_000_000))
        }
    }
}
