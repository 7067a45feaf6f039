package io.github.codriver

import io.github.codriver.internal.Answerer
import io.github.codriver.internal.BATCH
import io.github.codriver.internal.BATCH_BYTES
import io.github.codriver.internal.Handlers
import io.github.codriver.internal.Native
import io.github.codriver.internal.Pump
import io.github.codriver.internal.awaited
import io.github.codriver.internal.end
import io.github.codriver.internal.eventsOf
import io.github.codriver.internal.ffi.EventBatch
import io.github.codriver.internal.flag
import io.github.codriver.internal.obj
import io.github.codriver.internal.objectOf
import io.github.codriver.internal.parsed
import io.github.codriver.internal.text
import io.github.codriver.internal.told
import io.github.codriver.internal.unlessClosed
import io.github.codriver.options.CodriverDsl
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentLinkedDeque
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import io.github.codriver.internal.ffi.EventCursor as FfiCursor
import io.github.codriver.internal.ffi.Session as FfiSession
import io.github.codriver.internal.log as logger

/**
 * How a turn ended.
 *
 * @property messageId the id the runtime gave the prompt; empty where it does not tell.
 * @property content the last text the assistant said in this turn; null where it said none.
 * @property aborted whether the turn was aborted.
 */
public class Turn internal constructor(
    public val messageId: String,
    public val content: String?,
    public val aborted: Boolean,
) {
    override fun toString(): String = "Turn(content=$content, aborted=$aborted)"
}

/** What can be said with a prompt. */
@CodriverDsl
public class SendOptions {
    /** What people see in place of the prompt. */
    public var displayPrompt: String? = null

    /** Files, directories and the like, as on the wire. */
    public var attachments: List<JsonObject>? = null

    /** `enqueue` or `immediate`. */
    public var mode: String? = null

    /** The agent's mode, e.g. `plan`. */
    public var agentMode: String? = null

    /** Headers of the requests to the model. */
    public var requestHeaders: Map<String, String>? = null

    /** W3C trace context of the call. */
    public var traceparent: String? = null

    /** W3C trace state of the call. */
    public var tracestate: String? = null

    /** What has no name here, sent as it is. */
    public var extra: JsonObject? = null

    internal fun wire(prompt: String): String {
        val named =
            objectOf(
                "displayPrompt" to displayPrompt,
                "attachments" to attachments,
                "mode" to mode,
                "agentMode" to agentMode,
                "requestHeaders" to requestHeaders,
                "traceparent" to traceparent,
                "tracestate" to tracestate,
                "prompt" to prompt,
            )
        return JsonObject(extra.orEmpty() + named).toString()
    }
}

/**
 * A session that is open in a client; made by [Client.createSession] and its like.
 *
 * It lives until [disconnect], or the end of its client. [use] disconnects it at the end.
 */
