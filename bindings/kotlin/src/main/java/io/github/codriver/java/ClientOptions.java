package io.github.codriver.java;

import io.github.codriver.ClientConfig;
import io.github.codriver.LifecycleEvent;
import io.github.codriver.internal.JavaCalls;
import io.github.codriver.internal.JavaConfigs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The options of a client; none of them is needed. */
public final class ClientOptions {
    final Builder told;

    private ClientOptions(Builder builder) {
        told = builder;
    }

    /**
     * Begins them.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    ClientConfig config(JavaCalls calls) {
        ClientConfig config = JavaConfigs.client(told.fields);
        if (told.onState != null) {
            config.onState(calls.telling(told.onState));
        }
        if (told.onLifecycle != null) {
            config.onLifecycle(calls.telling(told.onLifecycle));
        }
        if (told.onNotification != null) {
            JavaConfigs.onNotification(config, calls, told.onNotification);
        }
        if (told.files != null) {
            told.files.apply(config, calls);
        }
        return config;
    }

    /** Hangs the files onto a config. */
    private interface Files {
        void apply(ClientConfig config, JavaCalls calls);
    }

    /** Makes {@link ClientOptions}. */
    public static final class Builder extends ClientOptionsBuilder<Builder> {
        @Nullable Executor executor;
        private @Nullable Consumer<? super String> onState;
        private @Nullable Consumer<? super LifecycleEvent> onLifecycle;
        private @Nullable BiConsumer<? super String, @Nullable Object> onNotification;
        private @Nullable Files files;

        private Builder() {
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Where handlers and blocking files run, e.g. {@code Executors.newVirtualThreadPerTaskExecutor()}; default: as many
         * threads as block at once.
         *
         * @param executor the executor, which the client does not shut down
         * @return this
         */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * Is told {@code disconnected}, {@code connecting}, {@code connected}, {@code error}.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onState(Consumer<? super String> handler) {
            onState = handler;
            return this;
        }

        /**
         * Is told when sessions of the runtime come, go and change.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onLifecycle(Consumer<? super LifecycleEvent> handler) {
            onLifecycle = handler;
            return this;
        }

        /**
         * Is told notifications this library has no name for: method and parameters, as maps, lists, texts and numbers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onNotification(BiConsumer<? super String, @Nullable Object> handler) {
            onNotification = handler;
            return this;
        }

        /**
         * Session state in a store of one's own, by its URL: {@code memory:}, {@code dir:PATH}, {@code sqlite:PATH}.
         *
         * @param store the URL
         * @param initialCwd working directory of sessions, an absolute path
         * @param statePath where the runtime keeps a session's state in the session's store, an absolute path
         * @return this
         */
        public Builder sessionFs(String store, String initialCwd, String statePath) {
            return sessionFs(store, initialCwd, statePath, Map.of());
        }

        /**
         * As {@link #sessionFs(String, String, String)}, with what the store can do.
         *
         * @param store the URL
         * @param initialCwd working directory of sessions, an absolute path
         * @param statePath where the runtime keeps a session's state in the session's store, an absolute path
         * @param more {@code conventions}, {@code binary}, {@code sqlite}, {@code workspace}, {@code rest}, {@code cache}
         * @return this
         */
        public Builder sessionFs(String store, String initialCwd, String statePath, Map<String, ?> more) {
            Map<String, ?> options = new LinkedHashMap<>(more);
            files = (config, calls) -> config.sessionFs(store, initialCwd, statePath, JavaConfigs.files(options));
            return this;
        }

        /**
         * Session state in a store that is open.
         *
         * @param store the store
         * @param initialCwd working directory of sessions, an absolute path
         * @param statePath where the runtime keeps a session's state in the session's store, an absolute path
         * @return this
         */
        public Builder sessionFs(Store store, String initialCwd, String statePath) {
            return sessionFs(store, initialCwd, statePath, Map.of());
        }

        /**
         * As {@link #sessionFs(Store, String, String)}, with what the store can do.
         *
         * @param store the store
         * @param initialCwd working directory of sessions, an absolute path
         * @param statePath where the runtime keeps a session's state in the session's store, an absolute path
         * @param more {@code conventions}, {@code binary}, {@code sqlite}, {@code workspace}, {@code rest}, {@code cache}
         * @return this
         */
        public Builder sessionFs(Store store, String initialCwd, String statePath, Map<String, ?> more) {
            Map<String, ?> options = new LinkedHashMap<>(more);
            files = (config, calls) -> config.sessionFs(store.inner, initialCwd, statePath, JavaConfigs.files(options));
            return this;
        }

        /**
         * Session state in files of one's own, by methods that may block.
         *
         * @param initialCwd working directory of sessions, an absolute path
         * @param statePath where the runtime keeps a session's state in the session's store, an absolute path
         * @param more {@code conventions}, {@code binary}, {@code sqlite}, {@code workspace}, {@code rest}, {@code cache}
         * @param open is given a session's id, once for each session
         * @return this
         */
        public Builder sessionFs(
                String initialCwd, String statePath, Map<String, ?> more, Handler<String, ? extends SessionFs> open) {
            Map<String, ?> options = new LinkedHashMap<>(more);
            files = (config, calls) ->
                    config.sessionFs(initialCwd, statePath, JavaConfigs.files(options), calls.blockingFiles(open));
            return this;
        }

        /**
         * Session state in files of one's own, by methods that give futures.
         *
         * @param initialCwd working directory of sessions, an absolute path
         * @param statePath where the runtime keeps a session's state in the session's store, an absolute path
         * @param more {@code conventions}, {@code binary}, {@code sqlite}, {@code workspace}, {@code rest}, {@code cache}
         * @param open is given a session's id, once for each session
         * @return this
         */
        public Builder asyncSessionFs(
                String initialCwd, String statePath, Map<String, ?> more, Function<String, ? extends AsyncSessionFs> open) {
            Map<String, ?> options = new LinkedHashMap<>(more);
            files = (config, calls) ->
                    config.sessionFs(initialCwd, statePath, JavaConfigs.files(options), calls.asyncFiles(open));
            return this;
        }

        /**
         * An option by its name on the wire.
         *
         * @param name the name
         * @param value maps, lists, texts, numbers, truth, or an option object
         * @return this
         */
        public Builder option(String name, Object value) {
            put(name, value);
            return this;
        }

        /**
         * Makes them.
         *
         * @return the options
         */
        public ClientOptions build() {
            return new ClientOptions(this);
        }
    }
}
