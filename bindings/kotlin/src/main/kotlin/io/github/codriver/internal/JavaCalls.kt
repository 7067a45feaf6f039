package io.github.codriver.internal

import io.github.codriver.DirEntry
import io.github.codriver.FsStat
import io.github.codriver.SessionEvent
import io.github.codriver.SessionFs
import io.github.codriver.java.AsyncHandler
import io.github.codriver.java.AsyncSessionFs
import io.github.codriver.java.Handler
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.runInterruptible
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.function.Consumer
import io.github.codriver.java.SessionFs as BlockingSessionFs

/** Between suspending functions and Java: futures out, blocking or future code in. */
internal class JavaCalls(
    executor: Executor?,
) {
    /** Where blocking code of the user runs; cancelled, it is interrupted. */
    private val dispatcher: CoroutineDispatcher = executor?.asCoroutineDispatcher() ?: Dispatchers.IO

    // Of its own: a future of `stop` must outlive the scope that it ends.
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Begins on the thread of the caller, so that calls keep their order. */
    fun <T> future(work: suspend () -> T): CompletableFuture<T> = scope.future(start = CoroutineStart.UNDISPATCHED) { work() }

    fun <Q, A> blocking(handler: Handler<Q, A>): suspend (Q) -> A = { asked -> runInterruptible(dispatcher) { handler.handle(asked) } }

    fun <Q, A> async(handler: AsyncHandler<Q, A>): suspend (Q) -> A = { asked -> handler.handle(asked).await() }

    fun <T> telling(handler: Consumer<in T>): suspend (T) -> Unit = { told -> runInterruptible(dispatcher) { handler.accept(told) } }

    fun events(handler: Consumer<in SessionEvent>): suspend (SessionEvent) -> Unit = telling(handler)

    fun files(files: BlockingSessionFs): SessionFs = BlockingFiles(files, dispatcher)

    fun files(files: AsyncSessionFs): SessionFs = FutureFiles(files)
}

private class BlockingFiles(
    private val files: BlockingSessionFs,
    private val dispatcher: CoroutineDispatcher,
) : SessionFs {
    private suspend fun <T> run(work: () -> T): T = runInterruptible(dispatcher, work)

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
