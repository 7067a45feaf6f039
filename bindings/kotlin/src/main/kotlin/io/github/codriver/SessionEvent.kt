package io.github.codriver

import io.github.codriver.internal.flag
import io.github.codriver.internal.obj
import io.github.codriver.internal.parsed
import io.github.codriver.internal.plainOf
import io.github.codriver.internal.text
import kotlinx.serialization.json.JsonObject

/**
 * One event of a session, as the runtime sent it.
 *
 * It costs next to nothing until a field is looked at. What this version does not know is in [raw] and in [data].
 *
 * @property seq the number in the session, from 1, in the order of the wire; 0 for an event that was stored. An event that stands
 *   for several (merged deltas, [EVENTS_LOST]) has the last of their numbers.
 * @property firstSeq the first of the numbers that it stands for; nearly always [seq].
 * @property type the type, e.g. `assistant.message_delta`.
 * @property json the whole event as JSON, with the runtime's own words.
 */
public class SessionEvent internal constructor(
    public val seq: Long,
    public val firstSeq: Long,
    public val type: String,
    public val json: String,
    @Volatile private var decoded: JsonObject? = null,
) {
    /** The whole event with the wire's names. */
    public val raw: JsonObject
        get() = decoded ?: (parsed(json) as JsonObject).also { decoded = it }

    /** What the event tells: `event.data["deltaContent"]`. */
    public val data: JsonObject
        get() = raw.obj("data") ?: EMPTY

    /** The runtime's id of the event; empty where it gave none. */
    public val id: String
        get() = raw.text("id").orEmpty()

    /** When, ISO 8601. */
    public val timestamp: String?
        get() = raw.text("timestamp")

    /** The event before it, where the runtime says so. */
    public val parentId: String?
        get() = raw.text("parentId")

    /** The sub-agent it is from; null for the main one. */
    public val agentId: String?
        get() = raw.text("agentId")

    /** Whether it is live only: not stored, and may be merged or given up when nobody keeps up. */
    public val ephemeral: Boolean
        get() = raw.flag("ephemeral") == true

    /** A field of [data] that is text; null where it is not there or not text. */
    public fun text(field: String): String? = data.text(field)

    /** [data] as plain maps, lists, texts, numbers and truth, for Java. */
    public fun dataAsMap(): Map<String, Any?> = data.mapValues { plainOf(it.value) }

    override fun toString(): String = "SessionEvent(seq=$seq, type=$type)"

    /** Making events, and their names. */
    public companion object {
        /** The type of the event that stands for ephemeral events given up at the queue's bound: `data` has `count`, `from`, `to`. */
        public const val EVENTS_LOST: String = "codriver.events_lost"

        private val EMPTY = JsonObject(emptyMap())

        /** Makes an event from its JSON, for tests and for events stored elsewhere; its [seq] is 0. */
        @JvmStatic
        public fun fromJson(json: String): SessionEvent {
            val raw = parsed(json) as? JsonObject
            val type = raw?.text("type")
            require(raw != null && type != null) { "an event is a JSON object with a `type`" }
            return SessionEvent(0, 0, type, json, raw)
        }

        internal fun of(raw: JsonObject): SessionEvent = SessionEvent(0, 0, raw.text("type").orEmpty(), raw.toString(), raw)
    }
}
