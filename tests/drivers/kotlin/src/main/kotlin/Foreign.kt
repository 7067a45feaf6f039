import io.github.codriver.DirEntry
import io.github.codriver.EntryKind
import io.github.codriver.FsStat
import io.github.codriver.SessionFs
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import java.io.FileNotFoundException
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap

/** The stores of all sessions, written here, through the interface that any user implements; and how each behaves. */
class ForeignStore {
    private val files = ConcurrentHashMap<String, MutableMap<String, ByteArray?>>()
    private val behaviours = ConcurrentHashMap<String, String>()

    @Volatile private var latest = "memory"

    /** How the store of a session will behave; without an id, that of the next one nobody spoke of. */
    fun expect(
        sessionId: String?,
        behaviour: String,
    ) {
        if (sessionId == null) latest = behaviour else behaviours[sessionId] = behaviour
    }

    fun open(sessionId: String): SessionFs =
        ForeignFs(sessionId, behaviours[sessionId] ?: latest, files.computeIfAbsent(sessionId) { HashMap() })
}

/** Files in a map; directories are null. */
private class ForeignFs(
    private val sessionId: String,
    private val behaviour: String,
    private val files: MutableMap<String, ByteArray?>,
) : SessionFs {
    private suspend fun enter(
        op: String,
        path: String,
    ) {
        Say.line(json("obs" to "fs", "session_id" to sessionId, "op" to op, "path" to path))
        when (behaviour.substringBefore(':')) {
            "throw" -> throw IOException("thrown on purpose")
            "hang" -> awaitCancellation()
            "slow" -> delay(behaviour.substringAfter(':').toLong())
        }
    }

    private fun parents(path: String) {
        var parent = parent(path)
        while (parent.isNotEmpty()) {
            files.putIfAbsent(parent, null)
            parent = parent(parent)
        }
    }

    private fun parent(path: String) = path.substringBeforeLast('/', "")

    private fun content(path: String): ByteArray {
        if (path !in files) throw FileNotFoundException(path)
        return files[path] ?: throw IOException("$path is a directory")
    }

    override suspend fun read(path: String): ByteArray {
        enter("readFile", path)
        return synchronized(files) { content(path) }
    }

    override suspend fun write(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) {
        enter("writeFile", path)
        synchronized(files) {
            if (path in files) content(path)
            parents(path)
            files[path] = content
        }
    }

    override suspend fun append(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) {
        enter("appendFile", path)
        synchronized(files) {
            parents(path)
            files[path] = (if (path in files) content(path) else ByteArray(0)) + content
        }
    }

    override suspend fun exists(path: String): Boolean {
        enter("exists", path)
        return synchronized(files) { path in files }
    }

    override suspend fun stat(path: String): FsStat {
        enter("stat", path)
        return synchronized(files) {
            if (path in files && files[path] == null) FsStat.directory(0, 0) else FsStat.file(content(path).size.toLong(), 0, 0)
        }
    }

    override suspend fun mkdir(
        path: String,
        recursive: Boolean,
        mode: Int?,
    ) {
        enter("mkdir", path)
        synchronized(files) {
            parents(path)
            files.putIfAbsent(path, null)
        }
    }

    override suspend fun readDir(path: String): List<DirEntry> {
        enter("readdir", path)
        return synchronized(files) {
            if (path !in files || files[path] != null) throw FileNotFoundException(path)
            files
                .filterKeys { parent(it) == path && it != path }
                .map { (other, content) ->
                    DirEntry(other.substringAfterLast('/'), if (content == null) EntryKind.DIRECTORY else EntryKind.FILE)
                }
        }
    }

    override suspend fun remove(
        path: String,
        recursive: Boolean,
        force: Boolean,
    ) {
        enter("rm", path)
        synchronized(files) {
            val gone = files.keys.filter { it == path || it.startsWith("$path/") }
            if (gone.isEmpty() && !force) throw FileNotFoundException(path)
            gone.forEach(files::remove)
        }
    }

    override suspend fun rename(
        path: String,
        to: String,
    ) {
        enter("rename", path)
        synchronized(files) {
            val moved = files.keys.filter { it == path || it.startsWith("$path/") }
            if (moved.isEmpty()) throw FileNotFoundException(path)
            for (other in moved) files[to + other.removePrefix(path)] = files.remove(other)
        }
    }
}