public class Session private constructor(
    private val client: Client,
    internal val native: FfiSession,
    private val handlers: Handlers,
    wanted: String,
) : AutoCloseable {
    internal val number: ULong = Native.called { native.id() }
    private val failures = ConcurrentLinkedDeque<Pair<String, Throwable>>()
    private val pumpLock = Any()
    private var cursor: FfiCursor? = null
    private var pump: Pump? = null

    @Volatile private var allTold = false

    @Volatile private var isOpened = false

    /** The session's id. */
    @Volatile
    public var id: String = wanted
        private set

    /** Where the runtime keeps the session's state; null for cloud sessions. */
    @Volatile
    public var workspacePath: String? = null
        private set

    /** Questions to the user of whoever shows this session. */
    public val ui: Ui get() = Ui(this)

    /** What the host's interface can do, as the runtime said last. */
    public val capabilities: JsonObject
        get() = (parsed(Native.called { native.info() }) as JsonObject).obj("capabilities") ?: JsonObject(emptyMap())

    /** What was counted for it: `events_received`, `events_delivered`, `events_lost`, … */
    public val counters: Map<String, Long>
        get() = countersOf(Native.called { native.counters() })

    /** The events from now on: of each collection, from its beginning. Ends when the session does, after the last event. */
    public val events: Flow<SessionEvent> get() = events(null)

    /** The events from a sequence number on, as far as they are still held. */
    public fun eventsFrom(seq: Long): Flow<SessionEvent> = events(seq.toULong())

    private fun events(from: ULong?): Flow<SessionEvent> = flow { emitAll(eventsOf(subscribe(from))) }

    internal fun subscribe(from: ULong?): FfiCursor = Native.called { native.subscribe(from) }

    /** The events of a cursor, which is given back at the end. */
    internal fun eventsOf(cursor: FfiCursor): Flow<SessionEvent> =
        flow {
            val ready = Channel<Unit>(Channel.CONFLATED)
            val wakes = client.bridge.wakes
            val id = Native.called { cursor.id() }
            // By way of another thread: a collector without a dispatcher would go on on the library's.
            wakes[id] = { client.scope.launch(Dispatchers.Default) { ready.trySend(Unit) } }
            val end = client.scope.coroutineContext.job.invokeOnCompletion { ready.close() }
            try {
                var over = false
                while (!over) {
                    val batch = Native.called { cursor.take(BATCH, BATCH_BYTES) }
                    for (event in eventsOf(batch)) emit(event)
                    over = batch.ended || !batch.more && ready.receiveCatching().isClosed
                }
            } finally {
                end.dispose()
                wakes.remove(id)
                cursor.release()
                cursor.close()
            }
        }

    /**
     * Calls [handler] for each event from now on: in wire order, one at a time, after those registered before, in the client's scope.
     *
     * @param type only events of this type.
     * @return what unregisters it when closed.
     */
    public fun on(
        type: String? = null,
        handler: suspend (SessionEvent) -> Unit,
    ): AutoCloseable {
        val chosen: suspend (SessionEvent) -> Unit =
            if (type == null) {
                { handler(it) }
            } else {
                { if (it.type == type) handler(it) }
            }
        val pump = synchronized(pumpLock) { pump ?: listening() }
        pump.handlers += chosen
        return AutoCloseable { pump.handlers -= chosen }
    }

    private fun listening(): Pump {
        val subscribed = Native.called { native.subscribe(null) }
        cursor = subscribed
        return newPump(subscribed::take).also {
            pump = it
            wakes(Native.called { subscribed.id() }, it)
        }
    }

    /**
     * Sends a prompt; the turn goes on by itself. Prompts go out in the order of the calls.
     *
     * @return the id of the message.
     * @throws CodriverException.CloudNotReady the worker of a cloud session did not come.
     * @throws CodriverException.Closed the session is over.
     */
    public suspend fun send(
        prompt: String,
        configure: SendOptions.() -> Unit = {},
    ): String = send(prompt, SendOptions().apply(configure))

    /** As the other [send], with options that were put together before. */
    public suspend fun send(
        prompt: String,
        options: SendOptions,
    ): String = textOf(call { native.send(options.wire(prompt)) }).orEmpty()

    /**
     * Sends a prompt and waits for the end of its turn, whatever else the session does.
     *
     * @param abortOnTimeout whether the turn is aborted after [timeout]; else it goes on.
     * @throws CodriverException.Timeout with the last event, and what is pending.
     * @throws CodriverException.SessionError the turn failed.
     * @throws CodriverException.Closed the session is over.
     */
    public suspend fun sendAndWait(
        prompt: String,
        timeout: Duration = 60.seconds,
        abortOnTimeout: Boolean = false,
        configure: SendOptions.() -> Unit = {},
    ): Turn = sendAndWait(prompt, timeout, abortOnTimeout, SendOptions().apply(configure))

    /** As the other [sendAndWait], with options that were put together before. */
    public suspend fun sendAndWait(
        prompt: String,
        timeout: Duration,
        abortOnTimeout: Boolean,
        options: SendOptions,
    ): Turn {
        val told = call { native.sendAndWait(options.wire(prompt), milliseconds(timeout), abortOnTimeout) } as JsonObject
        return Turn(told.text("messageId").orEmpty(), told.text("content"), told.flag("aborted") == true)
    }

    /** Stops what the session is doing. Handlers at work are cancelled. */
    public suspend fun abort(): Unit = awaited { native.abort() }

    /** The stored events; they have no sequence numbers (`seq` is 0). */
    public suspend fun getEvents(): List<SessionEvent> = storedEvents(call { native.getEvents() })

    /** Switches to another model, from the next turn on. */
    public suspend fun setModel(
        model: String,
        reasoningEffort: String? = null,
    ): Unit = awaited { native.setModel(model, reasoningEffort) }

    /** Puts a line into the session's log; [level]: `info`, `warning`, `error`. Gives the event's id. */
    public suspend fun log(
        message: String,
        level: String? = null,
        ephemeral: Boolean = false,
    ): String = textOf(call { native.log(message, level, ephemeral) }).orEmpty()

    /**
     * Waits until the session takes prompts; only a cloud session's worker has to come first.
     *
     * @throws CodriverException.CloudNotReady it did not come within [timeout].
     */
    public suspend fun waitUntilReady(timeout: Duration = 2.minutes): Unit = awaited { native.waitUntilReady(milliseconds(timeout)) }

    /**
     * Any method of the runtime, with `sessionId` added to [params], and its result as it came.
     *
     * @throws CodriverException.MethodNotFound the runtime does not know it.
     * @throws CodriverException.Rpc the runtime refused; `rpc` has its code.
     */
    public suspend fun rpc(
        method: String,
        params: JsonObject? = null,
    ): JsonElement = call { native.rpc(method, params?.toString().orEmpty()) }

    /** Ends the session here and tells the runtime, which keeps what it stored. Twice is fine. */
    public suspend fun disconnect() {
        try {
            awaited { native.disconnect() }
        } finally {
            forget()
        }
    }

    /** Ends the session here without waiting; [disconnect] and [use] tell the runtime. */
    override fun close() {
        forget()
        native.end()
    }

    /** Calls [block] and disconnects the session, however that ends. */
    public suspend fun <R> use(block: suspend (Session) -> R): R {
        try {
            return block(this)
        } finally {
            withContext(NonCancellable) {
                try {
                    disconnect()
                } catch (problem: CodriverException) {
                    logger.log(System.Logger.Level.WARNING, "while disconnecting: $problem")
                }
            }
        }
    }

    override fun toString(): String = "Session($id)"

    internal suspend fun call(method: suspend () -> String): JsonElement = parsed(awaited(method))

    internal fun opened(info: String) {
        val told = parsed(info) as JsonObject
        isOpened = true
        id = told.text("sessionId").orEmpty()
        workspacePath = told.text("workspacePath")
    }

    /** The session is over: nobody is asked any more; the events that are left are still told. */
    internal fun forget() {
        val wasOpen = client.sessions.remove(number) != null
        if (wasOpen && pump != null && !allTold) client.draining += this
        client.bridge.answerers.remove(number)
        // One that was not opened may have been refused because another has its id, and the files.
        if (isOpened || client.sessions.values.none { it.id == id }) client.bridge.forgetFiles(id)
    }

    private fun newPump(take: (UInt, ULong) -> EventBatch): Pump {
        val there = WeakReference(this)
        return Pump(client.scope, take, { there.get()?.eventHandlerFailed(it) }, { there.get()?.drained() })
    }

    /** What the library holds must not hold the session: it goes with its last owner. */
    private fun wakes(
        id: ULong,
        pump: Pump,
    ) {
        val there = WeakReference(pump)
        client.bridge.wakes[id] = { there.get()?.wake() }
    }

    /** The last event was told. */
    private fun drained() {
        allTold = true
        client.draining -= this
        client.bridge.wakes.remove(number)
        cursor?.let { unlessClosed { client.bridge.wakes.remove(it.id()) } }
    }

    private suspend fun eventHandlerFailed(problem: Throwable) {
        remember("on_event", problem)
        val words = problem.told()
        val reported = unlessClosed { cursor?.reportHandlerError("on_event", words) ?: native.reportHandlerError("on_event", words) }
        // After the end there is nobody to report to.
        if (reported == null) tellFailure("on_event", problem)
    }

    private fun remember(
        place: String,
        problem: Throwable,
    ) {
        failures += place to problem
        while (failures.size > MOST_FAILURES) failures.pollFirst()
    }

    /** A handler failed; [told] is what the library said of it, what was thrown here is better. */
    internal suspend fun tellFailure(
        place: String,
        told: Throwable,
    ) {
        val mine = failures.firstOrNull { it.first == place }
        if (mine != null) failures.removeFirstOccurrence(mine)
        val failure = HandlerFailure(place, id, mine?.second ?: told)
        val tell = handlers.onHandlerError
        if (tell == null) {
            logger.log(System.Logger.Level.ERROR, "handler $place of session $id failed", failure.error)
            return
        }
        try {
            tell(failure)
        } catch (problem: Throwable) {
            currentCoroutineContext().ensureActive()
            logger.log(System.Logger.Level.ERROR, "a handler failed", problem)
        }
    }

    internal companion object {
        private const val MOST_FAILURES = 64

        /** From here on questions are answered and events are heard. */
        fun begin(
            client: Client,
            config: JsonObject,
            handlers: Handlers,
            wanted: String,
        ): Session {
            val session = Session(client, Native.called { client.native.session(config.toString()) }, handlers, wanted)
            val there = WeakReference(session)
            client.bridge.answerers[session.number] =
                Answerer { kind, name, payload ->
                    val open = there.get() ?: throw CodriverException.Closed("the session is not open here any more")
                    open.handlers.answer(kind, name, payload, open::remember)
                }
            if (handlers.onEvent.isNotEmpty()) {
                val pump = session.newPump(session.native::take)
                pump.handlers += handlers.onEvent
                session.pump = pump
                session.wakes(session.number, pump)
            }
            return session
        }
    }
}

