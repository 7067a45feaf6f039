package io.github.codriver.internal

import io.github.codriver.ToolInvocation
import io.github.codriver.ToolResult
import io.github.codriver.java.Description
import io.github.codriver.java.Handler
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.longOrNull
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.ParameterizedType
import java.lang.reflect.RecordComponent
import java.lang.reflect.Type
import java.util.Optional

/** Java records as the arguments of tools: their JSON schema, and how they are read. */
internal object Records {
    /** An argument of the model that does not fit; the model reads the text. */
    private class Unfit(
        message: String,
    ) : IllegalArgumentException(message)

    @JvmStatic
    fun schema(
        record: Class<out Record>,
        where: String,
    ): Map<String, Any?> = schemaOfRecord(record, where, emptyList())

    @JvmStatic
    fun <A : Record> call(
        record: Class<A>,
        call: ToolInvocation,
        handler: Handler<A, *>,
    ): Any? {
        val given = call.arguments.takeUnless { it is JsonNull } ?: JsonObject(emptyMap())
        val arguments =
            try {
                record.cast(readRecord(record, given))
            } catch (problem: Unfit) {
                return ToolResult.unfit(problem)
            }
        return handler.handle(arguments)
    }

    private fun schemaOfRecord(
        record: Class<*>,
        where: String,
        within: List<Class<*>>,
    ): Map<String, Any?> {
        require(record !in within) { "$where: ${record.name} contains itself, and has no finite schema" }
        val components = record.recordComponents
        val properties =
            components.associate { component ->
                val inner = schemaOf(component.genericType, "$where, ${component.name}", within + record)
                val text = component.getAnnotation(Description::class.java)?.value
                component.name to if (text == null) inner else inner + ("description" to text)
            }
        val required = components.filterNot(::isOptional).map { it.name }
        return buildMap {
            put("type", "object")
            put("properties", properties)
            if (required.isNotEmpty()) put("required", required)
            put("additionalProperties", false)
        }
    }

    private fun isOptional(component: RecordComponent) = component.type == Optional::class.java

    private fun schemaOf(
        type: Type,
        where: String,
        within: List<Class<*>>,
    ): Map<String, Any?> {
        if (type is ParameterizedType) {
            val inner = { index: Int -> schemaOf(type.actualTypeArguments[index], where, within) }
            return when (type.rawType) {
                Optional::class.java -> inner(0)
                List::class.java, Collection::class.java, Set::class.java -> mapOf("type" to "array", "items" to inner(0))
                Map::class.java -> mapOf("type" to "object", "additionalProperties" to inner(1))
                else -> throw IllegalArgumentException("$where: no JSON schema for $type")
            }
        }
        val kind = type as? Class<*> ?: throw IllegalArgumentException("$where: no JSON schema for $type")
        return when {
            kind == String::class.java -> mapOf("type" to "string")
            kind.kotlin == Boolean::class -> mapOf("type" to "boolean")
            kind.kotlin in WHOLE -> mapOf("type" to "integer")
            kind.kotlin in DECIMAL -> mapOf("type" to "number")
            kind.isEnum -> mapOf("enum" to kind.enumConstants.map { (it as Enum<*>).name })
            kind.isRecord -> schemaOfRecord(kind, where, within)
            kind == Any::class.java -> emptyMap()
            else -> throw IllegalArgumentException("$where: no JSON schema for ${kind.name}")
        }
    }

    private fun readRecord(
        record: Class<*>,
        given: JsonElement,
    ): Any {
        val fields = given as? JsonObject ?: throw Unfit("must be an object")
        val components = record.recordComponents
        val unknown = fields.keys - components.map { it.name }.toSet()
        if (unknown.isNotEmpty()) throw Unfit("`${unknown.first()}` is not known; there are ${components.joinToString { it.name }}")
        val values =
            components.map { component ->
                val value = fields[component.name]
                when {
                    isOptional(component) -> optional(component, value)
                    value == null -> throw Unfit("`${component.name}` is missing")
                    else -> within(component.name) { read(component.genericType, value) }
                }
            }
        val constructor = record.getDeclaredConstructor(*components.map { it.type }.toTypedArray())
        constructor.isAccessible = true
        try {
            return constructor.newInstance(*values.toTypedArray())
        } catch (problem: InvocationTargetException) {
            // The record's own checks.
            throw Unfit(problem.targetException.told())
        }
    }

    private fun optional(
        component: RecordComponent,
        value: JsonElement?,
    ): Optional<Any> {
        if (value == null || value is JsonNull) return Optional.empty()
        val inner = (component.genericType as ParameterizedType).actualTypeArguments[0]
        return Optional.of(within(component.name) { read(inner, value) })
    }

    private fun <T> within(
        name: String,
        read: () -> T,
    ): T =
        try {
            read()
        } catch (problem: Unfit) {
            throw Unfit("`$name`: ${problem.message}")
        }

    private fun read(
        type: Type,
        value: JsonElement,
    ): Any {
        if (type is ParameterizedType) {
            val inner = type.actualTypeArguments
            return when (type.rawType) {
                Map::class.java -> fields(value).mapValues { (name, each) -> within(name) { read(inner[1], each) } }
                Set::class.java -> items(value).map { read(inner[0], it) }.toSet()
                else -> items(value).map { read(inner[0], it) }
            }
        }
        val kind = type as Class<*>
        val primitive = value as? JsonPrimitive
        return when {
            kind == String::class.java -> primitive?.takeIf { it.isString }?.content
            kind.kotlin == Boolean::class -> primitive?.takeUnless { it.isString }?.booleanOrNull
            kind.kotlin in WHOLE -> primitive?.takeUnless { it.isString }?.longOrNull?.let { whole(kind, it) }
            kind.kotlin in DECIMAL -> primitive?.takeUnless { it.isString }?.doubleOrNull?.let { decimal(kind, it) }
            kind.isEnum -> kind.enumConstants.firstOrNull { (it as Enum<*>).name == primitive?.content }
            kind.isRecord -> readRecord(kind, value)
            else -> plainOf(value)
        } ?: throw Unfit("must be ${schemaOf(kind, "", emptyList()).let { it["type"] ?: "one of ${it["enum"]}" }}, not $value")
    }

    private fun fields(value: JsonElement) = value as? JsonObject ?: throw Unfit("must be an object")

    private fun items(value: JsonElement) = value as? JsonArray ?: throw Unfit("must be an array")

    private fun whole(
        kind: Class<*>,
        value: Long,
    ): Any? =
        when (kind.kotlin) {
            Int::class -> if (value in Int.MIN_VALUE..Int.MAX_VALUE) value.toInt() else null
            Short::class -> if (value in Short.MIN_VALUE..Short.MAX_VALUE) value.toShort() else null
            else -> value
        }

    private fun decimal(
        kind: Class<*>,
        value: Double,
    ): Any = if (kind.kotlin == Float::class) value.toFloat() else value

    private val WHOLE = setOf(Int::class, Long::class, Short::class)
    private val DECIMAL = setOf(Double::class, Float::class)
}
