package io.github.codriver.internal

import io.github.codriver.ClientConfig
import io.github.codriver.SamplingRequest
import io.github.codriver.SendOptions
import io.github.codriver.SessionConfig
import io.github.codriver.SessionFsOptions
import io.github.codriver.Tool
import io.github.codriver.ToolInvocation
import io.github.codriver.ToolOptions
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import java.util.function.BiConsumer
import java.util.function.Consumer

/** What the Java facade's builders were told, in the words of Kotlin. What is the same in both is not here. */
internal object JavaConfigs {
    @JvmStatic
    fun client(fields: Map<String, Any?>): ClientConfig = ClientConfig.from(json(fields))

    @JvmStatic
    fun session(fields: Map<String, Any?>): SessionConfig = SessionConfig.from(json(fields))

    @JvmStatic
    fun send(fields: Map<String, Any?>): SendOptions = SendOptions().apply { extra = json(fields) }

    @JvmStatic
    fun files(fields: Map<String, Any?>): SessionFsOptions.() -> Unit = { extra = json(fields) }

    @JvmStatic
    fun json(fields: Map<String, Any?>): JsonObject = jsonOf(fields) as JsonObject

    @JvmStatic
    fun element(value: Any?): JsonElement? = value?.let(::jsonOf)

    @JvmStatic
    fun fields(json: JsonObject): Map<String, Any?> = fieldsOf(json)

    /** An empty filter is none. */
    @JvmStatic
    fun filter(fields: Map<String, Any?>): JsonObject? = fields.takeIf { it.isNotEmpty() }?.let(::json)

    @JvmStatic
    fun onNotification(
        config: ClientConfig,
        calls: JavaCalls,
        handler: BiConsumer<in String, Any?>,
    ) {
        val tell = calls.telling(Consumer<Pair<String, Any?>> { (method, params) -> handler.accept(method, params) })
        config.onNotification { method, params -> tell(method to plainOf(params)) }
    }

    @JvmStatic
    fun onSamplingRequest(
        config: SessionConfig,
        handler: suspend (SamplingRequest) -> Map<String, *>?,
    ): Unit = config.onSamplingRequest { asked -> handler(asked)?.let(::json) }

    /** Without a [handler] it is declared only. */
    @JvmStatic
    fun tool(
        name: String,
        description: String,
        fields: Map<String, Any?>,
        handler: (suspend (ToolInvocation) -> Any?)?,
    ): Tool {
        val options: ToolOptions.() -> Unit = {
            overridesBuiltInTool = fields["overridesBuiltInTool"] as Boolean?
            skipPermission = fields["skipPermission"] as Boolean?
            defer = fields["defer"] as String?
            isTerminal = fields["isTerminal"] as Boolean?
            metadata = fields["metadata"]?.let(::jsonOf) as JsonObject?
        }
        return Tool(name, description, fields["parameters"]?.let(::jsonOf) as JsonObject?, options, handler)
    }
}
