package io.github.codriver.java;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Futures of something else, which to cancel cancels the call. */
final class Futures {
    private Futures() {
    }

    static <A, B> CompletableFuture<B> map(CompletableFuture<A> call, Function<? super A, ? extends B> change) {
        CompletableFuture<B> changed = call.thenApply(change);
        changed.whenComplete((done, failure) -> {
            if (changed.isCancelled()) {
                call.cancel(true);
            }
        });
        return changed;
    }
}
