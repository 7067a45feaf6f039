package io.github.codriver

import io.github.codriver.Mock.until
import io.github.codriver.internal.Native
import io.github.codriver.internal.ffi.fail
import io.github.codriver.internal.ffi.respond
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import io.github.codriver.internal.ffi.Exception as FfiException

/** DESIGN I26, I15: on which threads callbacks arrive, where user code runs, and whom code that blocks holds up. */
class ThreadsTest {
    private fun callbackThreads() = Thread.getAllStackTraces().keys.filter { it.name == "codriver-callbacks" }.toSet()

    @Test
    fun `i26 callbacks arrive on few threads that stay attached, and user code runs on none of them`() {
        val there = callbackThreads()
        val users = ConcurrentHashMap.newKeySet<String>()
        lateinit var mine: Set<Thread>
        Mock.play { client ->
            val session = client.createSession { onEvent { users += Thread.currentThread().name } }
            session.sendAndWait("one")
            mine = callbackThreads() - there
            repeat(50) { session.sendAndWait("$it") }
            repeat(500) { client.ping() }
            assertEquals(mine, callbackThreads() - there, "a thread was attached anew")
            assertTrue(mine.size in 1..2 && mine.all { it.isDaemon }, "$mine")
        }
        assertTrue(users.none { it.startsWith("codriver") }, users.toString())
        Mock.limited { until("the threads go with their client") { mine.none { it.isAlive } } }
    }

    @Test
    fun `threads do not add up over clients`() {
        repeat(3) { Mock.play { client -> client.createSession().sendAndWait("hi") } }
        val before = callbackThreads().size
        repeat(20) { Mock.play { client -> client.createSession().sendAndWait("hi") } }
        Mock.limited { until("the threads are gone") { callbackThreads().size <= before } }
    }

    @Test
    fun `handlers run in the scope that was given, with its dispatcher and its context`() {
        val seen = CopyOnWriteArrayList<Pair<String?, String>>()
        val jobs = CopyOnWriteArrayList<Job>()
        Executors.newSingleThreadExecutor { Thread(it, "mine") }.asCoroutineDispatcher().use { dispatcher ->
            Mock.limited {
                val scope = CoroutineScope(dispatcher + CoroutineName("the caller's") + Job())
                val config = Mock.config(Mock.permission(mapOf("kind" to "approve-once")))
                Codriver.start(config, scope).use { client ->
                    suspend fun look() {
                        seen += currentCoroutineContext()[CoroutineName]?.name to Thread.currentThread().name.substringBefore(" @")
                        jobs += currentCoroutineContext().job
                    }
                    client.createSession {
                        sessionId = "s-1"
                        onEvent { look() }
                        onPermissionRequest {
                            look()
                            PermissionDecision.approveOnce()
                        }
                    }
                    client.rpc("test.go")
                    client.rpc("test.done")
                }
                until("the scope has no child left") { scope.coroutineContext.job.children.none() }
            }
        }
        assertEquals(setOf<Pair<String?, String>>("the caller's" to "mine"), seen.toSet())
        assertTrue(seen.size >= 2)
        assertTrue(jobs.all { it.isCompleted })
    }

    @Test
    fun `i15 handlers that block their threads hold up no call, no other session and no other client`() {
        val gate = CountDownLatch(1)
        val blocked = CopyOnWriteArrayList<Long>()
        Executors.newFixedThreadPool(2).asCoroutineDispatcher().use { dispatcher ->
            Mock.limited {
                Codriver.start(Mock.config(), CoroutineScope(dispatcher)).use { client ->
                    // More than there are threads.
                    val stuck =
                        List(4) {
                            client.createSession {
                                onEvent {
                                    gate.await()
                                    blocked += it.seq
                                }
                            }
                        }
                    stuck.forEach { it.send("hi") }
                    assertEquals("You said: me", client.createSession().sendAndWait("me").content)
                    repeat(100) { client.ping() }
                    Codriver.start(Mock.config()).use { other ->
                        val heard = CompletableDeferred<Unit>()
                        other.createSession { onEvent { heard.complete(Unit) } }.sendAndWait("hi")
                        heard.await()
                    }
                    assertEquals(0, blocked.size)
                    gate.countDown()
                    val all = stuck.sumOf { it.counters.getValue("events_received") }
                    until("each of $all events is told") { blocked.size.toLong() >= all }
                }
            }
        }
    }

    @Test
    fun `questions come many at once, and none is answered before all were asked`() {
        val many = 60
        val all = CompletableDeferred<Unit>()
        val asked = ConcurrentHashMap.newKeySet<String>()
        Mock.play(Mock.created + Mock.go(Mock.toolCalls(many))) { client ->
            client.createSession {
                sessionId = "s-1"
                tool(
                    Tool.raw("t") {
                        asked += it.toolCallId
                        if (asked.size == many) all.complete(Unit)
                        all.await()
                        "done"
                    },
                )
            }
            client.rpc("test.go")
        }
        assertEquals(many, asked.size)
    }

    @Test
    fun `a session may be disconnected, and a client stopped, by their own handlers`() {
        val disconnected = CompletableDeferred<Unit>()
        val stopped = CompletableDeferred<Unit>()
        Mock.play { client ->
            lateinit var session: Session
            val there = CompletableDeferred<Unit>()
            session =
                client.createSession {
                    onEvent {
                        there.await()
                        if (it.type == "session.idle") {
                            session.disconnect()
                            disconnected.complete(Unit)
                        }
                    }
                }
            there.complete(Unit)
            session.send("hi")
            disconnected.await()
            assertThrowsSuspending<CodriverException.Closed> { session.send("more") }
            client.createSession {
                onEvent {
                    if (it.type == "session.idle") {
                        client.stop()
                        stopped.complete(Unit)
                    }
                }
            }.send("hi")
            stopped.await()
            assertEquals("disconnected", client.state)
        }
    }

    @Test
    fun `an answer after the end is an error and no crash`() {
        Native.load()
        val nobody = ULong.MAX_VALUE / 2uL
        assertThrows(FfiException.BadHandle::class.java) { respond(nobody, "null") }
        assertThrows(FfiException.BadHandle::class.java) { fail(nobody, 0u, "late") }
        assertThrows(FfiException.BadHandle::class.java) { Native.respondContent(nobody, ByteArray(3)) }
    }
}
