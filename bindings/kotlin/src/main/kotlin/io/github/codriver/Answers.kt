package io.github.codriver

import io.github.codriver.internal.Native
import io.github.codriver.internal.ffi.approveForSession
import io.github.codriver.internal.jsonOf
import io.github.codriver.internal.objectOf
import io.github.codriver.internal.parsed
import io.github.codriver.internal.told
import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import java.util.Base64

/**
 * What is answered to the runtime, as the [wire] has it. One that the runtime would misread is refused with the field's name,
 * and counts as a failed handler.
 */
public sealed class Answer(
    public val wire: JsonObject,
) {
    override fun equals(other: Any?): Boolean = other is Answer && other.javaClass == javaClass && other.wire == wire

    override fun hashCode(): Int = wire.hashCode()

    /** Only the names of the fields: values may be credentials. */
    override fun toString(): String = "${javaClass.simpleName}(${wire.keys.joinToString()})"
}

/** The answer to a [PermissionRequest]. */
public class PermissionDecision(
    wire: JsonObject,
) : Answer(wire) {
    /** The decisions there are. */
    public companion object {
        /** Yes, this time. */
        @JvmStatic
        public fun approveOnce(): PermissionDecision = PermissionDecision(objectOf("kind" to "approve-once"))

        /** Yes, and do not ask again in this session for the same thing as [request]. */
        @JvmStatic
        public fun approveForSession(request: PermissionRequest): PermissionDecision =
            PermissionDecision(parsed(Native.called { approveForSession(request.raw.toString()) }) as JsonObject)

        /** Yes, and stored for the project at [locationKey]; [approval] as in `approve-for-location` of the wire. */
        @JvmStatic
        public fun approveForLocation(
            approval: JsonObject,
            locationKey: String,
        ): PermissionDecision =
            PermissionDecision(objectOf("kind" to "approve-for-location", "approval" to approval, "locationKey" to locationKey))

        /** Yes, and stored for all sessions: this origin, e.g. `https://example.org` (URLs only). */
        @JvmStatic
        public fun approvePermanently(domain: String): PermissionDecision =
            PermissionDecision(objectOf("kind" to "approve-permanently", "domain" to domain))

        /** No; the model is told why. */
        @JvmStatic
        @JvmOverloads
        public fun reject(feedback: String? = null): PermissionDecision =
            PermissionDecision(objectOf("kind" to "reject", "feedback" to feedback))

        /** Nobody is there who could say yes; counts as a no. */
        @JvmStatic
        public fun userNotAvailable(): PermissionDecision = PermissionDecision(objectOf("kind" to "user-not-available"))
    }
}

/** The user's answer to a [UserInputRequest]; not empty. */
public class UserInputResponse(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** One of the choices. */
        @JvmStatic
        public fun choice(answer: String): UserInputResponse =
            UserInputResponse(objectOf("answer" to answer, "wasFreeform" to false))

        /** Free words. */
        @JvmStatic
        public fun freeform(answer: String): UserInputResponse =
            UserInputResponse(objectOf("answer" to answer, "wasFreeform" to true))
    }
}

/** The user's answer to a form. */
public class ElicitationResult(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** The user filled it in: values by field name. */
        @JvmStatic
        @JvmOverloads
        public fun accept(content: Map<String, Any?> = emptyMap()): ElicitationResult =
            ElicitationResult(objectOf("action" to "accept", "content" to content))

        /** The user refused. */
        @JvmStatic
        public fun decline(): ElicitationResult = ElicitationResult(objectOf("action" to "decline"))

        /** The user closed it, or there was none. */
        @JvmStatic
        public fun cancel(): ElicitationResult = ElicitationResult(objectOf("action" to "cancel"))
    }
}

/** The answer to a plan. */
public class ExitPlanModeResponse(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** The plan is good; go on, with one of the request's actions. */
        @JvmStatic
        @JvmOverloads
        public fun approve(
            selectedAction: String? = null,
            autoApproveEdits: Boolean? = null,
        ): ExitPlanModeResponse =
            ExitPlanModeResponse(
                objectOf("approved" to true, "selectedAction" to selectedAction, "autoApproveEdits" to autoApproveEdits),
            )

        /** The plan is not good; the model is told what should be different. */
        @JvmStatic
        @JvmOverloads
        public fun reject(feedback: String? = null): ExitPlanModeResponse =
            ExitPlanModeResponse(objectOf("approved" to false, "feedback" to feedback))
    }
}

/** The answer to a switch of the model. */
public class AutoModeSwitchResponse(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** For this turn, or [always] from now on. */
        @JvmStatic
        @JvmOverloads
        public fun yes(always: Boolean = false): AutoModeSwitchResponse =
            AutoModeSwitchResponse(objectOf("response" to if (always) "yes_always" else "yes"))

        /** The turn ends. */
        @JvmStatic
        public fun no(): AutoModeSwitchResponse = AutoModeSwitchResponse(objectOf("response" to "no"))
    }
}

/** The answer of a hook; which fields have an effect depends on the hook. */
public class HookOutput(
    wire: JsonObject,
) : Answer(wire) {
    /** The same and this field, by its name on the wire, e.g. `additionalContext`. */
    public fun with(
        field: String,
        value: Any?,
    ): HookOutput = HookOutput(JsonObject(wire + (field to jsonOf(value))))

    /** The answers there are. */
    public companion object {
        /** No opinion. */
        @JvmStatic
        public fun empty(): HookOutput = HookOutput(JsonObject(emptyMap()))

        /** `preToolUse`: the tool runs, and no permission is asked for. */
        @JvmStatic
        public fun allow(): HookOutput = HookOutput(objectOf("permissionDecision" to "allow"))

        /** `preToolUse`: the tool does not run; the model reads why. */
        @JvmStatic
        public fun deny(reason: String): HookOutput =
            HookOutput(objectOf("permissionDecision" to "deny", "permissionDecisionReason" to reason))

        /** `preToolUse`: the user decides. */
        @JvmStatic
        public fun ask(reason: String): HookOutput =
            HookOutput(objectOf("permissionDecision" to "ask", "permissionDecisionReason" to reason))

        /** `userPromptSubmitted`: the turn ends here. `agentStop`: the agent goes on, with the reason as its prompt. */
        @JvmStatic
        public fun block(reason: String): HookOutput = HookOutput(objectOf("decision" to "block", "reason" to reason))
    }
}

