package io.github.codriver.java;

import io.github.codriver.SessionEvent;
import io.github.codriver.SessionMetadata;
import io.github.codriver.internal.JavaStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A store of sessions: {@code memory:}, {@code dir:PATH} or {@code sqlite:PATH}; and what can be asked of stored sessions without a
 * runtime.
 */
public final class Store implements AutoCloseable {
    final JavaStore inner;

    private Store(JavaStore inner) {
        this.inner = inner;
    }

    /**
     * Opens the store that a URL names.
     *
     * @param url the URL
     * @return the store; fails with {@link io.github.codriver.CodriverException.InvalidConfig} where no store is called so
     */
    public static CompletableFuture<Store> open(String url) {
        return Futures.map(JavaStore.open(url, null), Store::new);
    }

    /**
     * The sessions that are there, the last changed first.
     *
     * @return the sessions
     */
    public CompletableFuture<List<SessionMetadata>> listSessions() {
        return inner.listSessions(Map.of());
    }

    /**
     * The sessions that match, the last changed first.
     *
     * @param filter with the wire's names
     * @return the sessions
     */
    public CompletableFuture<List<SessionMetadata>> listSessions(Map<String, ?> filter) {
        return inner.listSessions(filter);
    }

    /**
     * What is known of a session.
     *
     * @param sessionId the session
     * @return what is known, or null
     */
    public CompletableFuture<@Nullable SessionMetadata> getSessionMetadata(String sessionId) {
        return inner.getSessionMetadata(sessionId);
    }

    /**
     * The session that was changed last.
     *
     * @return its id, or null
     */
    public CompletableFuture<@Nullable String> getLastSessionId() {
        return inner.getLastSessionId();
    }

    /**
     * The events of a session; lines of its log that are none are left out.
     *
     * @param sessionId the session
     * @return the events
     */
    public CompletableFuture<List<SessionEvent>> getEvents(String sessionId) {
        return inner.getEvents(sessionId);
    }

    /**
     * Erases a session with all its files.
     *
     * @param sessionId the session
     * @return when it is gone
     */
    public CompletableFuture<@Nullable Void> deleteSession(String sessionId) {
        return Futures.done(inner.deleteSession(sessionId));
    }

    /**
     * Makes a new session of what another is now.
     *
     * @param sessionId the session
     * @param newId the new one's id
     * @return when it is there
     */
    public CompletableFuture<@Nullable Void> forkSession(String sessionId, String newId) {
        return Futures.done(inner.forkSession(sessionId, newId));
    }

    /**
     * Writes a session into a new file.
     *
     * @param sessionId the session
     * @param path the file
     * @return the archive's manifest
     */
    public CompletableFuture<Map<String, @Nullable Object>> exportSession(String sessionId, Path path) {
        return inner.exportSession(sessionId, path);
    }

    /**
     * Makes a session of what {@link #exportSession} wrote.
     *
     * @param path the file
     * @param newId its id; null: the one it had
     * @return its id
     */
    public CompletableFuture<String> importSession(Path path, @Nullable String newId) {
        return inner.importSession(path, newId);
    }

    /** Gives it back; clients that were given it keep it. */
    @Override
    public void close() {
        inner.close();
    }
}
