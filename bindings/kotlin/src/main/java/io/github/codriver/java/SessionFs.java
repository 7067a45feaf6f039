package io.github.codriver.java;

import io.github.codriver.DirEntry;
import io.github.codriver.FsStat;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one session, by methods that may block: they run on the client's executor, and are interrupted at the deadline.
 *
 * <p>Paths are absolute and normalised. What changes something is called in order, one at a time; reads overlap. What was
 * acknowledged must be seen by every later read. Each change is atomic. {@code write}, {@code append} and the destination of
 * {@code rename} make missing parent directories.
 *
 * <p>Errors: {@link java.io.FileNotFoundException} or {@link java.nio.file.NoSuchFileException} for what is not there;
 * {@link UnsupportedOperationException} for what this store cannot do; anything else is a failure of the store. The runtime never
 * sees a stack trace.
 */
public interface SessionFs {
    /**
     * The whole content of a file.
     *
     * @param path the path
     * @return the content
     * @throws IOException it failed
     */
    byte[] read(String path) throws IOException;

    /**
     * Replaces a file's whole content, or makes the file.
     *
     * @param path the path
     * @param content the new content
     * @param mode a POSIX mode for what is newly made
     * @throws IOException it failed
     */
    void write(String path, byte[] content, @Nullable Integer mode) throws IOException;

    /**
     * Adds to the end of a file, or makes it. The event log grows so: do not rewrite it.
     *
     * @param path the path
     * @param content what is added
     * @param mode a POSIX mode for what is newly made
     * @throws IOException it failed
     */
    void append(String path, byte[] content, @Nullable Integer mode) throws IOException;

    /**
     * Whether there is a file or directory.
     *
     * @param path the path
     * @return whether there is
     * @throws IOException it failed
     */
    default boolean exists(String path) throws IOException {
        try {
            stat(path);
            return true;
        } catch (FileNotFoundException | NoSuchFileException absent) {
            return false;
        }
    }

    /**
     * Kind, size and times.
     *
     * @param path the path
     * @return what is known
     * @throws IOException it failed
     */
    FsStat stat(String path) throws IOException;

    /**
     * Makes a directory; fine if it is there already.
     *
     * @param path the path
     * @param recursive whether missing parents are made too
     * @param mode a POSIX mode for what is newly made
     * @throws IOException it failed
     */
    void mkdir(String path, boolean recursive, @Nullable Integer mode) throws IOException;

    /**
     * What is directly in a directory, in any order.
     *
     * @param path the path
     * @return names and kinds
     * @throws IOException it failed
     */
    List<DirEntry> readDir(String path) throws IOException;

    /**
     * Removes a file or a directory.
     *
     * @param path the path
     * @param recursive whether a directory goes with all in it
     * @param force whether it is fine if nothing is there
     * @throws IOException it failed
     */
    void remove(String path, boolean recursive, boolean force) throws IOException;

    /**
     * Moves a file or directory. A file at the destination is replaced in one step; a directory there is not.
     *
     * @param path the path
     * @param to where it goes
     * @throws IOException it failed
     */
    void rename(String path, String to) throws IOException;
}
