package io.github.codriver.internal

import io.github.codriver.Client
import io.github.codriver.ClientConfig
import io.github.codriver.Codriver
import io.github.codriver.CodriverException
import io.github.codriver.ElicitationResult
import io.github.codriver.SendOptions
import io.github.codriver.Session
import io.github.codriver.SessionConfig
import io.github.codriver.SessionEvent
import io.github.codriver.SessionMetadata
import io.github.codriver.Store
import io.github.codriver.Turn
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.jdk9.asPublisher
import kotlinx.serialization.json.JsonObject
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.function.Consumer
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration
import java.util.concurrent.Flow as JavaFlow

/** The calls of a [Client] as futures of plain values, for the Java facade. */
internal class JavaClient(
    config: ClientConfig,
    val calls: JavaCalls,
) {
    private val client: Client = Codriver.client(config)

    val state: String get() = client.state
    val runtimeVersion: String? get() = client.runtime?.version
    val protocolVersion: Long? get() = client.runtime?.protocolVersion
    val runtimePid: Long? get() = client.runtimePid
    val counters: Map<String, Long> get() = client.counters

    fun start(): CompletableFuture<Unit> = calls.future { client.start() }

    fun stop(): CompletableFuture<List<CodriverException>> = calls.future { client.stop() }

    fun forceStop(): CompletableFuture<List<CodriverException>> = calls.future { client.forceStop() }

    fun close(): Unit = client.close()

    fun create(config: SessionConfig): CompletableFuture<JavaSession> =
        calls.future { JavaSession(client.createSession(config), calls) }

    fun resume(
        sessionId: String,
        config: SessionConfig,
    ): CompletableFuture<JavaSession> = calls.future { JavaSession(client.resumeSession(sessionId, config), calls) }

    fun join(config: SessionConfig): CompletableFuture<JavaSession> = calls.future { JavaSession(client.joinSession(config), calls) }

    fun listSessions(filter: Map<String, *>): CompletableFuture<List<SessionMetadata>> =
        calls.future { client.listSessions(objectOrNull(filter)) }

    fun getSessionMetadata(sessionId: String): CompletableFuture<SessionMetadata?> =
        calls.future { client.getSessionMetadata(sessionId) }

    fun getLastSessionId(): CompletableFuture<String?> = calls.future { client.getLastSessionId() }

    fun getEvents(sessionId: String): CompletableFuture<List<SessionEvent>> = calls.future { client.getEvents(sessionId) }

    fun deleteSession(sessionId: String): CompletableFuture<Unit> = calls.future { client.deleteSession(sessionId) }

    fun getForegroundSessionId(): CompletableFuture<String?> = calls.future { client.getForegroundSessionId() }

    fun setForegroundSessionId(sessionId: String): CompletableFuture<Unit> =
        calls.future { client.setForegroundSessionId(sessionId) }

    fun ping(message: String?): CompletableFuture<Map<String, Any?>> = calls.future { mapOf(client.ping(message)) }

    fun getStatus(): CompletableFuture<Map<String, Any?>> = calls.future { mapOf(client.getStatus()) }

    fun getAuthStatus(): CompletableFuture<Map<String, Any?>> = calls.future { mapOf(client.getAuthStatus()) }

    fun listModels(): CompletableFuture<List<Map<String, Any?>>> = calls.future { client.listModels().map(::mapOf) }

    fun rpc(
        method: String,
        params: Any?,
    ): CompletableFuture<Any?> = calls.future { plainOf(client.rpc(method, params?.let(::jsonOf))) }
}

