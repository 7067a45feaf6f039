package io.github.codriver.internal

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.longOrNull

/** What is absent is not in the JSON, and what is not known is passed over. */
internal val json: Json =
    Json {
        encodeDefaults = false
        explicitNulls = false
        ignoreUnknownKeys = true
        classDiscriminator = "kind"
    }

internal fun parsed(text: String): JsonElement = json.parseToJsonElement(text)

internal fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.takeIf { it.isString }?.content

internal fun JsonObject.flag(name: String): Boolean? = (this[name] as? JsonPrimitive)?.takeIf { !it.isString }?.booleanOrNull

internal fun JsonObject.number(name: String): Double? = (this[name] as? JsonPrimitive)?.takeIf { !it.isString }?.doubleOrNull

internal fun JsonObject.whole(name: String): Long? = (this[name] as? JsonPrimitive)?.takeIf { !it.isString }?.longOrNull

internal fun JsonObject.obj(name: String): JsonObject? = this[name] as? JsonObject

internal fun JsonObject.texts(name: String): List<String> =
    (this[name] as? JsonArray).orEmpty().mapNotNull { (it as? JsonPrimitive)?.takeIf(JsonPrimitive::isString)?.content }

internal fun objectOf(vararg fields: Pair<String, Any?>): JsonObject =
    JsonObject(fields.filter { it.second != null }.associate { (name, value) -> name to jsonOf(value) })

/** Plain values as JSON: maps, lists, texts, numbers, truth. */
internal fun jsonOf(value: Any?): JsonElement =
    when (value) {
        null -> JsonNull
        is JsonElement -> value
        is String -> JsonPrimitive(value)
        is Boolean -> JsonPrimitive(value)
        is Number -> JsonPrimitive(value)
        is Enum<*> -> JsonPrimitive(value.name)
        is CharSequence -> JsonPrimitive(value.toString())
        is Map<*, *> -> JsonObject(value.entries.associate { (name, inner) -> name.toString() to jsonOf(inner) })
        is Iterable<*> -> JsonArray(value.map(::jsonOf))
        is Array<*> -> JsonArray(value.map(::jsonOf))
        is WireObject -> JsonObject(value.wireFields().mapValues { jsonOf(it.value) })
        else -> throw IllegalArgumentException("JSON has no place for a ${value.javaClass.name}")
    }

/** JSON as plain values: maps, lists, texts, `Long` or `Double`, truth, null. */
internal fun plainOf(element: JsonElement): Any? =
    when (element) {
        is JsonNull -> null
        is JsonObject -> element.mapValues { plainOf(it.value) }
        is JsonArray -> element.map(::plainOf)
        is JsonPrimitive ->
            if (element.isString) {
                element.content
            } else {
                element.booleanOrNull ?: element.longOrNull ?: element.doubleOrNull ?: element.content
            }
    }

/** An object of the Java facade that knows its fields on the wire. */
internal interface WireObject {
    fun wireFields(): Map<String, Any?>
}
