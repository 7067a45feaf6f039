package io.github.codriver.internal

import com.sun.jna.Callback
import com.sun.jna.CallbackThreadInitializer
import io.github.codriver.CodriverException
import io.github.codriver.RpcDetails
import io.github.codriver.internal.ffi.InternalException
import io.github.codriver.internal.ffi.shutdown
import io.github.codriver.internal.ffi.uniffiCallbackInterfaceCallbacks
import io.github.codriver.internal.ffi.uniffiCallbackInterfaceSessionFiles
import io.github.codriver.internal.ffi.uniffiEnsureInitialized
import io.github.codriver.internal.ffi.uniffiRustFutureContinuationCallbackImpl
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonObject
import java.nio.ByteBuffer
import kotlin.coroutines.ContinuationInterceptor
import com.sun.jna.Native as Jna
import io.github.codriver.internal.ffi.Client as FfiClient
import io.github.codriver.internal.ffi.Exception as FfiException
import io.github.codriver.internal.ffi.Session as FfiSession
import io.github.codriver.internal.ffi.Store as FfiStore

/** The compiled library, loaded when it is first needed; the way through which everything here calls it. */
internal object Native {
    /** How long the end of the JVM waits for Codriver's threads. */
    private const val PATIENCE_MS = 10_000uL
    private const val PLACE_BYTES = 16 * 1024

    // Not an initialiser of the class: each call says why the library is not there, and it may come later.
    private val loading =
        lazy {
            // The generated layer asks this property when it is initialised, which is here.
            System.setProperty("uniffi.component.codriver.libraryOverride", NativeLibrary().load().toString())
            keepThreadsAttached()
            uniffiEnsureInitialized()
            Runtime.getRuntime().addShutdownHook(Thread({ shutDown() }, "codriver-shutdown"))
        }

    /** Loads the library, once. */
    fun load(): Unit = loading.value

    /**
     * A thread of the library becomes one of the JVM with its first callback and stays one: attaching it anew for each would cost
     * more than the callback. As daemons they hold up no end.
     */
    private fun keepThreadsAttached() {
        val initializer = CallbackThreadInitializer(true, false, "codriver-callbacks")
        val all: List<Callback> =
            listOf(
                uniffiRustFutureContinuationCallbackImpl,
                uniffiCallbackInterfaceCallbacks.wake,
                uniffiCallbackInterfaceCallbacks.request,
                uniffiCallbackInterfaceCallbacks.cancel,
                uniffiCallbackInterfaceCallbacks.uniffiFree,
                uniffiCallbackInterfaceCallbacks.uniffiClone,
                uniffiCallbackInterfaceSessionFiles.read,
                uniffiCallbackInterfaceSessionFiles.write,
                uniffiCallbackInterfaceSessionFiles.append,
                uniffiCallbackInterfaceSessionFiles.exists,
                uniffiCallbackInterfaceSessionFiles.stat,
                uniffiCallbackInterfaceSessionFiles.mkdir,
                uniffiCallbackInterfaceSessionFiles.readDir,
                uniffiCallbackInterfaceSessionFiles.remove,
                uniffiCallbackInterfaceSessionFiles.rename,
                uniffiCallbackInterfaceSessionFiles.uniffiFree,
                uniffiCallbackInterfaceSessionFiles.uniffiClone,
            )
        for (callback in all) Jna.setCallbackThreadInitializer(callback, initializer)
    }

    private fun shutDown() {
        try {
            shutdown(PATIENCE_MS)
        } catch (_: FfiException) {
            // A callback that does not return is left alone; the process ends anyway.
            return
        }
    }

    /** Calls the generated layer; its errors become exceptions of this package. */
    inline fun <T> called(call: Native.() -> T): T =
        try {
            load()
            call()
        } catch (problem: FfiException) {
            throw problem.toPublic()
        } catch (problem: InternalException) {
            throw CodriverException.Internal(problem.message.orEmpty())
        } catch (problem: IllegalStateException) {
            throw problem.asClosed()
        }

    /** Answers a call with what was read. */
    fun respondContent(
        callId: ULong,
        content: ByteArray,
    ) = io.github.codriver.internal.ffi
        .respondContent(callId, direct(content))

    /** What the library reads has to lie outside of the heap; each thread has a place for what is not large. */
    private fun direct(content: ByteArray): ByteBuffer {
        val place = if (content.size <= PLACE_BYTES) places.get().clear() else ByteBuffer.allocateDirect(content.size)
        return place.put(content).flip()
    }

    private val places = ThreadLocal.withInitial { ByteBuffer.allocateDirect(PLACE_BYTES) }
}

/**
 * Awaits the generated layer; its errors become exceptions of this package. Cancelled, it is cancelled in the core too.
 *
 * The library's thread resumes whoever waits, so one without a dispatcher, which would go on there, is given one.
 */
internal suspend fun <T> awaited(call: suspend () -> T): T {
    try {
        val dispatcher = currentCoroutineContext()[ContinuationInterceptor]
        if (dispatcher == null || dispatcher === Dispatchers.Unconfined) return withContext(Dispatchers.Default) { call() }
        return call()
    } catch (problem: FfiException) {
        throw problem.toPublic()
    } catch (problem: InternalException) {
        throw CodriverException.Internal(problem.message.orEmpty())
    } catch (problem: IllegalStateException) {
        throw problem.asClosed()
    }
}

/** What a call gives, or null where what it is about was given back, or nobody can answer. */
internal inline fun <T> unlessClosed(call: () -> T): T? =
    try {
        Native.called { call() }
    } catch (_: CodriverException) {
        null
    }

/** Gives it back at once: calls that are under way, which keep the object, end with `CLOSED`. Twice is fine. */
internal fun FfiClient.end() {
    if (!uniffiIsDestroyed) release()
    close()
}

internal fun FfiSession.end() {
    if (!uniffiIsDestroyed) release()
    close()
}

internal fun FfiStore.end() {
    if (!uniffiIsDestroyed) release()
    close()
}

/** What the generated layer says of an object that was given back. */
internal fun IllegalStateException.asClosed(): RuntimeException =
    if (message.orEmpty().endsWith("object has already been destroyed")) {
        CodriverException.Closed(message.orEmpty().replace("object has already been destroyed", "was closed"))
    } else {
        this
    }

/** An error as the core's JSON tells it. */
internal fun toldError(error: JsonObject): CodriverException {
    val rpc = error.obj("rpc")
    val details = rpc?.let { RpcDetails(it.whole("code") ?: 0, it.text("message").orEmpty(), it["data"]) }
    return CodriverException.of((error.whole("number") ?: 0).toInt(), error.text("message").orEmpty(), details)
}

internal fun FfiException.toPublic(): CodriverException {
    val rpc = rpcCode?.let { RpcDetails(it, rpcMessage.orEmpty(), rpcData?.let(::parsed)) }
    return CodriverException.of(number.toInt(), reason, rpc)
}
