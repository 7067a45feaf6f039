package io.github.codriver.internal

import io.github.codriver.Client
import io.github.codriver.ClientConfig
import io.github.codriver.CodriverException
import io.github.codriver.DirEntry
import io.github.codriver.FsStat
import io.github.codriver.SendOptions
import io.github.codriver.Session
import io.github.codriver.SessionEvent
import io.github.codriver.SessionFs
import io.github.codriver.Turn
import io.github.codriver.java.AsyncHandler
import io.github.codriver.java.AsyncSessionFs
import io.github.codriver.java.Handler
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.jdk9.asPublisher
import kotlinx.coroutines.runInterruptible
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import java.util.function.Consumer
import java.util.function.Function
import kotlin.time.toKotlinDuration
import io.github.codriver.java.SessionFs as BlockingSessionFs
import java.time.Duration as JavaDuration
import java.util.concurrent.Flow as JavaFlow

/**
 * Between suspending functions and Java: futures out, blocking or future code in.
 *
 * A Java lambda that passes its argument on, `done -> client.ping(message, done)`, is a suspending function here.
 */
internal class JavaCalls(
    executor: Executor?,
) {
    /** Where a client's handlers run, so that none of them has to change threads. */
    private val dispatcher: CoroutineDispatcher = executor?.asCoroutineDispatcher() ?: threads

    // Never the user's executor: its one thread may be waiting for the future. And not the client's scope: the future of `stop`
    // outlives it.
    private val scope = CoroutineScope(SupervisorJob() + threads)

    fun client(config: ClientConfig): Client = Client.of(config, CoroutineScope(SupervisorJob() + dispatcher), isOwn = true)

    /** Begins on the thread of the caller, so that calls keep their order. */
    fun <T> future(work: suspend () -> T): CompletableFuture<T> = scope.future(start = CoroutineStart.UNDISPATCHED) { work() }

    fun done(work: suspend () -> Unit): CompletableFuture<Void?> =
        future {
            work()
            null
        }

    /** With JSON as plain maps, lists, texts, numbers and truth. */
    fun plain(work: suspend () -> JsonElement): CompletableFuture<Any?> = future { plainOf(work()) }

    fun fields(work: suspend () -> JsonObject): CompletableFuture<Map<String, Any?>> = future { fieldsOf(work()) }

    fun list(work: suspend () -> List<JsonObject>): CompletableFuture<List<Map<String, Any?>>> = future { work().map(::fieldsOf) }

    fun errors(work: suspend () -> List<CodriverException>): CompletableFuture<List<CodriverException>> = future { work() }

    fun turn(
        session: Session,
        prompt: String,
        timeout: JavaDuration,
        abortOnTimeout: Boolean,
        options: SendOptions,
    ): CompletableFuture<Turn> = future { session.sendAndWait(prompt, timeout.toKotlinDuration(), abortOnTimeout, options) }

    fun ready(
        session: Session,
        timeout: JavaDuration,
    ): CompletableFuture<Void?> = done { session.waitUntilReady(timeout.toKotlinDuration()) }

    /** Subscribed when the subscriber is, not only when it first asks for something. */
    fun events(
        session: Session,
        fromSeq: Long?,
    ): JavaFlow.Publisher<SessionEvent> =
        JavaFlow.Publisher { subscriber ->
            val events =
                try {
                    session.eventsOf(session.subscribe(fromSeq?.toULong()))
                } catch (problem: CodriverException) {
                    flow<SessionEvent> { throw problem }
                }
            events.asPublisher(dispatcher).subscribe(subscriber)
        }

    /** Cancelled, it is interrupted. */
    fun <Q, A> blocking(handler: Handler<Q, A>): suspend (Q) -> A = { asked -> runInterruptible { handler.handle(asked) } }

    fun <Q, A> async(handler: AsyncHandler<Q, A>): suspend (Q) -> A = { asked -> handler.handle(asked).await() }

    fun <T> telling(handler: Consumer<in T>): suspend (T) -> Unit = { told -> runInterruptible { handler.accept(told) } }

    fun blockingFiles(open: Handler<String, out BlockingSessionFs>): suspend (String) -> SessionFs {
        val opened = blocking(open)
        return { BlockingFiles(opened(it)) }
    }

    fun asyncFiles(open: Function<String, out AsyncSessionFs>): suspend (String) -> SessionFs = { FutureFiles(open.apply(it)) }

    private companion object {
        private val count = AtomicInteger()

        /** As many threads as wait for something; one that nobody needs for a minute ends. */
        private val threads: CoroutineDispatcher =
            Executors
                .newCachedThreadPool { work -> Thread(work, "codriver-java-${count.incrementAndGet()}").apply { isDaemon = true } }
                .asCoroutineDispatcher()
    }
}

internal fun fieldsOf(json: JsonObject): Map<String, Any?> = json.mapValues { plainOf(it.value) }

private class BlockingFiles(
    private val files: BlockingSessionFs,
) : SessionFs {
    private suspend fun <T> run(work: () -> T): T = runInterruptible(block = work)

    override suspend fun read(path: String): ByteArray = run { files.read(path) }

    override suspend fun write(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) = run { files.write(path, content, mode) }

    override suspend fun append(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) = run { files.append(path, content, mode) }

    override suspend fun exists(path: String): Boolean = run { files.exists(path) }

    override suspend fun stat(path: String): FsStat = run { files.stat(path) }

    override suspend fun mkdir(
        path: String,
        recursive: Boolean,
        mode: Int?,
    ) = run { files.mkdir(path, recursive, mode) }

    override suspend fun readDir(path: String): List<DirEntry> = run { files.readDir(path) }

    override suspend fun remove(
        path: String,
        recursive: Boolean,
        force: Boolean,
    ) = run { files.remove(path, recursive, force) }

    override suspend fun rename(
        path: String,
        to: String,
    ) = run { files.rename(path, to) }
}

private class FutureFiles(
    private val files: AsyncSessionFs,
) : SessionFs {
    override suspend fun read(path: String): ByteArray = files.read(path).await()

    override suspend fun write(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) {
        files.write(path, content, mode).await()
    }

    override suspend fun append(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) {
        files.append(path, content, mode).await()
    }

    override suspend fun exists(path: String): Boolean = files.exists(path).await()

    override suspend fun stat(path: String): FsStat = files.stat(path).await()

    override suspend fun mkdir(
        path: String,
        recursive: Boolean,
        mode: Int?,
    ) {
        files.mkdir(path, recursive, mode).await()
    }

    override suspend fun readDir(path: String): List<DirEntry> = files.readDir(path).await()

    override suspend fun remove(
        path: String,
        recursive: Boolean,
        force: Boolean,
    ) {
        files.remove(path, recursive, force).await()
    }

    override suspend fun rename(
        path: String,
        to: String,
    ) {
        files.rename(path, to).await()
    }
}
