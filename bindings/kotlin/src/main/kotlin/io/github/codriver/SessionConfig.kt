package io.github.codriver

import io.github.codriver.internal.Handlers
import io.github.codriver.internal.json
import io.github.codriver.internal.objectOf
import io.github.codriver.options.CodriverDsl
import io.github.codriver.options.SessionOptions
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The options of a session, its handlers and its tools. They are there before the first byte is written.
 *
 * Handlers run in the client's scope; one that fails is told to [onHandlerError], and answers with the secure default.
 */
@CodriverDsl
public class SessionConfig : SessionOptions() {
    /** Options that have no name here yet, sent as they are. */
    public var extra: JsonObject? = null

    internal val handlers = Handlers()

    /** Hears every event, from the first one on: in wire order, one at a time, after those that were named before. */
    public fun onEvent(handler: suspend (SessionEvent) -> Unit) {
        handlers.onEvent += handler
    }

    /** Is told when a handler failed; default: the log is. */
    public fun onHandlerError(handler: suspend (HandlerFailure) -> Unit) {
        handlers.onHandlerError = handler
    }

    /** Decides on permissions; without it nothing is approved. */
    public fun onPermissionRequest(handler: suspend (PermissionRequest) -> PermissionDecision): Unit =
        handlers.one("permission", "permission") { handler(PermissionRequest(it)).wire }

    /** Answers what the model asks people. */
    public fun onUserInputRequest(handler: suspend (UserInputRequest) -> UserInputResponse): Unit =
        handlers.one("userInput", "user_input") { handler(UserInputRequest(it)).wire }

    /** Answers forms of MCP servers. */
    public fun onElicitationRequest(handler: suspend (ElicitationRequest) -> ElicitationResult): Unit =
        handlers.one("elicitation", "elicitation") { handler(ElicitationRequest(it)).wire }

    /** Decides whether a plan is good. */
    public fun onExitPlanMode(handler: suspend (ExitPlanModeRequest) -> ExitPlanModeResponse): Unit =
        handlers.one("exitPlanMode", "exit_plan_mode") { handler(ExitPlanModeRequest(it)).wire }

    /** Decides whether another model may be taken. */
    public fun onAutoModeSwitch(handler: suspend (AutoModeSwitchRequest) -> AutoModeSwitchResponse): Unit =
        handlers.one("autoModeSwitch", "auto_mode_switch") { handler(AutoModeSwitchRequest(it)).wire }

    /** Logs in to MCP servers. */
    public fun onMcpAuthRequest(handler: suspend (McpAuthRequest) -> McpAuthResponse): Unit =
        handlers.one("mcpAuth", "mcp_auth") { handler(McpAuthRequest(it)).wire }

    /** Gives headers for MCP servers. */
    public fun onMcpHeadersRequest(handler: suspend (McpHeadersRequest) -> McpHeadersResponse): Unit =
        handlers.one("mcpHeaders", "mcp_headers") { handler(McpHeadersRequest(it)).wire }

    /** Lets MCP servers ask the model: MCP's `CreateMessageResult`, or null to refuse. */
    public fun onSamplingRequest(handler: suspend (SamplingRequest) -> JsonObject?): Unit =
        handlers.one("sampling", "sampling") { handler(SamplingRequest(it)) ?: JsonNull }

    /** Decides when the session's limits are used up. */
    public fun onSessionLimitsExhausted(handler: suspend (SessionLimitsRequest) -> SessionLimitsResponse): Unit =
        handlers.one("sessionLimits", "session_limits") { handler(SessionLimitsRequest(it)).wire }

    /** Gives the bearer token for each request to the model's provider. */
    public fun onProviderToken(handler: suspend (ProviderTokenRequest) -> String): Unit =
        handlers.one("providerToken", "provider_token") { JsonPrimitive(handler(ProviderTokenRequest(it))) }

    /** Answers a hook, e.g. `preToolUse`; one that fails there denies the tool. */
    public fun hook(
        name: String,
        handler: suspend (HookInput) -> HookOutput,
    ): Unit = handlers.named("hooks", "hook", name, "hook $name", JsonPrimitive(name)) { handler(HookInput(it as JsonObject)).wire }

    /** Runs a slash command; [description] is what people are told about it. */
    public fun command(
        name: String,
        description: String = "",
        handler: suspend (CommandInvocation) -> Unit,
    ): Unit =
        handlers.named("commands", "command", name, "command", objectOf("name" to name, "description" to description)) {
            handler(CommandInvocation(it as JsonObject))
            JsonNull
        }

    /** Rewrites a section of the system message, by its id: text to text. */
    public fun systemMessageSection(
        id: String,
        rewrite: suspend (String) -> String,
    ): Unit =
        handlers.named("systemMessage", "systemMessage", id, "system_message $id", JsonPrimitive(id)) {
            JsonPrimitive(rewrite((it as JsonPrimitive).content))
        }

    /** A tool the model may call; one without a handler is declared only. */
    public fun tool(tool: Tool): Unit = handlers.tool(tool)

    /** A typed tool, as the function [io.github.codriver.tool] makes it. */
    public inline fun <reified A, reified R> tool(
        name: String,
        description: String,
        noinline configure: ToolOptions.() -> Unit = {},
        noinline run: suspend ToolInvocation.(A) -> R,
    ): Unit = tool(io.github.codriver.tool<A, R>(name, description, configure, run))

    internal fun wire(): JsonObject {
        val options = json.encodeToJsonElement(SessionOptions.serializer(), this) as JsonObject
        val fields = LinkedHashMap<String, JsonElement>(options)
        fields += extra.orEmpty()
        if (handlers.declared.isNotEmpty()) fields["tools"] = JsonArray(handlers.declared)
        fields["handlers"] = handlers.wire()
        return JsonObject(fields)
    }

    /** Options that are there as JSON already. */
    public companion object {
        /** The options that [wire] has, with the wire's names, as [extra]. */
        public fun from(wire: JsonObject): SessionConfig = SessionConfig().apply { extra = wire }
    }
}
