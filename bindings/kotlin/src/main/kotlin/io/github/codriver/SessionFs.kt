package io.github.codriver

/** File or directory. */
public enum class EntryKind {
    /** A file. */
    FILE,

    /** A directory. */
    DIRECTORY,
}

/**
 * What is known of a file or directory.
 *
 * @property kind file or directory.
 * @property size bytes of a file.
 * @property modifiedMs when the content last changed, in milliseconds since 1970.
 * @property createdMs when it was made, in milliseconds since 1970.
 */
public class FsStat(
    public val kind: EntryKind,
    public val size: Long,
    public val modifiedMs: Long,
    public val createdMs: Long,
) {
    override fun toString(): String = "FsStat(kind=$kind, size=$size)"

    /** The usual ones. */
    public companion object {
        /** A file; without times, those of now. */
        @JvmStatic
        @JvmOverloads
        public fun file(
            size: Long,
            modifiedMs: Long = System.currentTimeMillis(),
            createdMs: Long = modifiedMs,
        ): FsStat = FsStat(EntryKind.FILE, size, modifiedMs, createdMs)

        /** A directory; without times, those of now. */
        @JvmStatic
        @JvmOverloads
        public fun directory(
            modifiedMs: Long = System.currentTimeMillis(),
            createdMs: Long = modifiedMs,
        ): FsStat = FsStat(EntryKind.DIRECTORY, 0, modifiedMs, createdMs)
    }
}

/** A [name] in a directory, without the directory. */
public class DirEntry
    @JvmOverloads
    constructor(
        public val name: String,
        public val kind: EntryKind = EntryKind.FILE,
    ) {
        override fun toString(): String = "DirEntry($name, $kind)"
    }

/**
 * The files of one session, wherever they are. Paths are absolute and normalised.
 *
 * What changes something is called in order, one at a time; reads overlap. What was acknowledged must be seen by every later
 * read. Each change is atomic. [write], [append] and the destination of [rename] make missing parent directories. `mode` is
 * a POSIX mode for what is newly made; a store without modes ignores it.
 *
 * Errors: [java.io.FileNotFoundException], [java.nio.file.NoSuchFileException] or [CodriverException.FsNotFound] for what is
 * not there (the runtime sees ENOENT); [UnsupportedOperationException] for what this store cannot do;
 * [CodriverException.FsConflict] where somebody else changed the file; anything else is a failure of the store. The runtime
 * never sees a stack trace. A call whose time is over (`limits.fsDeadlineMs`) is cancelled.
 */
public interface SessionFs {
    /** The whole content of a file. */
    public suspend fun read(path: String): ByteArray

    /** Replaces a file's whole content, or makes the file. */
    public suspend fun write(
        path: String,
        content: ByteArray,
        mode: Int?,
    )

    /** Adds to the end of a file, or makes it. The event log grows so: do not rewrite it. */
    public suspend fun append(
        path: String,
        content: ByteArray,
        mode: Int?,
    )

    /** Whether there is a file or directory. */
    public suspend fun exists(path: String): Boolean =
        try {
            stat(path)
            true
        } catch (_: java.io.FileNotFoundException) {
            false
        } catch (_: java.nio.file.NoSuchFileException) {
            false
        } catch (_: CodriverException.FsNotFound) {
            false
        }

    /** Kind, size and times. */
    public suspend fun stat(path: String): FsStat

    /** Makes a directory, with its parents if [recursive]; fine if it is there already. */
    public suspend fun mkdir(
        path: String,
        recursive: Boolean,
        mode: Int?,
    )

    /** What is directly in a directory, in any order. */
    public suspend fun readDir(path: String): List<DirEntry>

    /** Removes a file, or with [recursive] a directory and all in it. With [force] it is fine if nothing is there. */
    public suspend fun remove(
        path: String,
        recursive: Boolean,
        force: Boolean,
    )

    /** Moves a file or directory. A file at the destination is replaced in one step; a directory there is not. */
    public suspend fun rename(
        path: String,
        to: String,
    )
}
