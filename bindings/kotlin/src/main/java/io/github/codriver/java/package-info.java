/**
 * Codriver for Java: builders, {@link java.util.concurrent.CompletableFuture}s and {@link java.lang.AutoCloseable}s.
 *
 * <pre>{@code
 * try (Client client = Client.start().join()) {
 *     Session session = client.createSession(SessionConfig.builder()
 *             .model("gpt-5")
 *             .onPermissionRequest(request -> PermissionDecision.approveOnce())
 *             .build()).join();
 *     System.out.println(session.sendAndWait("What is the capital of France?").join().getContent());
 * }
 * }</pre>
 *
 * <p>Futures fail with a {@link io.github.codriver.CodriverException}; to cancel one cancels the call. Handlers may block: they run
 * on the executor of {@link io.github.codriver.java.ClientOptions}, and are interrupted when nobody waits for them any more.
 */
@NullMarked
package io.github.codriver.java;

import org.jspecify.annotations.NullMarked;
