package io.github.codriver

import java.io.FileNotFoundException
import java.io.IOException
import java.util.TreeMap

/** Files in a map; directories have no content. */
open class MemoryFs : SessionFs {
    private class Entry(
        val content: ByteArray?,
        val stat: FsStat,
    )

    private val there = TreeMap<String, Entry>(mapOf("/" to Entry(null, FsStat.directory())))

    val paths: Set<String> get() = synchronized(there) { there.keys.toSet() }

    private fun entry(path: String) = there[path] ?: throw FileNotFoundException(path)

    private fun file(path: String) = entry(path).content ?: throw IOException("$path is a directory")

    private fun parent(path: String) = path.substringBeforeLast('/').ifEmpty { "/" }

    private fun parents(path: String) {
        val parent = parent(path)
        if (parent == path) return
        parents(parent)
        val above = there.getOrPut(parent) { Entry(null, FsStat.directory()) }
        if (above.content != null) throw IOException("$parent is no directory")
    }

    private fun put(
        path: String,
        content: ByteArray,
    ) {
        parents(path)
        val before = there[path]
        if (before != null && before.content == null) throw IOException("$path is a directory")
        val now = System.currentTimeMillis()
        there[path] = Entry(content, FsStat.file(content.size.toLong(), now, before?.stat?.createdMs ?: now))
    }

    private fun below(path: String) = there.keys.filter { it != "/" && it.startsWith(path.trimEnd('/') + "/") }

    private fun <T> locked(work: () -> T): T = synchronized(there) { work() }

    override suspend fun read(path: String): ByteArray = locked { file(path) }

    override suspend fun write(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) = locked { put(path, content) }

    override suspend fun append(
        path: String,
        content: ByteArray,
        mode: Int?,
    ) = locked { put(path, (if (path in there) file(path) else ByteArray(0)) + content) }

    override suspend fun stat(path: String): FsStat = locked { entry(path).stat }

    override suspend fun mkdir(
        path: String,
        recursive: Boolean,
        mode: Int?,
    ) = locked {
        val before = there[path]
        if (before?.content != null) throw IOException("$path is a file")
        if (before == null) {
            if (!recursive) entry(parent(path))
            parents(path)
            there[path] = Entry(null, FsStat.directory())
        }
    }

    override suspend fun readDir(path: String): List<DirEntry> =
        locked {
            if (entry(path).content != null) throw IOException("$path is a file")
            below(path).filter { parent(it) == path }.map {
                DirEntry(it.substringAfterLast('/'), if (there.getValue(it).content == null) EntryKind.DIRECTORY else EntryKind.FILE)
            }
        }

    override suspend fun remove(
        path: String,
        recursive: Boolean,
        force: Boolean,
    ) = locked {
        val gone = there[path]
        if (gone == null && !force) throw FileNotFoundException(path)
        if (gone != null) {
            if (gone.content == null && !recursive) throw IOException("$path is a directory")
            for (each in below(path) + path) there.remove(each)
        }
    }

    override suspend fun rename(
        path: String,
        to: String,
    ) = locked {
        val moved = entry(path)
        if (path != to) {
            if (to.startsWith(path.trimEnd('/') + "/")) throw IOException("$to is inside of $path")
            val before = there[to]
            if (before != null && (before.content == null || moved.content == null)) throw IOException("$to is there")
            parents(to)
            for (each in listOf(path) + below(path)) there[to + each.removePrefix(path)] = there.remove(each)!!
        }
    }
}