/** Questions to the user, through whoever shows the session; each fails where nobody can show one. */
public class Ui internal constructor(
    private val session: Session,
) {
    /** Shows a form; [schema] is a JSON schema object. */
    public suspend fun elicitation(
        message: String,
        schema: JsonObject,
    ): ElicitationResult = ElicitationResult(session.call { session.native.uiElicitation(message, schema.toString()) } as JsonObject)

    /** Asks a yes-or-no question; anything but a yes is false. */
    public suspend fun confirm(message: String): Boolean =
        (session.call { session.native.uiConfirm(message) } as? JsonPrimitive)?.content == "true"

    /** Lets the user choose; null where they did not. */
    public suspend fun select(
        message: String,
        choices: List<String>,
    ): String? = textOf(session.call { session.native.uiSelect(message, JsonArray(choices.map(::JsonPrimitive)).toString()) })

    /** Lets the user enter a line; null where they did not. */
    public suspend fun input(message: String): String? = textOf(session.call { session.native.uiInput(message) })
}

internal fun milliseconds(timeout: Duration): ULong {
    require(!timeout.isNegative()) { "timeout must not be negative: $timeout" }
    // What is infinite for us is long enough for everybody.
    return timeout.inWholeMilliseconds.coerceAtMost(MOST_MS).toULong()
}

private const val MOST_MS = 10_000_000_000_000
