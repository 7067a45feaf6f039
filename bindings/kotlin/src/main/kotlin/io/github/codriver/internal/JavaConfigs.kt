package io.github.codriver.internal

import io.github.codriver.AutoModeSwitchRequest
import io.github.codriver.AutoModeSwitchResponse
import io.github.codriver.ClientConfig
import io.github.codriver.CommandInvocation
import io.github.codriver.ElicitationRequest
import io.github.codriver.ElicitationResult
import io.github.codriver.ExitPlanModeRequest
import io.github.codriver.ExitPlanModeResponse
import io.github.codriver.HandlerFailure
import io.github.codriver.HookInput
import io.github.codriver.HookOutput
import io.github.codriver.LifecycleEvent
import io.github.codriver.McpAuthRequest
import io.github.codriver.McpAuthResponse
import io.github.codriver.McpHeadersRequest
import io.github.codriver.McpHeadersResponse
import io.github.codriver.PermissionDecision
import io.github.codriver.PermissionRequest
import io.github.codriver.ProviderTokenRequest
import io.github.codriver.SamplingRequest
import io.github.codriver.SendOptions
import io.github.codriver.SessionConfig
import io.github.codriver.SessionEvent
import io.github.codriver.SessionFsOptions
import io.github.codriver.SessionLimitsRequest
import io.github.codriver.SessionLimitsResponse
import io.github.codriver.Store
import io.github.codriver.Tool
import io.github.codriver.ToolInvocation
import io.github.codriver.ToolOptions
import io.github.codriver.UserInputRequest
import io.github.codriver.UserInputResponse
import io.github.codriver.java.AsyncSessionFs
import io.github.codriver.java.Handler
import kotlinx.serialization.json.JsonObject
import java.util.function.BiConsumer
import java.util.function.Consumer
import java.util.function.Function
import io.github.codriver.java.SessionFs as BlockingSessionFs

/** What the Java facade's builders were told, as the configs of Kotlin. */
internal object JavaConfigs {
    @JvmStatic
    fun client(fields: Map<String, Any?>): ClientConfig = ClientConfig.from(jsonOf(fields) as JsonObject)

    @JvmStatic
    fun session(fields: Map<String, Any?>): SessionConfig = SessionConfig.from(jsonOf(fields) as JsonObject)

    @JvmStatic
    fun send(fields: Map<String, Any?>): SendOptions = SendOptions().apply { extra = jsonOf(fields) as JsonObject }

    @JvmStatic
    fun onState(
        config: ClientConfig,
        calls: JavaCalls,
        handler: Consumer<in String>,
    ): Unit = config.onState(calls.telling(handler))

    @JvmStatic
    fun onLifecycle(
        config: ClientConfig,
        calls: JavaCalls,
        handler: Consumer<in LifecycleEvent>,
    ): Unit = config.onLifecycle(calls.telling(handler))

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
    fun files(
        config: ClientConfig,
        store: String,
        initialCwd: String,
        statePath: String,
        more: Map<String, Any?>,
    ): Unit = config.sessionFs(store, initialCwd, statePath, options(more))

    @JvmStatic
    fun files(
        config: ClientConfig,
        store: Store,
        initialCwd: String,
        statePath: String,
        more: Map<String, Any?>,
    ): Unit = config.sessionFs(store, initialCwd, statePath, options(more))

    @JvmStatic
    fun blockingFiles(
        config: ClientConfig,
        calls: JavaCalls,
        initialCwd: String,
        statePath: String,
        more: Map<String, Any?>,
        open: Handler<String, out BlockingSessionFs>,
    ) {
        val opened = calls.blocking(open)
        config.sessionFs(initialCwd, statePath, options(more)) { calls.files(opened(it)) }
    }

    @JvmStatic
    fun asyncFiles(
        config: ClientConfig,
        calls: JavaCalls,
        initialCwd: String,
        statePath: String,
        more: Map<String, Any?>,
        open: Function<String, out AsyncSessionFs>,
    ): Unit = config.sessionFs(initialCwd, statePath, options(more)) { calls.files(open.apply(it)) }

    private fun options(more: Map<String, Any?>): SessionFsOptions.() -> Unit =
        {
            for ((name, value) in more) {
                when (name) {
                    "conventions" -> conventions = value as String?
                    "binary" -> binary = value as Boolean?
                    "sqlite" -> sqlite = value as Boolean?
                    else -> throw IllegalArgumentException("sessionFs: $name is not known; there are conventions, binary, sqlite")
                }
            }
        }

