package io.github.codriver.internal

import io.github.codriver.SessionEvent
import kotlinx.serialization.Serializable

/** How much one crossing takes. What was taken is out of the queue's bound, so it is not much. */
internal const val BATCH = 256u
internal const val BATCH_BYTES = 262_144uL

@Serializable
private class Head(
    val seq: LongArray,
    val type: Array<String>,
    val size: IntArray,
)

private const val EVENTS = "],\"events\":["

/**
 * Cuts the events out of a batch; none of them is decoded.
 *
 * The batch is `{"seq":[…],"type":[…],"size":[…],"events":[{…},{…}]}`, sizes are bytes of UTF-8.
 */
internal fun eventsOf(batch: String): List<SessionEvent> {
    val mark = batch.indexOf(EVENTS)
    val head = json.decodeFromString(Head.serializer(), batch.substring(0, mark) + "]}")
    val begin = mark + EVENTS.length
    val count = head.seq.size
    // Sizes count bytes. Where there are as many chars, each is one byte, and the text can be cut as it is.
    val bytes = head.size.sumOf(Int::toLong) + maxOf(0, count - 1) + 2
    val cut: (Int, Int) -> String =
        if (bytes == (batch.length - begin).toLong()) {
            { at, size -> batch.substring(begin + at, begin + at + size) }
        } else {
            val encoded = batch.substring(begin).encodeToByteArray()
            val decode = { at: Int, size: Int -> encoded.decodeToString(at, at + size) }
            decode
        }
    val events = ArrayList<SessionEvent>(count)
    var at = 0
    for (index in 0 until count) {
        events += SessionEvent(head.seq[index], head.type[index], cut(at, head.size[index]))
        at += head.size[index] + 1
    }
    return events
}
