package io.github.codriver

import io.github.codriver.internal.ffi.uniffiContinuationHandleMap
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path

/** What only shows with many of it. `CODRIVER_ENDURANCE` (0 to 1) says how much of the full load is put on. */
class EnduranceTest {
    private val share = System.getenv("CODRIVER_ENDURANCE")?.toDouble() ?: 1.0

    /** Memory of this process that is not the JVM's heap, in MB; the heap may grow as it likes. */
    private fun nativeMb(): Double {
        val resident = Files.readString(Path.of("/proc/self/statm")).split(' ')[1].toLong() * 4096 / 1e6
        System.gc()
        return resident - Runtime.getRuntime().totalMemory() / 1e6
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
    fun `cancelled coroutines leave nothing behind in the core`() =
        Mock.play(ignore = listOf("test.hangs")) { client ->
            repeat(200) {
                val calls = List(5) { launch { client.rpc("test.hangs") } }
                delay(1)
                calls.forEach { it.cancel() }
                calls.forEach { it.join() }
            }
            repeat(100) { if (uniffiContinuationHandleMap.size > 0) delay(20) }
            assertEquals(0, uniffiContinuationHandleMap.size)
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
