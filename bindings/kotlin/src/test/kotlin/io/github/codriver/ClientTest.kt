package io.github.codriver

import io.github.codriver.options.Transport
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.int
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration.Companion.milliseconds

class ClientTest {
    @Test
    fun `a conversation, and all its events, in order`() {
        val heard = CopyOnWriteArrayList<SessionEvent>()
        Mock.play { client ->
            assertEquals("connected", client.state)
            assertNotNull(client.runtime)
            client.createSession { onEvent { heard += it } }.use { session ->
                val late = async(start = CoroutineStart.UNDISPATCHED) { session.events.toList() }
                val turn = session.sendAndWait("hi")
                assertEquals("You said: hi", turn.content)
                session.disconnect()
                assertTrue(late.await().any { it.type == "assistant.message" })
            }
        }
        assertEquals((1L..heard.size).toList(), heard.map { it.seq })
        assertTrue(heard.any { it.type == "assistant.message" && it.text("content") == "You said: hi" })
    }

    @Test
    fun `events can be had from a number on, and stop when nobody collects them`() =
        Mock.play { client ->
            val session = client.createSession { onEvent { } }
            session.sendAndWait("hi")
            assertEquals(listOf(1L, 2L), session.eventsFrom(1).take(2).toList().map { it.seq })
            assertEquals(2L, session.eventsFrom(2).first().seq)
        }

    @Test
    fun `a registered handler hears events until it is closed`() =
        Mock.play { client ->
            val session = client.createSession()
            val all = CopyOnWriteArrayList<String>()
            val messages = CopyOnWriteArrayList<String>()
            val registration = session.on { all += it.type }
            session.on("assistant.message") { messages += it.text("content").orEmpty() }
            session.sendAndWait("one")
            delay(100)
            registration.close()
            val before = all.size
            session.sendAndWait("two")
            delay(100)
            assertTrue(before > 2)
            assertEquals(before, all.size)
            assertEquals(listOf("You said: one", "You said: two"), messages)
        }