/** The answer to a login. */
public class McpAuthResponse(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** An access token; [expiresIn] in seconds. */
        @JvmStatic
        @JvmOverloads
        public fun token(
            accessToken: String,
            tokenType: String? = null,
            expiresIn: Long? = null,
        ): McpAuthResponse =
            McpAuthResponse(
                objectOf("kind" to "token", "accessToken" to accessToken, "tokenType" to tokenType, "expiresIn" to expiresIn),
            )

        /** No login. */
        @JvmStatic
        public fun cancelled(): McpAuthResponse = McpAuthResponse(objectOf("kind" to "cancelled"))
    }
}

/** Headers, none, or a failure. */
public class McpHeadersResponse(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** Headers by name, and for how many milliseconds they may be kept. */
        @JvmStatic
        @JvmOverloads
        public fun headers(
            headers: Map<String, String>,
            ttlMs: Long? = null,
        ): McpHeadersResponse = McpHeadersResponse(objectOf("kind" to "headers", "headers" to headers, "ttlMs" to ttlMs))

        /** No headers. */
        @JvmStatic
        public fun none(): McpHeadersResponse = McpHeadersResponse(objectOf("kind" to "none"))

        /** They could not be got. */
        @JvmStatic
        public fun error(message: String): McpHeadersResponse =
            McpHeadersResponse(objectOf("kind" to "error", "message" to message))
    }
}

/** What to do about the limit. */
public class SessionLimitsResponse(
    wire: JsonObject,
) : Answer(wire) {
    /** The answers there are. */
    public companion object {
        /** Raise it by this many credits. */
        @JvmStatic
        public fun add(additionalAiCredits: Double): SessionLimitsResponse =
            SessionLimitsResponse(objectOf("action" to "add", "additionalAiCredits" to additionalAiCredits))

        /** Set it to this many credits. */
        @JvmStatic
        public fun set(maxAiCredits: Double): SessionLimitsResponse =
            SessionLimitsResponse(objectOf("action" to "set", "maxAiCredits" to maxAiCredits))

        /** Remove it. */
        @JvmStatic
        public fun unset(): SessionLimitsResponse = SessionLimitsResponse(objectOf("action" to "unset"))

        /** Leave it; the request to the model is cancelled. */
        @JvmStatic
        public fun cancel(): SessionLimitsResponse = SessionLimitsResponse(objectOf("action" to "cancel"))
    }
}

/** What a tool answers when a plain value does not say enough. */
@Serializable(with = ToolResult.WireSerializer::class)
public class ToolResult(
    wire: JsonObject,
) : Answer(wire) {
    /** The same and an image for the model. */
    public fun image(
        mimeType: String,
        content: ByteArray,
    ): ToolResult = binary("image", mimeType, content)

    /** The same and other bytes for the model. */
    public fun resource(
        mimeType: String,
        content: ByteArray,
    ): ToolResult = binary("resource", mimeType, content)

    private fun binary(
        type: String,
        mimeType: String,
        content: ByteArray,
    ): ToolResult {
        val data = Base64.getEncoder().encodeToString(content)
        val there = (wire["binaryResultsForLlm"] as? JsonArray).orEmpty()
        val binaries = there + objectOf("type" to type, "data" to data, "mimeType" to mimeType)
        return ToolResult(JsonObject(wire + ("binaryResultsForLlm" to JsonArray(binaries))))
    }

    /** The results there are. */
    public companion object {
        /** It worked; [sessionLog] is what the timeline shows in place of the text. */
        @JvmStatic
        @JvmOverloads
        public fun text(
            text: String,
            sessionLog: String? = null,
        ): ToolResult = of(text, "success", "sessionLog" to sessionLog)

        /** It failed; the model reads why and goes on. */
        @JvmStatic
        public fun failure(text: String): ToolResult = of(text, "failure", "error" to text)

        /** It was not allowed; the model reads why and goes on. */
        @JvmStatic
        public fun denied(text: String): ToolResult = of(text, "denied")

        /** The user refused it; the turn ends. */
        @JvmStatic
        public fun rejected(text: String): ToolResult = of(text, "rejected")

        /** It took too long; the model reads this and goes on. */
        @JvmStatic
        public fun timeout(text: String): ToolResult = of(text, "timeout")

        internal fun unfit(problem: Throwable): ToolResult = failure("invalid arguments: ${problem.told()}")

        private fun of(
            text: String,
            type: String,
            vararg more: Pair<String, Any?>,
        ) = ToolResult(objectOf("textResultForLlm" to text, "resultType" to type, *more))
    }

    /** So that a typed tool may give one. */
    internal object WireSerializer : KSerializer<ToolResult> {
        private val inner = JsonObject.serializer()
        override val descriptor: SerialDescriptor = SerialDescriptor("io.github.codriver.ToolResult", inner.descriptor)

        override fun serialize(
            encoder: Encoder,
            value: ToolResult,
        ) = inner.serialize(encoder, value.wire)

        override fun deserialize(decoder: Decoder): ToolResult = ToolResult(inner.deserialize(decoder))
    }
}
