package io.github.codriver.internal

import io.github.codriver.CodriverException
import io.github.codriver.HandlerFailure
import io.github.codriver.SessionEvent
import io.github.codriver.SessionFs
import io.github.codriver.SessionFsOptions
import io.github.codriver.Store
import io.github.codriver.Tool
import io.github.codriver.ToolInvocation
import io.github.codriver.toolAnswer
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The handlers of one session: which questions they answer, and with what. */
internal class Handlers {
    val onEvent = mutableListOf<suspend (SessionEvent) -> Unit>()
    var onHandlerError: (suspend (HandlerFailure) -> Unit)? = null

    /** Tools without a handler here, as on the wire. */
    val declared = mutableListOf<JsonObject>()

    private class Answering(
        val place: String,
        val answer: suspend (JsonElement) -> JsonElement,
    )

    private val answers = HashMap<Pair<String, String>, Answering>()
    private val ones = linkedSetOf<String>()
    private val lists = LinkedHashMap<String, MutableList<JsonElement>>()

    fun one(
        kind: String,
        place: String,
        answer: suspend (JsonObject) -> JsonElement,
    ) {
        ones += kind
        answers[kind to ""] = Answering(place) { answer(it as JsonObject) }
    }

    fun named(
        list: String,
        kind: String,
        name: String,
        place: String,
        definition: JsonElement,
        answer: suspend (JsonElement) -> JsonElement,
    ) {
        if (answers.put(kind to name, Answering(place, answer)) == null) lists.getOrPut(list, ::mutableListOf) += definition
    }

    fun tool(tool: Tool) {
        val handler = tool.handler
        if (handler == null) {
            declared += tool.definition()
            return
        }
        // A second tool of a name is refused by the core, in the words of every language.
        lists.getOrPut("tools", ::mutableListOf) += tool.definition()
        answers["tool" to tool.name] = Answering("tool") { toolAnswer(handler(ToolInvocation(it as JsonObject))) }
    }

    /** `handlers` of the session's config. */
    fun wire(): JsonObject =
        JsonObject(
            buildMap {
                if (onEvent.isNotEmpty()) put("onEvent", JsonPrimitive(true))
                for (kind in ones) put(kind, JsonPrimitive(true))
                for ((list, definitions) in lists) put(list, jsonOf(definitions))
            },
        )

    /** Answers a question; [failed] is told the place of a handler and what it threw. */
    suspend fun answer(
        kind: String,
        name: String,
        payload: JsonElement,
        failed: (String, Throwable) -> Unit,
    ): JsonElement {
        val answering = answers[kind to name] ?: throw CodriverException.Internal("nobody answers $kind $name here")
        try {
            return answering.answer(payload)
        } catch (problem: Throwable) {
            currentCoroutineContext().ensureActive()
            failed(answering.place, problem)
            // One that a handler threw itself would end its coroutine without an answer.
            if (problem is CancellationException) throw IllegalStateException(problem.told(), problem)
            throw problem
        }
    }
}

/** Where sessions keep their state: the option as JSON, what opens the files, and what must live as long as the client. */
internal class FilesOption(
    where: Any,
    initialCwd: String,
    statePath: String,
    options: SessionFsOptions,
    val open: (suspend (String) -> SessionFs)? = null,
) {
    val store: Store? = where as? Store
    val wire: JsonObject =
        JsonObject(
            // A filesystem that is written here reads and writes bytes, unless it says otherwise.
            objectOf("binary" to (open != null).takeIf { it }) + options.extra.orEmpty() +
                objectOf(
                    "store" to (store?.number ?: where),
                    "initialCwd" to initialCwd,
                    "statePath" to statePath,
                    "conventions" to options.conventions,
                    "binary" to options.binary,
                    "sqlite" to options.sqlite,
                    "workspace" to options.workspace,
                    "rest" to options.rest,
                    "cache" to options.cache,
                ),
        )
}
