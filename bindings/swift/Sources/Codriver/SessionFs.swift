import Foundation

/// File or directory.
public enum EntryKind: Sendable, Hashable {
    /// A file.
    case file
    /// A directory.
    case directory
}

/// What is known of a file or directory.
public struct FsStat: Sendable, Hashable {
    /// File or directory.
    public var kind: EntryKind
    /// Bytes of a file.
    public var size: UInt64
    /// When the content last changed, in milliseconds since 1970.
    public var modifiedMs: UInt64
    /// When it was made, in milliseconds since 1970.
    public var createdMs: UInt64

    /// Puts it together.
    public init(kind: EntryKind, size: UInt64, modifiedMs: UInt64, createdMs: UInt64) {
        self.kind = kind
        self.size = size
        self.modifiedMs = modifiedMs
        self.createdMs = createdMs
    }

    /// A file; without a time, that of now.
    public static func file(size: UInt64, modified: Date = Date(), created: Date? = nil) -> FsStat {
        FsStat(kind: .file, size: size, modifiedMs: modified.milliseconds, createdMs: (created ?? modified).milliseconds)
    }

    /// A directory; without a time, that of now.
    public static func directory(modified: Date = Date(), created: Date? = nil) -> FsStat {
        FsStat(kind: .directory, size: 0, modifiedMs: modified.milliseconds, createdMs: (created ?? modified).milliseconds)
    }
}

extension Date {
    fileprivate var milliseconds: UInt64 { UInt64(max(0, timeIntervalSince1970 * 1000)) }
}

/// A name in a directory.
public struct DirEntry: Sendable, Hashable {
    /// The name, without the directory.
    public var name: String
    /// File or directory.
    public var kind: EntryKind

    /// Puts it together.
    public init(_ name: String, kind: EntryKind = .file) {
        self.name = name
        self.kind = kind
    }
}

/// The files of one session, wherever they are. Paths are absolute and normalised.
///
/// What changes something is called in order, one at a time; reads overlap. What was acknowledged must be seen by every later read.
/// Each change is atomic. ``write(path:content:mode:)``, ``append(path:content:mode:)`` and the destination of
/// ``rename(path:to:)`` make missing parent directories. `mode` is a POSIX mode for what is newly made; a store without modes
/// ignores it.
///
/// Throw ``CodriverError/fsNotFound(_:)`` or Foundation's errors for a missing file where there is nothing (the runtime sees ENOENT),
/// ``CodriverError/fsUnsupported(_:)`` for what this store cannot do, ``CodriverError/fsConflict(_:)`` where somebody else changed the
/// file; anything else is a failure of the store. A call whose time is over (`limits.fsDeadlineMs`) is cancelled.
public protocol SessionFs: Sendable {
    /// The whole content of a file.
    func read(path: String) async throws -> Data

    /// Replaces a file's whole content, or makes the file.
    func write(path: String, content: Data, mode: UInt32?) async throws

    /// Adds to the end of a file, or makes it. The event log grows so: do not rewrite it.
    func append(path: String, content: Data, mode: UInt32?) async throws

    /// Whether there is a file or directory.
    func exists(path: String) async throws -> Bool

    /// Kind, size and times.
    func stat(path: String) async throws -> FsStat

    /// Makes a directory, with its parents if `recursive`; fine if it is there already.
    func mkdir(path: String, recursive: Bool, mode: UInt32?) async throws

    /// What is directly in a directory, in any order.
    func readDir(path: String) async throws -> [DirEntry]

    /// Removes a file, or with `recursive` a directory and all in it. With `force` it is fine if nothing is there.
    func remove(path: String, recursive: Bool, force: Bool) async throws

    /// Moves a file or directory. A file at the destination is replaced in one step; a directory there is not.
    func rename(path: String, to: String) async throws
}

extension SessionFs {
    /// Whether ``stat(path:)`` finds something.
    public func exists(path: String) async throws -> Bool {
        do {
            _ = try await stat(path: path)
            return true
        } catch {
            if number(of: error) == fsNotFound { return false }
            throw error
        }
    }
}

/// Session state in a store of one's own.
public struct SessionFsOptions: Sendable {
    /// Working directory of sessions, an absolute path.
    public var initialCwd: String
    /// Where the runtime keeps a session's state in the session's store, an absolute path, e.g. `/state`.
    public var statePath: String
    /// How paths look: `posix`, `windows`.
    public var conventions: String?
    /// Whether the store reads and writes bytes; a ``SessionFs`` does.
    public var binary: Bool?
    /// Whether SQL is answered.
    public var sqlite: Bool?
    /// Where the files of a session's working directory are: `disk`, `none`; default: on the disk.
    public var workspace: String?
    /// Where everything else is: `disk`, `none`; default: on the disk if the workspace is and the runtime is ours.
    public var rest: String?
    /// Whether a session's small files are kept in memory while it is open; default: where the store is far away.
    public var cache: Bool?

    let place: Place

    enum Place: Sendable {
        case url(String)
        case opened(Store)
        case files(OpenFiles)
    }

    /// In a ready store: `memory:`, `dir:PATH`, `sqlite:PATH`, `sqlite-dir:PATH`.
    public init(url: String, initialCwd: String, statePath: String) {
        self.init(.url(url), initialCwd, statePath)
    }

    /// In a store that is open.
    public init(store: Store, initialCwd: String, statePath: String) {
        self.init(.opened(store), initialCwd, statePath)
    }

    /// In files of one's own: `open` is given a session's id, once for each session.
    public init(
        initialCwd: String,
        statePath: String,
        open: @escaping @Sendable (_ sessionId: String) async throws -> any SessionFs
    ) {
        self.init(.files(open), initialCwd, statePath)
        binary = true
    }

    private init(_ place: Place, _ initialCwd: String, _ statePath: String) {
        self.place = place
        self.initialCwd = initialCwd
        self.statePath = statePath
    }

    var openFiles: OpenFiles? { if case .files(let open) = place { open } else { nil } }

    var store: Store? { if case .opened(let store) = place { store } else { nil } }

    var wire: JSONValue {
        let store: JSONValue =
            switch place {
            case .url(let url): .string(url)
            case .opened(let store): .int(store.number)
            case .files: "foreign"
            }
        return .object(
            .fields([
                "store": store,
                "initialCwd": .string(initialCwd),
                "statePath": .string(statePath),
                "conventions": conventions.map(JSONValue.string),
                "binary": binary.map(JSONValue.bool),
                "sqlite": sqlite.map(JSONValue.bool),
                "workspace": workspace.map(JSONValue.string),
                "rest": rest.map(JSONValue.string),
                "cache": cache.map(JSONValue.bool),
            ])
        )
    }
}
