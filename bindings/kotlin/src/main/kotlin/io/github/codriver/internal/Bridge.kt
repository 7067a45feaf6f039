package io.github.codriver.internal

import io.github.codriver.CodriverException
import io.github.codriver.DirEntry
import io.github.codriver.EntryKind
import io.github.codriver.FsStat
import io.github.codriver.SessionFs
import io.github.codriver.internal.ffi.Callbacks
import io.github.codriver.internal.ffi.FileEntry
import io.github.codriver.internal.ffi.FileKind
import io.github.codriver.internal.ffi.FileStat
import io.github.codriver.internal.ffi.SessionFiles
import io.github.codriver.internal.ffi.respond
import io.github.codriver.internal.ffi.respondDone
import io.github.codriver.internal.ffi.respondEntries
import io.github.codriver.internal.ffi.respondExists
import io.github.codriver.internal.ffi.respondStat
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.serialization.json.JsonElement
import java.io.FileNotFoundException
import java.nio.file.NoSuchFileException
import java.util.concurrent.ConcurrentHashMap
import io.github.codriver.internal.ffi.Exception as FfiException
import io.github.codriver.internal.ffi.fail as ffiFail

/** Answers the questions to one session. */
internal fun interface Answerer {
    suspend fun answer(
        kind: String,
        name: String,
        payload: JsonElement,
    ): JsonElement
}

/**
 * The other side of the library's callbacks, for one client: from its thread into the [scope], and answers back.
 *
 * Each callback only launches: the library's thread never runs user code. Knows no client, so that the library keeps none alive.
 */
