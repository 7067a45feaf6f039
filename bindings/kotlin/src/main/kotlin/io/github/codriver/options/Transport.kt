package io.github.codriver.options

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Keeps the blocks of nested options apart. */
@DslMarker
@Target(AnnotationTarget.CLASS)
public annotation class CodriverDsl

/** How the runtime is reached. */
@Serializable
public sealed class Transport {
    /** A child of ours, over its stdin and stdout. */
    @Serializable
    @SerialName("stdio")
    public object Stdio : Transport()

    /** A child of ours, over TCP on loopback; [port] 0: any. */
    @Serializable
    @SerialName("tcp")
    public class Tcp(
        public val port: Int = 0,
    ) : Transport()

    /** A runtime somebody else started and will end; [token] where it was started with one. */
    @Serializable
    @SerialName("external")
    public class External(
        public val host: String,
        public val port: Int,
        public val token: String? = null,
    ) : Transport()

    /** The runtime that started this process as an extension, over our own stdin and stdout. */
    @Serializable
    @SerialName("parent")
    public object Parent : Transport()
}
