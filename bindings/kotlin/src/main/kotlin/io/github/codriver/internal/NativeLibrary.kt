package io.github.codriver.internal

import java.io.File
import java.io.IOException
import java.io.InputStream
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.security.MessageDigest
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isRegularFile
import kotlin.io.path.readText
import com.sun.jna.NativeLibrary as JnaLibrary

/**
 * Where the compiled half of the package is: a named file, then `java.library.path`, then this jar.
 *
 * What was named is never replaced by something else: a file that is not there is an error.
 */
internal class NativeLibrary(
    private val property: (String) -> String? = System::getProperty,
    private val environment: (String) -> String? = System::getenv,
    private val resource: (String) -> InputStream? = { NativeLibrary::class.java.classLoader.getResourceAsStream(it) },
    private val platform: Platform = Platform.here(),
) {
    /** Loads the library; gives its file. Each call says what is wrong, where something is. */
    fun load(): Path {
        val file = find()
        try {
            JnaLibrary.getInstance(file.toString())
        } catch (problem: UnsatisfiedLinkError) {
            throw UnsatisfiedLinkError("Codriver's native library $file cannot be loaded: ${problem.message}$muslHint")
        }
        return file
    }

    /** The file to load. */
    fun find(): Path = named() ?: installed() ?: extracted()

    private fun named(): Path? {
        val (origin, path) =
            property(PATH_PROPERTY)?.takeIf(String::isNotBlank)?.let { "the property $PATH_PROPERTY" to it }
                ?: environment(PATH_VARIABLE)?.takeIf(String::isNotBlank)?.let { "the variable $PATH_VARIABLE" to it }
                ?: return null
        val given = Path.of(path)
        val file = if (given.isRegularFile()) given else given.resolve(platform.fileName)
        if (!file.isRegularFile()) throw UnsatisfiedLinkError("Codriver's native library is not at $path, which $origin names")
        return file.toAbsolutePath()
    }

    private fun searched(): List<Path> =
        property("java.library.path")
            .orEmpty()
            .split(File.pathSeparatorChar)
            .filter(String::isNotBlank)
            .map { Path.of(it).resolve(platform.fileName) }

    private fun installed(): Path? = searched().firstOrNull { it.isRegularFile() }?.toAbsolutePath()

    private fun extracted(): Path {
        val name = "${platform.prefix}/${platform.fileName}"
        val bytes = resource(name)?.use(InputStream::readBytes) ?: throw UnsatisfiedLinkError(missing(name))
        // A name for each content: versions and builds do each other no harm, and what is there is not written again.
        val digest = MessageDigest.getInstance("SHA-256").digest(bytes)
        val folder = directory().resolve("codriver-" + digest.take(DIGEST_BYTES).joinToString("") { "%02x".format(it) })
        val file = folder.resolve(platform.fileName)
        try {
            if (!file.exists() || Files.size(file) != bytes.size.toLong()) put(bytes, file)
        } catch (problem: IOException) {
            throw UnsatisfiedLinkError(
                "Codriver's native library cannot be extracted to $folder ($problem): " +
                    "name a directory with the property $DIRECTORY_PROPERTY or the variable $DIRECTORY_VARIABLE",
            )
        }
        return file.toAbsolutePath()
    }

    private fun directory(): Path {
        val given =
            property(DIRECTORY_PROPERTY)?.takeIf(String::isNotBlank)
                ?: environment(DIRECTORY_VARIABLE)?.takeIf(String::isNotBlank)
        if (given != null) return Path.of(given)
        // Of this user alone: what is loaded must not be what somebody else put there.
        val user = property("user.name").orEmpty().filter(Char::isLetterOrDigit)
        val cache = environment("XDG_CACHE_HOME") ?: property("user.home")?.let { "$it/.cache" }
        return cache?.let { Path.of(it, "codriver", "natives") }
            ?: Path.of(property("java.io.tmpdir") ?: "/tmp", "codriver-$user")
    }

    private fun put(
        bytes: ByteArray,
        file: Path,
    ) {
        file.parent.createDirectories()
        val fresh = Files.createTempFile(file.parent, platform.fileName, ".new")
        try {
            Files.write(fresh, bytes)
            // In one step: another process may be loading the one that is there.
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        } catch (_: FileAlreadyExistsException) {
            // Another process was quicker; it is the same.
        } finally {
            Files.deleteIfExists(fresh)
        }
    }

    private fun missing(name: String): String {
        val tried =
            buildList {
                add("the property $PATH_PROPERTY and the variable $PATH_VARIABLE: not set")
                add("java.library.path: " + searched().joinToString().ifEmpty { "empty" })
                add("the jar: no $name in it")
            }
        return "Codriver has no native library for ${platform.prefix}.$muslHint Tried:\n  " + tried.joinToString("\n  ")
    }

    private val muslHint: String
        get() =
            if (platform.musl) {
                " This JVM runs on musl libc (Alpine Linux and the like), and a native for glibc does not load there: " +
                    "use an image with glibc, or build one for musl and name it."
            } else {
                ""
            }

    /** The [prefix] of JNA for this machine, `linux-x86-64`, and how a library is called here. */
    internal class Platform(
        val prefix: String,
        val fileName: String,
        val musl: Boolean = false,
    ) {
        internal companion object {
            fun here(): Platform =
                of(
                    System.getProperty("os.name"),
                    System.getProperty("os.arch"),
                    runCatching { Path.of("/proc/self/maps").readText() }.getOrDefault(""),
                )

            /** [maps] is what Linux says of the process's memory: the C library is in it. */
            fun of(
                os: String,
                arch: String,
                maps: String,
            ): Platform {
                val cpu =
                    when (arch.lowercase()) {
                        "amd64", "x86_64", "x86-64" -> "x86-64"
                        "arm64", "aarch64" -> "aarch64"
                        else -> arch.lowercase()
                    }
                val musl = "ld-musl-" in maps || "/libc.musl-" in maps
                return when {
                    os.startsWith("Mac") -> Platform("darwin-$cpu", "lib$NAME.dylib")
                    os.startsWith("Windows") -> Platform("win32-$cpu", "$NAME.dll")
                    musl -> Platform("linux-musl-$cpu", "lib$NAME.so", musl = true)
                    else -> Platform("${os.lowercase()}-$cpu", "lib$NAME.so")
                }
            }
        }
    }

    internal companion object {
        const val PATH_PROPERTY = "codriver.library.path"
        const val PATH_VARIABLE = "CODRIVER_LIBRARY_PATH"
        const val DIRECTORY_PROPERTY = "codriver.library.directory"
        const val DIRECTORY_VARIABLE = "CODRIVER_LIBRARY_DIRECTORY"
        private const val NAME = "codriver_uniffi"
        private const val DIGEST_BYTES = 8
    }
}
