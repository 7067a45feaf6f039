internal import CodriverFFI

/// The events of a session, from the moment this was asked for; ends when the session does, after the last event.
///
/// What is not taken waits in the session's queue, within its bound. Its iterators share one place: each event goes to one of them.
/// One whose task is cancelled is at its end.
public struct SessionEvents: AsyncSequence, Sendable {
    public typealias Element = SessionEvent
    public typealias Failure = Never

    let source: EventSource

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    /// Takes the events in batches.
    public struct Iterator: AsyncIteratorProtocol {
        public typealias Failure = Never

        let source: EventSource
        private var batch: [SessionEvent] = []
        private var at = 0

        init(source: EventSource) {
            self.source = source
        }

        public mutating func next() async -> SessionEvent? {
            await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> SessionEvent? {
            while at == batch.count {
                guard let taken = await source.take() else { return nil }
                batch = taken
                at = 0
            }
            // No `defer`: it crashes the compiler of Swift 6.0.3 here.
            at += 1
            return batch[at - 1]
        }
    }
}

/// A place in the events of a session; given back when nobody holds it any more.
final class EventSource: Sendable {
    private struct State {
        var more = true
        var isOver = false
    }

    // None where the session was over already.
    private let cursor: EventCursor?
    private let number: UInt64
    private let bridge: Bridge
    private let signal = Signal()
    private let state = Locked(State())

    init(cursor: EventCursor?, bridge: Bridge) {
        self.cursor = cursor
        self.bridge = bridge
        number = cursor?.id() ?? 0
        if cursor == nil { return }
        let signal = signal
        bridge.hear(number, Wake(wake: { signal.set() }, end: { signal.end() }))
    }

    deinit {
        bridge.forgetWake(number)
        cursor?.close()
    }

    /// The next events; `nil` at the end, and where the task is cancelled.
    func take() async -> [SessionEvent]? {
        while !Task.isCancelled {
            let (more, isOver) = state.withLock { ($0.more, $0.isOver) }
            if isOver { return nil }
            // Before the first wake there may be something already.
            if !more, await !signal.wait() { return nil }
            guard let batch = try? cursor?.take(max: batchEvents, maxBytes: batchBytes) else { return nil }
            state.withLock { $0 = State(more: batch.more, isOver: batch.ended) }
            let events = events(of: batch)
            if !events.isEmpty { return events }
        }
        return nil
    }
}
