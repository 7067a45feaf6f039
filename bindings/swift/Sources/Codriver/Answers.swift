/// What is answered to the runtime, as the ``wire`` has it. One that the runtime would misread is refused with the field's name, and
/// counts as a failed handler.
public protocol Answer: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The answer with the wire's names.
    var wire: [String: JSONValue] { get }

    /// An answer that has no name here yet.
    init(wire: [String: JSONValue])
}

extension Answer {
    /// Only the names of the fields: values may be credentials.
    public var description: String { "\(type(of: self))(\(wire.keys.sorted().joined(separator: ", ")))" }

    /// Shows nothing: values may be credentials.
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

    init(_ fields: KeyValuePairs<String, JSONValue?>) { self.init(wire: .fields(fields)) }
}

/// The answer to a ``PermissionRequest``.
public struct PermissionDecision: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// Yes, this time.
    public static let approveOnce = Self(["kind": "approve-once"])

    /// Nobody is there who could say yes; counts as a no.
    public static let userNotAvailable = Self(["kind": "user-not-available"])

    /// No.
    public static let reject = Self(["kind": "reject"])

    /// No; the model is told why.
    public static func reject(_ feedback: String) -> Self { Self(["kind": "reject", "feedback": .string(feedback)]) }

    /// Yes, and do not ask again in this session for the same thing as `request`.
    ///
    /// - Throws: ``CodriverError/invalidArgument(_:)`` where that cannot be said of it.
    public static func approveForSession(_ request: PermissionRequest) throws -> Self {
        Self(wire: try approvalForSession(of: request.raw))
    }

    /// Yes, and stored for the project at `locationKey`; `approval` as in `approve-for-location` of the wire.
    public static func approveForLocation(_ approval: JSONValue, locationKey: String) -> Self {
        Self(["kind": "approve-for-location", "approval": approval, "locationKey": .string(locationKey)])
    }

    /// Yes, and stored for all sessions: this origin, e.g. `https://example.org` (URLs only).
    public static func approvePermanently(domain: String) -> Self {
        Self(["kind": "approve-permanently", "domain": .string(domain)])
    }
}

/// The user's answer to a ``UserInputRequest``; not empty.
public struct UserInputResponse: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// One of the choices.
    public static func choice(_ answer: String) -> Self { Self(["answer": .string(answer), "wasFreeform": false]) }

    /// Free words.
    public static func freeform(_ answer: String) -> Self { Self(["answer": .string(answer), "wasFreeform": true]) }
}

/// The user's answer to a form.
public struct ElicitationResult: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// The user refused.
    public static let decline = Self(["action": "decline"])

    /// The user closed it, or there was none.
    public static let cancel = Self(["action": "cancel"])

    /// The user filled it in: values by field name.
    public static func accept(_ content: [String: JSONValue] = [:]) -> Self {
        Self(["action": "accept", "content": .object(content)])
    }
}

/// The answer to a plan.
public struct ExitPlanModeResponse: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// The plan is good; go on, with one of the request's actions.
    public static func approve(selectedAction: String? = nil, autoApproveEdits: Bool? = nil) -> Self {
        Self([
            "approved": true, "selectedAction": selectedAction.map(JSONValue.string),
            "autoApproveEdits": autoApproveEdits.map(JSONValue.bool),
        ])
    }

    /// The plan is not good; the model is told what should be different.
    public static func reject(_ feedback: String? = nil) -> Self {
        Self(["approved": false, "feedback": feedback.map(JSONValue.string)])
    }
}

/// The answer to a switch of the model.
public struct AutoModeSwitchResponse: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// For this turn.
    public static let yes = Self(["response": "yes"])

    /// From now on.
    public static let yesAlways = Self(["response": "yes_always"])

    /// The turn ends.
    public static let no = Self(["response": "no"])
}

/// The answer of a hook; which fields have an effect depends on the hook.
public struct HookOutput: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// No opinion.
    public static let empty = Self(wire: [:])

    /// `preToolUse`: the tool runs, and no permission is asked for.
    public static let allow = Self(["permissionDecision": "allow"])

    /// `preToolUse`: the tool does not run; the model reads why.
    public static func deny(_ reason: String) -> Self {
        Self(["permissionDecision": "deny", "permissionDecisionReason": .string(reason)])
    }

    /// `preToolUse`: the user decides.
    public static func ask(_ reason: String) -> Self {
        Self(["permissionDecision": "ask", "permissionDecisionReason": .string(reason)])
    }

    /// `userPromptSubmitted`: the turn ends here. `agentStop`: the agent goes on, with the reason as its prompt.
    public static func block(_ reason: String) -> Self { Self(["decision": "block", "reason": .string(reason)]) }

    /// The same and this field, by its name on the wire, e.g. `additionalContext`.
    public func with(_ field: String, _ value: JSONValue) -> Self {
        Self(wire: wire.merging([field: value]) { _, new in new })
    }
}

/// The answer to a login.
public struct McpAuthResponse: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// No login.
    public static let cancelled = Self(["kind": "cancelled"])

    /// An access token; `expiresIn` in seconds.
    public static func token(_ accessToken: String, tokenType: String? = nil, expiresIn: Int? = nil) -> Self {
        Self([
            "kind": "token", "accessToken": .string(accessToken), "tokenType": tokenType.map(JSONValue.string),
            "expiresIn": expiresIn.map(JSONValue.int),
        ])
    }
}

/// Headers, none, or a failure.
public struct McpHeadersResponse: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// No headers.
    public static let none = Self(["kind": "none"])

    /// Headers by name, and for how many milliseconds they may be kept.
    public static func headers(_ headers: [String: String], ttlMs: Int? = nil) -> Self {
        let headers = JSONValue.object(headers.mapValues(JSONValue.string))
        return Self(["kind": "headers", "headers": headers, "ttlMs": ttlMs.map(JSONValue.int)])
    }

    /// They could not be got.
    public static func error(_ message: String) -> Self { Self(["kind": "error", "message": .string(message)]) }
}

/// What to do about the limit.
public struct SessionLimitsResponse: Answer {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// Remove it.
    public static let unset = Self(["action": "unset"])

    /// Leave it; the request to the model is cancelled.
    public static let cancel = Self(["action": "cancel"])

    /// Raise it by this many credits.
    public static func add(_ additionalAiCredits: Double) -> Self {
        Self(["action": "add", "additionalAiCredits": .double(additionalAiCredits)])
    }

    /// Set it to this many credits.
    public static func set(_ maxAiCredits: Double) -> Self {
        Self(["action": "set", "maxAiCredits": .double(maxAiCredits)])
    }
}
