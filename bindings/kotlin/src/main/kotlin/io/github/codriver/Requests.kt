package io.github.codriver

import io.github.codriver.internal.flag
import io.github.codriver.internal.number
import io.github.codriver.internal.obj
import io.github.codriver.internal.plainOf
import io.github.codriver.internal.text
import io.github.codriver.internal.texts
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject

/** What the runtime asks. Its fields have names here; all of it, also what this version does not know, is in [raw]. */
public sealed class Request(
    public val raw: JsonObject,
) {
    /** [raw] as plain maps, lists, texts, numbers and truth, for Java. */
    public fun asMap(): Map<String, Any?> = raw.mapValues { plainOf(it.value) }

    /** Only the names of the fields: values may be credentials. */
    override fun toString(): String = "${javaClass.simpleName}(${raw.keys.joinToString()})"
}

/** Asks for a permission. */
public class PermissionRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** What for, with fields that depend on the kind. */
    public val permissionRequest: JsonObject get() = raw.obj("permissionRequest") ?: JsonObject(emptyMap())

    /** `shell`, `write`, `read`, `mcp`, `url`, `custom-tool`, `memory`, `hook` or newer. */
    public val kind: String get() = permissionRequest.text("kind").orEmpty()

    /** The tool call that wants it, if one does. */
    public val toolCallId: String? get() = text("toolCallId")

    /** Whether a hook has decided already. */
    public val resolvedByHook: Boolean? get() = raw.flag("resolvedByHook")

    /** A field of [permissionRequest] that is text, by its name on the wire, e.g. `fullCommandText`. */
    public fun text(field: String): String? = permissionRequest.text(field)
}

/** A question to the user. */
public class UserInputRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The question. */
    public val question: String get() = raw.text("question").orEmpty()

    /** What may be chosen; may be empty. */
    public val choices: List<String> get() = raw.texts("choices")

    /** Whether free words are welcome too. */
    public val allowFreeform: Boolean? get() = raw.flag("allowFreeform")
}

/** Asks the user to fill in a form, or to open a page. */
public class ElicitationRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** What to tell the user. */
    public val message: String get() = raw.text("message").orEmpty()

    /** `form` or `url`; null is `form`. */
    public val mode: String? get() = raw.text("mode")

    /** JSON schema of the form. */
    public val requestedSchema: JsonObject? get() = raw.obj("requestedSchema")

    /** The page. */
    public val url: String? get() = raw.text("url")

    /** The MCP server that asks. */
    public val elicitationSource: String? get() = raw.text("elicitationSource")
}

/** The plan is ready. */
public class ExitPlanModeRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The plan in short. */
    public val summary: String get() = raw.text("summary").orEmpty()

    /** The plan, as Markdown. */
    public val planContent: String get() = raw.text("planContent").orEmpty()

    /** What may be chosen. */
    public val actions: List<String> get() = raw.texts("actions")

    /** The choice the model would make. */
    public val recommendedAction: String? get() = raw.text("recommendedAction")
}

/** The model is rate limited; may the runtime choose another one? */
public class AutoModeSwitchRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The code of the limit. */
    public val errorCode: String? get() = raw.text("errorCode")

    /** Seconds until the limit ends. */
    public val retryAfterSeconds: Double? get() = raw.number("retryAfterSeconds")
}

/** A slash command to run. */
public class CommandInvocation internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The whole line, e.g. `/deploy prod now`. */
    public val command: String get() = raw.text("command").orEmpty()

    /** Its name, without the slash. */
    public val commandName: String get() = raw.text("commandName").orEmpty()

    /** What follows the name, as typed. */
    public val args: String get() = raw.text("args").orEmpty()
}

/** The question to a hook; which fields there are depends on the hook. */
public class HookInput internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** Which hook, e.g. `preToolUse`. */
    public val hookType: String get() = raw.text("hookType").orEmpty()

    /** What the hook is about. */
    public val input: JsonObject get() = raw.obj("input") ?: JsonObject(emptyMap())

    /** A field of [input] that is text, by its name on the wire, e.g. `toolName`. */
    public fun text(field: String): String? = input.text(field)
}

