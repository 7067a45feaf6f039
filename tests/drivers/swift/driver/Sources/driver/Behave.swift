import Codriver

struct Thrown: Error, CustomStringConvertible {
    let description = "thrown on purpose"
}

/// Sleeps until it is cancelled.
func hang() async throws -> Never {
    while true { try await Task.sleep(for: .seconds(3600)) }
}

extension SessionConfig {
    /// The same with the behaviours of a command as handlers.
    func behave(
        _ client: Client, _ session: String, _ declared: [JSONValue], _ handlers: JSONValue
    ) -> SessionConfig {
        let name = JSONValue.string(session)
        var config = onEvents(client, session, handlers["on_event"]?.string ?? "record")
            .onHandlerError { Say.line(["obs": "handler_error", "session": name, "where": .string($0.place)]) }
        if let behaviour = handlers["permission"]?.string { config = config.decide(name, behaviour) }
        if let behaviour = handlers["user_input"]?.string {
            config = config.onUserInputRequest { request in
                Say.line(["obs": "user_input", "session": name, "question": .string(request.question)])
                guard behaviour.hasPrefix("answer:") else { throw Thrown() }
                return .freeform(String(behaviour.dropFirst("answer:".count)))
            }
        }
        if let behaviour = handlers["elicitation"]?.string {
            config = config.onElicitationRequest { _ in
                switch behaviour {
                case "accept": .accept()
                case "cancel": .cancel
                default: throw Thrown()
                }
            }
        }
        for (hook, behaviour) in handlers["hooks"]?.object ?? [:] {
            config = config.answer(name, hook, behaviour.string ?? "")
        }
        return config.tools(name, declared, handlers["tools"]?.array ?? [])
    }

    private func onEvents(_ client: Client, _ session: String, _ behaviour: String) -> SessionConfig {
        let word = behaviour.split(separator: ":")
        return onEvent { [weak client] event in
            if behaviour != "count" { Say.event(session, event) }
            switch word[0] {
            case "slow": try await Task.sleep(for: .milliseconds(Int(word[1]) ?? 0))
            case "throw": throw Thrown()
            case "call_ping": try await client?.ping()
            default: break
            }
        }
    }

    private func decide(_ session: JSONValue, _ behaviour: String) -> SessionConfig {
        onPermissionRequest { request in
            Say.line(["obs": "permission", "session": session, "kind": .string(request.kind)])
            switch behaviour {
            case "approve": return .approveOnce
            case "deny": return .reject
            case "hang": try await hang()
            default: throw Thrown()
            }
        }
    }

    private func answer(_ session: JSONValue, _ name: String, _ behaviour: String) -> SessionConfig {
        hook(name) { _ in
            Say.line(["obs": "hook", "session": session, "hook": .string(name)])
            switch behaviour {
            case "allow": return .allow
            case "deny": return .deny("denied on purpose")
            case "empty": return .empty
            default: throw Thrown()
            }
        }
    }

    /// The declared tools, those that have a behaviour with a handler; a behaviour without a declaration declares.
    private func tools(_ session: JSONValue, _ declared: [JSONValue], _ behaviours: [JSONValue]) -> SessionConfig {
        var config = self
        let names = behaviours.map { $0["name"] }
        for tool in declared where !names.contains(tool["name"]) { config = config.tool(made(tool, nil, session)) }
        for wanted in behaviours {
            let there = declared.first { $0["name"] == wanted["name"] }
            let fresh: JSONValue = ["name": wanted["name"] ?? "", "description": "A tool of the driver"]
            config = config.tool(made(there ?? fresh, wanted["behaviour"]?.string, session))
        }
        return config
    }

    private func made(_ declared: JSONValue, _ behaviour: String?, _ session: JSONValue) -> Tool {
        let name = declared["name"]?.string ?? ""
        let description = declared["description"]?.string ?? ""
        var tool: Tool
        if let behaviour {
            tool = Tool(raw: name, description, parameters: declared["parameters"]) { call in
                Say.line(["obs": "tool", "session": session, "name": .string(name), "arguments": call.arguments])
                return try await act(behaviour, call, session)
            }
        } else {
            tool = Tool(declared: name, description, parameters: declared["parameters"])
        }
        tool.overridesBuiltInTool = declared["overridesBuiltInTool"]?.bool
        tool.skipPermission = declared["skipPermission"]?.bool
        tool.defer = declared["defer"]?.string
        tool.isTerminal = declared["isTerminal"]?.bool
        tool.metadata = declared["metadata"]?.object
        return tool
    }
}

private func act(_ behaviour: String, _ call: ToolInvocation, _ session: JSONValue) async throws -> String {
    switch behaviour.prefix(while: { $0 != ":" }) {
    case "echo": return call.arguments.text
    case "text": return String(behaviour.dropFirst("text:".count))
    case "empty": return ""
    case "hang":
        do {
            try await hang()
        } catch {
            Say.line(["obs": "tool_cancelled", "session": session, "name": .string(call.toolName)])
            throw error
        }
    default: throw Thrown()
    }
}
