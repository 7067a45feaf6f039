package io.github.codriver

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList

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

    @ParameterizedTest
    @ValueSource(strings = ["s-1", ""])
    fun `a create that fails leaves no files, and the next one has new ones`(given: String) {
        val made = CopyOnWriteArrayList<String>()

        fun create(
            name: String,
            answer: Map<String, Any>,
        ): List<Any> =
            listOf(
                mapOf("expect" to mapOf("method" to "session.create", "as" to name, "params" to mapOf("sessionId" to "\$$name"))),
                mapOf(
                    "request" to
                        mapOf(
                            "as" to "write $name",
                            "method" to "sessionFs.writeFile",
                            "params" to mapOf("sessionId" to "\$$name", "path" to "/state/x", "content" to "x"),
                        ),
                ),
                mapOf("expect_response" to mapOf("to" to "write $name")),
                answer,
            )
        val refusal = mapOf("to" to "one", "error" to mapOf("code" to -32603, "message" to "no"))
        val answer = mapOf("to" to "two", "result" to mapOf("sessionId" to "\$two"))
        Mock.play(
            create("one", mapOf("reply_error" to refusal)) + create("two", mapOf("reply" to answer)),
            configure = {
                sessionFs("/project", "/state") {
                    made += it
                    MemoryFs()
                }
            },
        ) { client ->
            val configure: SessionConfig.() -> Unit = { if (given.isNotEmpty()) sessionId = given }
            assertThrowsSuspending<CodriverException.Rpc> { client.createSession(configure) }
            assertEquals(emptySet<String>(), client.bridge.sessionsWithFiles)
            val session = client.createSession(configure)
            assertEquals(listOf(given.ifEmpty { made[0] }, session.id), made.toList())
            // A second one of the same id is refused, and takes nothing from the first.
            assertThrowsSuspending<CodriverException.SessionAlreadyOpen> { client.createSession { sessionId = session.id } }
            assertEquals(setOf(session.id), client.bridge.sessionsWithFiles)
            session.disconnect()
            assertEquals(emptySet<String>(), client.bridge.sessionsWithFiles)
        }
    }

    private val thrown =
        mapOf(
            "FileNotFound" to java.io.FileNotFoundException("gone"),
            "NoSuchFile" to java.nio.file.NoSuchFileException("gone"),
            "FsNotFound" to CodriverException.FsNotFound("gone"),
            "AccessDenied" to java.nio.file.AccessDeniedException("gone"),
            "Unsupported" to UnsupportedOperationException("gone"),
            "Arithmetic" to ArithmeticException("gone"),
            "Error" to StackOverflowError("gone"),
            "Cancellation" to java.util.concurrent.CancellationException("gone"),
        )

    @ParameterizedTest
    @CsvSource(
        "FileNotFound,ENOENT",
        "NoSuchFile,ENOENT",
        "FsNotFound,ENOENT",
        "AccessDenied,UNKNOWN",
        "Unsupported,UNKNOWN",
        "Arithmetic,UNKNOWN",
        "Error,UNKNOWN",
        "Cancellation,UNKNOWN",
    )
    fun `i22 what a filesystem throws is told in the codes of the wire, without a stack trace`(
        name: String,
        code: String,
    ) {
        val fails =
            object : MemoryFs() {
                override suspend fun read(path: String): ByteArray = throw thrown.getValue(name)
            }
        val error = mapOf("code" to code, "message" to mapOf("\$not" to mapOf("\$contains" to "codriver.FsTest")))
        val read =
            Mock.byRequest("sessionFs.readFile", mapOf("path" to "/state/x"), mapOf("content" to "\$_", "error" to error))
        Mock.play(Mock.created + Mock.go(read), configure = { sessionFs("/project", "/state") { fails } }) { client ->
            client.createSession { sessionId = "s-1" }
            client.rpc("test.go")
        }
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