    @JvmStatic
    fun onEvent(
        config: SessionConfig,
        calls: JavaCalls,
        handler: Consumer<in SessionEvent>,
    ): Unit = config.onEvent(calls.telling(handler))

    @JvmStatic
    fun onHandlerError(
        config: SessionConfig,
        calls: JavaCalls,
        handler: Consumer<in HandlerFailure>,
    ): Unit = config.onHandlerError(calls.telling(handler))

    @JvmStatic
    fun onPermissionRequest(
        config: SessionConfig,
        handler: suspend (PermissionRequest) -> PermissionDecision,
    ): Unit = config.onPermissionRequest(handler)

    @JvmStatic
    fun onUserInputRequest(
        config: SessionConfig,
        handler: suspend (UserInputRequest) -> UserInputResponse,
    ): Unit = config.onUserInputRequest(handler)

    @JvmStatic
    fun onElicitationRequest(
        config: SessionConfig,
        handler: suspend (ElicitationRequest) -> ElicitationResult,
    ): Unit = config.onElicitationRequest(handler)

    @JvmStatic
    fun onExitPlanMode(
        config: SessionConfig,
        handler: suspend (ExitPlanModeRequest) -> ExitPlanModeResponse,
    ): Unit = config.onExitPlanMode(handler)

    @JvmStatic
    fun onAutoModeSwitch(
        config: SessionConfig,
        handler: suspend (AutoModeSwitchRequest) -> AutoModeSwitchResponse,
    ): Unit = config.onAutoModeSwitch(handler)

    @JvmStatic
    fun onMcpAuthRequest(
        config: SessionConfig,
        handler: suspend (McpAuthRequest) -> McpAuthResponse,
    ): Unit = config.onMcpAuthRequest(handler)

    @JvmStatic
    fun onMcpHeadersRequest(
        config: SessionConfig,
        handler: suspend (McpHeadersRequest) -> McpHeadersResponse,
    ): Unit = config.onMcpHeadersRequest(handler)

    @JvmStatic
    fun onSamplingRequest(
        config: SessionConfig,
        handler: suspend (SamplingRequest) -> Map<String, *>?,
    ): Unit = config.onSamplingRequest { asked -> handler(asked)?.let(::jsonOf) as JsonObject? }

    @JvmStatic
    fun onSessionLimitsExhausted(
        config: SessionConfig,
        handler: suspend (SessionLimitsRequest) -> SessionLimitsResponse,
    ): Unit = config.onSessionLimitsExhausted(handler)

    @JvmStatic
    fun onProviderToken(
        config: SessionConfig,
        handler: suspend (ProviderTokenRequest) -> String,
    ): Unit = config.onProviderToken(handler)

    @JvmStatic
    fun hook(
        config: SessionConfig,
        name: String,
        handler: suspend (HookInput) -> HookOutput,
    ): Unit = config.hook(name, handler)

    @JvmStatic
    fun command(
        config: SessionConfig,
        calls: JavaCalls,
        name: String,
        description: String,
        handler: Consumer<in CommandInvocation>,
    ): Unit = config.command(name, description, calls.telling(handler))

    @JvmStatic
    fun section(
        config: SessionConfig,
        id: String,
        rewrite: suspend (String) -> String,
    ): Unit = config.systemMessageSection(id, rewrite)

    @JvmStatic
    fun tool(
        name: String,
        description: String,
        fields: Map<String, Any?>,
        handler: suspend (ToolInvocation) -> Any?,
    ): Tool = Tool.raw(name, description, parameters(fields), toolOptions(fields), handler)

    @JvmStatic
    fun declared(
        name: String,
        description: String,
        fields: Map<String, Any?>,
    ): Tool = Tool(name, description, parameters(fields), toolOptions(fields))

    private fun parameters(fields: Map<String, Any?>): JsonObject? = fields["parameters"]?.let(::jsonOf) as JsonObject?

    private fun toolOptions(fields: Map<String, Any?>): ToolOptions.() -> Unit =
        {
            overridesBuiltInTool = fields["overridesBuiltInTool"] as Boolean?
            skipPermission = fields["skipPermission"] as Boolean?
            defer = fields["defer"] as String?
            isTerminal = fields["isTerminal"] as Boolean?
            metadata = fields["metadata"]?.let(::jsonOf) as JsonObject?
        }
}
