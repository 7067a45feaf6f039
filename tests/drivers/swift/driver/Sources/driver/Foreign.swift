import Codriver
import Foundation

/// The stores of all sessions, written here, through the protocol that any user implements; and how each behaves.
final class ForeignStore: Sendable {
    private struct State {
        var files: [String: Guarded<[String: Data?]>] = [:]
        var behaviours: [String: String] = [:]
        var latest = "memory"
    }

    private let state = Guarded(State())

    /// How the store of a session will behave; without an id, that of the next one nobody spoke of.
    func expect(_ sessionId: String?, _ behaviour: String) {
        state.change { state in
            if let sessionId { state.behaviours[sessionId] = behaviour } else { state.latest = behaviour }
        }
    }

    func open(_ sessionId: String) -> any SessionFs {
        state.change { state in
            let files = state.files[sessionId] ?? Guarded([:])
            state.files[sessionId] = files
            return ForeignFs(sessionId: sessionId, behaviour: state.behaviours[sessionId] ?? state.latest, files: files)
        }
    }
}

/// Files in a dictionary; directories are nil.
private struct ForeignFs: SessionFs {
    let sessionId: String
    let behaviour: String
    let files: Guarded<[String: Data?]>

    private func enter(_ op: String, _ path: String) async throws {
        Say.line(["obs": "fs", "session_id": .string(sessionId), "op": .string(op), "path": .string(path)])
        let word = behaviour.split(separator: ":")
        switch word[0] {
        case "throw": throw Thrown()
        case "hang": try await hang()
        case "slow": try await Task.sleep(for: .milliseconds(Int(word[1]) ?? 0))
        default: break
        }
    }

    func read(path: String) async throws -> Data {
        try await enter("readFile", path)
        return try files.value.content(path)
    }

    func write(path: String, content: Data, mode: UInt32?) async throws {
        try await enter("writeFile", path)
        try files.change { files in
            if files[path] != nil { _ = try files.content(path) }
            files.makeParents(path)
            files[path] = .some(content)
        }
    }

    func append(path: String, content: Data, mode: UInt32?) async throws {
        try await enter("appendFile", path)
        try files.change { files in
            let before = files[path] == nil ? Data() : try files.content(path)
            files.makeParents(path)
            files[path] = .some(before + content)
        }
    }

    func exists(path: String) async throws -> Bool {
        try await enter("exists", path)
        return files.value[path] != nil
    }

    func stat(path: String) async throws -> FsStat {
        try await enter("stat", path)
        let files = files.value
        let epoch = Date(timeIntervalSince1970: 0)
        if files[path] == .some(nil) { return .directory(modified: epoch) }
        return .file(size: UInt64(try files.content(path).count), modified: epoch)
    }

    func mkdir(path: String, recursive: Bool, mode: UInt32?) async throws {
        try await enter("mkdir", path)
        files.change { files in
            files.makeParents(path)
            if files[path] == nil { files[path] = .some(nil) }
        }
    }

    func readDir(path: String) async throws -> [DirEntry] {
        try await enter("readdir", path)
        let files = files.value
        guard files[path] == .some(nil) else { throw missing(path) }
        return files.filter { parent($0.key) == path && $0.key != path }.map { other, content in
            DirEntry(String(other.dropFirst(path.count + 1)), kind: content == nil ? .directory : .file)
        }
    }

    func remove(path: String, recursive: Bool, force: Bool) async throws {
        try await enter("rm", path)
        try files.change { files in
            let gone = files.keys.filter { $0 == path || $0.hasPrefix(path + "/") }
            if gone.isEmpty && !force { throw missing(path) }
            for other in gone { files.removeValue(forKey: other) }
        }
    }

    func rename(path: String, to: String) async throws {
        try await enter("rename", path)
        try files.change { files in
            let moved = files.keys.filter { $0 == path || $0.hasPrefix(path + "/") }
            if moved.isEmpty { throw missing(path) }
            for other in moved { files[to + other.dropFirst(path.count)] = files.removeValue(forKey: other) }
        }
    }
}

private func missing(_ path: String) -> CodriverError { .fsNotFound(.init(path)) }

private func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
}

extension [String: Data?] {
    fileprivate func content(_ path: String) throws -> Data {
        guard let there = self[path] else { throw missing(path) }
        guard let content = there else { throw CodriverError.fsIo(.init("\(path) is a directory")) }
        return content
    }

    fileprivate mutating func makeParents(_ path: String) {
        var above = parent(path)
        while !above.isEmpty {
            if self[above] == nil { self[above] = .some(nil) }
            above = parent(above)
        }
    }
}
