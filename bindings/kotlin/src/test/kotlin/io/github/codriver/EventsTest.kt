package io.github.codriver

import io.github.codriver.internal.eventsOf
import io.github.codriver.internal.ffi.EventBatch
import io.github.codriver.internal.text
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path

/** How events are cut out of a batch, and read. */
class EventsTest {
    private fun type(event: String) = (Json.parseToJsonElement(event) as JsonObject).text("type")!!

    private fun batch(vararg events: String): EventBatch {
        val types = events.map(::type).distinct()
        val marks = ByteBuffer.allocate(events.size * 32).order(ByteOrder.LITTLE_ENDIAN)
        events.forEachIndexed { at, event ->
            marks.putLong(at + 4L).putLong(at + 3L).putLong(types.indexOf(type(event)).toLong()).putLong(event.encodeToByteArray().size.toLong())
        }
        return EventBatch(marks.array(), types, events.joinToString("").encodeToByteArray(), more = false, ended = false)
    }

    @ParameterizedTest
    @ValueSource(strings = ["plain", "ünï ☃ 𝄞", "\\\"],\\\"events\\\":[", "a,b]}"])
    fun `a batch is cut by bytes, whatever is in it`(text: String) {
        val one = """{"type":"a.b","id":"1","data":{"text":"$text"}}"""
        val two = """{ "type" : "c" , "unknown" : [ 1 ] }"""
        val events = eventsOf(batch(one, two, one))
        assertEquals(listOf(3L to 4L, 4L to 5L, 5L to 6L), events.map { it.firstSeq to it.seq })
        assertEquals(listOf("a.b", "c", "a.b"), events.map { it.type })
        assertEquals(listOf(one, two, one), events.map { it.json })
        assertEquals(Json.parseToJsonElement("[1]"), events[1].raw["unknown"])
        assertEquals((Json.parseToJsonElement(one) as JsonObject)["data"], events[2].data)
        assertEquals(0, eventsOf(batch()).size)
    }

    @Test
    fun `data is decoded when it is looked at and not before`() {
        val event = SessionEvent(2, 1, "a", "this is no JSON")
        assertEquals(Triple(2L, 1L, "a"), Triple(event.seq, event.firstSeq, event.type))
        assertThrows(SerializationException::class.java) { event.data }
    }

    @Test
    fun `i16 every recorded event is read and kept whole`() {
        val lines = Files.readAllLines(Path.of("../../tests/vectors/events.jsonl")).filter(String::isNotBlank)
        assertTrue(lines.size > 20)
        for (line in lines) {
            val recorded = Json.parseToJsonElement(line) as JsonObject
            val event = if ("type" in recorded) recorded else recorded["event"] as? JsonObject ?: continue
            val read = SessionEvent.fromJson(event.toString())
            assertEquals(event, read.raw)
            assertEquals(event["data"], read.data)
            assertEquals(event.text("id").orEmpty() to event.text("timestamp"), read.id to read.timestamp)
        }
    }

    @Test
    fun `an event is a JSON object with a type`() {
        for (text in listOf("[]", "{}", "{\"type\":1}")) assertThrows(IllegalArgumentException::class.java) { SessionEvent.fromJson(text) }
    }
}
