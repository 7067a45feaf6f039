package io.github.codriver.java;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.codriver.CodriverException;
import io.github.codriver.Conformance;
import io.github.codriver.HandlerFailure;
import io.github.codriver.Mock;
import io.github.codriver.PermissionDecision;
import io.github.codriver.SessionEvent;
import io.github.codriver.internal.Records;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The facade, as somebody who knows no Kotlin uses it. */
@Timeout(600)
class FacadeTest {
    private static ClientOptions.Builder mock() {
        return ClientOptions.builder().cliPath(Mock.INSTANCE.getPath());
    }

    private static ClientOptions scripted(List<?> steps) {
        String script = Mock.INSTANCE.json(new kotlin.Pair<>("steps", steps), new kotlin.Pair<>("auto", Map.of())).toString();
        return mock().env(Map.of("MOCK_RUNTIME_SCRIPT", script)).build();
    }

    private static <T extends Throwable> T failure(Class<T> kind, CompletableFuture<?> call) {
        return assertInstanceOf(kind, assertThrows(CompletionException.class, call::join).getCause());
    }

    /** Plays a script that asks one thing; gives the failures that were reported. */
    private static List<HandlerFailure> asked(List<?> steps, Consumer<SessionConfig.Builder> configure) throws Exception {
        List<HandlerFailure> failures = new CopyOnWriteArrayList<>();
        try (Client client = Client.start(scripted(steps)).join()) {
            SessionConfig.Builder config = SessionConfig.builder().sessionId("s-1").onHandlerError(failures::add);
            configure.accept(config);
            client.createSession(config.build()).join();
            client.rpc("test.go", null).join();
            client.rpc("test.done", null).join();
            Thread.sleep(50);
        }
        return failures;
    }

