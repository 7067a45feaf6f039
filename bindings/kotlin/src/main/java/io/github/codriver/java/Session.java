package io.github.codriver.java;

import io.github.codriver.ElicitationResult;
import io.github.codriver.SessionEvent;
import io.github.codriver.Turn;
import io.github.codriver.internal.JavaCalls;
import io.github.codriver.internal.JavaConfigs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A session that is open in a client. It lives until it is disconnected, or its client ends. To close it disconnects it. */
public final class Session implements AutoCloseable {
    private static final Duration TURN = Duration.ofSeconds(60);

    private final io.github.codriver.Session inner;
    private final JavaCalls calls;

    Session(io.github.codriver.Session inner, JavaCalls calls) {
        this.inner = inner;
        this.calls = calls;
    }

    /**
     * The session's id.
     *
     * @return the id
     */
    public String getId() {
        return inner.getId();
    }

    /**
     * Where the runtime keeps the session's state; null for cloud sessions.
     *
     * @return the path
     */
    public @Nullable String getWorkspacePath() {
        return inner.getWorkspacePath();
    }

    /**
     * What the host's interface can do, as the runtime said last.
     *
     * @return the capabilities
     */
    public Map<String, @Nullable Object> getCapabilities() {
        return JavaConfigs.fields(inner.getCapabilities());
    }

    /**
     * What was counted for it.
     *
     * @return {@code events_received}, {@code events_delivered}, {@code events_lost}, …
     */
    public Map<String, Long> getCounters() {
        return inner.getCounters();
    }

    /**
     * Sends a prompt; the turn goes on by itself. Prompts go out in the order of the calls.
     *
     * @param prompt what the model reads
     * @return the id of the message
     */
    public CompletableFuture<String> send(String prompt) {
        return send(prompt, SendOptions.create());
    }

    /**
     * As {@link #send(String)}, with options.
     *
     * @param prompt what the model reads
     * @param options what else is said
     * @return the id of the message
     */
    public CompletableFuture<String> send(String prompt, SendOptions options) {
        return calls.future(done -> inner.send(prompt, options.options(), done));
    }

    /**
     * Sends a prompt and waits a minute for the end of its turn, whatever else the session does.
     *
     * @param prompt what the model reads
     * @return how the turn ended
     */
    public CompletableFuture<Turn> sendAndWait(String prompt) {
        return sendAndWait(prompt, TURN);
    }

    /**
     * Sends a prompt and waits for the end of its turn, whatever else the session does.
     *
     * @param prompt what the model reads
     * @param timeout after which the turn goes on by itself
     * @return how the turn ended; fails with {@link io.github.codriver.CodriverException.Timeout}
     */
    public CompletableFuture<Turn> sendAndWait(String prompt, Duration timeout) {
        return sendAndWait(prompt, timeout, false, SendOptions.create());
    }

    /**
     * As {@link #sendAndWait(String, Duration)}, with options.
     *
     * @param prompt what the model reads
     * @param timeout how long is waited
     * @param abortOnTimeout whether the turn is aborted then
     * @param options what else is said
     * @return how the turn ended
     */
    public CompletableFuture<Turn> sendAndWait(String prompt, Duration timeout, boolean abortOnTimeout, SendOptions options) {
        return calls.turn(inner, prompt, timeout, abortOnTimeout, options.options());
    }

    /**
     * Calls a handler for each event from now on: in wire order, one at a time, after those registered before.
     *
     * @param handler the handler; it may block
     * @return what unregisters it
     */
    public AutoCloseable on(Consumer<? super SessionEvent> handler) {
        return inner.on(null, calls.telling(handler));
    }

    /**
     * As {@link #on(Consumer)}, for events of one type.
     *
     * @param type the type
     * @param handler the handler; it may block
     * @return what unregisters it
     */
    public AutoCloseable on(String type, Consumer<? super SessionEvent> handler) {
        return inner.on(type, calls.telling(handler));
    }

