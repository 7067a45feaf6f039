/// What the runtime asks or tells. Its fields have names here; all of it, also what this version does not know, is in ``raw``.
public protocol Request: Sendable, CustomStringConvertible, CustomReflectable {
    /// As it came, with the wire's names.
    var raw: [String: JSONValue] { get }
}

extension Request {
    /// Only the names of the fields: values may be credentials.
    public var description: String { "\(type(of: self))(\(raw.keys.sorted().joined(separator: ", ")))" }

    /// Shows nothing: values may be credentials.
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

/// Asks for a permission.
public struct PermissionRequest: Request {
    public let raw: [String: JSONValue]

    /// What for, with fields that depend on the kind.
    public var permissionRequest: [String: JSONValue] { raw["permissionRequest"]?.object ?? [:] }

    /// `shell`, `write`, `read`, `mcp`, `url`, `custom-tool`, `memory`, `hook` or newer.
    public var kind: String { permissionRequest.string("kind") }

    /// The tool call that wants it, if one does.
    public var toolCallId: String? { text("toolCallId") }

    /// Whether a hook has decided already.
    public var resolvedByHook: Bool? { raw["resolvedByHook"]?.bool }

    /// A field of ``permissionRequest`` that is text, by its name on the wire, e.g. `fullCommandText`.
    public func text(_ field: String) -> String? { permissionRequest[field]?.string }
}

/// A question to the user.
public struct UserInputRequest: Request {
    public let raw: [String: JSONValue]

    /// The question.
    public var question: String { raw.string("question") }

    /// What may be chosen; may be empty.
    public var choices: [String] { raw.strings("choices") }

    /// Whether free words are welcome too.
    public var allowFreeform: Bool? { raw["allowFreeform"]?.bool }
}

/// Asks the user to fill in a form, or to open a page.
public struct ElicitationRequest: Request {
    public let raw: [String: JSONValue]

    /// What to tell the user.
    public var message: String { raw.string("message") }

    /// `form` or `url`; `nil` is `form`.
    public var mode: String? { raw["mode"]?.string }

    /// JSON schema of the form.
    public var requestedSchema: JSONValue? { raw["requestedSchema"] }

    /// The page.
    public var url: String? { raw["url"]?.string }

    /// The MCP server that asks.
    public var elicitationSource: String? { raw["elicitationSource"]?.string }
}

/// The plan is ready.
public struct ExitPlanModeRequest: Request {
    public let raw: [String: JSONValue]

    /// The plan in short.
    public var summary: String { raw.string("summary") }

    /// The plan, as Markdown.
    public var planContent: String { raw.string("planContent") }

    /// What may be chosen.
    public var actions: [String] { raw.strings("actions") }

    /// The choice the model would make.
    public var recommendedAction: String? { raw["recommendedAction"]?.string }
}

/// The model is rate limited; may the runtime choose another one?
public struct AutoModeSwitchRequest: Request {
    public let raw: [String: JSONValue]

    /// The code of the limit.
    public var errorCode: String? { raw["errorCode"]?.string }

    /// Seconds until the limit ends.
    public var retryAfterSeconds: Double? { raw["retryAfterSeconds"]?.double }
}

/// A slash command to run.
public struct CommandInvocation: Request {
    public let raw: [String: JSONValue]

    /// The whole line, e.g. `/deploy prod now`.
    public var command: String { raw.string("command") }

    /// Its name, without the slash.
    public var commandName: String { raw.string("commandName") }

    /// What follows the name, as typed.
    public var args: String { raw.string("args") }
}

/// The question to a hook; which fields there are depends on the hook.
public struct HookInput: Request {
    public let raw: [String: JSONValue]

    /// Which hook, e.g. `preToolUse`.
    public var hookType: String { raw.string("hookType") }

    /// What the hook is about.
    public var input: [String: JSONValue] { raw["input"]?.object ?? [:] }

