import Codriver

extension Driver {
    func start(_ command: JSONValue) async throws -> JSONValue {
        let asked: JSONValue = [
            "runtime": command["runtime"] ?? .null, "session_fs": command["session_fs"] ?? .null,
            "options": command["options"] ?? .null,
        ]
        let client = try state.change { state in
            if let there = state.client, state.given == asked, !state.stopped { return there }
            let fresh = try Client(options: prepare(command))
            (state.client, state.given, state.stopped) = (fresh, asked, false)
            return fresh
        }
        try await client.start()
        guard let runtime = try client.runtime else { throw CodriverError.closed(.init("the connection ended at once")) }
        return ["protocol_version": .int(runtime.protocolVersion), "runtime_version": .string(runtime.version)]
    }

    private func prepare(_ command: JSONValue) -> ClientOptions {
        let runtime = command["runtime"] ?? .object([:])
        var given: [String: JSONValue] = [:]
        for (name, value) in command["options"]?.object ?? [:] { given[camel(name)] = value }
        let env = strings(given.removeValue(forKey: "env")).merging(strings(runtime["env"])) { _, new in new }
        var options = ClientOptions(env: env.isEmpty ? nil : env, extra: given)
        if runtime["kind"] == "stdio" {
            options.cliPath = runtime["path"]?.string
            options.cliArgs = (runtime["args"]?.array ?? []).compactMap(\.string)
        } else {
            let (host, port) = (runtime["host"]?.string ?? "", runtime["port"]?.int ?? 0)
            options.transport = .external(host: host, port: port, token: runtime["token"]?.string)
        }
        if let files = command["session_fs"] { options.sessionFs = sessionFs(files) }
        return
            options
            .handlers(on: loop)
            .onState { Say.line(["obs": "state", "state": .string($0)]) }
            .onLifecycle {
                Say.line(["obs": "lifecycle", "type": .string($0.type), "session_id": .string($0.sessionId)])
            }
    }

    private func sessionFs(_ given: JSONValue) -> SessionFsOptions {
        let store = given["store"]?.string ?? ""
        let (cwd, state) = (given["initial_cwd"]?.string ?? "", given["state_path"]?.string ?? "")
        let foreign = foreign
        var options =
            store == "foreign"
            ? SessionFsOptions(initialCwd: cwd, statePath: state) { foreign.open($0) }
            : SessionFsOptions(url: url(store), initialCwd: cwd, statePath: state)
        options.conventions = given["conventions"]?.string
        options.sqlite = given["sqlite"]?.bool
        options.binary = given["binary"]?.bool ?? false
        return options
    }
}

/// A store as the contract names it, as a URL.
private func url(_ store: String) -> String {
    if store == "memory" { return "memory:" }
    let directory = "directory:"
    return store.hasPrefix(directory) ? "dir:" + store.dropFirst(directory.count) : store
}

private func strings(_ fields: JSONValue?) -> [String: String] { (fields?.object ?? [:]).compactMapValues(\.string) }

private func camel(_ name: String) -> String {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(String(parts.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
}
