package io.github.codriver

import io.github.codriver.internal.NativeLibrary
import io.github.codriver.internal.NativeLibrary.Platform
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path

class LoadingTest {
    private val linux = Platform("linux-x86-64", "libcodriver_uniffi.so")

    private fun library(
        properties: Map<String, String> = emptyMap(),
        variables: Map<String, String> = emptyMap(),
        content: String? = null,
        platform: Platform = linux,
    ) = NativeLibrary(
        properties::get,
        variables::get,
        { name -> content?.takeIf { name == "linux-x86-64/libcodriver_uniffi.so" }?.byteInputStream() },
        platform,
    )

    @Test
    fun `a named file goes before an installed one, and that before the jar's`(
        @TempDir folder: Path,
    ) {
        val named = Files.writeString(Files.createDirectory(folder.resolve("named")).resolve(linux.fileName), "named")
        val installed = Files.writeString(Files.createDirectory(folder.resolve("installed")).resolve(linux.fileName), "installed")
        val places = mapOf("java.library.path" to "/nowhere:${installed.parent}", "codriver.library.directory" to "$folder/new")
        val byProperty = places + ("codriver.library.path" to "$named")
        val byVariable = mapOf("CODRIVER_LIBRARY_PATH" to "${named.parent}")
        assertEquals(named, library(byProperty, content = "jar").find())
        assertEquals(named, library(places, byVariable, "jar").find())
        assertEquals(installed, library(places, content = "jar").find())
        val extracted = library(places - "java.library.path", content = "jar").find()
        assertTrue(extracted.startsWith(folder.resolve("new")))
        assertArrayEquals("jar".toByteArray(), Files.readAllBytes(extracted))
    }

    @Test
    fun `what is extracted is there once for each content, and is not written again`(
        @TempDir folder: Path,
    ) {
        val places = mapOf("codriver.library.directory" to "$folder")
        val first = library(places, content = "one").find()
        val written = Files.getLastModifiedTime(first)
        assertEquals(first, library(emptyMap(), mapOf("CODRIVER_LIBRARY_DIRECTORY" to "$folder"), "one").find())
        assertEquals(written, Files.getLastModifiedTime(first))
        assertTrue(library(places, content = "two").find() != first)
    }

    @Test
    fun `a named file that is not there is not replaced by another`() {
        val refused =
            assertThrows(UnsatisfiedLinkError::class.java) { library(mapOf("codriver.library.path" to "/nowhere"), content = "jar").find() }
        assertTrue("/nowhere" in refused.message!! && "codriver.library.path" in refused.message!!, refused.message)
    }

    @Test
    fun `a file that is no library is named each time, with what is wrong with it`(
        @TempDir folder: Path,
    ) {
        val file = Files.writeString(folder.resolve(linux.fileName), "no library")
        repeat(2) {
            val refused =
                assertThrows(UnsatisfiedLinkError::class.java) { library(mapOf("codriver.library.path" to "$folder")).load() }
            assertTrue("$file cannot be loaded" in refused.message!!, refused.message)
        }
        val alpine = Platform(linux.prefix, linux.fileName, musl = true)
        val refused =
            assertThrows(UnsatisfiedLinkError::class.java) {
                library(mapOf("codriver.library.path" to "$folder"), platform = alpine).load()
            }
        assertTrue("musl" in refused.message!!, refused.message)
    }

    @Test
    fun `a directory that cannot be written is named, with the way out`() {
        val refused =
            assertThrows(UnsatisfiedLinkError::class.java) {
                library(mapOf("codriver.library.directory" to "/proc/nowhere"), content = "jar").find()
            }
        assertTrue("/proc/nowhere" in refused.message!! && "CODRIVER_LIBRARY_DIRECTORY" in refused.message!!, refused.message)
    }

    @Test
    fun `nothing found says all that was tried`() {
        val refused = assertThrows(UnsatisfiedLinkError::class.java) { library(mapOf("java.library.path" to "/a:/b")).find() }
        for (word in listOf("codriver.library.path", "CODRIVER_LIBRARY_PATH", "/a/", "/b/", "linux-x86-64/libcodriver_uniffi.so")) {
            assertTrue(word in refused.message!!, refused.message)
        }
    }

    @Test
    fun `machines are called as JNA calls them, and musl is recognised and refused clearly`() {
        assertEquals("linux-x86-64", Platform.of("Linux", "amd64", "/usr/lib/x86_64-linux-gnu/libc.so.6").prefix)
        assertEquals("linux-aarch64", Platform.of("Linux", "aarch64", "").prefix)
        assertEquals("darwin-aarch64", Platform.of("Mac OS X", "aarch64", "").prefix)
        assertEquals("win32-x86-64", Platform.of("Windows 11", "amd64", "").prefix)
        val alpine = Platform.of("Linux", "amd64", "7f00 r-xp /lib/ld-musl-x86_64.so.1")
        assertEquals("linux-musl-x86-64", alpine.prefix)
        val refused = assertThrows(UnsatisfiedLinkError::class.java) { library(content = "jar", platform = alpine).find() }
        assertTrue("musl" in refused.message!! && "linux-musl-x86-64" in refused.message!!, refused.message)
    }
}
