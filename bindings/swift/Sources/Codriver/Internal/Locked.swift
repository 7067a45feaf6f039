import Foundation

/// A value behind a lock. What is called under it is short, and never user code.
final class Locked<Value>: @unchecked Sendable {
    // The value is read and written with the lock held, which is why it is @unchecked Sendable. `Mutex` would need macOS 15.
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func withLock<R>(_ work: (inout Value) throws -> R) rethrows -> R {
        lock.lock()
        defer { lock.unlock() }
        return try work(&value)
    }
}

extension Locked where Value: Sendable {
    var current: Value { withLock { $0 } }
}

/// What does not keep its object alive.
struct Weak<Object: AnyObject & Sendable>: Sendable {
    private(set) weak var object: Object?
}

/// One line on standard error: standard output may be the transport.
func complain(_ words: String) {
    FileHandle.standardError.write(Data("codriver: \(words)\n".utf8))
}
