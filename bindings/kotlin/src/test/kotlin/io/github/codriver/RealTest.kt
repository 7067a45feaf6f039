package io.github.codriver

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.io.path.createDirectory
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.time.Duration.Companion.seconds

/** The real runtimes, with the scripted model: no login needed. `CODRIVER_REAL_RUNTIMES` has them, one directory a version. */
@EnabledIfEnvironmentVariable(named = "CODRIVER_REAL_RUNTIMES", matches = ".+")
class RealTest {
    @Serializable
    class City(
        @Description("its name") val city: String,
    )

    private fun config(
        version: String,
        folder: Path,
        configure: ClientConfig.() -> Unit = {},
    ) = ClientConfig().apply {
        val root = runtimes().resolve(version).resolve("node_modules/@github")
        cliPath = listOf(root.resolve("copilot-linux-x64/copilot"), root.resolve("copilot/npm-loader.js")).first { it.exists() }.toString()
        cwd = folder.resolve("work").also { if (!it.exists()) it.createDirectory() }.toString()
        baseDirectory = folder.resolve("home").also { if (!it.exists()) it.createDirectory() }.toString()
        useLoggedInUser = false
        envRemove = listOf("GH_TOKEN", "GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN")
        env = mapOf("NO_PROXY" to "127.0.0.1")
        configure()
    }

    private fun SessionConfig.scripted() {
        model = "stub"
        streaming = true
        provider(baseUrl) {
            providerType = "openai"
            wireApi = "completions"
            apiKey = "none"
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    fun `a conversation with a tool and a permission, resumed`(
        version: String,
        @TempDir folder: Path,
    ) {
        val asked = CopyOnWriteArrayList<String>()
        val called = CopyOnWriteArrayList<String>()
        val heard = CopyOnWriteArrayList<SessionEvent>()
        Mock.limited {
            Codriver.start(config(version, folder)).use { client ->
                assertEquals(version, client.runtime?.version)
                val session =
                    client.createSession {
                        scripted()
                        onEvent { heard += it }
                        tool("lookup", "Looks a city up.") { given: City ->
                            called += given.city
                            "${given.city} has 22 °C"
                        }
                        onPermissionRequest {
                            asked += it.kind
                            PermissionDecision.approveForSession(it)
                        }
                    }
                val turn = session.sendAndWait("STREAM 500", TURN)
                assertEquals((0 until 500).joinToString("") { "%07d ".format(it) }, turn.content)
                repeat(2) { session.sendAndWait("TOOL lookup {\"city\": \"Paris\"}", TURN) }
                assertEquals(listOf("Paris", "Paris") to listOf("custom-tool"), called.toList() to asked.toList())
                session.disconnect()
                val stored = client.resumeSession(session.id) { scripted() }.getEvents()
                assertEquals(3, stored.count { it.type == "user.message" })
            }
        }
        assertEquals((1L..heard.size).toList(), heard.map { it.seq })
        assertTrue(heard.count { it.type == "assistant.message_delta" } >= 500)
    }

    @ParameterizedTest
    @MethodSource("versions")
    fun `session state in a filesystem written in Kotlin`(
        version: String,
        @TempDir folder: Path,
    ) = Mock.limited {
        val made = ConcurrentHashMap<String, MemoryFs>()
        val files: ClientConfig.() -> Unit = { sessionFs(cwd!!, "/state") { made.getOrPut(it) { MemoryFs() } } }
        val id =
            Codriver.start(config(version, folder, files)).use { client ->
                client.createSession { scripted() }.use { session ->
                    session.sendAndWait("STREAM 3", TURN)
                    session.id
                }
            }
        val log = made.getValue(id).read("/state/events.jsonl").decodeToString()
        val types = log.trim().lines().map { ((Json.parseToJsonElement(it) as JsonObject)["type"] as JsonPrimitive).content }
        assertEquals("session.start", types.first())
        assertTrue("assistant.message" in types)
        Codriver.start(config(version, folder, files)).use { client ->
            val resumed = client.resumeSession(id) { scripted() }
            resumed.sendAndWait("STREAM 2", TURN)
            assertTrue(resumed.getEvents().size > types.size)
        }
    }

    companion object {
        private val TURN = 90.seconds
        private lateinit var stub: Process
        private lateinit var baseUrl: String

        private fun runtimes() = Path.of(System.getenv("CODRIVER_REAL_RUNTIMES"))

        @JvmStatic
        fun versions(): List<String> = runtimes().listDirectoryEntries().filter { it.resolve("node_modules").exists() }.map { it.name }

        @JvmStatic
        @BeforeAll
        fun startModel() {
            stub = ProcessBuilder(Mock.built("model-stub")).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val said = Json.parseToJsonElement(stub.inputReader().readLine()) as JsonObject
            baseUrl = (said["baseUrl"] as JsonPrimitive).content
        }

        @JvmStatic
        @AfterAll
        fun stopModel() {
            stub.outputStream.close()
            stub.waitFor()
        }
    }
}
