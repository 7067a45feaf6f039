package io.github.codriver.internal

import io.github.codriver.SessionEvent
import io.github.codriver.internal.ffi.EventBatch
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger

/** What a wake begins, at most once at a time: a coroutine while there is something to do, none while there is not. */
internal class Waker(
    private val scope: CoroutineScope,
    private val work: suspend () -> Unit,
) {
    private val wakes = AtomicInteger()

    /** There is something to do. Called on the library's thread. */
    fun wake() {
        if (wakes.getAndIncrement() == 0) scope.launch { work() }
    }

    private suspend fun work() {
        do {
            val seen = wakes.get()
            try {
                work.invoke()
            } catch (problem: Throwable) {
                // What is said after it must still be heard.
                currentCoroutineContext().ensureActive()
                log.log(System.Logger.Level.ERROR, "what was announced cannot be taken", problem)
            }
        } while (!wakes.compareAndSet(seen, 0))
    }
}

/** Takes what a wake announces and calls the handlers: in the order of their registration, one event at a time. */
internal class Pump(
    scope: CoroutineScope,
    private val take: (UInt, ULong) -> EventBatch,
    private val failed: suspend (Throwable) -> Unit,
    private val ended: () -> Unit,
) {
    val handlers = CopyOnWriteArrayList<suspend (SessionEvent) -> Unit>()
    private val waker = Waker(scope, ::drain)

    fun wake() = waker.wake()

    private suspend fun drain() {
        var more = true
        while (more) {
            // Where the client was closed under us, what was taken was told.
            val batch = unlessClosed { take(BATCH, BATCH_BYTES) } ?: return
            for (event in eventsOf(batch)) {
                for (handler in handlers) tell(handler, event)
            }
            if (batch.ended) {
                ended()
                return
            }
            more = batch.more
            // Others on this dispatcher have their turn too.
            if (more) yield()
        }
    }

    private suspend fun tell(
        handler: suspend (SessionEvent) -> Unit,
        event: SessionEvent,
    ) {
        try {
            handler(event)
        } catch (problem: Throwable) {
            currentCoroutineContext().ensureActive()
            failed(problem)
        }
    }
}