    /**
     * The events of each subscription, from its beginning. Completes when the session ends.
     *
     * @return the events
     */
    public Flow.Publisher<SessionEvent> events() {
        return calls.events(inner, null);
    }

    /**
     * The events from a sequence number on, as far as they are still held.
     *
     * @param seq the first one
     * @return the events
     */
    public Flow.Publisher<SessionEvent> eventsFrom(long seq) {
        return calls.events(inner, seq);
    }

    /**
     * Stops what the session is doing. Handlers at work are cancelled.
     *
     * @return when it is told
     */
    public CompletableFuture<@Nullable Void> abort() {
        return calls.done(inner::abort);
    }

    /**
     * The stored events; they have no sequence numbers.
     *
     * @return the events
     */
    public CompletableFuture<List<SessionEvent>> getEvents() {
        return calls.future(inner::getEvents);
    }

    /**
     * Switches to another model, from the next turn on.
     *
     * @param model its id
     * @param reasoningEffort e.g. {@code low}; null: the model's
     * @return when it is switched
     */
    public CompletableFuture<@Nullable Void> setModel(String model, @Nullable String reasoningEffort) {
        return calls.done(done -> inner.setModel(model, reasoningEffort, done));
    }

    /**
     * Puts a line into the session's log.
     *
     * @param message the line
     * @param level {@code info}, {@code warning}, {@code error}
     * @param ephemeral whether it is not stored
     * @return the event's id
     */
    public CompletableFuture<String> log(String message, @Nullable String level, boolean ephemeral) {
        return calls.future(done -> inner.log(message, level, ephemeral, done));
    }

    /**
     * Waits until the session takes prompts; only a cloud session's worker has to come first.
     *
     * @param timeout how long is waited
     * @return when it is ready
     */
    public CompletableFuture<@Nullable Void> waitUntilReady(Duration timeout) {
        return calls.ready(inner, timeout);
    }

    /**
     * Any method of the runtime, with {@code sessionId} added to the parameters.
     *
     * @param method its name on the wire
     * @param params maps, lists, texts, numbers, truth
     * @return its result as maps, lists, texts, numbers, truth
     */
    public CompletableFuture<@Nullable Object> rpc(String method, @Nullable Map<String, ?> params) {
        return calls.plain(done -> inner.rpc(method, params == null ? null : JavaConfigs.json(params), done));
    }

    /**
     * Shows a form to the user of whoever shows this session.
     *
     * @param message what to tell the user
     * @param schema a JSON schema object
     * @return the answer
     */
    public CompletableFuture<ElicitationResult> elicit(String message, Map<String, ?> schema) {
        return calls.future(done -> inner.getUi().elicitation(message, JavaConfigs.json(schema), done));
    }

    /**
     * Asks a yes-or-no question; anything but a yes is false.
     *
     * @param message the question
     * @return the answer
     */
    public CompletableFuture<Boolean> confirm(String message) {
        return calls.future(done -> inner.getUi().confirm(message, done));
    }

    /**
     * Lets the user choose.
     *
     * @param message the question
     * @param choices what there is
     * @return the choice, or null
     */
    public CompletableFuture<@Nullable String> select(String message, List<String> choices) {
        return calls.future(done -> inner.getUi().select(message, choices, done));
    }

    /**
     * Lets the user enter a line.
     *
     * @param message the question
     * @return the line, or null
     */
    public CompletableFuture<@Nullable String> input(String message) {
        return calls.future(done -> inner.getUi().input(message, done));
    }

    /**
     * Ends the session here and tells the runtime, which keeps what it stored. Twice is fine.
     *
     * @return when it is told
     */
    public CompletableFuture<@Nullable Void> disconnect() {
        return calls.done(inner::disconnect);
    }

    /** Disconnects it and waits for that. */
    @Override
    public void close() {
        try {
            disconnect().join();
        } catch (CompletionException failed) {
            // It is over here all the same.
        } finally {
            inner.close();
        }
    }

    @Override
    public String toString() {
        return "Session(" + getId() + ")";
    }
}
