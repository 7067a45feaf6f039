package io.github.codriver

import io.github.codriver.internal.jsonOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.JsonElement
import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds

/** What the tests share: the programs of the workspace, and the mock runtime with scripts for it. */
object Mock {
    val path: String = built("mock-runtime")

    /** A program of the workspace, as `run-tests` builds it. */
    fun built(name: String): String {
        val named = System.getenv("CODRIVER_" + name.uppercase().replace('-', '_'))
        val target = System.getenv("CARGO_TARGET_DIR") ?: "../../target"
        return named ?: Path.of(target, "debug", name).toAbsolutePath().toString()
    }

    fun config(
        steps: List<Any>? = null,
        firehose: Int? = null,
        ignore: List<String> = emptyList(),
        auto: Map<String, Any> = emptyMap(),
        configure: ClientConfig.() -> Unit = {},
    ): ClientConfig =
        ClientConfig().apply {
            cliPath = path
            env =
                buildMap {
                    val script = json("steps" to steps.orEmpty(), "ignore" to ignore, "auto" to auto)
                    if (steps != null || ignore.isNotEmpty() || auto.isNotEmpty()) put("MOCK_RUNTIME_SCRIPT", script.toString())
                    firehose?.let { put("MOCK_FIREHOSE", json("events" to it).toString()) }
                }
            configure()
        }

    /** A client of the mock runtime, in a coroutine with a deadline, stopped at the end. */
    fun play(
        steps: List<Any>? = null,
        firehose: Int? = null,
        ignore: List<String> = emptyList(),
        auto: Map<String, Any> = emptyMap(),
        configure: ClientConfig.() -> Unit = {},
        test: suspend CoroutineScope.(Client) -> Unit,
    ) = limited { Codriver.start(config(steps, firehose, ignore, auto, configure)).use { client -> test(client) } }

    fun limited(test: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(PATIENCE) { test() } }

    private val PATIENCE = 120.seconds

    fun json(vararg fields: Pair<String, Any?>): JsonElement = jsonOf(mapOf(*fields))

    fun expect(
        method: String,
        params: Any? = null,
    ): Map<String, Any?> = mapOf("expect" to if (params == null) mapOf("method" to method) else mapOf("method" to method, "params" to params))

    fun reply(result: Any = emptyMap<String, Any>()): Map<String, Any?> = mapOf("reply" to mapOf("result" to result))

    fun event(
        type: String,
        data: Any,
        id: String = "e-1",
    ): Map<String, Any?> =
        mapOf(
            "notify" to
                mapOf(
                    "method" to "session.event",
                    "params" to mapOf("sessionId" to "s-1", "event" to mapOf("id" to id, "type" to type, "data" to data)),
                ),
        )

    /** The session `s-1` is there. */
    val created: List<Any> = listOf(expect("session.create"), reply(mapOf("sessionId" to "s-1")))

    /** What happens between the call `test.go` and its answer. */
    fun go(steps: List<Any>): List<Any> =
        listOf(mapOf("expect" to mapOf("method" to "test.go", "as" to "go"))) + steps +
            mapOf("reply" to mapOf("to" to "go", "result" to "done"))

    /** A question that comes as an event, and the call that answers it. */
    fun byEvent(
        type: String,
        data: Map<String, Any?>,
        method: String,
        answer: Map<String, Any?>,
    ): List<Any> {
        val params = mapOf("sessionId" to "s-1", "requestId" to "q-1") + answer
        return listOf(
            mapOf("event" to mapOf("session" to "s-1", "type" to type, "data" to data + ("requestId" to "q-1"))),
            mapOf("expect" to mapOf("method" to method, "as" to "a", "params" to params)),
            mapOf("reply" to mapOf("to" to "a", "result" to mapOf("success" to true))),
        )
    }

    /** A question that comes as a request, and its answer. */
    fun byRequest(
        method: String,
        params: Map<String, Any?>,
        result: Any,
    ): List<Any> =
        listOf(
            mapOf("request" to mapOf("as" to "q", "method" to method, "params" to params + ("sessionId" to "s-1"))),
            mapOf("expect_response" to mapOf("to" to "q", "result" to result)),
        )

    /** Waits until something is so. */
    suspend fun until(what: String, isSo: () -> Boolean) {
        repeat(1500) {
            if (isSo()) return
            kotlinx.coroutines.delay(20)
        }
        throw AssertionError("never: $what")
    }

    /** A script: the session is there, something is asked by an event, and this answer comes. */
    fun asks(
        type: String,
        data: Any,
        method: String,
        params: Any,
    ): List<Any> =
        listOf(
            expect("session.create"),
            reply(mapOf("sessionId" to "s-1")),
            expect("test.go"),
            reply(),
            event(type, data),
            expect(method, params),
            reply(mapOf("success" to true)),
            expect("test.done"),
            reply(),
        )

    fun permission(result: Any): List<Any> =
        asks(
            "permission.requested",
            mapOf("requestId" to "r-1", "permissionRequest" to mapOf("kind" to "shell", "fullCommandText" to "ls")),
            "session.permissions.handlePendingPermissionRequest",
            mapOf("requestId" to "r-1", "result" to result),
        )

    fun toolCall(result: Any): List<Any> =
        asks(
            "external_tool.requested",
            mapOf(
                "requestId" to "r-2",
                "sessionId" to "s-1",
                "toolCallId" to "c",
                "toolName" to "t",
                "arguments" to mapOf("x" to 2),
            ),
            "session.tools.handlePendingToolCall",
            mapOf("requestId" to "r-2", "result" to result),
        )

    /** The tool `t` is called so many times at once; `done` is the answer to each, in any order. */
    fun toolCalls(many: Int): List<Any> =
        List(many) {
            val call =
                mapOf("requestId" to "r-$it", "sessionId" to "s-1", "toolCallId" to "c-$it", "toolName" to "t", "arguments" to mapOf("x" to it))
            event("external_tool.requested", call, "e-$it")
        } +
            (0 until many).flatMap {
                val result = mapOf("result" to mapOf("textResultForLlm" to "done"))
                listOf(expect("session.tools.handlePendingToolCall", result), reply(mapOf("success" to true)))
            }

    /** Plays a script of [asks]; gives the failures that were reported. */
    fun asked(
        steps: List<Any>,
        configure: SessionConfig.(Client) -> Unit,
    ): List<HandlerFailure> {
        val failures = java.util.concurrent.CopyOnWriteArrayList<HandlerFailure>()
        play(steps) { client ->
            client.createSession {
                sessionId = "s-1"
                onHandlerError { failures += it }
                configure(client)
            }
            client.rpc("test.go")
            client.rpc("test.done")
            kotlinx.coroutines.delay(50)
        }
        return failures
    }
}