    @Test
    void aConversationWithHandlersEventsAndAPublisher() throws Exception {
        List<SessionEvent> heard = new CopyOnWriteArrayList<>();
        List<SessionEvent> published = new CopyOnWriteArrayList<>();
        CountDownLatch completed = new CountDownLatch(1);
        try (Client client = Client.start(mock().build()).join();
                Session session = client.createSession(SessionConfig.builder().onEvent(heard::add).build()).join()) {
            session.events().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(SessionEvent event) {
                    published.add(event);
                }

                @Override
                public void onError(Throwable problem) {
                    problem.printStackTrace();
                }

                @Override
                public void onComplete() {
                    completed.countDown();
                }
            });
            assertEquals("connected", client.getState());
            assertNotNull(client.getRuntimeVersion());
            assertEquals("You said: hi", session.sendAndWait("hi").join().getContent());
            assertTrue(session.getEvents().join().size() >= 0);
            assertTrue(session.getCounters().get("events_received") > 0);
            session.disconnect().join();
            assertTrue(completed.await(30, TimeUnit.SECONDS));
        }
        assertTrue(published.stream().anyMatch(event -> "You said: hi".equals(event.dataAsMap().get("content"))));
        for (int at = 0; at < heard.size(); at++) {
            assertEquals(at + 1, heard.get(at).getSeq());
        }
    }

    @Test
    void blockingAndFutureHandlersAnswer() throws Exception {
        List<Object> approved = Mock.INSTANCE.permission(Map.of("kind", "approve-once"));
        assertEquals(List.of(), asked(approved, config -> config.onPermissionRequest(request -> {
            Thread.sleep(10);
            assertEquals("ls", request.text("fullCommandText"));
            return PermissionDecision.approveOnce();
        })));
        assertEquals(List.of(), asked(approved, config -> config.onPermissionRequestAsync(
                request -> CompletableFuture.supplyAsync(PermissionDecision::approveOnce))));
    }

    @Test
    void aHandlerThatThrowsApprovesNothingAndIsReportedWithItsOwnException() throws Exception {
        IllegalStateException boom = new IllegalStateException("boom");
        List<Object> denied = Mock.INSTANCE.permission(Map.of("kind", "user-not-available"));
        List<HandlerFailure> failures = asked(denied, config -> config.onPermissionRequest(request -> {
            throw boom;
        }));
        assertEquals(List.of("permission"), failures.stream().map(HandlerFailure::getPlace).toList());
        assertEquals("boom", failures.get(0).getError().getMessage());
    }

    enum Unit { CELSIUS }

    record Place(@Description("its name") String city, Optional<Unit> unit, List<Integer> days) { }

    record Doubled(int x) {
        Doubled {
            if (x < 0) {
                throw new IllegalArgumentException("x must not be negative");
            }
        }
    }

    @Test
    void aRecordIsTheSchemaOfATool() {
        Map<String, Object> schema = Records.schema(Place.class, "tool t");
        Map<String, Object> expected = Map.of(
                "type", "object",
                "properties", Map.of(
                        "city", Map.of("type", "string", "description", "its name"),
                        "unit", Map.of("enum", List.of("CELSIUS")),
                        "days", Map.of("type", "array", "items", Map.of("type", "integer"))),
                "required", List.of("city", "days"),
                "additionalProperties", false);
        assertEquals(expected, schema);
    }

    @Test
    void aToolAnswersTheModel() throws Exception {
        Map<String, Object> four = Map.of("textResultForLlm", "4", "resultType", "success");
        Tool doubled = Tool.builder("t", "Doubles.").record(Doubled.class, given -> String.valueOf(given.x() * 2));
        assertEquals(List.of(), asked(Mock.INSTANCE.toolCall(four), config -> config.tool(doubled)));
        Tool raw = Tool.builder("t", "Doubles.").handler(call -> Map.of("x", 2));
        Map<String, Object> json = Map.of("textResultForLlm", "{\"x\":2}", "resultType", "success");
        assertEquals(List.of(), asked(Mock.INSTANCE.toolCall(json), config -> config.tool(raw)));
        record Text(String x) { }
        Tool misfit = Tool.builder("t", "Doubles.").record(Text.class, Text::x);
        Map<String, Object> told =
                Map.of("textResultForLlm", "invalid arguments: `x`: must be string, not 2", "resultType", "failure");
        assertEquals(List.of(), asked(Mock.INSTANCE.toolCall(told), config -> config.tool(misfit)));
    }

    @Test
    void futuresFailWithTheErrorOfItsName() {
        failure(CodriverException.RuntimeNotFound.class,
                Client.start(ClientOptions.builder().cliPath("/nowhere/copilot").build()));
        try (Client client = Client.start(mock().build()).join()) {
            CodriverException.MethodNotFound gone =
                    failure(CodriverException.MethodNotFound.class, client.rpc("no.such", Map.of()));
            assertEquals(-32601, gone.getRpc().getCode());
            assertEquals(43, gone.getNumber());
            SessionConfig wrong = SessionConfig.builder().option("model", 7).build();
            assertTrue(failure(CodriverException.InvalidConfig.class, client.createSession(wrong)).getReason().contains("model"));
        }
    }

    @Test
    void aFutureThatIsCancelledCancelsTheCall() throws Exception {
        List<Object> steps = List.of(
                Mock.INSTANCE.expect("test.hangs", null),
                Mock.INSTANCE.expect("test.after", null),
                Mock.INSTANCE.reply(Map.of()));
        try (Client client = Client.start(scripted(steps)).join()) {
            CompletableFuture<Object> hanging = client.rpc("test.hangs", null);
            Thread.sleep(200);
            hanging.cancel(true);
            client.rpc("test.after", null).join();
        }
    }

    /** Asks for so many events, and keeps them. */
    private static final class Some implements Flow.Subscriber<SessionEvent> {
        final List<SessionEvent> heard = new CopyOnWriteArrayList<>();
        final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
        final CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscribed.complete(subscription);
        }

        @Override
        public void onNext(SessionEvent event) {
            heard.add(event);
        }

        @Override
        public void onError(Throwable problem) {
            ended.complete(problem);
        }

        @Override
        public void onComplete() {
            ended.complete(null);
        }

        void waitFor(int count) throws InterruptedException {
            for (int round = 0; round < 1500 && heard.size() < count; round++) {
                Thread.sleep(20);
            }
            assertEquals(count, heard.size());
        }
    }

    @Test
    void aSubscriberGetsWhatItAsksForAndNothingAfterItCancels() throws Exception {
        try (Client client = Client.start(mock().build()).join()) {
            Session session = client.createSession(SessionConfig.builder().build()).join();
            Some some = new Some();
            session.events().subscribe(some);
            session.sendAndWait("one").join();
            Thread.sleep(100);
            assertEquals(0, some.heard.size());
            some.subscribed.join().request(2);
            some.waitFor(2);
            Thread.sleep(100);
            some.subscribed.join().request(1);
            some.waitFor(3);
            assertEquals(some.heard.get(0).getSeq() + 2, some.heard.get(2).getSeq());
            some.subscribed.join().cancel();
            session.sendAndWait("two").join();
            Thread.sleep(100);
            assertEquals(3, some.heard.size());

            Some all = new Some();
            session.eventsFrom(1).subscribe(all);
            all.subscribed.join().request(Long.MAX_VALUE);
            session.disconnect().join();
            assertNull(all.ended.get(30, TimeUnit.SECONDS));
            assertEquals(1, all.heard.get(0).getSeq());
        }
    }

    @Test
    void aSubscriberOfWhatIsClosedIsTold() throws Exception {
        Session session;
        try (Client client = Client.start(mock().build()).join()) {
            session = client.createSession(SessionConfig.builder().build()).join();
        }
        Some late = new Some();
        session.events().subscribe(late);
        late.subscribed.join().request(1);
        assertInstanceOf(CodriverException.class, late.ended.get(30, TimeUnit.SECONDS));
    }

    @Test
    void callsMayBeWaitedForInWhatFollowsAFuture() {
        try (Client client = Client.start(mock().build()).join()) {
            List<CompletableFuture<String>> turns = new ArrayList<>();
            for (int at = 0; at < 16; at++) {
                String prompt = "turn " + at;
                turns.add(client.createSession(SessionConfig.builder().build())
                        .thenApply(session -> session.sendAndWait(prompt).join().getContent()));
            }
            for (int at = 0; at < turns.size(); at++) {
                assertEquals("You said: turn " + at, turns.get(at).orTimeout(60, TimeUnit.SECONDS).join());
            }
        }
    }

    @Test
    void handlersOfManySessionsBlockAtOnceAndHoldUpNobody() throws Exception {
        int many = 80;
        CountDownLatch all = new CountDownLatch(many);
        CountDownLatch left = new CountDownLatch(many);
        Consumer<SessionEvent> handler = event -> {
            if (event.getType().equals("session.idle")) {
                all.countDown();
                try {
                    // Nobody passes before all are there.
                    all.await();
                    left.countDown();
                } catch (InterruptedException cancelled) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (Client client = Client.start(mock().build()).join()) {
            for (int at = 0; at < many; at++) {
                client.createSession(SessionConfig.builder().onEvent(handler).build()).join().send("hi").join();
            }
            assertTrue(left.await(60, TimeUnit.SECONDS), left + " are missing");
        }
    }

    @Test
    void aToolThatBlocksIsInterruptedWhenNobodyWaitsForIt() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Tool tool = Tool.builder("t", "Hangs.").handler(call -> {
            began.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException cancelled) {
                interrupted.countDown();
                throw cancelled;
            }
            return "";
        });
        try (Client client = Client.start(scripted(Mock.INSTANCE.toolCall(Map.of("$any", true)).subList(0, 5))).join()) {
            Session session = client.createSession(SessionConfig.builder().sessionId("s-1").tool(tool).build()).join();
            client.rpc("test.go", null).join();
            assertTrue(began.await(30, TimeUnit.SECONDS));
            session.disconnect();
            assertTrue(interrupted.await(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void aHandlerOnTheOnlyThreadOfItsExecutorMayWaitForACall() {
        ExecutorService one = Executors.newSingleThreadExecutor();
        List<Object> pongs = new CopyOnWriteArrayList<>();
        try (Client client = Client.start(mock().executor(one).build()).join()) {
            Session session = client.createSession(SessionConfig.builder()
                    .onEvent(event -> pongs.add(client.ping("inside").join().get("message")))
                    .build()).join();
            assertEquals("You said: hi", session.sendAndWait("hi").join().getContent());
            client.ping(null).join();
        } finally {
            one.shutdown();
        }
        assertTrue(pongs.size() > 2);
        assertEquals(List.of("pong: inside"), pongs.stream().distinct().toList());
    }

    @Test
    void filesWrittenInJavaPassTheSuiteOfTheCore() {
        try (Client client = Client.create(mock().sessionFs("/project", "/state", Map.of(), id -> new MemoryFiles()).build())) {
            Conformance.Report report = Conformance.of(client).join();
            assertEquals(List.of(), report.getFailures());
            assertTrue(report.getPassed() > 40);
        }
    }

    @Test
    void filesWithFuturesPassTheSuiteOfTheCore() {
        ClientOptions options =
                mock().asyncSessionFs("/project", "/state", Map.of(), id -> new FutureFiles(new MemoryFiles())).build();
        try (Client client = Client.create(options)) {
            assertEquals(List.of(), Conformance.of(client).join().getFailures());
        }
    }

    @Test
    void theRuntimeIsFoundOrItIsSaidWhereWasLooked() {
        assertEquals(Mock.INSTANCE.getPath(), Client.findRuntime(mock().build()).getPath());
        ClientOptions wrong = ClientOptions.builder().cliPath("/nowhere/copilot").build();
        assertThrows(CodriverException.RuntimeNotFound.class, () -> Client.findRuntime(wrong));
        assertThrows(CompletionException.class, () -> Store.openExisting("dir:/nowhere/store").join());
    }

    @Test
    void aStoreByItsUrl(@TempDir Path folder) {
        try (Store store = Store.open("sqlite:" + folder.resolve("store.db")).join()) {
            String id;
            try (Client client = Client.start(mock().sessionFs(store, "/project", "/state").build()).join();
                    Session session = client.createSession(SessionConfig.builder().build()).join()) {
                session.sendAndWait("hi").join();
                id = session.getId();
                try (Store theirs = client.sessionStore()) {
                    assertNotNull(theirs);
                    assertEquals(id, theirs.getLastSessionId().join());
                }
            }
            assertEquals(id, store.getLastSessionId().join());
            store.exportSession(id, folder.resolve("archive")).join();
            assertTrue(Files.exists(folder.resolve("archive")));
            assertEquals("again", store.importSession(folder.resolve("archive"), "again").join());
            assertTrue(store.getEvents("again").join().getUnreadable() == 0);
            assertEquals("again", store.check("again").join().getSessionId());
            assertEquals(2, store.checkAll().join().size());
            store.deleteSession("again").join();
            assertNull(store.getSessionMetadata("again").join());
        }
    }

    @Test
    void nothingOfKotlinsContinuationIsInSight() throws Exception {
        List<String> found = new ArrayList<>();
        for (Class<?> type : List.of(Client.class, Session.class, Store.class, ClientOptions.Builder.class,
                SessionConfig.Builder.class, Tool.class, Tool.Builder.class, SessionFs.class, AsyncSessionFs.class)) {
            for (Method method : type.getMethods()) {
                String signature = method.toGenericString();
                if (Modifier.isPublic(method.getModifiers()) && (signature.contains("kotlin") || signature.contains("codriver.internal"))) {
                    found.add(signature);
                }
            }
        }
        assertEquals(List.of(), found);
        assertNotNull(Class.forName("io.github.codriver.java.package-info")
                .getAnnotation(org.jspecify.annotations.NullMarked.class));
    }

    @Test
    void anExampleInClojureRuns() throws Exception {
        System.setProperty("codriver.mock", Mock.INSTANCE.getPath());
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try {
            Object answer = clojure.java.api.Clojure.var("clojure.core", "load-file").invoke("examples/clojure/conversation.clj");
            assertEquals("You said: hello from Clojure", answer);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
