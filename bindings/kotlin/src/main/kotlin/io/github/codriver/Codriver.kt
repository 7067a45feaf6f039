package io.github.codriver

import io.github.codriver.internal.Native
import io.github.codriver.internal.ffi.version
import io.github.codriver.internal.parsed
import io.github.codriver.internal.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.serialization.json.JsonObject
import io.github.codriver.internal.ffi.findRuntime as ffiFindRuntime

/** A runtime that can be started: the file's [path], and how it was found: [origin], e.g. `PATH`. */
public class FoundRuntime internal constructor(
    public val path: String,
    public val origin: String,
) {
    override fun toString(): String = "FoundRuntime($path, $origin)"
}

/**
 * Drives the GitHub Copilot agent runtime: sessions, tools, permissions, files; nothing lost.
 *
 * ```kotlin
 * suspend fun main() {
 *     Codriver.start().use { client ->
 *         val session = client.createSession {
 *             model = "gpt-5"
 *             onPermissionRequest { PermissionDecision.approveOnce() }
 *         }
 *         println(session.sendAndWait("What is the capital of France?").content)
 *     }
 * }
 * ```
 */
public object Codriver {
    /** The version of this library. */
    public val version: String
        get() = Native.called { version() }

    /**
     * The runtime that a client with these options would start.
     *
     * @throws CodriverException.RuntimeNotFound there is none, with all that was tried.
     */
    public fun findRuntime(config: ClientConfig = ClientConfig()): FoundRuntime {
        val told = parsed(Native.called { ffiFindRuntime(config.wire().toString()) }) as JsonObject
        return FoundRuntime(told.text("path").orEmpty(), told.text("origin").orEmpty())
    }

    /**
     * Starts a runtime, or connects to one. Handlers run on [Dispatchers.Default] until the client is closed.
     *
     * @throws CodriverException.InvalidConfig an option that cannot work, by its name.
     * @throws CodriverException.RuntimeNotFound no runtime was found, with all that was tried.
     * @throws CodriverException.RuntimeLost it ended at once, with its last words.
     */
    public suspend fun start(configure: ClientConfig.() -> Unit = {}): Client = start(ClientConfig().apply(configure))

    /**
     * As [start]; handlers run in [scope]: on its dispatcher, as children of its job. The scope's end is the client's: it is closed
     * at once. A handler that fails does not cancel the scope, which does not complete before the client is stopped or closed.
     */
    public suspend fun start(
        scope: CoroutineScope,
        configure: ClientConfig.() -> Unit = {},
    ): Client = start(ClientConfig().apply(configure), scope)

    /** As [start], with options that were put together before. */
    public suspend fun start(
        config: ClientConfig,
        scope: CoroutineScope? = null,
    ): Client {
        val client = client(config, scope)
        try {
            client.start()
            return client
        } catch (problem: Throwable) {
            client.close()
            throw problem
        }
    }

    /** A client that is not connected yet; [Client.start] connects it. Its [scope] is as in [start]. */
    public fun client(
        config: ClientConfig,
        scope: CoroutineScope? = null,
    ): Client = Client.of(config, scope ?: CoroutineScope(SupervisorJob() + Dispatchers.Default), isOwn = scope == null)
}
