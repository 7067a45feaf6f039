package io.github.codriver.java;

import io.github.codriver.Codriver;
import io.github.codriver.CodriverException;
import io.github.codriver.FoundRuntime;
import io.github.codriver.RuntimeInfo;
import io.github.codriver.SessionEvent;
import io.github.codriver.SessionMetadata;
import io.github.codriver.internal.JavaCalls;
import io.github.codriver.internal.JavaConfigs;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A client of one runtime, and the sessions on it. To close it stops it in order; one that nobody holds any more is closed, and its
 * runtime killed.
 */
public final class Client implements AutoCloseable {
    private final io.github.codriver.Client inner;
    private final JavaCalls calls;

    private Client(ClientOptions options) {
        calls = new JavaCalls(options.told.executor);
        inner = calls.client(options.config(calls));
    }

    /**
     * Starts a runtime, or connects to one.
     *
     * @param options the options
     * @return the client, when it is connected
     */
    public static CompletableFuture<Client> start(ClientOptions options) {
        Client client = new Client(options);
        CompletableFuture<Client> connected = Futures.map(client.connect(), done -> client);
        connected.whenComplete((done, failure) -> {
            if (failure != null) {
                client.inner.close();
            }
        });
        return connected;
    }

    /**
     * Starts the runtime that is installed.
     *
     * @return the client, when it is connected
     */
    public static CompletableFuture<Client> start() {
        return start(ClientOptions.builder().build());
    }

    /**
     * The runtime that a client with these options would start.
     *
     * @param options the options
     * @return where it is, and how it was found
     * @throws CodriverException.RuntimeNotFound there is none, with all that was tried
     */
    public static FoundRuntime findRuntime(ClientOptions options) {
        return Codriver.INSTANCE.findRuntime(options.config(new JavaCalls(null)));
    }

    /**
     * A client that is not connected yet; {@link #connect} connects it.
     *
     * @param options the options
     * @return the client
     */
    public static Client create(ClientOptions options) {
        return new Client(options);
    }

    /**
     * Connects; does nothing where the client is connected. After an error or a lost runtime it may be called again.
     *
     * @return when it is connected
     */
    public CompletableFuture<@Nullable Void> connect() {
        return calls.done(inner::start);
    }

    /**
     * Ends the client in order: sessions, runtime, and all that the runtime started. Twice is fine.
     *
     * @return what went wrong; the client is stopped all the same
     */
    public CompletableFuture<List<CodriverException>> stop() {
        return calls.errors(inner::stop);
    }

    /**
     * Ends the client at once: the runtime is killed with all that it started.
     *
     * @return what went wrong
     */
    public CompletableFuture<List<CodriverException>> forceStop() {
        return calls.errors(inner::forceStop);
    }

    /** Stops it in order, waits for that, and gives everything back. */
    @Override
    public void close() {
        try {
            stop().join();
        } catch (CompletionException failed) {
            // It is stopped all the same.
        } finally {
            inner.close();
        }
    }

    /**
     * {@code disconnected}, {@code connecting}, {@code connected} or {@code error}.
     *
     * @return the state
     */
    public String getState() {
        return inner.getState();
    }

    /**
     * The runtime's version; null where the client is not connected.
     *
     * @return the version
     */
    public @Nullable String getRuntimeVersion() {
        RuntimeInfo runtime = inner.getRuntime();
        return runtime == null ? null : runtime.getVersion();
    }

    /**
     * The protocol that the runtime speaks; null where the client is not connected.
     *
     * @return the version
     */
    public @Nullable Long getProtocolVersion() {
        RuntimeInfo runtime = inner.getRuntime();
        return runtime == null ? null : runtime.getProtocolVersion();
    }

    /**
     * The process id of the runtime, where it is a child of this client.
     *
     * @return the process id
     */
    public @Nullable Long getRuntimePid() {
        return inner.getRuntimePid();
    }

    /**
     * The store of its sessions, opened for the caller, who closes it; there from the first connection on.
     *
     * @return the store; null where the runtime keeps the sessions, or files of one's own do
     */
    public @Nullable Store sessionStore() {
        io.github.codriver.Store store = inner.sessionStore();
        return store == null ? null : new Store(store, calls);
    }

    /**
     * What was counted for all its sessions together.
     *
     * @return {@code events_received}, {@code events_delivered}, {@code events_lost}, …
     */
    public Map<String, Long> getCounters() {
        return inner.getCounters();
    }

