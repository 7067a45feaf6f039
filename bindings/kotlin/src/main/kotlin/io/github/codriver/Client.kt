package io.github.codriver

import io.github.codriver.internal.Bridge
import io.github.codriver.internal.Native
import io.github.codriver.internal.Waker
import io.github.codriver.internal.awaited
import io.github.codriver.internal.end
import io.github.codriver.internal.log
import io.github.codriver.internal.obj
import io.github.codriver.internal.parsed
import io.github.codriver.internal.text
import io.github.codriver.internal.toldError
import io.github.codriver.internal.unlessClosed
import io.github.codriver.internal.whole
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.lang.ref.WeakReference
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap
import kotlin.coroutines.ContinuationInterceptor
import kotlin.time.Duration.Companion.seconds
import io.github.codriver.internal.ffi.Client as FfiClient
import io.github.codriver.internal.ffi.Session as FfiSession

/** What the handshake said of the runtime: its [version], e.g. `1.0.102`, and the protocol it speaks. */
public class RuntimeInfo internal constructor(
    public val version: String,
    public val protocolVersion: Long,
) {
    override fun toString(): String = "RuntimeInfo(version=$version, protocolVersion=$protocolVersion)"
}

/**
 * A client of one runtime, and the sessions on it; made by [Codriver.start].
 *
 * [use] stops it in order at the end. A client that nobody holds any more is closed, and its runtime killed.
 */
