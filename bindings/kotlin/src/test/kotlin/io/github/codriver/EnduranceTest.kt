package io.github.codriver

import io.github.codriver.Mock.until
import io.github.codriver.internal.ffi.uniffiContinuationHandleMap
import io.github.codriver.internal.objectOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.count
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path

/** What only shows with many of it. `CODRIVER_ENDURANCE` (0 to 1) says how much of the full load is put on. */
class EnduranceTest {
    private val share = System.getenv("CODRIVER_ENDURANCE")?.toDouble() ?: 1.0

    /** Memory of this process in MB. The heap is all there from the beginning (`pom.xml`), so what grows is something else. */
    private fun nativeMb(): Double {
        System.gc()
        return Files.readString(Path.of("/proc/self/statm")).split(' ')[1].toLong() * 4096 / 1e6
    }

    @Test
    fun `native memory is flat over 100_000 calls`() =
        Mock.play { client ->
            suspend fun calls(count: Int) = repeat(count / 20) { List(20) { async { client.ping("x".repeat(100)) } }.awaitAll() }
            calls((20_000 * share).toInt().coerceAtLeast(2_000))
            val before = nativeMb()
            calls((100_000 * share).toInt())
            // What the JIT compiles meanwhile is in it.
            assertTrue(nativeMb() - before < 32, "${nativeMb() - before} MB more")
            assertEquals(0, uniffiContinuationHandleMap.size)
        }

    @Test
    fun `i05 cancelled coroutines leave nothing behind, neither here nor in the core`() =
        Mock.play(ignore = listOf("test.hangs")) { client ->
            // What the core keeps of a call has its parameters in it.
            val params = objectOf("text" to "x".repeat(10_000))

            suspend fun cancelled(count: Int) =
                repeat(count / 5) {
                    val calls = List(5) { launch(start = CoroutineStart.UNDISPATCHED) { client.rpc("test.hangs", params) } }
                    delay(1)
                    calls.forEach { it.cancel() }
                    calls.forEach { it.join() }
                }
            cancelled(1_000)
            val before = nativeMb()
            cancelled((10_000 * share).toInt())
            client.ping()
            // Kept, they were 100 MB.
            assertTrue(nativeMb() - before < 32, "${nativeMb() - before} MB more")
            until("no continuation is left") { uniffiContinuationHandleMap.size == 0 }
        }

    @Test
    fun `native memory is flat over calls of the runtime, each answered from here`() {
        val count = (20_000 * share).toInt()

        fun reads(name: String) =
            listOf(
                mapOf("expect" to mapOf("method" to name, "as" to name)),
                mapOf(
                    "repeat" to
                        mapOf(
                            "times" to count,
                            "steps" to Mock.byRequest("sessionFs.readFile", mapOf("path" to "/state/x"), mapOf("content" to "x".repeat(2000))),
                        ),
                ),
                mapOf("reply" to mapOf("to" to name, "result" to "done")),
            )
        val files =
            object : MemoryFs() {
                override suspend fun read(path: String) = ByteArray(2000) { 'x'.code.toByte() }
            }
        Mock.play(Mock.created + reads("warm") + reads("go"), configure = { sessionFs("/project", "/state") { files } }) { client ->
            client.createSession { sessionId = "s-1" }
            client.rpc("warm")
            val before = nativeMb()
            client.rpc("go")
            assertTrue(nativeMb() - before < 32, "${nativeMb() - before} MB more")
        }
    }

    @Test
    fun `i14 every event of a storm reaches a handler and a flow, in flat native memory`() {
        val count = (300_000 * share).toInt()
        Mock.play(firehose = count) { client ->
            var expected = 1L
            val handled = CompletableDeferred<Unit>()
            var deltas = 0
            val session =
                client.createSession {
                    onEvent {
                        assertEquals(expected++, it.firstSeq)
                        if (it.type == "assistant.message_delta") deltas++
                        if (it.type == "session.idle") handled.complete(Unit)
                    }
                    onHandlerError { handled.completeExceptionally(it.error) }
                }
            val before = nativeMb()
            val streamed =
                async(start = CoroutineStart.UNDISPATCHED) {
                    session.events.takeWhile { it.type != "session.idle" }.count { it.type == "assistant.message_delta" }
                }
            session.send("pour")
            assertEquals(count, streamed.await())
            handled.await()
            assertEquals(count, deltas)
            assertEquals(0L, client.counters["events_lost"])
            assertTrue(nativeMb() - before < 96, "${nativeMb() - before} MB more")
        }
    }

    @Test
    fun `a client that nobody holds any more is closed, and its runtime ends`() =
        Mock.limited {
            val pids = List(3) { abandoned() }
            for (pid in pids) {
                var rounds = 0
                while (ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) && rounds++ < 500) {
                    System.gc()
                    delay(20)
                }
                assertTrue(!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "$pid is alive")
            }
        }

    private suspend fun abandoned(): Long {
        val client = Codriver.start(Mock.config())
        // A handler that holds its client keeps neither alive.
        client.createSession { onEvent { client.state } }.sendAndWait("hi")
        return client.runtimePid!!
    }
}
