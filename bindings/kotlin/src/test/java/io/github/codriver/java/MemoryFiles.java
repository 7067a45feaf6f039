package io.github.codriver.java;

import io.github.codriver.DirEntry;
import io.github.codriver.EntryKind;
import io.github.codriver.FsStat;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Files in a map, by methods that block; directories have no content. */
final class MemoryFiles implements SessionFs {
    private record Entry(byte @Nullable [] content, FsStat stat) { }

    private final TreeMap<String, Entry> there = new TreeMap<>();

    MemoryFiles() {
        there.put("/", new Entry(null, FsStat.directory()));
    }

    private Entry entry(String path) throws IOException {
        Entry entry = there.get(path);
        if (entry == null) {
            throw new FileNotFoundException(path);
        }
        return entry;
    }

    private byte[] file(String path) throws IOException {
        byte[] content = entry(path).content();
        if (content == null) {
            throw new IOException(path + " is a directory");
        }
        return content;
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    private static String inside(String path) {
        return path.equals("/") ? "/" : path + "/";
    }

    private void parents(String path) throws IOException {
        String parent = parent(path);
        if (parent.equals(path)) {
            return;
        }
        parents(parent);
        there.putIfAbsent(parent, new Entry(null, FsStat.directory()));
        if (entry(parent).content() != null) {
            throw new IOException(parent + " is no directory");
        }
    }

    private List<String> below(String path) {
        return there.keySet().stream().filter(other -> !other.equals("/") && other.startsWith(inside(path))).toList();
    }

    @Override
    public synchronized byte[] read(String path) throws IOException {
        return file(path);
    }

    @Override
    public synchronized void write(String path, byte[] content, @Nullable Integer mode) throws IOException {
        parents(path);
        long now = System.currentTimeMillis();
        long created = now;
        if (there.containsKey(path)) {
            file(path);
            created = entry(path).stat().getCreatedMs();
        }
        there.put(path, new Entry(content, FsStat.file(content.length, now, created)));
    }

    @Override
    public synchronized void append(String path, byte[] content, @Nullable Integer mode) throws IOException {
        byte[] before = there.containsKey(path) ? file(path) : new byte[0];
        byte[] both = Arrays.copyOf(before, before.length + content.length);
        System.arraycopy(content, 0, both, before.length, content.length);
        write(path, both, mode);
    }

    @Override
    public synchronized FsStat stat(String path) throws IOException {
        return entry(path).stat();
    }

    @Override
    public synchronized void mkdir(String path, boolean recursive, @Nullable Integer mode) throws IOException {
        Entry before = there.get(path);
        if (before != null) {
            if (before.content() != null) {
                throw new IOException(path + " is a file");
            }
            return;
        }
        if (!recursive) {
            entry(parent(path));
        }
        parents(path);
        there.put(path, new Entry(null, FsStat.directory()));
    }

    @Override
    public synchronized List<DirEntry> readDir(String path) throws IOException {
        if (entry(path).content() != null) {
            throw new IOException(path + " is a file");
        }
        return below(path).stream()
                .filter(other -> parent(other).equals(path))
                .map(other -> new DirEntry(
                        other.substring(inside(path).length()),
                        there.get(other).content() == null ? EntryKind.DIRECTORY : EntryKind.FILE))
                .toList();
    }

    @Override
    public synchronized void remove(String path, boolean recursive, boolean force) throws IOException {
        if (!there.containsKey(path)) {
            if (force) {
                return;
            }
            throw new FileNotFoundException(path);
        }
        if (entry(path).content() == null && !recursive) {
            throw new IOException(path + " is a directory");
        }
        below(path).forEach(there::remove);
        there.remove(path);
    }

    @Override
    public synchronized void rename(String path, String to) throws IOException {
        Entry moved = entry(path);
        if (path.equals(to)) {
            return;
        }
        if (to.startsWith(inside(path))) {
            throw new IOException(to + " is inside of " + path);
        }
        Entry before = there.get(to);
        if (before != null && (before.content() == null || moved.content() == null)) {
            throw new IOException(to + " is there");
        }
        parents(to);
        for (String other : below(path)) {
            there.put(to + other.substring(path.length()), there.remove(other));
        }
        there.put(to, there.remove(path));
    }
}
