package io.github.codriver

import io.github.codriver.internal.Native
import io.github.codriver.internal.awaited
import io.github.codriver.internal.end
import io.github.codriver.internal.obj
import io.github.codriver.internal.parsed
import io.github.codriver.internal.text
import io.github.codriver.internal.toldError
import io.github.codriver.internal.whole
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import java.nio.file.Path
import io.github.codriver.internal.ffi.Store as FfiStore

/**
 * The events of a session, read from its store; they have no sequence numbers (`seq` is 0).
 *
 * @property unreadable how many lines of the session's log are no events; [Store.repair] takes them out.
 */
public class StoredEvents internal constructor(
    events: List<SessionEvent>,
    public val unreadable: Long,
) : List<SessionEvent> by events

/**
 * The state of a stored session's event log.
 *
 * @property sessionId the session.
 * @property bytes how long the log is; before the repair, if there was one.
 * @property events how many events are whole.
 * @property damage what is wrong, in the log's order; after a repair, what was.
 * @property quarantine the file of the session that holds what a repair took out of the log; null where nothing was.
 * @property error why the log cannot be read or repaired; only in what [Store.checkAll] and [Store.repairAll] give.
 */
public class LogHealth internal constructor(
    public val sessionId: String,
    public val bytes: Long,
    public val events: Long,
    public val damage: List<LogDamage>,
    public val quarantine: String?,
    public val error: CodriverException?,
) {
    /** Whether the log was read and nothing is wrong with it. */
    public val isHealthy: Boolean get() = error == null && damage.isEmpty()

    override fun toString(): String = "LogHealth($sessionId, ${error ?: "$events events, damage: $damage"})"

    internal companion object {
        fun of(told: JsonObject) =
            LogHealth(
                told.text("sessionId").orEmpty(),
                told.whole("bytes") ?: 0,
                told.whole("events") ?: 0,
                (told["damage"] as? JsonArray).orEmpty().map { LogDamage.of(it as JsonObject) },
                told.text("quarantine"),
                told.obj("error")?.let(::toldError),
            )
    }
}

/**
 * One thing that is wrong with an event log.
 *
 * @property kind what is wrong, e.g. `torn` or `not_json`.
 * @property line its line, from 1.
 * @property offset its first byte, from 0.
 * @property bytes how many bytes it has; 0 where something is missing.
 */
public class LogDamage internal constructor(
    public val kind: String,
    public val line: Long,
    public val offset: Long,
    public val bytes: Long,
) {
    override fun toString(): String = "$kind in line $line"

    internal companion object {
        fun of(told: JsonObject) =
            LogDamage(told.text("kind").orEmpty(), told.whole("line") ?: 0, told.whole("offset") ?: 0, told.whole("bytes") ?: 0)
    }
}

/** A store of sessions: `memory:`, `dir:PATH` or `sqlite:PATH`; and what can be asked of stored sessions without a runtime. */
public class Store internal constructor(
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
     * The events of a session; lines of its log that are none are left out, and counted as `unreadable`.
     *
     * @throws CodriverException.SessionNotFound there is none of that id.
     */
    public suspend fun getEvents(sessionId: String): StoredEvents {
        val told = call { native.getEvents(sessionId) } as JsonObject
        return StoredEvents(storedEvents(told.getValue("events")), told.whole("unreadable") ?: 0)
    }

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

    /**
     * What is wrong with the event log of a session, which stays as it is.
     *
     * @throws CodriverException.SessionNotFound there is none of that id.
     */
    public suspend fun check(sessionId: String): LogHealth = LogHealth.of(call { native.check(sessionId) } as JsonObject)

    /** [check] of every session, the last changed first; one that cannot be read has its `error`, and hinders no other. */
    public suspend fun checkAll(): List<LogHealth> = healths(call { native.checkAll() })

    /**
     * Repairs the event log of a session, which must not be open meanwhile, and says what was wrong. What is not whole goes to the
     * file that `quarantine` names.
     *
     * @throws CodriverException.SessionNotFound there is none of that id.
     * @throws CodriverException.FsCorrupt no event is whole: that log is left as it is.
     */
    public suspend fun repair(sessionId: String): LogHealth = LogHealth.of(call { native.repair(sessionId) } as JsonObject)

    /** [repair] of every session, as [checkAll]. */
    public suspend fun repairAll(): List<LogHealth> = healths(call { native.repairAll() })

    /** Gives it back; clients that were given it keep it. */
    override fun close(): Unit = native.end()

    private suspend fun call(method: suspend () -> String): JsonElement = parsed(awaited(method))

    private fun healths(told: JsonElement): List<LogHealth> = (told as JsonArray).map { LogHealth.of(it as JsonObject) }

    /** Opening stores. */
    public companion object {
        /**
         * Opens the store that a URL names; what is not there is made.
         *
         * @throws CodriverException.InvalidConfig no store is called so.
         * @throws CodriverException.FsIo it cannot be opened.
         */
        public suspend fun open(url: String): Store =
            withContext(Dispatchers.IO) { Store(Native.called { FfiStore.open(url) }) }

        /**
         * Opens the store that a URL names, and makes nothing.
         *
         * @throws CodriverException.InvalidConfig no store is called so.
         * @throws CodriverException.FsNotFound nothing is there.
         * @throws CodriverException.FsIo it cannot be opened.
         */
        public suspend fun openExisting(url: String): Store =
            withContext(Dispatchers.IO) { Store(Native.called { FfiStore.openExisting(url) }) }
    }
}
