/// What can be said with a prompt.
public struct SendOptions: OptionRecord {
    /// What people see in place of the prompt.
    public var displayPrompt: String?
    /// Files, directories and the like, as on the wire.
    public var attachments: [JSONValue]?
    /// `enqueue` or `immediate`.
    public var mode: String?
    /// The agent's mode, e.g. `plan`.
    public var agentMode: String?
    /// Headers of the requests to the model.
    public var requestHeaders: [String: String]?
    /// W3C trace context of the call.
    public var traceparent: String?
    /// W3C trace state of the call.
    public var tracestate: String?
    /// What has no name here, sent as it is.
    public var extra: [String: JSONValue]

    /// Makes one.
    public init(
        displayPrompt: String? = nil,
        attachments: [JSONValue]? = nil,
        mode: String? = nil,
        agentMode: String? = nil,
        requestHeaders: [String: String]? = nil,
        traceparent: String? = nil,
        tracestate: String? = nil,
        extra: [String: JSONValue] = [:]
    ) {
        self.displayPrompt = displayPrompt
        self.attachments = attachments
        self.mode = mode
        self.agentMode = agentMode
        self.requestHeaders = requestHeaders
        self.traceparent = traceparent
        self.tracestate = tracestate
        self.extra = extra
    }

    enum CodingKeys: CodingKey {
        case displayPrompt, attachments, mode, agentMode, requestHeaders, traceparent, tracestate
    }

    func json(_ prompt: String) throws -> String {
        var fields = try wire().merging(extra) { _, extra in extra }
        fields["prompt"] = .string(prompt)
        return JSONValue.object(fields).text
    }
}
