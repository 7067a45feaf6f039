extension ClientOptions {
    /// The same, and the handler is told `disconnected`, `connecting`, `connected`, `error`.
    ///
    /// Handlers of a client are called one after the other.
    public func onState(_ handler: @escaping @Sendable (_ state: String) async throws -> Void) -> Self {
        changed { $0.onState = handler }
    }

    /// The same, and the handler is told when sessions of the runtime come, go and change.
    public func onLifecycle(_ handler: @escaping @Sendable (LifecycleEvent) async throws -> Void) -> Self {
        changed { $0.onLifecycle = handler }
    }

    /// The same, and the handler is told notifications this library has no name for: method and parameters.
    public func onNotification(
        _ handler: @escaping @Sendable (_ method: String, _ params: JSONValue) async throws -> Void
    ) -> Self {
        changed { $0.onNotification = handler }
    }

    /// The same, and all handlers and files of the client run on this executor. On a serial one, what came before a result is told before
    /// a task on it goes on with that result.
    @available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
    public func handlers(on executor: any TaskExecutor) -> Self {
        changed { $0.spawn = { work in Task(executorPreference: executor) { await work() } } }
    }

    private func changed(_ change: (inout ClientHandlers) -> Void) -> Self {
        var copy = self
        change(&copy.handlers)
        return copy
    }

    /// What the core takes.
    var json: String {
        get throws {
            var fields = try wire()
            fields["sessionFs"] = sessionFs?.wire
            fields.merge(extra) { _, extra in extra }
            return JSONValue.object(fields).text
        }
    }
}
