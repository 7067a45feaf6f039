package io.github.codriver.java;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is asked, later: it must not block. Its future is cancelled when nobody waits for the answer any more.
 *
 * @param <Q> what is asked
 * @param <A> the answer
 */
@FunctionalInterface
public interface AsyncHandler<Q, A extends @Nullable Object> {
    /**
     * Answers.
     *
     * @param asked what is asked
     * @return the answer to come
     * @throws Exception the handler failed: it is reported, and the secure default is the answer
     */
    CompletionStage<A> handle(Q asked) throws Exception;
}
