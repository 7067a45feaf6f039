package io.github.codriver

import io.github.codriver.Mock.byEvent
import io.github.codriver.Mock.byRequest
import io.github.codriver.Mock.until
import io.github.codriver.internal.jsonOf
import io.github.codriver.internal.objectOf
import io.github.codriver.internal.parsed
import io.github.codriver.internal.plainOf
import kotlinx.coroutines.delay
import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList

/** Every question of the runtime reaches its handler, with what it asks, and the answer goes back as the wire has it. */
class QuestionsTest {
    /** A question: what the runtime does, the handler, which says what it read, and what it must have read. */
    private class Question(
        val name: String,
        val steps: List<Any>,
        val read: List<Any?>,
        val handle: SessionConfig.((List<Any?>) -> Unit) -> Unit,
    )

    private val plan = recorded("exit_plan_mode", "exitPlanMode.request")
    private val login =
        recorded("mcp_auth", "mcp.oauth_required") + ("staticClientConfig" to mapOf("clientId" to "me", "clientSecret" to "hush"))
    private val command = recorded("command", "command.execute")
    private val sampling = recorded("sampling", "sampling.requested")
    private val token = recorded("provider_token", "providerToken.getToken")
    private val headers = mapOf("serverName" to "issues", "serverUrl" to "https://example.org/mcp", "reason" to "startup")
    private val limits = mapOf("usedAiCredits" to 10, "maxAiCredits" to 12.5)
    private val limited = mapOf("errorCode" to "limited", "retryAfterSeconds" to 30)
    private val completion = mapOf("role" to "assistant", "model" to "m", "content" to mapOf("type" to "text", "text" to "hi"))
    private val absent = mapOf("\$absent" to true)

