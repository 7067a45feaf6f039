import io.github.codriver.Client
import io.github.codriver.ElicitationResult
import io.github.codriver.HookOutput
import io.github.codriver.PermissionDecision
import io.github.codriver.SessionConfig
import io.github.codriver.Tool
import io.github.codriver.UserInputResponse
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean

private class Thrown : Exception("thrown on purpose")

/** Turns the behaviours of a command into handlers of a session. */
fun SessionConfig.behave(
    client: Client,
    session: String,
    declared: List<JsonObject>,
    handlers: JsonObject,
) {
    onEvents(client, session, handlers.text("on_event") ?: "record")
    onHandlerError { Say.line(json("obs" to "handler_error", "session" to session, "where" to it.place)) }
    handlers.text("permission")?.let { behaviour -> decide(session, behaviour) }
    handlers.text("user_input")?.let { behaviour ->
        onUserInputRequest {
            Say.line(json("obs" to "user_input", "session" to session, "question" to it.question))
            if (!behaviour.startsWith("answer:")) throw Thrown()
            UserInputResponse.freeform(behaviour.removePrefix("answer:"))
        }
    }
    handlers.text("elicitation")?.let { behaviour ->
        onElicitationRequest {
            when (behaviour) {
                "accept" -> ElicitationResult.accept()
                "cancel" -> ElicitationResult.cancel()
                else -> throw Thrown()
            }
        }
    }
    for ((name, behaviour) in handlers.obj("hooks").orEmpty()) answer(session, name, (behaviour as JsonPrimitive).content)
    tools(session, declared, (handlers["tools"] as? JsonArray).orEmpty().map { it as JsonObject })
}

private fun SessionConfig.onEvents(
    client: Client,
    session: String,
    behaviour: String,
) = onEvent { event ->
    if (behaviour != "count") Say.event(session, event)
    when (behaviour.substringBefore(':')) {
        "slow" -> delay(behaviour.substringAfter(':').toLong())
        "throw" -> throw Thrown()
        "call_ping" -> client.ping()
    }
}

private fun SessionConfig.decide(
    session: String,
    behaviour: String,
) = onPermissionRequest {
    Say.line(json("obs" to "permission", "session" to session, "kind" to it.kind))
    when (behaviour) {
        "approve" -> PermissionDecision.approveOnce()
        "deny" -> PermissionDecision.reject()
        "hang" -> awaitCancellation()
        else -> throw Thrown()
    }
}

private fun SessionConfig.answer(
    session: String,
    name: String,
    behaviour: String,
) = hook(name) {
    Say.line(json("obs" to "hook", "session" to session, "hook" to name))
    when (behaviour) {
        "allow" -> HookOutput.allow()
        "deny" -> HookOutput.deny("denied on purpose")
        "empty" -> HookOutput.empty()
        else -> throw Thrown()
    }
}

/** The declared tools, those that have a behaviour with a handler; a behaviour without a declaration declares. */
private fun SessionConfig.tools(
    session: String,
    declared: List<JsonObject>,
    behaviours: List<JsonObject>,
) {
    val names = behaviours.map { it.text("name") }
    for (tool in declared.filter { it.text("name") !in names }) tool(made(tool, null, session))
    for (wanted in behaviours) {
        val there = declared.firstOrNull { it.text("name") == wanted.text("name") }
        tool(made(there ?: json("name" to wanted.text("name"), "description" to "A tool of the driver"), wanted.text("behaviour"), session))
    }
}

private fun made(
    declared: JsonObject,
    behaviour: String?,
    session: String,
): Tool {
    val name = declared.text("name").orEmpty()
    val options: io.github.codriver.ToolOptions.() -> Unit = {
        overridesBuiltInTool = declared.flag("overridesBuiltInTool")
        skipPermission = declared.flag("skipPermission")
        defer = declared.text("defer")
        isTerminal = declared.flag("isTerminal")
        metadata = declared.obj("metadata")
    }
    val description = declared.text("description").orEmpty()
    if (behaviour == null) return Tool(name, description, declared.obj("parameters"), options)
    return Tool.raw(name, description, declared.obj("parameters"), options) { call ->
        Say.line(json("obs" to "tool", "session" to session, "name" to name, "arguments" to call.arguments))
        when (behaviour.substringBefore(':')) {
            "echo" -> call.arguments.toString()
            "text" -> behaviour.substringAfter(':')
            "empty" -> ""
            "hang" ->
                try {
                    awaitCancellation()
                } catch (cancelled: CancellationException) {
                    Say.line(json("obs" to "tool_cancelled", "session" to session, "name" to name))
                    throw cancelled
                }
            else -> throw Thrown()
        }
    }
}

private fun JsonObject.flag(name: String): Boolean? = (this[name] as? JsonPrimitive)?.boolean
