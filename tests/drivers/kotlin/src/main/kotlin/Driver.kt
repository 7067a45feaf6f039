import io.github.codriver.Client
import io.github.codriver.ClientConfig
import io.github.codriver.Codriver
import io.github.codriver.CodriverException
import io.github.codriver.Session
import io.github.codriver.SessionConfig
import io.github.codriver.SessionFsOptions
import io.github.codriver.options.Transport
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private val PATIENCE = 60.seconds

/** The conformance driver of the Kotlin package: JSON lines in, JSON lines out, by nothing but the public API. */
private class Driver {
    // One thread, as an event loop: commands begin in the order of their lines.
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default.limitedParallelism(1))
    private val starting = Mutex()
    private var given: List<JsonElement?>? = null

    @Volatile private var started: Client? = null

    @Volatile private var stopped = false
    private val sessions = ConcurrentHashMap<String, Session>()
    private val foreign = ForeignStore()
    private val running = ConcurrentHashMap<Long, Job>()

    /** Starts the command of a line; false ends the driver. */
    fun begin(line: String): Boolean {
        val command =
            try {
                Json.parseToJsonElement(line) as JsonObject
            } catch (problem: SerializationException) {
                Say.line(json("error" to json("number" to 1, "name" to "INVALID_ARGUMENT", "message" to problem.toString())))
                return true
            }
        if (command.text("op") == "exit") return false
        val id = command.long("id") ?: 0
        val said = AtomicBoolean()
        val say = { result: Pair<String, JsonElement> -> if (said.compareAndSet(false, true)) Say.line(json("id" to id, result)) }
        val job = scope.launch(start = CoroutineStart.LAZY) { say(outcome(command)) }
        running[id] = job
        job.invokeOnCompletion { cause ->
            running.remove(id)
            if (cause != null) say("error" to cancelled())
        }
        job.start()
        return true
    }

    private suspend fun outcome(command: JsonObject): Pair<String, JsonElement> =
        try {
            "ok" to run(command)
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (failure: Throwable) {
            "error" to Say.error(failure)
        }

    private fun cancelled() = json("number" to 100, "name" to "CANCELLED", "message" to "the coroutine was cancelled")

    private fun client(): Client = started ?: throw CodriverException.InvalidArgument("no start came before this")

    private fun session(command: JsonObject): Session =
        sessions[command.text("session")]
            ?: throw CodriverException.InvalidArgument("no session is called ${command.text("session")}")

    private suspend fun run(command: JsonObject): JsonElement =
        when (val op = command.text("op")) {
            "start" -> start(command)
            "create_session" -> create(command)
            "resume_session" -> resume(command)
            "send" -> json("message_id" to session(command).send(command.text("prompt").orEmpty()))
            "send_and_wait" -> {
                val timeout = command.long("timeout_ms")?.milliseconds ?: PATIENCE
                val turn = session(command).sendAndWait(command.text("prompt").orEmpty(), timeout)
                JsonObject(mapOf("content" to JsonPrimitive(turn.content)))
            }
            "wait_ready" -> done { session(command).waitUntilReady(PATIENCE) }
            "abort" -> done { session(command).abort() }
            "disconnect" -> done { session(command).disconnect() }
            "get_events" -> json("types" to session(command).getEvents().map { it.type })
            "set_model" -> done { session(command).setModel(command.text("model").orEmpty()) }
            "subscribe" -> subscribe(command)
            "list_sessions" -> json("ids" to client().listSessions(command.obj("filter")).map { it.sessionId })
            "get_metadata" -> json("found" to (client().getSessionMetadata(command.text("session_id").orEmpty()) != null))
            "delete_session" -> done { client().deleteSession(command.text("session_id").orEmpty()) }
            "last_session_id" -> JsonObject(mapOf("session_id" to JsonPrimitive(client().getLastSessionId())))
            "ping" -> json("message" to client().ping(command.text("message"))["message"])
            "rpc" -> rpc(command)
            "counters" -> json(*counters(command).map { it.key to it.value }.toTypedArray())
            "cancel" -> done { running[command.long("target")]?.cancel() }
            "stop" -> ended { it.stop() }
            "force_stop" -> ended { it.forceStop() }
            else -> throw CodriverException.InvalidArgument("not a command: $op")
        }

    private suspend fun done(work: suspend () -> Unit): JsonObject {
        work()
        return json()
    }

    private suspend fun start(command: JsonObject): JsonObject =
        starting.withLock {
            val asked = listOf(command["runtime"], command["session_fs"], command["options"])
            if (started == null || given != asked || stopped) {
                started = Codriver.client(prepare(command))
                given = asked
                stopped = false
            }
            client().also { it.start() }
        }.let { client ->
            val runtime = client.runtime ?: throw CodriverException.Closed("the connection ended at once")
            json("protocol_version" to runtime.protocolVersion, "runtime_version" to runtime.version)
        }

    private fun prepare(command: JsonObject): ClientConfig {
        val runtime = command.obj("runtime") ?: json()
        val options = command.obj("options").orEmpty().mapKeys { camel(it.key) }
        return ClientConfig.from(JsonObject(options - "env")).apply {
            env = (strings(options["env"]) + strings(runtime["env"])).takeIf { it.isNotEmpty() }
            if (runtime.text("kind") == "stdio") {
                cliPath = runtime.text("path")
                cliArgs = (runtime["args"] as? JsonArray).orEmpty().map { (it as JsonPrimitive).content }
            } else {
                transport =
                    Transport.External(runtime.text("host").orEmpty(), runtime.long("port")?.toInt() ?: 0, runtime.text("token"))
            }
            command.obj("session_fs")?.let { files(it) }
            onState { Say.line(json("obs" to "state", "state" to it)) }
            onLifecycle { Say.line(json("obs" to "lifecycle", "type" to it.type, "session_id" to it.sessionId)) }
        }
    }

    private fun ClientConfig.files(given: JsonObject) {
        val store = given.text("store").orEmpty()
        val (cwd, state) = given.text("initial_cwd").orEmpty() to given.text("state_path").orEmpty()
        val configure: SessionFsOptions.() -> Unit = {
            conventions = given.text("conventions")
            sqlite = given.text("sqlite")?.toBoolean()
            binary = given.text("binary").toBoolean()
        }
        if (store == "foreign") {
            sessionFs(cwd, state, configure) { foreign.open(it) }
        } else {
            sessionFs(url(store), cwd, state, configure)
        }
    }

    private suspend fun create(command: JsonObject): JsonObject {
        val config = command.obj("config") ?: json()
        foreign.expect(config.text("sessionId"), command.obj("handlers")?.text("fs") ?: "memory")
        return keep(command, client().createSession(configured(command, config)))
    }

    private suspend fun resume(command: JsonObject): JsonObject {
        val id = command.text("session_id").orEmpty()
        foreign.expect(id, command.obj("handlers")?.text("fs") ?: "memory")
        return keep(command, client().resumeSession(id, configured(command, command.obj("config") ?: json())))
    }

    private fun configured(
        command: JsonObject,
        config: JsonObject,
    ): SessionConfig {
        val declared = (config["tools"] as? JsonArray).orEmpty().map { it as JsonObject }
        return SessionConfig.from(JsonObject(config - "tools")).apply {
            behave(client(), command.text("session").orEmpty(), declared, command.obj("handlers") ?: json())
        }
    }

    private fun keep(
        command: JsonObject,
        session: Session,
    ): JsonObject {
        sessions[command.text("session").orEmpty()] = session
        return json("session_id" to session.id, "workspace_path" to session.workspacePath)
    }

    private fun subscribe(command: JsonObject): JsonObject {
        val from = command.long("from_seq")
        val session = session(command)
        val events = if (from == null) session.events else session.eventsFrom(from)
        // Subscribed before the result is said.
        scope.launch(start = CoroutineStart.UNDISPATCHED) {
            events.collect { Say.event(command.text("session").orEmpty(), it, command["id"]) }
        }
        return json()
    }

    private suspend fun rpc(command: JsonObject): JsonElement {
        val method = command.text("method").orEmpty()
        if (command.text("session") != null) return session(command).rpc(method, command.obj("params"))
        return client().rpc(method, command["params"])
    }

    private fun counters(command: JsonObject): Map<String, Long> =
        if (command.text("session") != null) session(command).counters else client().counters

    private suspend fun ended(end: suspend (Client) -> List<CodriverException>): JsonObject {
        stopped = true
        return json("errors" to end(client()).map(Say::error))
    }
}

private fun JsonObject.long(name: String): Long? = text(name)?.toLongOrNull()

private fun strings(fields: JsonElement?): Map<String, String> =
    (fields as? JsonObject).orEmpty().mapValues { (it.value as JsonPrimitive).content }

private fun camel(name: String): String = name.replace(Regex("_([a-z])")) { it.groupValues[1].uppercase() }

/** A store as the contract names it, as a URL. */
private fun url(store: String): String =
    when (store.substringBefore(':')) {
        "memory" -> "memory:"
        "directory" -> "dir:" + store.substringAfter(':')
        else -> store
    }

fun main() {
    val driver = Driver()
    while (true) {
        val line = readlnOrNull() ?: break
        if (!driver.begin(line)) break
    }
    exitProcess(0)
}