/** An MCP server wants OAuth. */
public class McpAuthRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The server's name. */
    public val serverName: String get() = raw.text("serverName").orEmpty()

    /** Its URL. */
    public val serverUrl: String get() = raw.text("serverUrl").orEmpty()

    /** `initial`, `refresh`, `reauth` or `upscope`. */
    public val reason: String? get() = raw.text("reason")

    /** What the server's challenge said. */
    public val wwwAuthenticateParams: JsonObject? get() = raw.obj("wwwAuthenticateParams")

    /** The server's metadata document, as text. */
    public val resourceMetadata: String? get() = raw.text("resourceMetadata")

    /** The configured OAuth client; may hold a secret. */
    public val staticClientConfig: JsonObject? get() = raw.obj("staticClientConfig")
}

/** Asks for the headers of an MCP server. */
public class McpHeadersRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The server's name. */
    public val serverName: String get() = raw.text("serverName").orEmpty()

    /** Its URL. */
    public val serverUrl: String get() = raw.text("serverUrl").orEmpty()

    /** `startup`, `ttl-expired` or `auth-failed`. */
    public val reason: String? get() = raw.text("reason")
}

/** An MCP server asks for a completion. */
public class SamplingRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The server. */
    public val serverName: String get() = raw.text("serverName").orEmpty()

    /** MCP's `CreateMessageRequest` parameters. */
    public val request: JsonObject get() = raw.obj("request") ?: JsonObject(emptyMap())
}

/** Asks what to do about a used up limit. */
public class SessionLimitsRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** Credits used in this window. */
    public val usedAiCredits: Double get() = raw.number("usedAiCredits") ?: 0.0

    /** The limit. */
    public val maxAiCredits: Double get() = raw.number("maxAiCredits") ?: 0.0
}

/** Asks for the bearer token of a model provider. */
public class ProviderTokenRequest internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The provider, where the runtime names it. */
    public val providerName: String? get() = raw.text("providerName")
}

/** A call of a tool. */
public class ToolInvocation internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The tool. */
    public val toolName: String get() = raw.text("toolName").orEmpty()

    /** The model's id of the call. */
    public val toolCallId: String get() = raw.text("toolCallId").orEmpty()

    /** The session. */
    public val sessionId: String get() = raw.text("sessionId").orEmpty()

    /** What the model gives it, as it came. */
    public val arguments: JsonElement get() = raw["arguments"] ?: JsonNull
}

/** A session of the runtime that came, went or changed. */
public class LifecycleEvent internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** `session.created`, `session.deleted`, `session.updated`, … */
    public val type: String get() = raw.text("type").orEmpty()

    /** The session. */
    public val sessionId: String get() = raw.text("sessionId").orEmpty()

    /** What is known of it. */
    public val metadata: JsonObject? get() = raw.obj("metadata")
}

/** A stored session. */
public class SessionMetadata internal constructor(
    raw: JsonObject,
) : Request(raw) {
    /** The session. */
    public val sessionId: String get() = raw.text("sessionId").orEmpty()

    /** When it began, ISO 8601. */
    public val startTime: String? get() = raw.text("startTime")

    /** When it last changed, ISO 8601. */
    public val modifiedTime: String? get() = raw.text("modifiedTime")

    /** What it is about. */
    public val summary: String? get() = raw.text("summary")
}

/**
 * Where a handler failed, and how.
 *
 * @property place the handler: `on_event`, `permission`, `tool`, `hook preToolUse`, …
 * @property sessionId the session.
 * @property error what it threw, where it was thrown here; else what the core made of it.
 */
public class HandlerFailure internal constructor(
    public val place: String,
    public val sessionId: String,
    public val error: Throwable,
) {
    override fun toString(): String = "HandlerFailure($place: $error)"
}
