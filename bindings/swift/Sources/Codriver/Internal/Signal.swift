/// Something to wait for, which stays until somebody did.
final class Signal: Sendable {
    fileprivate struct State {
        var isSet = false
        var isOver = false
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var last = 0
    }

    private let state = Locked(State())

    /// One who waits goes on, or the next one who comes.
    func set() {
        let waiters = state.withLock { state in
            state.isSet = state.waiters.isEmpty
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Nobody waits any more.
    func end() {
        let waiters = state.withLock { state in
            state.isOver = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume(returning: false) }
    }

    /// Waits; false where the end came, or the task was cancelled.
    func wait() async -> Bool {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let known: Bool? = state.withLock { state in
                    // A cancellation from here on finds the waiter.
                    if state.isOver || Task.isCancelled { return false }
                    if state.isSet {
                        state.isSet = false
                        return true
                    }
                    state.waiters[number] = waiter
                    return nil
                }
                if let known { waiter.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: false)
        }
    }
}

extension Signal.State {
    fileprivate mutating func takeWaiters() -> [CheckedContinuation<Bool, Never>] {
        defer { waiters = [:] }
        return Array(waiters.values)
    }
}
