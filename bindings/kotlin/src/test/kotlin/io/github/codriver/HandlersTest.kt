package io.github.codriver

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CopyOnWriteArrayList

/** DESIGN §9: handlers that are right, throw, re-enter and are slow. Those that block, and on which threads: [ThreadsTest]. */
class HandlersTest {
    @Test
    fun `a handler answers`() {
        val failures =
            Mock.asked(Mock.permission(mapOf("kind" to "approve-once"))) {
                onPermissionRequest { request ->
                    delay(10)
                    assertEquals("shell" to "ls", request.kind to request.text("fullCommandText"))
                    PermissionDecision.approveOnce()
                }
            }
        assertEquals(emptyList<Any>(), failures)
    }

    @Test
    fun `i19 a handler that throws approves nothing and is reported with its own exception`() {
        val boom = IllegalStateException("boom")
        val failures =
            Mock.asked(Mock.permission(mapOf("kind" to "user-not-available"))) { onPermissionRequest { throw boom } }
        assertEquals(listOf("permission" to boom), failures.map { it.place to it.error })
    }

    @Test
    fun `a handler that throws a cancellation of its own still answers`() {
        val failures =
            Mock.asked(Mock.permission(mapOf("kind" to "user-not-available"))) {
                onPermissionRequest { throw java.util.concurrent.CancellationException("mine") }
            }
        assertEquals(listOf("permission"), failures.map { it.place })
    }

    @Test
    fun `an answer the runtime would misread approves nothing`() {
        Mock.asked(Mock.permission(mapOf("kind" to "user-not-available"))) {
            onPermissionRequest { PermissionDecision(Mock.json("kind" to "approve-all") as kotlinx.serialization.json.JsonObject) }
        }
    }

    @Test
    fun `a handler may call back into its client`() {
        Mock.asked(Mock.permission(mapOf("kind" to "reject", "feedback" to "pong: inside"))) { client ->
            onPermissionRequest {
                val pong = client.ping("inside")["message"] as kotlinx.serialization.json.JsonPrimitive
                PermissionDecision.reject(pong.content)
            }
        }
    }

    @Serializable
    class Asked(
        val x: Int,
    )

    @Serializable
    class Answered(
        val x: Int,
    )

    @Serializable
    class Other(
        val x: String,
    )

    @Test
    fun `a typed tool answers the model with text, a result, or JSON`() {
        val success = { text: String -> mapOf("textResultForLlm" to text, "resultType" to "success") }
        assertEquals(0, Mock.asked(Mock.toolCall(success("4"))) { tool("t", "d") { a: Asked -> "${a.x * 2}" } }.size)
        assertEquals(0, Mock.asked(Mock.toolCall(success("{\"x\":3}"))) { tool("t", "d") { a: Asked -> Answered(a.x + 1) } }.size)
        assertEquals(0, Mock.asked(Mock.toolCall(success("ok"))) { tool("t", "d") { _: Asked -> ToolResult.text("ok") } }.size)
    }

    @Test
    fun `a tool that fails, and arguments that do not fit, are told to the model`() {
        val failed = mapOf("textResultForLlm" to "the tool failed: out of range", "resultType" to "failure")
        val failures = Mock.asked(Mock.toolCall(failed)) { tool<Asked, String>("t", "d") { error("out of range") } }
        assertEquals(listOf("tool"), failures.map { it.place })
        val told = CompletableDeferred<String>()
        Mock.play(Mock.toolCall(mapOf("\$any" to true)).take(5) + Mock.expect("session.tools.handlePendingToolCall")) { client ->
            client.createSession {
                sessionId = "s-1"
                tool("t", "d") { other: Other -> told.complete(other.x) }
                tool(Tool("declared"))
            }
            client.rpc("test.go")
            delay(300)
            assertTrue(!told.isCompleted)
        }
    }

    @Serializable
    enum class Unit {
        @SerialName("celsius")
        CELSIUS,
    }

    @Serializable
    class Weather(
        @Description("the city's name") val city: String,
        val days: Int = 1,
        val unit: Unit? = null,
        val tags: List<List<String>> = emptyList(),
        val more: Map<String, Double> = emptyMap(),
    )

    @Serializable
    class Endless(
        val inner: Endless? = null,
    )

    @Test
    fun `the schema of a tool is that of its class`() {
        val schema = tool("get_weather", "Tells the weather.") { _: Weather -> "" }.parameters
        val expected =
            """{"type":"object","properties":{"city":{"type":"string","description":"the city's name"},
            "days":{"type":"integer"},"unit":{"anyOf":[{"enum":["celsius"]},{"type":"null"}]},
            "tags":{"type":"array","items":{"type":"array","items":{"type":"string"}}},
            "more":{"type":"object","additionalProperties":{"type":"number"}}},"required":["city"],"additionalProperties":false}"""
        assertEquals(Json.parseToJsonElement(expected), schema)
        assertThrows(IllegalArgumentException::class.java) { tool("t", "d") { _: Endless -> "" } }
        assertThrows(IllegalArgumentException::class.java) { tool("t", "d") { _: String -> "" } }
    }

    @Test
    fun `i20 a tool nobody waits for is cancelled`() =
        Mock.play(Mock.toolCall(mapOf("\$any" to true)).take(5)) { client ->
            val began = CompletableDeferred<kotlin.Unit>()
            val cancelled = CompletableDeferred<kotlin.Unit>()
            val session =
                client.createSession {
                    sessionId = "s-1"
                    tool(
                        Tool.raw("t") {
                            began.complete(kotlin.Unit)
                            try {
                                awaitCancellation()
                            } finally {
                                cancelled.complete(kotlin.Unit)
                            }
                        },
                    )
                }
            client.rpc("test.go")
            began.await()
            runCatching { session.disconnect() }
            cancelled.await()
        }

    @Test
    fun `i15 a slow or throwing event handler misses nothing and stops nobody`() {
        val slow = CopyOnWriteArrayList<Long>()
        val quick = CopyOnWriteArrayList<Long>()
        val failures = CopyOnWriteArrayList<HandlerFailure>()
        Mock.play { client ->
            val one =
                client.createSession {
                    onEvent {
                        delay(10)
                        slow += it.seq
                        error("after event ${it.seq}")
                    }
                    onEvent { quick += it.seq }
                    onHandlerError { failures += it }
                }
            client.createSession().sendAndWait("b")
            one.sendAndWait("a")
            delay(500)
        }
        assertEquals((1L..slow.size).toList(), slow)
        assertEquals(slow, quick)
        assertTrue(slow.size >= 8)
        assertEquals(failures.indices.map { "after event ${it + 1}" }, failures.map { it.error.message })
        assertTrue(failures.size >= 8)
    }
}
