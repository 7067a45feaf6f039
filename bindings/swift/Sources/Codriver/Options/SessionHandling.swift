/// Handlers and tools. They are there before the first byte is written, run in tasks of their own, and are held until the session
/// is over: one that captures its session keeps it. One that throws is told to ``onHandlerError(_:)``, and answered with the secure
/// default.
extension SessionConfig {
    /// The same, and the handler hears every event, from the first one on: in wire order, one at a time, after those named before.
    public func onEvent(_ handler: @escaping @Sendable (SessionEvent) async throws -> Void) -> Self {
        changed { $0.onEvent.append(handler) }
    }

    /// The same, and the handler is told when a handler failed; default: a line on standard error.
    public func onHandlerError(_ handler: @escaping @Sendable (HandlerFailure) async throws -> Void) -> Self {
        changed { $0.onHandlerError = handler }
    }

    /// The same, and the handler decides on permissions; without one nothing is approved.
    public func onPermissionRequest(
        _ handler: @escaping @Sendable (PermissionRequest) async throws -> PermissionDecision
    ) -> Self {
        changed { $0.one("permission", "permission") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler answers what the model asks people.
    public func onUserInputRequest(
        _ handler: @escaping @Sendable (UserInputRequest) async throws -> UserInputResponse
    ) -> Self {
        changed { $0.one("userInput", "user_input") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler answers forms of MCP servers.
    public func onElicitationRequest(
        _ handler: @escaping @Sendable (ElicitationRequest) async throws -> ElicitationResult
    ) -> Self {
        changed { $0.one("elicitation", "elicitation") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler decides whether a plan is good.
    public func onExitPlanMode(
        _ handler: @escaping @Sendable (ExitPlanModeRequest) async throws -> ExitPlanModeResponse
    ) -> Self {
        changed { $0.one("exitPlanMode", "exit_plan_mode") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler decides whether another model may be taken.
    public func onAutoModeSwitch(
        _ handler: @escaping @Sendable (AutoModeSwitchRequest) async throws -> AutoModeSwitchResponse
    ) -> Self {
        changed { $0.one("autoModeSwitch", "auto_mode_switch") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler logs in to MCP servers.
    public func onMcpAuthRequest(
        _ handler: @escaping @Sendable (McpAuthRequest) async throws -> McpAuthResponse
    ) -> Self {
        changed { $0.one("mcpAuth", "mcp_auth") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler gives headers for MCP servers.
    public func onMcpHeadersRequest(
        _ handler: @escaping @Sendable (McpHeadersRequest) async throws -> McpHeadersResponse
    ) -> Self {
        changed { $0.one("mcpHeaders", "mcp_headers") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler lets MCP servers ask the model: MCP's `CreateMessageResult`, or `nil` to refuse.
    public func onSamplingRequest(
        _ handler: @escaping @Sendable (SamplingRequest) async throws -> JSONValue?
    ) -> Self {
        changed { $0.one("sampling", "sampling") { try await handler(.init(raw: $0)) ?? .null } }
    }

    /// The same, and the handler decides when the session's limits are used up.
    public func onSessionLimitsExhausted(
        _ handler: @escaping @Sendable (SessionLimitsRequest) async throws -> SessionLimitsResponse
    ) -> Self {
        changed { $0.one("sessionLimits", "session_limits") { .object(try await handler(.init(raw: $0)).wire) } }
    }

    /// The same, and the handler gives the bearer token for each request to the model's provider.
    public func onProviderToken(
        _ handler: @escaping @Sendable (ProviderTokenRequest) async throws -> String
    ) -> Self {
        changed { $0.one("providerToken", "provider_token") { .string(try await handler(.init(raw: $0))) } }
    }

    /// The same, and the handler answers a hook, e.g. `preToolUse`; one that fails there denies the tool.
    public func hook(_ name: String, _ handler: @escaping @Sendable (HookInput) async throws -> HookOutput) -> Self {
        changed {
            $0.named("hooks", "hook", name, "hook \(name)", .string(name)) {
                .object(try await handler(.init(raw: $0.object ?? [:])).wire)
            }
        }
    }

    /// The same, and the handler runs a slash command; `description` is what people are told about it.
    public func command(
        _ name: String,
        description: String = "",
        _ handler: @escaping @Sendable (CommandInvocation) async throws -> Void
    ) -> Self {
        changed {
            let definition: JSONValue = ["name": .string(name), "description": .string(description)]
            $0.named("commands", "command", name, "command", definition) {
                try await handler(.init(raw: $0.object ?? [:]))
                return .null
            }
        }
    }

    /// The same, and `rewrite` rewrites a section of the system message, by its id: text to text.
    public func systemMessageSection(
        _ id: String,
        _ rewrite: @escaping @Sendable (String) async throws -> String
    ) -> Self {
        changed {
            $0.named("systemMessage", "systemMessage", id, "system_message \(id)", .string(id)) {
                .string(try await rewrite($0.string ?? ""))
            }
        }
    }

    /// The same, and a tool the model may call.
    public func tool(_ tool: Tool) -> Self {
        changed { $0.tool(tool) }
    }

    private func changed(_ change: (inout SessionHandlers) -> Void) -> Self {
        var copy = self
        change(&copy.handlers)
        return copy
    }

    /// What the core takes.
    var json: String {
        get throws {
            var fields = try wire()
            fields.merge(extra) { _, extra in extra }
            if !handlers.declared.isEmpty { fields["tools"] = .array(handlers.declared) }
            fields["handlers"] = handlers.wire
            return JSONValue.object(fields).text
        }
    }
}