    /// A field of ``input`` that is text, by its name on the wire, e.g. `toolName`.
    public func text(_ field: String) -> String? { input[field]?.string }
}

/// An MCP server wants OAuth.
public struct McpAuthRequest: Request {
    public let raw: [String: JSONValue]

    /// The server's name.
    public var serverName: String { raw.string("serverName") }

    /// Its URL.
    public var serverUrl: String { raw.string("serverUrl") }

    /// `initial`, `refresh`, `reauth` or `upscope`.
    public var reason: String? { raw["reason"]?.string }

    /// What the server's challenge said.
    public var wwwAuthenticateParams: JSONValue? { raw["wwwAuthenticateParams"] }

    /// The server's metadata document, as text.
    public var resourceMetadata: String? { raw["resourceMetadata"]?.string }

    /// The configured OAuth client; may hold a secret.
    public var staticClientConfig: JSONValue? { raw["staticClientConfig"] }
}

/// Asks for the headers of an MCP server.
public struct McpHeadersRequest: Request {
    public let raw: [String: JSONValue]

    /// The server's name.
    public var serverName: String { raw.string("serverName") }

    /// Its URL.
    public var serverUrl: String { raw.string("serverUrl") }

    /// `startup`, `ttl-expired` or `auth-failed`.
    public var reason: String? { raw["reason"]?.string }
}

/// An MCP server asks for a completion.
public struct SamplingRequest: Request {
    public let raw: [String: JSONValue]

    /// The server.
    public var serverName: String { raw.string("serverName") }

    /// MCP's `CreateMessageRequest` parameters.
    public var request: JSONValue { raw["request"] ?? .object([:]) }
}

/// Asks what to do about a used up limit.
public struct SessionLimitsRequest: Request {
    public let raw: [String: JSONValue]

    /// Credits used in this window.
    public var usedAiCredits: Double { raw["usedAiCredits"]?.double ?? 0 }

    /// The limit.
    public var maxAiCredits: Double { raw["maxAiCredits"]?.double ?? 0 }
}

/// Asks for the bearer token of a model provider.
public struct ProviderTokenRequest: Request {
    public let raw: [String: JSONValue]

    /// The provider, where the runtime names it.
    public var providerName: String? { raw["providerName"]?.string }
}

/// A call of a tool.
public struct ToolInvocation: Request {
    public let raw: [String: JSONValue]

    /// The tool.
    public var toolName: String { raw.string("toolName") }

    /// The model's id of the call.
    public var toolCallId: String { raw.string("toolCallId") }

    /// The session.
    public var sessionId: String { raw.string("sessionId") }

    /// What the model gives it, as it came.
    public var arguments: JSONValue { raw["arguments"] ?? .null }
}

/// A session of the runtime that came, went or changed.
public struct LifecycleEvent: Request {
    public let raw: [String: JSONValue]

    /// `session.created`, `session.deleted`, `session.updated`, …
    public var type: String { raw.string("type") }

    /// The session.
    public var sessionId: String { raw.string("sessionId") }

    /// What is known of it.
    public var metadata: JSONValue? { raw["metadata"] }
}

/// A stored session.
public struct SessionMetadata: Request {
    public let raw: [String: JSONValue]

    /// The session.
    public var sessionId: String { raw.string("sessionId") }

    /// When it began, ISO 8601.
    public var startTime: String? { raw["startTime"]?.string }

    /// When it last changed, ISO 8601.
    public var modifiedTime: String? { raw["modifiedTime"]?.string }

    /// What it is about.
    public var summary: String? { raw["summary"]?.string }
}

/// Where a handler failed, and how.
public struct HandlerFailure: Sendable {
    /// The handler: `on_event`, `permission`, `tool`, `hook preToolUse`, …
    public let place: String
    /// The session.
    public let sessionId: String
    /// What it threw, where it was thrown here; else what the core made of it.
    public let error: any Error
}
