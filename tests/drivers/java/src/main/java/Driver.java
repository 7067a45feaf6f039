import com.google.gson.JsonParseException;
import io.github.codriver.CodriverException;
import io.github.codriver.SessionEvent;
import io.github.codriver.SessionMetadata;
import io.github.codriver.java.Client;
import io.github.codriver.java.ClientOptions;
import io.github.codriver.java.Session;
import io.github.codriver.java.SessionConfig;
import io.github.codriver.java.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;

/** The conformance driver of the Java facade: JSON lines in, JSON lines out, by nothing but the public API. */
public final class Driver {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ForeignStore foreign = new ForeignStore();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final Map<Object, CompletableFuture<?>> running = new ConcurrentHashMap<>();
    private List<Object> given = List.of();
    private Client started;
    private boolean stopped;

    private Driver() {
    }

    /**
     * Reads commands until there are no more.
     *
     * @param arguments none
     * @throws IOException standard input cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        Driver driver = new Driver();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && driver.begin(line); line = lines.readLine()) { }
        System.exit(0);
    }

    /** Starts the command of a line; false ends the driver. */
    private boolean begin(String line) {
        Map<String, Object> command;
        try {
            command = Say.parse(line);
        } catch (JsonParseException problem) {
            Say.line(Say.object("error", Say.error(problem)));
            return true;
        }
        if ("exit".equals(command.get("op"))) {
            return false;
        }
        Object id = command.get("id");
        CompletableFuture<?> work;
        try {
            work = run(command);
        } catch (RuntimeException failure) {
            work = CompletableFuture.failedFuture(failure);
        }
        running.put(id, work);
        work.whenComplete((ok, failure) -> {
            running.remove(id);
            Say.line(failure == null ? result(id, ok) : Say.object("id", id, "error", failed(failure)));
        });
        return true;
    }

    private static Map<String, Object> result(Object id, Object ok) {
        Map<String, Object> result = Say.object("id", id);
        result.put("ok", ok);
        return result;
    }