    private val questions =
        listOf(
            Question(
                "a plan is approved",
                byRequest(PLAN, plan, mapOf("approved" to true, "selectedAction" to "interactive", "autoApproveEdits" to true)),
                listOf("do it", "# Plan", plan["actions"], "interactive"),
            ) { read ->
                onExitPlanMode {
                    read(listOf(it.summary, it.planContent, it.actions, it.recommendedAction))
                    ExitPlanModeResponse.approve("interactive", autoApproveEdits = true)
                }
            },
            Question("a plan is rejected", byRequest(PLAN, plan, mapOf("approved" to false, "feedback" to "smaller")), listOf("do it")) { read ->
                onExitPlanMode {
                    read(listOf(it.summary))
                    ExitPlanModeResponse.reject("smaller")
                }
            },
            Question("another model, always", byRequest(SWITCH, limited, mapOf("response" to "yes_always")), listOf("limited", 30.0)) { read ->
                onAutoModeSwitch {
                    read(listOf(it.errorCode, it.retryAfterSeconds))
                    AutoModeSwitchResponse.yes(always = true)
                }
            },
            Question("no other model", byRequest(SWITCH, emptyMap(), mapOf("response" to "no")), listOf(null, null)) { read ->
                onAutoModeSwitch {
                    read(listOf(it.errorCode, it.retryAfterSeconds))
                    AutoModeSwitchResponse.no()
                }
            },
            Question(
                "a login",
                byEvent(
                    "mcp.oauth_required",
                    login,
                    OAUTH,
                    mapOf("result" to mapOf("kind" to "token", "accessToken" to "t", "tokenType" to "Bearer", "expiresIn" to 60)),
                ),
                listOf("guarded", "initial", "a b", "hush"),
            ) { read ->
                onMcpAuthRequest {
                    val params = plainOf(it.wwwAuthenticateParams!!) as Map<*, *>
                    val client = plainOf(it.staticClientConfig!!) as Map<*, *>
                    read(listOf(it.serverName, it.reason, params["scope"], client["clientSecret"]))
                    McpAuthResponse.token("t", "Bearer", 60)
                }
            },
            Question("no login", byEvent("mcp.oauth_required", login, OAUTH, mapOf("result" to mapOf("kind" to "cancelled"))), listOf("guarded")) { read ->
                onMcpAuthRequest {
                    read(listOf(it.serverName))
                    McpAuthResponse.cancelled()
                }
            },
            Question(
                "headers",
                byEvent(
                    "mcp.headers_refresh_required",
                    headers,
                    HEADERS,
                    mapOf("result" to mapOf("kind" to "headers", "headers" to mapOf("X-Key" to "k"), "ttlMs" to 5)),
                ),
                listOf("issues", "https://example.org/mcp", "startup"),
            ) { read ->
                onMcpHeadersRequest {
                    read(listOf(it.serverName, it.serverUrl, it.reason))
                    McpHeadersResponse.headers(mapOf("X-Key" to "k"), ttlMs = 5)
                }
            },
            Question(
                "sampling",
                byEvent("sampling.requested", sampling, SAMPLING, mapOf("response" to completion)),
                listOf("stub", 10L),
            ) { read ->
                onSamplingRequest {
                    read(listOf(it.serverName, plainOf(it.request["maxTokens"]!!)))
                    jsonOf(completion) as JsonObject
                }
            },
            Question("no sampling", byEvent("sampling.requested", sampling, SAMPLING, mapOf("response" to absent)), listOf("stub")) { read ->
                onSamplingRequest {
                    read(listOf(it.serverName))
                    null
                }
            },
            Question(
                "more credits",
                byEvent(
                    "session_limits_exhausted.requested",
                    limits,
                    LIMITS,
                    mapOf("response" to mapOf("action" to "add", "additionalAiCredits" to 2.5)),
                ),
                listOf(10.0, 12.5),
            ) { read ->
                onSessionLimitsExhausted {
                    read(listOf(it.usedAiCredits, it.maxAiCredits))
                    SessionLimitsResponse.add(2.5)
                }
            },
            Question("a provider's token", byRequest("providerToken.getToken", token, mapOf("token" to "hush")), listOf("default")) { read ->
                provider("http://127.0.0.1:1/v1")
                model = "m"
                onProviderToken {
                    read(listOf(it.providerName))
                    "hush"
                }
            },
            Question(
                "user input",
                byRequest(
                    "userInput.request",
                    mapOf("question" to "Which?", "choices" to listOf("a", "b"), "allowFreeform" to true),
                    mapOf("answer" to "c", "wasFreeform" to true),
                ),
                listOf("Which?", listOf("a", "b"), true),
            ) { read ->
                onUserInputRequest {
                    read(listOf(it.question, it.choices, it.allowFreeform))
                    UserInputResponse.freeform("c")
                }
            },
            Question(
                "a form",
                byEvent(
                    "elicitation.requested",
                    mapOf("message" to "Who?", "requestedSchema" to mapOf("type" to "object", "properties" to emptyMap<String, Any>())),
                    "session.ui.handlePendingElicitation",
                    mapOf("result" to mapOf("action" to "accept", "content" to mapOf("name" to "Ada"))),
                ),
                listOf("Who?", null, null),
            ) { read ->
                onElicitationRequest {
                    read(listOf(it.message, it.mode, it.url))
                    ElicitationResult.accept(mapOf("name" to "Ada"))
                }
            },
            Question(
                "a command",
                byEvent("command.execute", command, COMMAND, mapOf("error" to absent)),
                listOf("deploy", "prod now", "/deploy prod now"),
            ) { read -> command("deploy", "Deploys.") { read(listOf(it.commandName, it.args, it.command)) } },
            Question(
                "a section of the system message",
                byRequest("systemMessage.transform", sections("Speak"), sections("Speak kindly")),
                listOf("Speak"),
            ) { read ->
                systemMessageSection("tone") {
                    read(listOf(it))
                    "Speak kindly"
                }
            },
            Question(
                "a hook",
                byRequest(
                    "hooks.invoke",
                    mapOf("hookType" to "preToolUse", "input" to mapOf("toolName" to "bash")),
                    mapOf("output" to mapOf("permissionDecision" to "deny", "permissionDecisionReason" to "not here")),
                ),
                listOf("preToolUse", "bash"),
            ) { read ->
                hook("preToolUse") {
                    read(listOf(it.hookType, it.text("toolName")))
                    HookOutput.deny("not here")
                }
            },
        )

