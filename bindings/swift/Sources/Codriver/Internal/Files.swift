import Foundation
internal import CodriverFFI

/// Makes the files of a session.
typealias OpenFiles = @Sendable (String) async throws -> any SessionFs

/// Files of sessions in Swift, as the library asks for them. Each method only begins a task.
final class Files: SessionFiles {
    private let running: Running
    private let open: OpenFiles?
    private let opened = Locked<[String: Task<any SessionFs, any Swift.Error>]>([:])

    init(running: Running, open: OpenFiles?) {
        self.running = running
        self.open = open
    }

    /// A session is over.
    func forget(_ sessionId: String) {
        let gone = opened.withLock { $0.removeValue(forKey: sessionId) }
        _ = gone
    }

    /// Made with the first call; what cannot be made is tried again.
    private func of(_ sessionId: String) async throws -> any SessionFs {
        guard let open else { throw CodriverError.fsUnsupported(.init("the client was made without `sessionFs`")) }
        let making = opened.withLock { opened -> Task<any SessionFs, any Swift.Error> in
            if let there = opened[sessionId] { return there }
            let fresh = Task { try await open(sessionId) }
            opened[sessionId] = fresh
            return fresh
        }
        do {
            return try await making.value
        } catch {
            opened.withLock { opened in
                if opened[sessionId] == making { opened[sessionId] = nil }
            }
            throw error
        }
    }

    // MARK: On the library's thread

    func read(callId: UInt64, sessionId: String, path: String) throws {
        running.run(callId) {
            try CodriverFFI.respondContent(callId: callId, content: await self.of(sessionId).read(path: path))
        }
    }

    func write(callId: UInt64, sessionId: String, path: String, content: Data, mode: UInt32?) throws {
        done(callId, sessionId) { try await $0.write(path: path, content: content, mode: mode) }
    }

    func append(callId: UInt64, sessionId: String, path: String, content: Data, mode: UInt32?) throws {
        done(callId, sessionId) { try await $0.append(path: path, content: content, mode: mode) }
    }

    func exists(callId: UInt64, sessionId: String, path: String) throws {
        running.run(callId) {
            try CodriverFFI.respondExists(callId: callId, exists: await self.of(sessionId).exists(path: path))
        }
    }

    func stat(callId: UInt64, sessionId: String, path: String) throws {
        running.run(callId) {
            let stat = try await self.of(sessionId).stat(path: path)
            let told = FileStat(
                kind: Self.kind(stat.kind),
                size: stat.size,
                modifiedMs: stat.modifiedMs,
                createdMs: stat.createdMs
            )
            try CodriverFFI.respondStat(callId: callId, stat: told)
        }
    }

    func mkdir(callId: UInt64, sessionId: String, path: String, recursive: Bool, mode: UInt32?) throws {
        done(callId, sessionId) { try await $0.mkdir(path: path, recursive: recursive, mode: mode) }
    }

    func readDir(callId: UInt64, sessionId: String, path: String) throws {
        running.run(callId) {
            let entries = try await self.of(sessionId).readDir(path: path)
            let told = entries.map { FileEntry(name: $0.name, kind: Self.kind($0.kind)) }
            try CodriverFFI.respondEntries(callId: callId, entries: told)
        }
    }

    func remove(callId: UInt64, sessionId: String, path: String, recursive: Bool, force: Bool) throws {
        done(callId, sessionId) { try await $0.remove(path: path, recursive: recursive, force: force) }
    }

    func rename(callId: UInt64, sessionId: String, path: String, to: String) throws {
        done(callId, sessionId) { try await $0.rename(path: path, to: to) }
    }

    private func done(
        _ callId: UInt64,
        _ sessionId: String,
        _ change: @escaping @Sendable (any SessionFs) async throws -> Void
    ) {
        running.run(callId) {
            try await change(self.of(sessionId))
            try CodriverFFI.respondDone(callId: callId)
        }
    }

    private static func kind(_ kind: EntryKind) -> FileKind {
        switch kind {
        case .file: .file
        case .directory: .directory
        }
    }
}