public class Client private constructor(
    config: ClientConfig,
    internal val scope: CoroutineScope,
    internal val native: FfiClient,
    internal val bridge: Bridge,
) : AutoCloseable {
    private val onState = config.onState
    private val onLifecycle = config.onLifecycle
    private val onNotification = config.onNotification

    // A store must live as long as the client that was given its number.
    @Suppress("unused")
    private val store = config.files?.store
    private var watch: Job? = null
    private val disconnected = CompletableDeferred<Unit>()
    internal val sessions = ConcurrentHashMap<ULong, Session>()

    /** Sessions that are over, with events that are still to be told. */
    internal val draining: MutableSet<Session> = ConcurrentHashMap.newKeySet()

    /** `disconnected`, `connecting`, `connected` or `error`. */
    public val state: String
        get() = info().text("state").orEmpty()

    /** What the runtime said of itself; null where the client is not connected. */
    public val runtime: RuntimeInfo?
        get() {
            val info = info()
            return info.text("runtimeVersion")?.let { RuntimeInfo(it, info.whole("protocolVersion") ?: 0) }
        }

    /** The process id of the runtime, where it is a child of this client. */
    public val runtimePid: Long?
        get() = info().whole("runtimePid")

    /**
     * The store of its sessions, opened for the caller, who closes it; there from the first [start] on. Null where the runtime
     * keeps the sessions, or a [SessionFs] of one's own does.
     */
    public fun sessionStore(): Store? = Native.called { native.sessionStore() }?.let(::Store)

    /** What was counted for all its sessions together: `events_received`, `events_delivered`, `events_lost`, … */
    public val counters: Map<String, Long>
        get() = countersOf(Native.called { native.counters() })

    /**
     * Connects, and starts the runtime where that is ours to do; does nothing where the client is connected. After an error or a
     * lost runtime it may be called again.
     */
    public suspend fun start() {
        awaited { native.connect() }
    }

    /**
     * Ends the client in order: sessions, runtime, and all that the runtime started. Twice is fine.
     *
     * @return what went wrong; the client is stopped all the same.
     */
    public suspend fun stop(): List<CodriverException> = ended { native.stop() }

    /** Ends the client at once: the runtime is killed with all that it started. */
    public suspend fun forceStop(): List<CodriverException> = ended { native.forceStop() }

    /** Gives everything back without waiting: the runtime is killed, handlers are cancelled. [use] and [stop] end it in order. */
    override fun close() {
        native.end()
        scope.cancel("the client was closed")
        forgetSessions()
    }

    /** Calls [block] and stops the client in order, however that ends. */
    public suspend fun <R> use(block: suspend (Client) -> R): R {
        try {
            return block(this)
        } finally {
            withContext(NonCancellable) {
                for (error in stop()) log.log(System.Logger.Level.WARNING, "while stopping: $error")
                close()
            }
        }
    }

    /**
     * Creates a session. Its handlers are there before the first byte is written.
     *
     * @throws CodriverException.InvalidConfig an option that cannot work, by its name.
     * @throws CodriverException.SessionAlreadyOpen that session is open here.
     */
    public suspend fun createSession(configure: SessionConfig.() -> Unit = {}): Session =
        createSession(SessionConfig().apply(configure))

    /** As the other [createSession], with options that were put together before. */
    public suspend fun createSession(config: SessionConfig): Session {
        val wire = config.wire()
        // The core would make one as well, and not tell it where the create fails: the files made for it would stay.
        val isUnnamed = bridge.opensFiles && "sessionId" !in wire && "cloud" !in wire
        val named = if (isUnnamed) JsonObject(wire + ("sessionId" to JsonPrimitive(UUID.randomUUID().toString()))) else wire
        return open(config, named, named.text("sessionId").orEmpty()) { it.create() }
    }

    /**
     * Resumes a stored session.
     *
     * @throws CodriverException.SessionNotFound the runtime has none of that id.
     * @throws CodriverException.SessionAlreadyOpen it is open here.
     */
    public suspend fun resumeSession(
        sessionId: String,
        configure: SessionConfig.() -> Unit = {},
    ): Session = resumeSession(sessionId, SessionConfig().apply(configure))

    /** As the other [resumeSession], with options that were put together before. */
    public suspend fun resumeSession(
        sessionId: String,
        config: SessionConfig,
    ): Session = open(config, config.wire(), sessionId) { it.resume(sessionId) }

    /** Joins the session of the runtime that started this process as an extension (`transport = Transport.Parent`). */
    public suspend fun joinSession(configure: SessionConfig.() -> Unit = {}): Session =
        joinSession(SessionConfig().apply(configure))

    /** As the other [joinSession], with options that were put together before. */
    public suspend fun joinSession(config: SessionConfig): Session = open(config, config.wire(), "") { it.join() }

    /** The stored sessions of the runtime; [filter] has the wire's names. */
    public suspend fun listSessions(filter: JsonObject? = null): List<SessionMetadata> =
        listed(call { native.listSessions(filter?.toString().orEmpty()) })

    /** What is known of a stored session; null where the runtime has none of that id. */
    public suspend fun getSessionMetadata(sessionId: String): SessionMetadata? =
        (call { native.getSessionMetadata(sessionId) } as? JsonObject)?.let(::SessionMetadata)

    /** The id of the session that was used last. */
    public suspend fun getLastSessionId(): String? = textOf(call { native.getLastSessionId() })

    /**
     * The stored events of a session, whether or not anybody has it open; their `seq` is 0.
     *
     * @throws CodriverException.SessionNotFound there is none of that id.
     */
    public suspend fun getEvents(sessionId: String): List<SessionEvent> = storedEvents(call { native.getEvents(sessionId) })

    /**
     * Erases a stored session.
     *
     * @throws CodriverException.SessionNotFound there is none of that id.
     */
    public suspend fun deleteSession(sessionId: String): Unit = awaited { native.deleteSession(sessionId) }

    /** The session the terminal shows; null where there is no terminal. */
    public suspend fun getForegroundSessionId(): String? = textOf(call { native.getForegroundSessionId() })

    /** Makes the terminal show a session. */
    public suspend fun setForegroundSessionId(sessionId: String): Unit = awaited { native.setForegroundSessionId(sessionId) }

    /**
     * Asks the runtime for a sign of life: `message`, `timestamp`.
     *
     * @throws CodriverException.Closed the client is not connected.
     * @throws CodriverException.RuntimeLost the runtime is gone.
     */
    public suspend fun ping(message: String? = null): JsonObject = call { native.ping(message) } as JsonObject

    /** The runtime's version and protocol: `version`, `protocolVersion`. */
    public suspend fun getStatus(): JsonObject = call { native.getStatus() } as JsonObject

    /** Who is logged in: `isAuthenticated`, `login`, … */
    public suspend fun getAuthStatus(): JsonObject = call { native.getAuthStatus() } as JsonObject

    /** The models the logged-in user may use: `id`, `name`, `capabilities`, … */
    public suspend fun listModels(): List<JsonObject> = (call { native.listModels() } as JsonArray).map { it as JsonObject }

    /**
     * Any method of the runtime, with its result as it came. The way to all that has no name here.
     *
     * @throws CodriverException.MethodNotFound the runtime does not know it.
     * @throws CodriverException.Rpc the runtime refused; `rpc` has its code, message and data.
     */
    public suspend fun rpc(
        method: String,
        params: JsonElement? = null,
    ): JsonElement = call { native.rpc(method, params?.toString().orEmpty()) }

    override fun toString(): String = "Client(state=$state)"

    private suspend fun call(method: suspend () -> String): JsonElement = parsed(awaited(method))

    private fun info(): JsonObject = parsed(Native.called { native.info() }) as JsonObject

    private suspend fun ended(method: suspend () -> String): List<CodriverException> {
        val wasConnected = unlessClosed { state } != "disconnected"
        val errors = (call(method) as JsonArray).map { toldError(it as JsonObject) }
        forgetSessions()
        val watch = watch
        if (watch != null) {
            // The scope that handlers were lent goes on; what is still to be told is told before.
            if (wasConnected) withTimeoutOrNull(LAST_WORDS) { disconnected.await() }
            watch.cancel()
            (scope.coroutineContext.job as? CompletableJob)?.complete()
        }
        return errors
    }

    private fun forgetSessions() {
        for (session in sessions.values) session.forget()
    }

    private suspend fun open(
        config: SessionConfig,
        wire: JsonObject,
        wanted: String,
        method: suspend (FfiSession) -> String,
    ): Session {
        val session = Session.begin(this, wire, config.handlers, wanted)
        sessions[session.number] = session
        try {
            session.opened(awaited { method(session.native) })
            return session
        } catch (problem: Throwable) {
            session.forget()
            session.native.end()
            throw problem
        }
    }

    private suspend fun takeNotices() {
        var more = true
        while (more) {
            val batch = unlessClosed { native.take(NOTICES) } ?: return
            for (notice in parsed(batch.json) as JsonArray) tell(notice as JsonObject)
            more = batch.more
        }
    }

    private suspend fun tell(notice: JsonObject) {
        try {
            when (notice.text("kind")) {
                "state" -> {
                    val state = notice.text("state").orEmpty()
                    onState?.invoke(state)
                    if (state == "disconnected") disconnected.complete(Unit)
                }
                "lifecycle" -> onLifecycle?.invoke(LifecycleEvent(notice.obj("event") ?: return))
                "notification" -> onNotification?.invoke(notice.text("method").orEmpty(), notice["params"] ?: JsonNull)
                "handlerError" -> {
                    val number = notice.whole("session")?.toULong()
                    val session = sessions[number] ?: draining.firstOrNull { it.number == number }
                    session?.tellFailure(notice.text("place").orEmpty(), toldError(notice.obj("error") ?: return))
                }
            }
        } catch (problem: Throwable) {
            currentCoroutineContext().ensureActive()
            log.log(System.Logger.Level.ERROR, "a handler failed", problem)
        }
    }

    internal companion object {
        private const val NOTICES = 256u

        /** How long a stopped client waits for the notice of it. */
        private val LAST_WORDS = 5.seconds

        fun of(
            config: ClientConfig,
            outer: CoroutineScope,
            isOwn: Boolean,
        ): Client {
            val context = outer.coroutineContext
            // User code never runs on the library's thread.
            val dispatcher = context[ContinuationInterceptor].takeUnless { it == null || it === Dispatchers.Unconfined }
            val scope = CoroutineScope(context + (dispatcher ?: Dispatchers.Default) + SupervisorJob(context[Job]))
            val bridge = Bridge(scope, config.files?.open)
            val native = Native.called { FfiClient(config.wire().toString(), bridge, bridge) }
            val client = Client(config, scope, native, bridge)
            // What the library holds must not hold the client: it goes with its last owner.
            val there = WeakReference(client)
            val waker = Waker(scope) { there.get()?.takeNotices() }
            bridge.wakes[Native.called { native.id() }] = waker::wake
            if (!isOwn) client.watch = scope.launch(start = CoroutineStart.UNDISPATCHED) { closeAtTheEnd(scope, native) }
            return client
        }

        /** Closes the client where its scope is cancelled; `stop`, which cancels this alone, has ended it in order. */
        private suspend fun closeAtTheEnd(
            scope: CoroutineScope,
            native: FfiClient,
        ) {
            try {
                awaitCancellation()
            } finally {
                if (!scope.isActive) native.end()
            }
        }
    }
}

internal fun textOf(told: JsonElement): String? = (told as? JsonPrimitive)?.takeUnless { it is JsonNull }?.content

internal fun listed(told: JsonElement): List<SessionMetadata> = (told as JsonArray).map { SessionMetadata(it as JsonObject) }

internal fun storedEvents(told: JsonElement): List<SessionEvent> = (told as JsonArray).map { SessionEvent.of(it as JsonObject) }

internal fun countersOf(json: String): Map<String, Long> =
    (parsed(json) as JsonObject).mapValues { (it.value as JsonPrimitive).content.toLong() }
