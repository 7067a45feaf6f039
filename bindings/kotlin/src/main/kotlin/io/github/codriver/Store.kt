package io.github.codriver

import io.github.codriver.internal.Native
import io.github.codriver.internal.awaited
import io.github.codriver.internal.end
import io.github.codriver.internal.parsed
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import java.nio.file.Path
import io.github.codriver.internal.ffi.Store as FfiStore

/** A store of sessions: `memory:`, `dir:PATH` or `sqlite:PATH`; and what can be asked of stored sessions without a runtime. */
public class Store private constructor(
    private val native: FfiStore,
) : AutoCloseable {
    internal val number: Long = Native.called { native.id() }.toLong()

    /** The sessions that are there, the last changed first; [filter] has the wire's names. */
    public suspend fun listSessions(filter: JsonObject? = null): List<SessionMetadata> =
        listed(call { native.listSessions(filter?.toString().orEmpty()) })

    /** What is known of a session; null where there is none of that id. */
    public suspend fun getSessionMetadata(sessionId: String): SessionMetadata? =
        (call { native.getSessionMetadata(sessionId) } as? JsonObject)?.let(::SessionMetadata)

    /** The id of the session that was changed last. */
    public suspend fun getLastSessionId(): String? = textOf(call { native.getLastSessionId() })

    /**
     * The events of a session; lines of its log that are none are left out.
     *
     * @throws CodriverException.SessionNotFound there is none of that id.
     */
    public suspend fun getEvents(sessionId: String): List<SessionEvent> =
        storedEvents((call { native.getEvents(sessionId) } as JsonObject).getValue("events"))

    /** Erases a session with all its files. */
    public suspend fun deleteSession(sessionId: String): Unit = awaited { native.deleteSession(sessionId) }

    /** Makes the session [newId] of what [sessionId] is now. */
    public suspend fun forkSession(
        sessionId: String,
        newId: String,
    ): Unit = awaited { native.forkSession(sessionId, newId) }

    /** Writes a session into a new file; gives the archive's manifest. */
    public suspend fun exportSession(
        sessionId: String,
        path: Path,
    ): JsonObject = call { native.exportSession(sessionId, path.toString()) } as JsonObject

    /** Makes a session of what [exportSession] wrote, under the id it had or a new one; gives the id. */
    public suspend fun importSession(
        path: Path,
        newId: String? = null,
    ): String = textOf(call { native.importSession(path.toString(), newId) }).orEmpty()

    /** Gives it back; clients that were given it keep it. */
    override fun close(): Unit = native.end()

    private suspend fun call(method: suspend () -> String): JsonElement = parsed(awaited(method))

    /** Opening stores. */
    public companion object {
        /**
         * Opens the store that a URL names.
         *
         * @throws CodriverException.InvalidConfig no store is called so.
         * @throws CodriverException.FsIo it cannot be opened.
         */
        public suspend fun open(url: String): Store =
            withContext(Dispatchers.IO) { Store(Native.called { FfiStore.open(url) }) }
    }
}
