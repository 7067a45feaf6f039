package io.github.codriver

import io.github.codriver.internal.FilesOption
import io.github.codriver.internal.json
import io.github.codriver.internal.objectOf
import io.github.codriver.options.ClientOptions
import io.github.codriver.options.CodriverDsl
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject

/** The options of a client, and who is told of what concerns no session. Handlers are called one after the other. */
@CodriverDsl
public class ClientConfig : ClientOptions() {
    internal var onState: (suspend (String) -> Unit)? = null
    internal var onLifecycle: (suspend (LifecycleEvent) -> Unit)? = null
    internal var onNotification: (suspend (String, JsonElement) -> Unit)? = null
    internal var files: FilesOption? = null
    private var base = JsonObject(emptyMap())

    /** Is told `disconnected`, `connecting`, `connected`, `error`. */
    public fun onState(handler: suspend (String) -> Unit) {
        onState = handler
    }

    /** Is told when sessions of the runtime come, go and change. */
    public fun onLifecycle(handler: suspend (LifecycleEvent) -> Unit) {
        onLifecycle = handler
    }

    /** Is told notifications this library has no name for: method and parameters. */
    public fun onNotification(handler: suspend (String, JsonElement) -> Unit) {
        onNotification = handler
    }

    /**
     * Session state in a store of one's own, by its URL: `memory:`, `dir:PATH`, `sqlite:PATH`.
     *
     * @param store the URL.
     * @param initialCwd working directory of sessions, an absolute path.
     * @param statePath where the runtime keeps a session's state in the session's store, an absolute path, e.g. `/state`.
     */
    public fun sessionFs(
        store: String,
        initialCwd: String,
        statePath: String,
        configure: SessionFsOptions.() -> Unit = {},
    ) {
        files = FilesOption(store, initialCwd, statePath, SessionFsOptions().apply(configure))
    }

    /** As the other `sessionFs`, in a [Store] that is open. */
    public fun sessionFs(
        store: Store,
        initialCwd: String,
        statePath: String,
        configure: SessionFsOptions.() -> Unit = {},
    ) {
        files = FilesOption(store, initialCwd, statePath, SessionFsOptions().apply(configure))
    }

    /** As the other `sessionFs`, in files of one's own: [open] is given a session's id, once for each session. */
    public fun sessionFs(
        initialCwd: String,
        statePath: String,
        configure: SessionFsOptions.() -> Unit = {},
        open: suspend (String) -> SessionFs,
    ) {
        files = FilesOption("foreign", initialCwd, statePath, SessionFsOptions().apply(configure), open)
    }

    internal fun wire(): JsonObject {
        val options = json.encodeToJsonElement(ClientOptions.serializer(), this) as JsonObject
        val files = files?.let { objectOf("sessionFs" to it.wire) }
        return JsonObject(base + options + files.orEmpty())
    }

    /** Options that are there as JSON already. */
    public companion object {
        /** The options that [wire] has, with the wire's names; those that are set later go before them. */
        public fun from(wire: JsonObject): ClientConfig = ClientConfig().apply { base = wire }
    }
}

/** What a store can do, and where the files beside it are. */
@CodriverDsl
public class SessionFsOptions {
    /** How paths look: `posix`, `windows`. */
    public var conventions: String? = null

    /** Whether it reads and writes bytes; a [SessionFs] does. */
    public var binary: Boolean? = null

    /** Whether SQL is answered. */
    public var sqlite: Boolean? = null

    /** Where the files of a session's working directory are: `disk`, `none`; default: on the disk. */
    public var workspace: String? = null

    /** Where everything else is: `disk`, `none`; default: on the disk if the workspace is and the runtime is ours. */
    public var rest: String? = null

    /** Whether a session's small files are kept in memory while it is open; default: where the store is far away. */
    public var cache: Boolean? = null

    /** Options that have no name here yet, given as they are. */
    public var extra: JsonObject? = null
}
