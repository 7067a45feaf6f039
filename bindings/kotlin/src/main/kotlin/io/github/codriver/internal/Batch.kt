package io.github.codriver.internal

import io.github.codriver.SessionEvent
import io.github.codriver.internal.ffi.EventBatch
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** How much one crossing takes. What was taken is out of the queue's bound, so it is not much. */
internal const val BATCH = 256u
internal const val BATCH_BYTES = 262_144uL

/**
 * Cuts the events out of a batch; none of them is decoded.
 *
 * `marks` has four numbers for each: its number, the first it stands for, the place of its type in `types`, and how many bytes of
 * `events` are its own.
 */
internal fun eventsOf(batch: EventBatch): List<SessionEvent> {
    val marks = ByteBuffer.wrap(batch.marks).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer()
    val events = ArrayList<SessionEvent>(marks.remaining() / 4)
    var at = 0
    while (marks.hasRemaining()) {
        val seq = marks.get()
        val firstSeq = marks.get()
        val type = batch.types[marks.get().toInt()]
        val end = at + marks.get().toInt()
        events += SessionEvent(seq, firstSeq, type, batch.events.decodeToString(at, end))
        at = end
    }
    return events
}