    @TestFactory
    fun `a question reaches its handler and its answer goes back`() =
        questions.map { question ->
            DynamicTest.dynamicTest(question.name) {
                val read = CopyOnWriteArrayList<List<Any?>>()
                val failures = CopyOnWriteArrayList<HandlerFailure>()
                Mock.play(Mock.created + Mock.go(question.steps)) { client ->
                    client.createSession {
                        sessionId = "s-1"
                        onHandlerError { failures += it }
                        question.handle(this) { read.add(it) }
                    }
                    assertEquals("done", plainOf(client.rpc("test.go")))
                    delay(50)
                }
                assertEquals(listOf(question.read) to emptyList<Any>(), read.toList() to failures.map { it.toString() })
            }
        }

    /** What is answered where a handler throws: never a yes. */
    @TestFactory
    fun `i19 a handler that throws says no and is reported`(): List<DynamicTest> {
        val boom = NoSuchElementException("boom")
        val refusals =
            listOf<Triple<String, List<Any>, SessionConfig.() -> Unit>>(
                Triple("exit_plan_mode", byRequest(PLAN, plan, mapOf("approved" to false))) { onExitPlanMode { throw boom } },
                Triple("auto_mode_switch", byRequest(SWITCH, emptyMap(), mapOf("response" to "no"))) { onAutoModeSwitch { throw boom } },
                Triple("mcp_auth", byEvent("mcp.oauth_required", login, OAUTH, mapOf("result" to mapOf("kind" to "cancelled")))) {
                    onMcpAuthRequest { throw boom }
                },
                Triple(
                    "mcp_headers",
                    byEvent("mcp.headers_refresh_required", headers, HEADERS, mapOf("result" to mapOf("kind" to "error"))),
                ) { onMcpHeadersRequest { throw boom } },
                Triple("sampling", byEvent("sampling.requested", sampling, SAMPLING, mapOf("response" to absent))) {
                    onSamplingRequest { throw boom }
                },
                Triple(
                    "session_limits",
                    byEvent("session_limits_exhausted.requested", limits, LIMITS, mapOf("response" to mapOf("action" to "cancel"))),
                ) { onSessionLimitsExhausted { throw boom } },
                Triple("command", byEvent("command.execute", command, COMMAND, mapOf("error" to mapOf("\$contains" to "boom")))) {
                    command("deploy") { throw boom }
                },
            )
        return refusals.map { (place, steps, handle) ->
            DynamicTest.dynamicTest(place) {
                val failures = CopyOnWriteArrayList<HandlerFailure>()
                Mock.play(Mock.created + Mock.go(steps)) { client ->
                    client.createSession {
                        sessionId = "s-1"
                        onHandlerError { failures += it }
                        handle()
                    }
                    client.rpc("test.go")
                    until("$place is reported") { failures.isNotEmpty() }
                }
                assertEquals(listOf(Triple(place, "s-1", boom)), failures.map { Triple(it.place, it.sessionId, it.error) })
            }
        }
    }

    @Test
    fun `a tool may answer with an image`() {
        val call = mapOf("sessionId" to "s-1", "toolCallId" to "c", "toolName" to "look", "arguments" to emptyMap<String, Any>())
        val result =
            mapOf(
                "textResultForLlm" to "a dot",
                "resultType" to "success",
                "binaryResultsForLlm" to
                    listOf(
                        mapOf("type" to "image", "data" to "iVBORw==", "mimeType" to "image/png"),
                        mapOf("type" to "resource", "data" to "ZG90", "mimeType" to "text/plain"),
                    ),
            )
        val steps = byEvent("external_tool.requested", call, "session.tools.handlePendingToolCall", mapOf("result" to result))
        Mock.play(Mock.created + Mock.go(steps)) { client ->
            client.createSession {
                sessionId = "s-1"
                tool(
                    Tool.raw("look") {
                        val png = byteArrayOf(0x89.toByte(), 'P'.code.toByte(), 'N'.code.toByte(), 'G'.code.toByte())
                        ToolResult.text("a dot").image("image/png", png).resource("text/plain", "dot".toByteArray())
                    },
                )
            }
            client.rpc("test.go")
        }
    }

    @Test
    fun `notifications without a name here are told as they came`() {
        val told = CopyOnWriteArrayList<Any?>()
        val steps =
            Mock.go((0 until 20).map { mapOf("notify" to mapOf("method" to "test.notice$it", "params" to mapOf("a" to listOf(it)))) })
        Mock.play(
            steps,
            configure = {
                onNotification { method, params ->
                    told += method to plainOf(params)
                    // One that fails keeps the others.
                    error("on purpose")
                }
            },
        ) { client ->
            client.rpc("test.go")
            until("all are told") { told.size == 20 }
        }
        assertEquals((0L until 20L).map { "test.notice$it" to mapOf("a" to listOf(it)) }, told.toList())
    }

