package io.github.codriver.java;

import io.github.codriver.LogHealth;
import io.github.codriver.SessionMetadata;
import io.github.codriver.StoredEvents;
import io.github.codriver.internal.JavaCalls;
import io.github.codriver.internal.JavaConfigs;
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
    final io.github.codriver.Store inner;
    private final JavaCalls calls;

    Store(io.github.codriver.Store inner, JavaCalls calls) {
        this.inner = inner;
        this.calls = calls;
    }

    /**
     * Opens the store that a URL names; what is not there is made.
     *
     * @param url the URL
     * @return the store; fails with {@link io.github.codriver.CodriverException.InvalidConfig} where no store is called so
     */
    public static CompletableFuture<Store> open(String url) {
        JavaCalls calls = new JavaCalls(null);
        return opened(calls.future(done -> io.github.codriver.Store.Companion.open(url, done)), calls);
    }

    /**
     * Opens the store that a URL names, and makes nothing.
     *
     * @param url the URL
     * @return the store; fails with {@link io.github.codriver.CodriverException.FsNotFound} where nothing is there
     */
    public static CompletableFuture<Store> openExisting(String url) {
        JavaCalls calls = new JavaCalls(null);
        return opened(calls.future(done -> io.github.codriver.Store.Companion.openExisting(url, done)), calls);
    }

    private static CompletableFuture<Store> opened(CompletableFuture<io.github.codriver.Store> call, JavaCalls calls) {
        return Futures.map(call, store -> new Store(store, calls));
    }

    /**
     * The sessions that are there, the last changed first.
     *
     * @return the sessions
     */
    public CompletableFuture<List<SessionMetadata>> listSessions() {
        return listSessions(Map.of());
    }

    /**
     * The sessions that match, the last changed first.
     *
     * @param filter with the wire's names
     * @return the sessions
     */
    public CompletableFuture<List<SessionMetadata>> listSessions(Map<String, ?> filter) {
        return calls.future(done -> inner.listSessions(JavaConfigs.filter(filter), done));
    }

    /**
     * What is known of a session.
     *
     * @param sessionId the session
     * @return what is known, or null
     */
    public CompletableFuture<@Nullable SessionMetadata> getSessionMetadata(String sessionId) {
        return calls.future(done -> inner.getSessionMetadata(sessionId, done));
    }

    /**
     * The session that was changed last.
     *
     * @return its id, or null
     */
    public CompletableFuture<@Nullable String> getLastSessionId() {
        return calls.future(done -> inner.getLastSessionId(done));
    }

    /**
     * The events of a session; lines of its log that are none are left out, and counted.
     *
     * @param sessionId the session
     * @return the events
     */
    public CompletableFuture<StoredEvents> getEvents(String sessionId) {
        return calls.future(done -> inner.getEvents(sessionId, done));
    }

    /**
     * Erases a session with all its files.
     *
     * @param sessionId the session
     * @return when it is gone
     */
    public CompletableFuture<@Nullable Void> deleteSession(String sessionId) {
        return calls.done(done -> inner.deleteSession(sessionId, done));
    }

    /**
     * Makes a new session of what another is now.
     *
     * @param sessionId the session
     * @param newId the new one's id
     * @return when it is there
     */
    public CompletableFuture<@Nullable Void> forkSession(String sessionId, String newId) {
        return calls.done(done -> inner.forkSession(sessionId, newId, done));
    }

    /**
     * Writes a session into a new file.
     *
     * @param sessionId the session
     * @param path the file
     * @return the archive's manifest
     */
    public CompletableFuture<Map<String, @Nullable Object>> exportSession(String sessionId, Path path) {
        return calls.fields(done -> inner.exportSession(sessionId, path, done));
    }

    /**
     * Makes a session of what {@link #exportSession} wrote.
     *
     * @param path the file
     * @param newId its id; null: the one it had
     * @return its id
     */
    public CompletableFuture<String> importSession(Path path, @Nullable String newId) {
        return calls.future(done -> inner.importSession(path, newId, done));
    }

    /**
     * What is wrong with the event log of a session, which stays as it is.
     *
     * @param sessionId the session
     * @return the state of its log
     */
    public CompletableFuture<LogHealth> check(String sessionId) {
        return calls.future(done -> inner.check(sessionId, done));
    }

    /**
     * {@link #check} of every session, the last changed first; one that cannot be read has its error, and hinders no other.
     *
     * @return the states of their logs
     */
    public CompletableFuture<List<LogHealth>> checkAll() {
        return calls.future(done -> inner.checkAll(done));
    }

    /**
     * Repairs the event log of a session, which must not be open meanwhile. What is not whole goes to a file of its own.
     *
     * @param sessionId the session
     * @return what was wrong
     */
    public CompletableFuture<LogHealth> repair(String sessionId) {
        return calls.future(done -> inner.repair(sessionId, done));
    }

    /**
     * {@link #repair} of every session, as {@link #checkAll}.
     *
     * @return what was wrong
     */
    public CompletableFuture<List<LogHealth>> repairAll() {
        return calls.future(done -> inner.repairAll(done));
    }

    /** Gives it back; clients that were given it keep it. */
    @Override
    public void close() {
        inner.close();
    }
}