    /**
     * Creates a session.
     *
     * @param config options, handlers and tools
     * @return the session
     */
    public CompletableFuture<Session> createSession(SessionConfig config) {
        return opened(calls.future(done -> inner.createSession(config.config(calls), done)));
    }

    /**
     * Resumes a stored session.
     *
     * @param sessionId the session
     * @param config options, handlers and tools
     * @return the session; fails with {@link CodriverException.SessionNotFound}
     */
    public CompletableFuture<Session> resumeSession(String sessionId, SessionConfig config) {
        return opened(calls.future(done -> inner.resumeSession(sessionId, config.config(calls), done)));
    }

    /**
     * Joins the session of the runtime that started this process as an extension.
     *
     * @param config options, handlers and tools
     * @return the session
     */
    public CompletableFuture<Session> joinSession(SessionConfig config) {
        return opened(calls.future(done -> inner.joinSession(config.config(calls), done)));
    }

    /**
     * The stored sessions of the runtime.
     *
     * @return the sessions
     */
    public CompletableFuture<List<SessionMetadata>> listSessions() {
        return listSessions(Map.of());
    }

    /**
     * The stored sessions of the runtime that match.
     *
     * @param filter with the wire's names
     * @return the sessions
     */
    public CompletableFuture<List<SessionMetadata>> listSessions(Map<String, ?> filter) {
        return calls.future(done -> inner.listSessions(JavaConfigs.filter(filter), done));
    }

    /**
     * What is known of a stored session.
     *
     * @param sessionId the session
     * @return what is known, or null
     */
    public CompletableFuture<@Nullable SessionMetadata> getSessionMetadata(String sessionId) {
        return calls.future(done -> inner.getSessionMetadata(sessionId, done));
    }

    /**
     * The session that was used last.
     *
     * @return its id, or null
     */
    public CompletableFuture<@Nullable String> getLastSessionId() {
        return calls.future(done -> inner.getLastSessionId(done));
    }

    /**
     * The stored events of a session, whether or not anybody has it open.
     *
     * @param sessionId the session
     * @return the events
     */
    public CompletableFuture<List<SessionEvent>> getEvents(String sessionId) {
        return calls.future(done -> inner.getEvents(sessionId, done));
    }

    /**
     * Erases a stored session.
     *
     * @param sessionId the session
     * @return when it is gone
     */
    public CompletableFuture<@Nullable Void> deleteSession(String sessionId) {
        return calls.done(done -> inner.deleteSession(sessionId, done));
    }

    /**
     * The session the terminal shows.
     *
     * @return its id, or null
     */
    public CompletableFuture<@Nullable String> getForegroundSessionId() {
        return calls.future(done -> inner.getForegroundSessionId(done));
    }

    /**
     * Makes the terminal show a session.
     *
     * @param sessionId the session
     * @return when it is shown
     */
    public CompletableFuture<@Nullable Void> setForegroundSessionId(String sessionId) {
        return calls.done(done -> inner.setForegroundSessionId(sessionId, done));
    }

    /**
     * Asks the runtime for a sign of life.
     *
     * @param message what comes back
     * @return {@code message}, {@code timestamp}
     */
    public CompletableFuture<Map<String, @Nullable Object>> ping(@Nullable String message) {
        return calls.fields(done -> inner.ping(message, done));
    }

    /**
     * The runtime's version and protocol.
     *
     * @return {@code version}, {@code protocolVersion}
     */
    public CompletableFuture<Map<String, @Nullable Object>> getStatus() {
        return calls.fields(inner::getStatus);
    }

    /**
     * Who is logged in.
     *
     * @return {@code isAuthenticated}, {@code login}, …
     */
    public CompletableFuture<Map<String, @Nullable Object>> getAuthStatus() {
        return calls.fields(inner::getAuthStatus);
    }

    /**
     * The models the logged-in user may use.
     *
     * @return the models
     */
    public CompletableFuture<List<Map<String, @Nullable Object>>> listModels() {
        return calls.list(inner::listModels);
    }

    /**
     * Any method of the runtime.
     *
     * @param method its name on the wire
     * @param params maps, lists, texts, numbers, truth
     * @return its result as maps, lists, texts, numbers, truth
     */
    public CompletableFuture<@Nullable Object> rpc(String method, @Nullable Object params) {
        return calls.plain(done -> inner.rpc(method, JavaConfigs.element(params), done));
    }

    private CompletableFuture<Session> opened(CompletableFuture<io.github.codriver.Session> call) {
        return Futures.map(call, session -> new Session(session, calls));
    }

    @Override
    public String toString() {
        return "Client(state=" + getState() + ")";
    }
}
