package io.github.codriver

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap

/** A [SessionFs] written in Kotlin. */
class FsTest {
    private fun suite(open: suspend (String) -> SessionFs): Conformance.Report {
        lateinit var report: Conformance.Report
        Mock.limited {
            Codriver.client(Mock.config { sessionFs("/project", "/state", open = open) }).use { report = Conformance.run(it) }
        }
        return report
    }

    @Test
    fun `a filesystem in Kotlin passes the suite of the core`() {
        val report = suite { MemoryFs() }
        assertEquals(emptyList<String>(), report.failures)
        assertTrue(report.passed > 40)
    }

    @Test
    fun `the suite fails where the filesystem is wrong`() {
        val report =
            suite {
                object : MemoryFs() {
                    override suspend fun append(
                        path: String,
                        content: ByteArray,
                        mode: Int?,
                    ) = write(path, content, mode)
                }
            }
        assertTrue(report.failures.any { "append" in it }, report.failures.toString())
    }

    @Test
    fun `each session has files of its own, and create is served`() {
        val made = ConcurrentHashMap<String, MemoryFs>()
        val ids = HashSet<String>()
        Mock.play(configure = { sessionFs("/project", "/state") { made.getOrPut(it) { MemoryFs() } } }) { client ->
            val sessions = List(2) { client.createSession() }
            sessions.map { async { it.sendAndWait("hi") } }.awaitAll()
            ids += sessions.map { it.id }
        }
        assertEquals(ids, made.keys.toSet())
        for (files in made.values) assertTrue("/state/workspace.yaml" in files.paths, files.paths.toString())
    }

    @Test
    fun `a factory that fails fails the create, and the client goes on`() =
        Mock.play(configure = { sessionFs("/project", "/state") { throw IOException("no disk") } }) { client ->
            assertThrowsSuspending<CodriverException.Rpc> { client.createSession() }
            client.ping()
        }

    @Test
    fun `i22 a call that hangs is cancelled at its deadline`() {
        val cancelled = CompletableDeferred<Unit>()
        val hangs =
            object : MemoryFs() {
                override suspend fun read(path: String): ByteArray =
                    try {
                        awaitCancellation()
                    } finally {
                        cancelled.complete(Unit)
                    }
            }
        Mock.play(
            configure = {
                sessionFs("/project", "/state") { hangs }
                limits { fsDeadlineMs = 200 }
            },
        ) { client ->
            assertThrowsSuspending<CodriverException.Rpc> { client.createSession() }
            cancelled.await()
        }
    }
}