    private static Map<String, Object> failed(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof CancellationException) {
            return Say.object("number", 100, "name", "CANCELLED", "message", "the future was cancelled");
        }
        return Say.error(cause);
    }

    private Client client() {
        if (started == null) {
            throw new CodriverException.InvalidArgument("no start came before this", null);
        }
        return started;
    }

    private Session session(Map<String, Object> command) {
        Session session = sessions.get((String) command.get("session"));
        if (session == null) {
            throw new CodriverException.InvalidArgument("no session is called " + command.get("session"), null);
        }
        return session;
    }

    private CompletableFuture<?> run(Map<String, Object> command) {
        String op = (String) command.get("op");
        return switch (op) {
            case "start" -> start(command);
            case "create_session" -> create(command);
            case "resume_session" -> resume(command);
            case "send" -> changed(session(command).send(text(command, "prompt")), id -> Say.object("message_id", id));
            case "send_and_wait" -> {
                Duration timeout =
                        command.get("timeout_ms") instanceof Number ms ? Duration.ofMillis(ms.longValue()) : PATIENCE;
                yield changed(
                        session(command).sendAndWait(text(command, "prompt"), timeout),
                        turn -> Collections.singletonMap("content", turn.getContent()));
            }
            case "wait_ready" -> done(session(command).waitUntilReady(PATIENCE));
            case "abort" -> done(session(command).abort());
            case "disconnect" -> done(session(command).disconnect());
            case "get_events" -> changed(
                    session(command).getEvents(),
                    events -> Say.object("types", events.stream().map(SessionEvent::getType).toList()));
            case "set_model" -> done(session(command).setModel(text(command, "model"), null));
            case "subscribe" -> subscribe(command);
            case "list_sessions" -> changed(
                    client().listSessions(map(command.get("filter"))),
                    found -> Say.object("ids", found.stream().map(SessionMetadata::getSessionId).toList()));
            case "get_metadata" -> changed(
                    client().getSessionMetadata(text(command, "session_id")), found -> Say.object("found", found != null));
            case "delete_session" -> done(client().deleteSession(text(command, "session_id")));
            case "last_session_id" -> changed(
                    client().getLastSessionId(), id -> Collections.singletonMap("session_id", id));
            case "ping" -> changed(
                    client().ping(text(command, "message")), pong -> Say.object("message", pong.get("message")));
            case "rpc" -> command.get("session") == null
                    ? client().rpc(text(command, "method"), command.get("params"))
                    : session(command).rpc(text(command, "method"), map(command.get("params")));
            case "counters" -> CompletableFuture.completedFuture(
                    command.get("session") == null ? client().getCounters() : session(command).getCounters());
            case "cancel" -> cancel(command);
            case "stop" -> ended(client().stop());
            case "force_stop" -> ended(client().forceStop());
            default -> throw new CodriverException.InvalidArgument("not a command: " + op, null);
        };
    }

    /** As `thenApply`; to cancel it cancels the call. */
    private static <A, B> CompletableFuture<B> changed(
            CompletableFuture<A> call, java.util.function.Function<? super A, ? extends B> change) {
        CompletableFuture<B> changed = call.thenApply(change);
        changed.whenComplete((done, failure) -> {
            if (changed.isCancelled()) {
                call.cancel(true);
            }
        });
        return changed;
    }

    private static CompletableFuture<Map<String, Object>> done(CompletableFuture<?> call) {
        return changed(call, nothing -> Map.of());
    }

    private CompletableFuture<Map<String, Object>> ended(CompletableFuture<List<CodriverException>> call) {
        stopped = true;
        return changed(call, errors -> Say.object("errors", errors.stream().map(Say::error).toList()));
    }

    private CompletableFuture<Map<String, Object>> cancel(Map<String, Object> command) {
        CompletableFuture<?> target = running.get(command.get("target"));
        if (target != null) {
            target.cancel(true);
        }
        return CompletableFuture.completedFuture(Map.of());
    }

    private CompletableFuture<Map<String, Object>> start(Map<String, Object> command) {
        List<Object> asked = new ArrayList<>();
        Collections.addAll(asked, command.get("runtime"), command.get("session_fs"), command.get("options"));
        if (started == null || stopped || !given.equals(asked)) {
            started = Client.create(prepare(command));
            given = asked;
            stopped = false;
        }
        Client client = started;
        return changed(client.connect(), connected -> {
            if (client.getRuntimeVersion() == null) {
                throw new CodriverException.Closed("the connection ended at once", null);
            }
            return Say.object("protocol_version", client.getProtocolVersion(), "runtime_version", client.getRuntimeVersion());
        });
    }

    private ClientOptions prepare(Map<String, Object> command) {
        Map<String, Object> runtime = map(command.get("runtime"));
        ClientOptions.Builder options = ClientOptions.builder();
        Map<String, String> env = new HashMap<>();
        map(command.get("options")).forEach((name, value) -> {
            if (name.equals("env")) {
                map(value).forEach((key, each) -> env.put(key, (String) each));
            } else {
                options.option(camel(name), value);
            }
        });
        map(runtime.get("env")).forEach((key, each) -> env.put(key, (String) each));
        if (!env.isEmpty()) {
            options.env(env);
        }
        if (runtime.get("kind").equals("stdio")) {
            options.cliPath(text(runtime, "path"));
            if (runtime.get("args") instanceof List<?> arguments) {
                options.cliArgs(arguments.stream().map(String.class::cast).toList());
            }
        } else {
            int port = ((Number) runtime.get("port")).intValue();
            String token = text(runtime, "token");
            String host = text(runtime, "host");
            options.transport(token == null ? Transport.external(host, port) : Transport.external(host, port, token));
        }
        if (command.get("session_fs") != null) {
            files(options, map(command.get("session_fs")));
        }
        options.onState(state -> Say.line(Say.object("obs", "state", "state", state)));
        options.onLifecycle(event -> Say.line(
                Say.object("obs", "lifecycle", "type", event.getType(), "session_id", event.getSessionId())));
        return options.build();
    }

    private void files(ClientOptions.Builder options, Map<String, Object> files) {
        String store = text(files, "store");
        String cwd = text(files, "initial_cwd");
        String state = text(files, "state_path");
        Map<String, Object> more = Say.object(
                "conventions", files.get("conventions"),
                "sqlite", files.get("sqlite"),
                "binary", files.getOrDefault("binary", false));
        if (store.equals("foreign")) {
            options.sessionFs(cwd, state, more, foreign::open);
        } else {
            options.sessionFs(url(store), cwd, state, more);
        }
    }

    private CompletableFuture<Map<String, Object>> create(Map<String, Object> command) {
        Map<String, Object> config = map(command.get("config"));
        foreign.expect(text(config, "sessionId"), (String) map(command.get("handlers")).getOrDefault("fs", "memory"));
        return keep(command, client().createSession(configured(command, config)));
    }

    private CompletableFuture<Map<String, Object>> resume(Map<String, Object> command) {
        String id = text(command, "session_id");
        foreign.expect(id, (String) map(command.get("handlers")).getOrDefault("fs", "memory"));
        return keep(command, client().resumeSession(id, configured(command, map(command.get("config")))));
    }

    private SessionConfig configured(Map<String, Object> command, Map<String, Object> config) {
        SessionConfig.Builder builder = SessionConfig.builder();
        config.forEach((name, value) -> {
            if (!name.equals("tools")) {
                builder.option(name, value);
            }
        });
        new Behave(client(), text(command, "session"))
                .hangOnto(builder, maps(config.get("tools")), map(command.get("handlers")));
        return builder.build();
    }

    private CompletableFuture<Map<String, Object>> keep(Map<String, Object> command, CompletableFuture<Session> opening) {
        return changed(opening, session -> {
            sessions.put(text(command, "session"), session);
            return Say.object("session_id", session.getId(), "workspace_path", session.getWorkspacePath());
        });
    }

    private CompletableFuture<Map<String, Object>> subscribe(Map<String, Object> command) {
        Session session = session(command);
        Flow.Publisher<SessionEvent> events =
                command.get("from_seq") instanceof Number seq ? session.eventsFrom(seq.longValue()) : session.events();
        String name = text(command, "session");
        CompletableFuture<Map<String, Object>> subscribed = new CompletableFuture<>();
        events.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
                subscribed.complete(Map.of());
            }

            @Override
            public void onNext(SessionEvent event) {
                Say.event(name, event, command.get("id"));
            }

            @Override
            public void onError(Throwable failure) {
                subscribed.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                // The session is over.
            }
        });
        return subscribed;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return value == null ? new LinkedHashMap<>() : (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> maps(Object value) {
        return value == null ? List.of() : (List<Map<String, Object>>) value;
    }

    private static String text(Map<String, Object> fields, String name) {
        return (String) fields.get(name);
    }

    private static String camel(String name) {
        StringBuilder camel = new StringBuilder();
        for (String part : name.split("_")) {
            camel.append(camel.isEmpty() ? part : part.substring(0, 1).toUpperCase() + part.substring(1));
        }
        return camel.toString();
    }

    /** A store as the contract names it, as a URL. */
    private static String url(String store) {
        if (store.equals("memory")) {
            return "memory:";
        }
        return store.startsWith("directory:") ? "dir:" + store.substring(10) : store;
    }
}
