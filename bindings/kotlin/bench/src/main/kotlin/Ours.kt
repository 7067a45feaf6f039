import io.github.codriver.ClientConfig
import io.github.codriver.Codriver
import io.github.codriver.DirEntry
import io.github.codriver.FsStat
import io.github.codriver.SessionFs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject

/** What is measured of this package, in a process of its own: `OursKt CASE COUNT`, which prints JSON. */
fun main(arguments: Array<String>) =
    runBlocking {
        val count = arguments[1].toInt()
        println(
            when (arguments[0]) {
                "events" -> events(count, false)
                "read_events" -> events(count, true)
                "ping" -> ping(count)
                "filesystem" -> filesystem(count)
                else -> error("no case is called ${arguments[0]}")
            },
        )
    }

private fun client(configure: ClientConfig.() -> Unit = {}) =
    ClientConfig().apply {
        cliPath = MOCK
        configure()
    }

private suspend fun events(
    count: Int,
    reads: Boolean,
): String {
    val done = CompletableDeferred<Unit>()
    var heard = 0
    var text = 0L
    return Codriver.start(client { env = firehose(count) }).use { client ->
        val session =
            client.createSession {
                onEvent { event ->
                    if (event.type == "assistant.message_delta") {
                        heard++
                        if (reads) text += event.text("deltaContent")!!.length
                    } else if (event.type == "session.idle") {
                        done.complete(Unit)
                    }
                }
            }
        val began = System.nanoTime()
        session.send("pour")
        done.await()
        poured(heard, count, System.nanoTime() - began)
    }
}

private suspend fun ping(count: Int): String = Codriver.start(client()).use { client -> calls(count) { client.ping() } }

private class OneFile : SessionFs {
    override suspend fun read(path: String) = ByteArray(100) { 'x'.code.toByte() }

    override suspend fun write(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) = Unit

    override suspend fun append(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) = Unit

    override suspend fun stat(path: String) = FsStat.file(100)

    override suspend fun mkdir(
        path: String,
        recursive: Boolean,
        mode: Int?,
    ) = Unit

    override suspend fun readDir(path: String): List<DirEntry> = emptyList()

    override suspend fun remove(
        path: String,
        recursive: Boolean,
        force: Boolean,
    ) = Unit

    override suspend fun rename(
        path: String,
        to: String,
    ) = Unit
}

/** Calls of the runtime, one after the other: there and back. */
private suspend fun filesystem(count: Int): String {
    val script =
        buildJsonObject {
            putJsonArray("steps") {
                addJsonObject { putJsonObject("expect") { put("method", "session.create") } }
                addJsonObject { putJsonObject("reply") { putJsonObject("result") { put("sessionId", "s") } } }
                for (round in listOf("warm" to count, "go" to count)) {
                    addJsonObject {
                        putJsonObject("expect") {
                            put("method", "test.${round.first}")
                            put("as", round.first)
                        }
                    }
                    addJsonObject {
                        putJsonObject("repeat") {
                            put("times", round.second)
                            putJsonArray("steps") {
                                addJsonObject {
                                    putJsonObject("request") {
                                        put("as", "r")
                                        put("method", "sessionFs.readFile")
                                        putJsonObject("params") {
                                            put("sessionId", "s")
                                            put("path", "/state/x")
                                        }
                                    }
                                }
                                addJsonObject { putJsonObject("expect_response") { put("to", "r") } }
                            }
                        }
                    }
                    addJsonObject {
                        putJsonObject("reply") {
                            put("to", round.first)
                            putJsonObject("result") {}
                        }
                    }
                }
            }
        }
    val config =
        client {
            env = mapOf("MOCK_RUNTIME_SCRIPT" to script.toString())
            sessionFs("/project", "/state") { OneFile() }
        }
    return Codriver.start(config).use { client ->
        client.createSession { sessionId = "s" }
        client.rpc("test.warm")
        val began = System.nanoTime()
        client.rpc("test.go")
        "{\"mean_us\":${(System.nanoTime() - began) / 1000.0 / count}}"
    }
}
