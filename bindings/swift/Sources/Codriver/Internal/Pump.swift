internal import CodriverFFI

/// Begins the tasks in which user code runs.
typealias Spawn = @Sendable (_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never>

/// What a wake begins, at most once at a time: a task while there is something to do, none while there is not.
final class Waker: Sendable {
    private struct State {
        var wakes = 0
        var isOver = false
        var task: Task<Void, Never>?
    }

    private let state = Locked(State())
    private let spawn: Spawn

    init(_ spawn: @escaping Spawn) {
        self.spawn = spawn
    }

    /// There is something to do. Called on the library's thread.
    func wake(_ work: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            if state.isOver { return }
            state.wakes += 1
            if state.wakes == 1 { state.task = spawn { await self.run(work) } }
        }
    }

    /// Nothing is begun any more, and what is under way is cancelled.
    func end() {
        let task = state.withLock { state in
            state.isOver = true
            return state.task
        }
        task?.cancel()
    }

    private func run(_ work: @Sendable () async -> Void) async {
        var isDone = false
        while !isDone {
            let seen = state.withLock { $0.wakes }
            await work()
            isDone = state.withLock { state in
                guard state.wakes == seen else { return false }
                state.wakes = 0
                state.task = nil
                return true
            }
        }
    }
}

/// Takes what a wake announces and calls the handlers: in the order of their registration, one event at a time.
final class Pump: Sendable {
    typealias Handler = @Sendable (SessionEvent) async throws -> Void

    private struct State {
        var handlers: [(number: Int, handle: Handler)] = []
        var last = 0
    }

    private let state = Locked(State())
    private let waker: Waker
    private let take: @Sendable () throws -> EventBatch
    private let failed: @Sendable (any Swift.Error) -> Void
    private let ended: @Sendable () -> Void

    init(
        spawn: @escaping Spawn,
        take: @escaping @Sendable () throws -> EventBatch,
        failed: @escaping @Sendable (any Swift.Error) -> Void,
        ended: @escaping @Sendable () -> Void
    ) {
        waker = Waker(spawn)
        self.take = take
        self.failed = failed
        self.ended = ended
    }

    /// Adds a handler; gives the number that removes it.
    @discardableResult
    func add(_ handler: @escaping Handler) -> Int {
        state.withLock { state in
            state.last += 1
            state.handlers.append((state.last, handler))
            return state.last
        }
    }

    func remove(_ number: Int) {
        // Freed outside of the lock: what a handler holds may be the last of its kind.
        let gone = state.withLock { state -> [(number: Int, handle: Handler)] in
            let before = state.handlers
            state.handlers.removeAll { $0.number == number }
            return before
        }
        _ = gone
    }

    func wake() {
        waker.wake { await self.drain() }
    }

    /// No handler is called any more; one that is at work is cancelled.
    func end() {
        waker.end()
    }

    private func drain() async {
        var more = true
        while more && !Task.isCancelled {
            // Where the client was closed under us, what was taken was told.
            guard let batch = try? take() else { return }
            for event in events(of: batch) {
                for (_, handle) in state.withLock({ $0.handlers }) {
                    do {
                        try await handle(event)
                    } catch {
                        if Task.isCancelled { return }
                        failed(error)
                    }
                }
                if Task.isCancelled { return }
            }
            if batch.ended {
                ended()
                return
            }
            more = batch.more
            // Others have their turn too.
            if more { await Task.yield() }
        }
    }
}