/** The calls of a [Session] as futures of plain values, for the Java facade. */
internal class JavaSession(
    private val session: Session,
    private val calls: JavaCalls,
) {
    val id: String get() = session.id
    val workspacePath: String? get() = session.workspacePath
    val counters: Map<String, Long> get() = session.counters
    val capabilities: Map<String, Any?> get() = mapOf(session.capabilities)

    fun send(
        prompt: String,
        options: SendOptions,
    ): CompletableFuture<String> = calls.future { session.send(prompt, options) }

    fun sendAndWait(
        prompt: String,
        timeout: JavaDuration,
        abortOnTimeout: Boolean,
        options: SendOptions,
    ): CompletableFuture<Turn> = calls.future { session.sendAndWait(prompt, timeout.toKotlinDuration(), abortOnTimeout, options) }

    fun on(
        type: String?,
        handler: Consumer<in SessionEvent>,
    ): AutoCloseable = session.on(type, calls.events(handler))

    /** Subscribed when the subscriber is, not only when it first asks for something. */
    fun events(fromSeq: Long?): JavaFlow.Publisher<SessionEvent> =
        JavaFlow.Publisher { subscriber ->
            val cursor = session.subscribe(fromSeq?.toULong())
            session.eventsOf(cursor).asPublisher(Dispatchers.Default).subscribe(subscriber)
        }

    fun abort(): CompletableFuture<Unit> = calls.future { session.abort() }

    fun getEvents(): CompletableFuture<List<SessionEvent>> = calls.future { session.getEvents() }

    fun setModel(
        model: String,
        reasoningEffort: String?,
    ): CompletableFuture<Unit> = calls.future { session.setModel(model, reasoningEffort) }

    fun log(
        message: String,
        level: String?,
        ephemeral: Boolean,
    ): CompletableFuture<String> = calls.future { session.log(message, level, ephemeral) }

    fun waitUntilReady(timeout: JavaDuration): CompletableFuture<Unit> =
        calls.future { session.waitUntilReady(timeout.toKotlinDuration()) }

    fun rpc(
        method: String,
        params: Map<String, *>?,
    ): CompletableFuture<Any?> = calls.future { plainOf(session.rpc(method, params?.let(::jsonOf) as JsonObject?)) }

    fun elicitation(
        message: String,
        schema: Map<String, *>,
    ): CompletableFuture<ElicitationResult> = calls.future { session.ui.elicitation(message, jsonOf(schema) as JsonObject) }

    fun confirm(message: String): CompletableFuture<Boolean> = calls.future { session.ui.confirm(message) }

    fun select(
        message: String,
        choices: List<String>,
    ): CompletableFuture<String?> = calls.future { session.ui.select(message, choices) }

    fun input(message: String): CompletableFuture<String?> = calls.future { session.ui.input(message) }

    fun disconnect(): CompletableFuture<Unit> = calls.future { session.disconnect() }

    fun close(): Unit = session.close()
}

/** The calls of a [Store] as futures of plain values, for the Java facade. */
internal class JavaStore(
    val store: Store,
    private val calls: JavaCalls,
) {
    fun listSessions(filter: Map<String, *>): CompletableFuture<List<SessionMetadata>> =
        calls.future { store.listSessions(objectOrNull(filter)) }

    fun getSessionMetadata(sessionId: String): CompletableFuture<SessionMetadata?> =
        calls.future { store.getSessionMetadata(sessionId) }

    fun getLastSessionId(): CompletableFuture<String?> = calls.future { store.getLastSessionId() }

    fun getEvents(sessionId: String): CompletableFuture<List<SessionEvent>> = calls.future { store.getEvents(sessionId) }

    fun deleteSession(sessionId: String): CompletableFuture<Unit> = calls.future { store.deleteSession(sessionId) }

    fun forkSession(
        sessionId: String,
        newId: String,
    ): CompletableFuture<Unit> = calls.future { store.forkSession(sessionId, newId) }

    fun exportSession(
        sessionId: String,
        path: Path,
    ): CompletableFuture<Map<String, Any?>> = calls.future { mapOf(store.exportSession(sessionId, path)) }

    fun importSession(
        path: Path,
        newId: String?,
    ): CompletableFuture<String> = calls.future { store.importSession(path, newId) }

    fun close(): Unit = store.close()

    internal companion object {
        @JvmStatic
        fun open(
            url: String,
            executor: Executor?,
        ): CompletableFuture<JavaStore> {
            val calls = JavaCalls(executor)
            return calls.future { JavaStore(Store.open(url), calls) }
        }
    }
}

private fun mapOf(fields: JsonObject): Map<String, Any?> = fields.mapValues { plainOf(it.value) }

private fun objectOrNull(fields: Map<String, *>): JsonObject? = fields.takeIf { it.isNotEmpty() }?.let { jsonOf(it) as JsonObject }
