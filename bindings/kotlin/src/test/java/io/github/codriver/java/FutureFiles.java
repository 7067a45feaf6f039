package io.github.codriver.java;

import io.github.codriver.DirEntry;
import io.github.codriver.FsStat;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Files by methods that give futures. */
record FutureFiles(SessionFs files) implements AsyncSessionFs {
    private interface Work<T extends @Nullable Object> {
        T run() throws IOException;
    }

    private interface Change {
        void run() throws IOException;
    }

    private static <T extends @Nullable Object> CompletionStage<T> later(Work<T> work) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return work.run();
            } catch (IOException problem) {
                throw new CompletionException(problem);
            }
        });
    }

    private static CompletionStage<@Nullable Void> changed(Change change) {
        return later(() -> {
            change.run();
            return null;
        });
    }

    @Override
    public CompletionStage<byte[]> read(String path) {
        return later(() -> files.read(path));
    }

    @Override
    public CompletionStage<@Nullable Void> write(String path, byte[] content, @Nullable Integer mode) {
        return changed(() -> files.write(path, content, mode));
    }

    @Override
    public CompletionStage<@Nullable Void> append(String path, byte[] content, @Nullable Integer mode) {
        return changed(() -> files.append(path, content, mode));
    }

    @Override
    public CompletionStage<Boolean> exists(String path) {
        return later(() -> files.exists(path));
    }

    @Override
    public CompletionStage<FsStat> stat(String path) {
        return later(() -> files.stat(path));
    }

    @Override
    public CompletionStage<@Nullable Void> mkdir(String path, boolean recursive, @Nullable Integer mode) {
        return changed(() -> files.mkdir(path, recursive, mode));
    }

    @Override
    public CompletionStage<List<DirEntry>> readDir(String path) {
        return later(() -> files.readDir(path));
    }

    @Override
    public CompletionStage<@Nullable Void> remove(String path, boolean recursive, boolean force) {
        return changed(() -> files.remove(path, recursive, force));
    }

    @Override
    public CompletionStage<@Nullable Void> rename(String path, String to) {
        return changed(() -> files.rename(path, to));
    }
}