internal class Bridge(
    private val scope: CoroutineScope,
    private val openFiles: (suspend (String) -> SessionFs)?,
) : Callbacks,
    SessionFiles {
    /** What takes, by the id that a wake names. Called on the library's thread. */
    val wakes = ConcurrentHashMap<ULong, () -> Unit>()

    /** Who answers, by the id of the session. */
    val answerers = ConcurrentHashMap<ULong, Answerer>()

    private val running = ConcurrentHashMap<ULong, Job>()
    private val files = Files()

    override fun wake(id: ULong) {
        wakes[id]?.invoke()
    }

    override fun request(
        callId: ULong,
        session: ULong,
        kind: String,
        name: String,
        payload: String,
    ) = run(callId) {
        val answerer = answerers[session] ?: throw CodriverException.Closed("the session is not open here any more")
        val answer = answerer.answer(kind, name, parsed(payload)).toString()
        try {
            respond(callId, answer)
        } catch (refused: FfiException.InvalidArgument) {
            log.log(System.Logger.Level.ERROR, "the answer of handler ${"$kind $name".trim()} was refused: ${refused.reason}")
            throw refused
        }
    }

    override fun cancel(callId: ULong) {
        running[callId]?.cancel(CancellationException("nobody waits for the answer any more"))
    }

    override fun read(
        callId: ULong,
        sessionId: String,
        path: String,
    ) = run(callId) { Native.respondContent(callId, files.of(sessionId).read(path)) }

    override fun write(
        callId: ULong,
        sessionId: String,
        path: String,
        content: ByteArray,
        mode: UInt?,
    ) = done(callId) { files.of(sessionId).write(path, content, mode?.toInt()) }

    override fun append(
        callId: ULong,
        sessionId: String,
        path: String,
        content: ByteArray,
        mode: UInt?,
    ) = done(callId) { files.of(sessionId).append(path, content, mode?.toInt()) }

    override fun exists(
        callId: ULong,
        sessionId: String,
        path: String,
    ) = run(callId) { respondExists(callId, files.of(sessionId).exists(path)) }

    override fun stat(
        callId: ULong,
        sessionId: String,
        path: String,
    ) = run(callId) { respondStat(callId, files.of(sessionId).stat(path).toFfi()) }

    override fun mkdir(
        callId: ULong,
        sessionId: String,
        path: String,
        recursive: Boolean,
        mode: UInt?,
    ) = done(callId) { files.of(sessionId).mkdir(path, recursive, mode?.toInt()) }

    override fun readDir(
        callId: ULong,
        sessionId: String,
        path: String,
    ) = run(callId) { respondEntries(callId, files.of(sessionId).readDir(path).map { it.toFfi() }) }

    override fun remove(
        callId: ULong,
        sessionId: String,
        path: String,
        recursive: Boolean,
        force: Boolean,
    ) = done(callId) { files.of(sessionId).remove(path, recursive, force) }

    override fun rename(
        callId: ULong,
        sessionId: String,
        path: String,
        to: String,
    ) = done(callId) { files.of(sessionId).rename(path, to) }

    /** Whether sessions have files that are made here. */
    val opensFiles: Boolean get() = openFiles != null

    /** The ids of sessions whose files are there. */
    val sessionsWithFiles: Set<String> get() = files.sessions

    /** A session is over. */
    fun forgetFiles(sessionId: String) = files.forget(sessionId)

    private fun done(
        callId: ULong,
        work: suspend () -> Unit,
    ) = run(callId) {
        work()
        respondDone(callId)
    }

    /** Runs what answers a call. Whatever ends it without an answer is one: the call never waits for its deadline. */
    private fun run(
        callId: ULong,
        work: suspend () -> Unit,
    ) {
        val job =
            scope.launch(start = CoroutineStart.LAZY) {
                try {
                    work()
                } catch (problem: Throwable) {
                    currentCoroutineContext().ensureActive()
                    fail(callId, numberOf(problem), problem.told())
                }
            }
        running[callId] = job
        job.invokeOnCompletion { cause ->
            running.remove(callId)
            if (cause != null) fail(callId, CANCELLED, "the handler was cancelled")
        }
        job.start()
    }

    /** The files of each session, made with its first call; one that cannot be made is tried again. */
    private inner class Files {
        private val there = ConcurrentHashMap<String, Deferred<SessionFs>>()

        val sessions: Set<String> get() = there.keys.toSet()

        suspend fun of(sessionId: String): SessionFs {
            val open = openFiles ?: throw CodriverException.FsUnsupported("the client was made without `sessionFs`")
            val fresh = CompletableDeferred<SessionFs>()
            val before = there.putIfAbsent(sessionId, fresh)
            if (before != null) return before.await()
            try {
                return open(sessionId).also { fresh.complete(it) }
            } catch (problem: Throwable) {
                there.remove(sessionId, fresh)
                fresh.completeExceptionally(problem)
                throw problem
            }
        }

        fun forget(sessionId: String) {
            there.remove(sessionId)
        }
    }

    private companion object {
        private const val CANCELLED = 100
    }
}

/** It may have been answered or given up meanwhile. */
private fun fail(
    callId: ULong,
    number: Int,
    message: String,
) {
    try {
        ffiFail(callId, number.toUInt(), message)
    } catch (_: FfiException) {
        return
    }
}

private fun numberOf(problem: Throwable): Int =
    when (problem) {
        is CodriverException -> problem.number
        is FfiException -> problem.toPublic().number
        is FileNotFoundException, is NoSuchFileException -> FS_NOT_FOUND
        is UnsupportedOperationException, is NotImplementedError -> FS_UNSUPPORTED
        else -> 0
    }

/** What is told of an exception: its own words, without a stack trace. */
internal fun Throwable.told(): String =
    when (this) {
        is CodriverException -> reason
        is FfiException -> toPublic().reason
        else -> message?.takeIf(String::isNotEmpty) ?: javaClass.simpleName
    }

private fun FsStat.toFfi() =
    FileStat(kind.toFfi(), size.toULong(), modifiedMs.coerceAtLeast(0).toULong(), createdMs.coerceAtLeast(0).toULong())

private fun DirEntry.toFfi() = FileEntry(name, kind.toFfi())

private fun EntryKind.toFfi() = if (this == EntryKind.FILE) FileKind.FILE else FileKind.DIRECTORY

internal val log: System.Logger = System.getLogger("io.github.codriver")

private const val FS_NOT_FOUND = 80
private const val FS_UNSUPPORTED = 82
