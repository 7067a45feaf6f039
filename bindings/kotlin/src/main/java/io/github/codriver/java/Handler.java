package io.github.codriver.java;

import org.jspecify.annotations.Nullable;

/**
 * Answers what is asked, and may block: it runs on the client's executor. Interrupted when nobody waits for the answer any more.
 *
 * @param <Q> what is asked
 * @param <A> the answer
 */
@FunctionalInterface
public interface Handler<Q, A extends @Nullable Object> {
    /**
     * Answers.
     *
     * @param asked what is asked
     * @return the answer
     * @throws Exception the handler failed: it is reported, and the secure default is the answer
     */
    A handle(Q asked) throws Exception;
}
