package io.github.codriver.java;

/** How the runtime is reached. */
public final class Transport extends OptionObject {
    private Transport(Builder builder) {
        super(builder);
    }

    /**
     * A child of ours, over its stdin and stdout.
     *
     * @return the default transport
     */
    public static Transport stdio() {
        return new Transport(new Builder("stdio"));
    }

    /**
     * A child of ours, over TCP on loopback.
     *
     * @param port port; 0: any
     * @return the transport
     */
    public static Transport tcp(int port) {
        return new Transport(new Builder("tcp").with("port", port));
    }

    /**
     * A runtime somebody else started and will end.
     *
     * @param host host name or address
     * @param port port
     * @return the transport
     */
    public static Transport external(String host, int port) {
        return new Transport(new Builder("external").with("host", host).with("port", port));
    }

    /**
     * A runtime somebody else started, with a connection token, and will end.
     *
     * @param host host name or address
     * @param port port
     * @param token the token it was started with
     * @return the transport
     */
    public static Transport external(String host, int port, String token) {
        return new Transport(new Builder("external").with("host", host).with("port", port).with("token", token));
    }

    /**
     * The runtime that started this process as an extension, over our own stdin and stdout.
     *
     * @return the transport
     */
    public static Transport parent() {
        return new Transport(new Builder("parent"));
    }

    private static final class Builder extends OptionBuilder {
        Builder(String kind) {
            put("kind", kind);
        }

        Builder with(String name, Object value) {
            put(name, value);
            return this;
        }
    }
}
