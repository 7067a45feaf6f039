package io.github.codriver

import io.github.codriver.internal.plainOf
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.writeText

/** Stores without a runtime: what is there, what is damaged; and where a session's files come from. */
class StoresTest {
    private fun line(
        type: String,
        number: Int,
        data: Map<String, Any>,
    ) = Mock.json(
        "type" to type,
        "id" to "33333333-3333-4333-8333-33333333330$number",
        "parentId" to null,
        "timestamp" to "2026-11-21T01:44:37.000Z",
        "data" to data,
    )

    /** A session `s-1` whose log has two events and half of a third. */
    private fun fill(url: String) {
        val log =
            listOf(
                line("session.start", 1, mapOf("sessionId" to "s-1")),
                line("user.message", 2, mapOf("content" to "hello")),
                "{\"type\":\"torn",
            ).joinToString("\n")
        val params = mapOf("sessionId" to "s-1", "path" to "/state/events.jsonl", "content" to log)
        val write =
            listOf(
                mapOf("request" to mapOf("as" to "w", "method" to "sessionFs.writeFile", "params" to params)),
                mapOf("expect_response" to mapOf("to" to "w")),
            )
        Mock.play(Mock.created + Mock.go(write), configure = { sessionFs(url, "/project", "/state") }) { client ->
            client.createSession { sessionId = "s-1" }
            client.rpc("test.go")
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["dir", "sqlite"])
    fun `a damaged log is counted, found and repaired`(
        scheme: String,
        @TempDir folder: Path,
    ) {
        val url = "$scheme:$folder/store"
        fill(url)
        Mock.limited {
            Store.openExisting(url).use { store ->
                val events = store.getEvents("s-1")
                assertEquals(listOf("session.start", "user.message") to 1L, events.map { it.type } to events.unreadable)
                val health = store.check("s-1")
                assertEquals(Triple("s-1", 2L, null), Triple(health.sessionId, health.events, health.quarantine))
                assertEquals(listOf("torn" to 3L), health.damage.map { it.kind to it.line })
                assertFalse(health.isHealthy)
                assertEquals(listOf(health.toString()), store.checkAll().map { it.toString() })
                val repaired = store.repair("s-1")
                assertEquals(listOf("torn"), repaired.damage.map { it.kind })
                assertTrue(repaired.quarantine!!.isNotEmpty())
                assertEquals(2 to 0L, store.getEvents("s-1").let { it.size to it.unreadable })
                assertTrue(store.check("s-1").isHealthy)
                assertEquals(listOf("s-1"), store.repairAll().map { it.sessionId })
                assertThrowsSuspending<CodriverException.SessionNotFound> { store.check("nobody") }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = ["dir", "sqlite"])
    fun `what is not there is not made`(
        scheme: String,
        @TempDir folder: Path,
    ) = Mock.limited {
        assertThrowsSuspending<CodriverException.FsNotFound> { Store.openExisting("$scheme:$folder/store") }
        assertEquals(emptyList<Path>(), folder.listDirectoryEntries())
        assertThrowsSuspending<CodriverException.InvalidConfig> { Store.openExisting("nowhere:") }
    }

    @Test
    fun `the store of a client is where its sessions are`(
        @TempDir folder: Path,
    ) {
        Mock.play(configure = { sessionFs("dir:$folder/store", "/project", "/state") }) { client ->
            val session = client.createSession()
            client.sessionStore()!!.use { store -> assertEquals(listOf(session.id), store.listSessions().map { it.sessionId }) }
        }
        Mock.play { client -> assertNull(client.sessionStore()) }
    }

    @ParameterizedTest
    @CsvSource(nullValues = ["-"], value = ["-,-,true,true", "none,-,false,false", "-,none,true,false", "disk,disk,true,true"])
    fun `files beside the state come from where the options say`(
        workspace: String?,
        rest: String?,
        inside: Boolean,
        outside: Boolean,
        @TempDir folder: Path,
    ) {
        val cwd = folder.resolve("cwd").createDirectory()
        val files = listOf(cwd.resolve("in.txt") to inside, folder.resolve("out.txt") to outside)
        val reads =
            files.flatMap { (file, isFound) ->
                file.writeText("here")
                val params = mapOf("sessionId" to "s-1", "path" to "$file")
                val result = if (isFound) mapOf("content" to "here") else mapOf("error" to mapOf("code" to "ENOENT"))
                listOf(
                    mapOf("request" to mapOf("as" to "$file", "method" to "sessionFs.readFile", "params" to params)),
                    mapOf("expect_response" to mapOf("to" to "$file", "result" to result)),
                )
            }
        Mock.play(
            Mock.created + Mock.go(reads),
            configure = {
                sessionFs("memory:", "$cwd", "/state") {
                    this.workspace = workspace
                    this.rest = rest
                    cache = true
                }
            },
        ) { client ->
            client.createSession { sessionId = "s-1" }
            assertEquals("done", plainOf(client.rpc("test.go")))
        }
    }

    @Test
    fun `a source of files that there is not is refused by its name`() {
        val options: List<Pair<String, SessionFsOptions.() -> Unit>> =
            listOf(
                "workspace" to { workspace = "somewhere" },
                "rest" to { rest = "elsewhere" },
                "brandNew" to { extra = Mock.json("brandNew" to true) as kotlinx.serialization.json.JsonObject },
            )
        for ((name, configure) in options) {
            val config = Mock.config { sessionFs("memory:", "/", "/s", configure) }
            val refused = runCatching { Codriver.client(config) }.exceptionOrNull()
            assertTrue(refused is CodriverException.InvalidConfig && name in refused.reason, "$name: $refused")
        }
    }

    @Test
    fun `the runtime is found where a client would find it`(
        @TempDir folder: Path,
    ) {
        val program = folder.resolve("copilot")
        Files.copy(Path.of("/bin/true"), program)
        val found = Codriver.findRuntime(ClientConfig().apply { cliPath = "$program" })
        assertEquals("$program", found.path)
        assertTrue(found.origin.isNotEmpty())
        val refused =
            runCatching { Codriver.findRuntime(ClientConfig().apply { cliPath = "$folder/nowhere" }) }.exceptionOrNull()
        assertTrue(refused is CodriverException.RuntimeNotFound && "nowhere" in refused.reason, "$refused")
    }
}