    @Test
    fun `every error has its own class with the number and name of every language`() {
        val text = Files.readString(Path.of("../../tests/vectors/errors.json"))
        val numbers = (Json.parseToJsonElement(text) as JsonObject).mapValues { (it.value as JsonPrimitive).int } - "OK"
        assertEquals(numbers.size, CodriverException::class.sealedSubclasses().size)
        for ((name, number) in numbers) {
            val error = CodriverException.of(number, "why")
            assertEquals(name, error.name)
            assertEquals(number, error.number)
            assertEquals(name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }, error.javaClass.simpleName)
            assertEquals("$name: why", error.message)
        }
    }

    private fun kotlin.reflect.KClass<*>.sealedSubclasses() =
        java.declaredClasses.filter { CodriverException::class.java.isAssignableFrom(it) }

    @Test
    fun `errors come as what they are`() {
        assertThrows(CodriverException.InvalidConfig::class.java) {
            Mock.limited { Codriver.start { cliPath = "" } }
        }
        assertThrows(CodriverException.RuntimeNotFound::class.java) {
            Mock.limited { Codriver.start { cliPath = "/nowhere/copilot" } }
        }
        Mock.play { client ->
            val gone = assertThrowsSuspending<CodriverException.MethodNotFound> { client.rpc("no.such") }
            assertEquals(-32601, gone.rpc?.code)
            client.createSession { sessionId = "twice" }
            assertThrowsSuspending<CodriverException.SessionAlreadyOpen> { client.createSession { sessionId = "twice" } }
        }
    }

    @Test
    fun `an option that is not known is refused by its name`() =
        Mock.play { client ->
            val config = SessionConfig.from(JsonObject(mapOf("model" to JsonPrimitive(7))))
            val refused = assertThrowsSuspending<CodriverException.InvalidConfig> { client.createSession(config) }
            assertTrue("model" in refused.reason, refused.reason)
        }

    @Test
    fun `options are what the wire has`() {
        val config =
            SessionConfig().apply {
                model = "gpt-5"
                streaming = false
                provider("http://127.0.0.1:1") {
                    providerType = "openai"
                    azure { apiVersion = "1" }
                }
                mcpServers = emptyMap()
                extra = JsonObject(mapOf("newThing" to JsonPrimitive(1)))
            }
        val wire = config.wire()
        assertEquals(setOf("model", "streaming", "provider", "mcpServers", "newThing", "handlers"), wire.keys)
        val provider = wire["provider"] as JsonObject
        assertEquals("{\"baseUrl\":\"http://127.0.0.1:1\",\"type\":\"openai\",\"azure\":{\"apiVersion\":\"1\"}}", provider.toString())
        val client = ClientConfig().apply { transport = Transport.External("h", 7) }
        assertEquals("{\"transport\":{\"kind\":\"external\",\"host\":\"h\",\"port\":7}}", client.wire().toString())
    }

    @Test
    fun `no secret is in what options, requests and answers say of themselves`() {
        val secret = "s3cr3t"
        val told =
            listOf<Any>(
                ClientConfig().apply { githubToken = secret },
                SessionConfig().apply { provider("http://h") { apiKey = secret } },
                Transport.External("h", 1, secret),
                McpAuthResponse.token(secret),
                io.github.codriver.java.ClientOptions
                    .builder()
                    .githubToken(secret)
                    .build(),
                io.github.codriver.java.ProviderConfig
                    .builder("http://h")
                    .apiKey(secret)
                    .build(),
            )
        for (each in told) assertTrue(secret !in each.toString(), each.javaClass.name)
    }

    @Test
    fun `a cancelled call is cancelled in the core, and its client goes on`() =
        Mock.play(
            listOf(
                Mock.expect("test.hangs"),
                mapOf("expect" to mapOf("method" to "test.after")),
                mapOf("reply" to mapOf("result" to emptyMap<String, Any>())),
            ),
        ) { client ->
            val hanging = launch { client.rpc("test.hangs") }
            delay(200)
            hanging.cancel()
            hanging.join()
            assertTrue(hanging.isCancelled)
            client.rpc("test.after")
        }

    @Test
    fun `i07 a cancelled create is undone, and its id is free again`() {
        val answered = listOf(mapOf("sleep_ms" to 500), Mock.reply(mapOf("sessionId" to "s")))
        val steps =
            listOf(Mock.expect("session.create")) + answered +
                listOf(Mock.expect("session.destroy"), Mock.reply(mapOf("success" to true))) +
                listOf(Mock.expect("session.create"), Mock.reply(mapOf("sessionId" to "s")))
        Mock.play(steps) { client ->
            assertNull(withTimeoutOrNull(200) { client.createSession { sessionId = "s" } })
            var session: Session? = null
            repeat(100) {
                if (session == null) {
                    session =
                        try {
                            client.createSession { sessionId = "s" }
                        } catch (_: CodriverException.SessionAlreadyOpen) {
                            delay(50)
                            null
                        }
                }
            }
            assertEquals("s", session?.id)
        }
    }

    @Test
    fun `a collector that is cancelled, and one that stops, give their places back`() =
        Mock.play { client ->
            val session = client.createSession()
            val before = client.bridge.wakes.size
            val collecting = launch(start = CoroutineStart.UNDISPATCHED) { session.events.collect { } }
            assertEquals(before + 1, client.bridge.wakes.size)
            collecting.cancel()
            collecting.join()
            session.sendAndWait("hi")
            session.eventsFrom(1).first()
            assertEquals(before, client.bridge.wakes.size)
        }

    @Test
    fun `a timeout says what is pending, and aborts the turn where it is asked to`() {
        for (isAborted in listOf(true, false)) {
            val after =
                if (isAborted) {
                    listOf(Mock.expect("session.abort", mapOf("sessionId" to "s-1")), Mock.reply(mapOf("success" to true)))
                } else {
                    listOf(mapOf("expect_none" to mapOf("method" to "session.abort", "for_ms" to 100)))
                }
            val sent = listOf(Mock.expect("session.send"), Mock.reply(mapOf("messageId" to "m")))
            Mock.play(Mock.created + sent + after + Mock.expect("test.go") + Mock.reply()) { client ->
                val session = client.createSession { sessionId = "s-1" }
                assertThrowsSuspending<CodriverException.Timeout> {
                    session.sendAndWait("hi", 200.milliseconds, abortOnTimeout = isAborted)
                }
                client.rpc("test.go")
            }
        }
    }

    @Test
    fun `a scope that is cancelled closes the client, cancels its handlers and ends its runtime`() =
        Mock.limited {
            val scope = kotlinx.coroutines.CoroutineScope(Job() + Dispatchers.Default)
            val client = Codriver.start(Mock.config(Mock.toolCall(mapOf("\$any" to true)).take(5)), scope)
            val pid = client.runtimePid!!
            val began = kotlinx.coroutines.CompletableDeferred<Unit>()
            val ended = kotlinx.coroutines.CompletableDeferred<Unit>()
            client.createSession {
                sessionId = "s-1"
                tool(
                    Tool.raw("t") {
                        began.complete(Unit)
                        try {
                            kotlinx.coroutines.awaitCancellation()
                        } finally {
                            ended.complete(Unit)
                        }
                    },
                )
            }
            client.rpc("test.go")
            began.await()
            scope.coroutineContext[Job]!!.cancel()
            ended.await()
            scope.coroutineContext[Job]!!.join()
            assertThrowsSuspending<CodriverException> { client.ping() }
            while (ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) delay(20)
        }

    @Test
    fun `a scope waits for its client, and goes on when that is stopped`() =
        Mock.limited {
            var state = ""
            kotlinx.coroutines.coroutineScope {
                val client = Codriver.start(Mock.config(), this)
                client.createSession().sendAndWait("hi")
                client.stop()
                state = client.state
            }
            assertEquals("disconnected", state)
        }

    @Test
    fun `a coroutine without a dispatcher never goes on on the library's thread`() =
        Mock.play { client ->
            withContext(Dispatchers.Unconfined) {
                val session = client.createSession()
                assertTrue("codriver" !in Thread.currentThread().name)
                val first =
                    async(Dispatchers.Unconfined) {
                        session.events.first()
                        Thread.currentThread().name
                    }
                session.sendAndWait("hi")
                assertTrue("codriver" !in Thread.currentThread().name)
                assertTrue("codriver" !in first.await())
            }
        }

    @Test
    fun `many coroutines share a client`() =
        Mock.play { client ->
            val sessions = List(8) { client.createSession() }
            val turns = sessions.mapIndexed { at, session -> async { session.sendAndWait("$at").content } }.awaitAll()
            assertEquals(List(8) { "You said: $it" }, turns)
        }

    @Test
    fun `what is closed says so`() =
        Mock.limited {
            val client = Codriver.start(Mock.config())
            val session = client.createSession()
            client.close()
            client.close()
            assertThrowsSuspending<CodriverException> { session.send("hi") }
            assertThrowsSuspending<CodriverException.Closed> { client.ping() }
            assertNull(runCatching { client.toString() }.exceptionOrNull().takeIf { it !is CodriverException })
        }

    @Test
    fun `ready stores by url`() {
        for (url in listOf("memory:", "dir:", "sqlite:")) {
            val folder = Files.createTempDirectory("codriver")
            val full = if (url == "memory:") url else "$url$folder/store"
            Mock.limited {
                Store.open(full).use { store ->
                    val session =
                        Codriver.start(Mock.config { sessionFs(store, "/project", "/state") }).use { client ->
                            client.createSession().also { it.sendAndWait("hi") }
                        }
                    assertEquals(listOf(session.id), store.listSessions().map { it.sessionId })
                    store.forkSession(session.id, "fork")
                    store.exportSession("fork", folder.resolve("fork.archive"))
                    store.deleteSession("fork")
                    assertNull(store.getSessionMetadata("fork"))
                    assertEquals("again", store.importSession(folder.resolve("fork.archive"), "again"))
                    assertThrowsSuspending<CodriverException.SessionNotFound> { store.getEvents("nobody") }
                }
            }
        }
    }
}

suspend inline fun <reified T : Throwable> assertThrowsSuspending(crossinline work: suspend () -> Unit): T {
    val problem = runCatching { work() }.exceptionOrNull()
    assertTrue(problem is T, "expected ${T::class.simpleName}, got $problem")
    return problem as T
}
