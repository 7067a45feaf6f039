package io.github.codriver

import io.github.codriver.internal.json
import io.github.codriver.internal.jsonOf
import io.github.codriver.internal.objectOf
import io.github.codriver.internal.schemaOf
import io.github.codriver.options.CodriverDsl
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerialInfo
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.serializer

/** What the model is told about a parameter of a tool, or about an object in it. */
@OptIn(ExperimentalSerializationApi::class)
@SerialInfo
@Target(AnnotationTarget.PROPERTY, AnnotationTarget.CLASS)
public annotation class Description(
    val text: String,
)

/** What can be said of a tool beside its name, its description and what it does. */
@CodriverDsl
public class ToolOptions {
    /** Whether it replaces a built-in tool of the same name. */
    public var overridesBuiltInTool: Boolean? = null

    /** Whether it is called without asking for a permission. */
    public var skipPermission: Boolean? = null

    /** `auto` or `never`: whether the runtime may hide it behind tool search. */
    public var defer: String? = null

    /** Whether a call of it ends the turn. */
    public var isTerminal: Boolean? = null

    /** Sent as is. */
    public var metadata: JsonObject? = null
}

/**
 * A tool: what the model is told of it, and what it does.
 *
 * ```kotlin
 * @Serializable
 * class Weather(@Description("the city's name") val city: String, val days: Int = 1)
 *
 * val weather = tool("get_weather", "Tells the weather.") { asked: Weather -> "22 °C in ${asked.city}" }
 * ```
 *
 * @property name the name the model calls; unique in a session.
 * @property description what the model is told about it.
 * @property parameters JSON schema of the arguments, an object schema.
 */
public class Tool(
    public val name: String,
    public val description: String = "",
    public val parameters: JsonObject? = null,
    configure: ToolOptions.() -> Unit = {},
    internal val handler: (suspend (ToolInvocation) -> Any?)? = null,
) {
    private val options = ToolOptions().apply(configure)

    /** The declaration as on the wire. */
    internal fun definition(): JsonObject =
        objectOf(
            "name" to name,
            "description" to description,
            "parameters" to parameters,
            "overridesBuiltInTool" to options.overridesBuiltInTool,
            "skipPermission" to options.skipPermission,
            "defer" to options.defer,
            "isTerminal" to options.isTerminal,
            "metadata" to options.metadata,
        )

    override fun toString(): String = "Tool($name)"

    /** Tools by hand. */
    public companion object {
        /** A tool that reads its arguments by itself; it gives text, a [ToolResult], JSON, or plain values that become JSON. */
        public fun raw(
            name: String,
            description: String = "",
            parameters: JsonObject? = null,
            configure: ToolOptions.() -> Unit = {},
            handler: suspend (ToolInvocation) -> Any?,
        ): Tool = Tool(name, description, parameters, configure, handler)
    }
}

/**
 * A tool whose arguments are a serializable class [A], which makes the schema.
 *
 * What [run] gives is what the model reads: text as it is, a [ToolResult], anything else serializable as JSON. Arguments that do
 * not fit are told to the model, which tries again.
 */
public inline fun <reified A, reified R> tool(
    name: String,
    description: String,
    noinline configure: ToolOptions.() -> Unit = {},
    noinline run: suspend ToolInvocation.(A) -> R,
): Tool = typedTool(name, description, serializer<A>(), serializer<R>(), configure, run)

/** As [tool], with the serializers by hand. */
public fun <A, R> typedTool(
    name: String,
    description: String,
    arguments: KSerializer<A>,
    result: KSerializer<R>,
    configure: ToolOptions.() -> Unit = {},
    run: suspend ToolInvocation.(A) -> R,
): Tool =
    Tool(name, description, schemaOf(arguments.descriptor, "tool $name"), configure) { call ->
        val given = call.arguments.takeUnless { it is JsonNull } ?: JsonObject(emptyMap())
        val read =
            try {
                strict.decodeFromJsonElement(arguments, given)
            } catch (problem: SerializationException) {
                return@Tool ToolResult.unfit(problem)
            } catch (problem: IllegalArgumentException) {
                return@Tool ToolResult.unfit(problem)
            }
        val answer = call.run(read)
        if (answer is Unit) "" else json.encodeToJsonElement(result, answer)
    }

/** A field that is not known is told to the model. */
private val strict = kotlinx.serialization.json.Json(json) { ignoreUnknownKeys = false }

internal fun toolAnswer(answer: Any?): JsonElement =
    when (answer) {
        is Answer -> answer.wire
        null, Unit -> JsonPrimitive("")
        else -> jsonOf(answer)
    }
