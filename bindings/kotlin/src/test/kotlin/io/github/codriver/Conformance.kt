package io.github.codriver

import com.sun.jna.NativeLibrary
import io.github.codriver.internal.awaited
import io.github.codriver.internal.ffi.FfiConverterString
import io.github.codriver.internal.ffi.UniffiLib
import io.github.codriver.internal.ffi.uniffiRustCallAsync
import io.github.codriver.internal.parsed
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import java.util.concurrent.CompletableFuture
import io.github.codriver.internal.ffi.Exception as FfiException

/** The core's suite for filesystems, over the files of a client; only the library that was built for tests has it. */
object Conformance {
    /** How many cases passed, and the names of those that failed. */
    class Report(
        val passed: Int,
        val failures: List<String>,
    )

    suspend fun run(client: Client): Report {
        val library = NativeLibrary.getInstance(System.getProperty("uniffi.component.codriver.libraryOverride"))
        val suite = library.getFunction("uniffi_codriver_uniffi_fn_method_client_fs_conformance")
        val text =
            awaited {
                uniffiRustCallAsync(
                    suite.invokeLong(arrayOf<Any>(client.native.uniffiCloneHandle())),
                    { future, callback, data -> UniffiLib.ffi_codriver_uniffi_rust_future_poll_rust_buffer(future, callback, data) },
                    { future, status -> UniffiLib.ffi_codriver_uniffi_rust_future_complete_rust_buffer(future, status) },
                    { future -> UniffiLib.ffi_codriver_uniffi_rust_future_free_rust_buffer(future) },
                    { FfiConverterString.lift(it) },
                    FfiException.ErrorHandler,
                )
            }
        val report = parsed(text) as JsonObject
        return Report((report["passed"] as JsonArray).size, (report["failures"] as JsonArray).map { it.toString() })
    }

    /** For Java's tests. */
    @JvmStatic
    fun of(client: io.github.codriver.java.Client): CompletableFuture<Report> {
        // The facade keeps the client of Kotlin to itself.
        val kotlin = client.javaClass.getDeclaredField("inner").apply { isAccessible = true }.get(client) as Client
        return io.github.codriver.internal.JavaCalls(null).future { run(kotlin) }
    }
}
