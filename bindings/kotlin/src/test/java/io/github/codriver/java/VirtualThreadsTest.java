package io.github.codriver.java;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.codriver.Conformance;
import io.github.codriver.Mock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Handlers on virtual threads, and calls from them. */
@Timeout(120)
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadsTest {
    private static ExecutorService virtual() throws Exception {
        return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private static boolean isVirtual() {
        try {
            return (Boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
        } catch (ReflectiveOperationException problem) {
            throw new AssertionError(problem);
        }
    }

    @Test
    void filesOnThemPassTheSuiteOfTheCore() throws Exception {
        try (Client client = Client.create(ClientOptions.builder()
                .cliPath(Mock.INSTANCE.getPath())
                .executor(virtual())
                .sessionFs("/project", "/state", Map.of(), id -> {
                    assertTrue(isVirtual());
                    return new MemoryFiles();
                })
                .build())) {
            assertEquals(List.of(), Conformance.of(client).join().getFailures());
        }
    }

    @Test
    void handlersRunOnThemAndManyCallFromThem() throws Exception {
        ExecutorService threads = virtual();
        AtomicInteger heard = new AtomicInteger();
        ClientOptions options = ClientOptions.builder().cliPath(Mock.INSTANCE.getPath()).executor((Executor) threads).build();
        try (Client client = Client.start(options).join()) {
            Session session = client.createSession(SessionConfig.builder().onEvent(event -> {
                if (isVirtual()) {
                    heard.incrementAndGet();
                }
                client.ping("inside").join();
            }).build()).join();
            List<Future<Object>> pings = new ArrayList<>();
            for (int at = 0; at < 1000; at++) {
                pings.add(threads.submit(() -> client.ping("x").join().get("message")));
            }
            assertEquals("You said: hi", session.sendAndWait("hi").join().getContent());
            for (Future<Object> ping : pings) {
                assertEquals("pong: x", ping.get(60, TimeUnit.SECONDS));
            }
        }
        assertTrue(heard.get() > 2);
        threads.shutdown();
        assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS));
    }
}