    @Test
    fun `the ui asks whoever shows the session`() {
        val capabilities = mapOf("ui" to mapOf("elicitation" to true), "later" to 1)

        fun form(
            message: String,
            result: Any,
        ) = listOf(Mock.expect("session.ui.elicitation", mapOf("sessionId" to "s-1", "message" to message)), Mock.reply(result))

        fun accepted(answer: Any) = mapOf("action" to "accept", "content" to mapOf("answer" to answer))
        val steps =
            listOf(Mock.expect("session.create"), Mock.reply(mapOf("sessionId" to "s-1", "capabilities" to capabilities))) +
                form("Sure?", accepted(true)) + form("Which?", accepted("b")) + form("What?", mapOf("action" to "cancel")) +
                form("Form?", mapOf("action" to "decline"))
        Mock.play(steps) { client ->
            val session = client.createSession { sessionId = "s-1" }
            val told = plainOf(session.capabilities) as Map<*, *>
            assertEquals(true to 1L, (told["ui"] as Map<*, *>)["elicitation"] to told["later"])
            assertTrue(session.ui.confirm("Sure?"))
            assertEquals("b", session.ui.select("Which?", listOf("a", "b")))
            assertEquals(null, session.ui.input("What?"))
            assertEquals(ElicitationResult.decline(), session.ui.elicitation("Form?", objectOf("type" to "object")))
        }
        Mock.play { client ->
            val refused = assertThrowsSuspending<CodriverException.InvalidConfig> { client.createSession().ui.confirm("Sure?") }
            assertTrue("elicitation" in refused.reason, refused.reason)
        }
    }

    @Test
    fun `the runtime tells of itself, its models and its terminal, and a line goes into its log`() {
        val models = mapOf("models" to listOf(mapOf("id" to "m-1", "name" to "One")))
        Mock.play(auto = mapOf("models.list" to mapOf("result" to models))) { client ->
            assertEquals("0.0.0-mock", plainOf(client.getStatus()["version"]!!))
            assertEquals(false, plainOf(client.getAuthStatus()["isAuthenticated"]!!))
            assertEquals(listOf("m-1"), client.listModels().map { plainOf(it["id"]!!) })
            assertEquals(null, client.getForegroundSessionId())
            val session = client.createSession()
            client.setForegroundSessionId(session.id)
            assertEquals(session.id, client.getForegroundSessionId())
            session.setModel("m-1", "high")
            session.waitUntilReady()
        }
        val line = mapOf("sessionId" to "s-1", "message" to "hm", "level" to "warning", "ephemeral" to true)
        Mock.play(Mock.created + Mock.expect("session.log", line) + Mock.reply(mapOf("eventId" to "e-9"))) { client ->
            assertEquals("e-9", client.createSession { sessionId = "s-1" }.log("hm", "warning", ephemeral = true))
        }
    }

    private companion object {
        const val PLAN = "exitPlanMode.request"
        const val SWITCH = "autoModeSwitch.request"
        const val OAUTH = "session.mcp.oauth.handlePendingRequest"
        const val HEADERS = "session.mcp.headers.handlePendingHeadersRefreshRequest"
        const val SAMPLING = "session.ui.handlePendingSampling"
        const val LIMITS = "session.ui.handlePendingSessionLimitsExhausted"
        const val COMMAND = "session.commands.handlePendingCommand"

        fun sections(text: String) = mapOf("sections" to mapOf("tone" to mapOf("content" to text)))

        /** What a runtime asked, from the shared vectors. */
        fun recorded(
            file: String,
            kind: String,
        ): Map<String, Any?> {
            val vectors = parsed(Files.readString(Path.of("../../tests/vectors/requests/$file.json"))) as JsonObject
            val versions = vectors.getValue(kind) as JsonObject
            @Suppress("UNCHECKED_CAST")
            return plainOf(versions.getValue("1.0.102")) as Map<String, Any?>
        }
    }
}
