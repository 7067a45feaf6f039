import io.github.codriver.CodriverException
import io.github.codriver.SessionEvent
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.IOException

/** Lines of JSON on standard output, each whole, in the order they were said. */
object Say {
    private val out = FileOutputStream(FileDescriptor.out)

    @Synchronized
    fun line(value: JsonObject) {
        try {
            out.write((value.toString() + "\n").encodeToByteArray())
        } catch (_: IOException) {
            // A runner that is gone hears nothing; the driver ends with its standard input.
            return
        }
    }

    fun event(
        session: String,
        event: SessionEvent,
        subscriber: JsonElement? = null,
    ) {
        val said =
            if (event.type == SessionEvent.EVENTS_LOST) {
                json("obs" to "events_lost", "session" to session, "count" to event.data["count"])
            } else {
                json(
                    "obs" to "event",
                    "session" to session,
                    "seq" to event.seq,
                    "type" to event.type,
                    "event_id" to event.id,
                    "ephemeral" to event.ephemeral,
                    "content" to (event.data["content"] ?: event.data["deltaContent"]),
                )
            }
        line(if (subscriber == null) said else JsonObject(said + ("subscriber" to subscriber)))
    }

    fun error(failure: Throwable): JsonObject =
        when (failure) {
            is CodriverException ->
                json("number" to failure.number, "name" to failure.name, "message" to failure.reason, "rpc_code" to failure.rpc?.code)
            // A call that was not made right.
            else -> json("number" to 1, "name" to "INVALID_ARGUMENT", "message" to failure.toString())
        }
}

/** An object without what is null. */
fun json(vararg fields: Pair<String, Any?>): JsonObject =
    JsonObject(fields.filter { it.second != null }.associate { (name, value) -> name to element(value) })

private fun element(value: Any?): JsonElement =
    when (value) {
        null -> JsonNull
        is JsonElement -> value
        is String -> JsonPrimitive(value)
        is Boolean -> JsonPrimitive(value)
        is Number -> JsonPrimitive(value)
        is Iterable<*> -> JsonArray(value.map(::element))
        is Map<*, *> -> JsonObject(value.entries.associate { (name, inner) -> name.toString() to element(inner) })
        else -> error("no JSON for $value")
    }

fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.takeIf { it !is JsonNull }?.content

fun JsonObject.obj(name: String): JsonObject? = this[name] as? JsonObject
