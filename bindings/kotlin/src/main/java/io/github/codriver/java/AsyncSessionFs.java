package io.github.codriver.java;

import io.github.codriver.DirEntry;
import io.github.codriver.FsStat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The files of one session, by methods that give futures: they must not block, and are cancelled at the deadline.
 *
 * <p>Paths are absolute and normalised. What changes something is called in order, one at a time; reads overlap. What was
 * acknowledged must be seen by every later read. Each change is atomic. {@code write}, {@code append} and the destination of
 * {@code rename} make missing parent directories.
 *
 * <p>Errors: {@link java.io.FileNotFoundException} or {@link java.nio.file.NoSuchFileException} for what is not there;
 * {@link UnsupportedOperationException} for what this store cannot do; anything else is a failure of the store. The runtime never
 * sees a stack trace.
 */
public interface AsyncSessionFs {
    /**
     * The whole content of a file.
     *
     * @param path the path
     * @return the content
     */
    CompletionStage<byte[]> read(String path);

    /**
     * Replaces a file's whole content, or makes the file.
     *
     * @param path the path
     * @param content the new content
     * @param mode a POSIX mode for what is newly made
     * @return when it is done
     */
    CompletionStage<@Nullable Void> write(String path, byte[] content, @Nullable Integer mode);

    /**
     * Adds to the end of a file, or makes it. The event log grows so: do not rewrite it.
     *
     * @param path the path
     * @param content what is added
     * @param mode a POSIX mode for what is newly made
     * @return when it is done
     */
    CompletionStage<@Nullable Void> append(String path, byte[] content, @Nullable Integer mode);

    /**
     * Whether there is a file or directory.
     *
     * @param path the path
     * @return whether there is
     */
    CompletionStage<Boolean> exists(String path);

    /**
     * Kind, size and times.
     *
     * @param path the path
     * @return what is known
     */
    CompletionStage<FsStat> stat(String path);

    /**
     * Makes a directory; fine if it is there already.
     *
     * @param path the path
     * @param recursive whether missing parents are made too
     * @param mode a POSIX mode for what is newly made
     * @return when it is done
     */
    CompletionStage<@Nullable Void> mkdir(String path, boolean recursive, @Nullable Integer mode);

    /**
     * What is directly in a directory, in any order.
     *
     * @param path the path
     * @return names and kinds
     */
    CompletionStage<List<DirEntry>> readDir(String path);

    /**
     * Removes a file or a directory.
     *
     * @param path the path
     * @param recursive whether a directory goes with all in it
     * @param force whether it is fine if nothing is there
     * @return when it is done
     */
    CompletionStage<@Nullable Void> remove(String path, boolean recursive, boolean force);

    /**
     * Moves a file or directory. A file at the destination is replaced in one step; a directory there is not.
     *
     * @param path the path
     * @param to where it goes
     * @return when it is done
     */
    CompletionStage<@Nullable Void> rename(String path, String to);
}
