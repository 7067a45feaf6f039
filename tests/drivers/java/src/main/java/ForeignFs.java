import io.github.codriver.DirEntry;
import io.github.codriver.EntryKind;
import io.github.codriver.FsStat;
import io.github.codriver.java.SessionFs;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Files in a map, by the interface that any user implements; directories are null. */
final class ForeignFs implements SessionFs {
    private final String sessionId;
    private final String behaviour;
    private final Map<String, byte[]> files;

    ForeignFs(String sessionId, String behaviour, Map<String, byte[]> files) {
        this.sessionId = sessionId;
        this.behaviour = behaviour;
        this.files = files;
    }

    private void enter(String op, String path) throws IOException {
        Say.line(Say.object("obs", "fs", "session_id", sessionId, "op", op, "path", path));
        try {
            if (behaviour.equals("throw")) {
                throw new IOException("thrown on purpose");
            } else if (behaviour.equals("hang")) {
                Thread.sleep(Long.MAX_VALUE);
            } else if (behaviour.startsWith("slow:")) {
                Thread.sleep(Long.parseLong(behaviour.substring(5)));
            }
        } catch (InterruptedException cancelled) {
            throw new InterruptedIOException();
        }
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private void parents(String path) {
        for (String parent = parent(path); !parent.isEmpty(); parent = parent(parent)) {
            files.putIfAbsent(parent, null);
        }
    }

    private byte[] content(String path) throws IOException {
        if (!files.containsKey(path)) {
            throw new FileNotFoundException(path);
        }
        byte[] content = files.get(path);
        if (content == null) {
            throw new IOException(path + " is a directory");
        }
        return content;
    }

    private List<String> below(String path) {
        return files.keySet().stream().filter(other -> other.equals(path) || other.startsWith(path + "/")).toList();
    }

    @Override
    public byte[] read(String path) throws IOException {
        enter("readFile", path);
        synchronized (files) {
            return content(path);
        }
    }

    @Override
    public void write(String path, byte[] content, Integer mode) throws IOException {
        enter("writeFile", path);
        synchronized (files) {
            if (files.containsKey(path)) {
                content(path);
            }
            parents(path);
            files.put(path, content);
        }
    }

    @Override
    public void append(String path, byte[] content, Integer mode) throws IOException {
        enter("appendFile", path);
        synchronized (files) {
            parents(path);
            byte[] there = files.containsKey(path) ? content(path) : new byte[0];
            byte[] both = java.util.Arrays.copyOf(there, there.length + content.length);
            System.arraycopy(content, 0, both, there.length, content.length);
            files.put(path, both);
        }
    }

    @Override
    public boolean exists(String path) throws IOException {
        enter("exists", path);
        synchronized (files) {
            return files.containsKey(path);
        }
    }

    @Override
    public FsStat stat(String path) throws IOException {
        enter("stat", path);
        synchronized (files) {
            boolean directory = files.containsKey(path) && files.get(path) == null;
            return directory ? FsStat.directory(0, 0) : FsStat.file(content(path).length, 0, 0);
        }
    }

    @Override
    public void mkdir(String path, boolean recursive, Integer mode) throws IOException {
        enter("mkdir", path);
        synchronized (files) {
            parents(path);
            files.putIfAbsent(path, null);
        }
    }

    @Override
    public List<DirEntry> readDir(String path) throws IOException {
        enter("readdir", path);
        synchronized (files) {
            if (!files.containsKey(path) || files.get(path) != null) {
                throw new FileNotFoundException(path);
            }
            List<DirEntry> entries = new ArrayList<>();
            files.forEach((other, content) -> {
                if (parent(other).equals(path)) {
                    EntryKind kind = content == null ? EntryKind.DIRECTORY : EntryKind.FILE;
                    entries.add(new DirEntry(other.substring(path.length() + 1), kind));
                }
            });
            return entries;
        }
    }

    @Override
    public void remove(String path, boolean recursive, boolean force) throws IOException {
        enter("rm", path);
        synchronized (files) {
            List<String> gone = below(path);
            if (gone.isEmpty() && !force) {
                throw new FileNotFoundException(path);
            }
            gone.forEach(files::remove);
        }
    }

    @Override
    public void rename(String path, String to) throws IOException {
        enter("rename", path);
        synchronized (files) {
            List<String> moved = below(path);
            if (moved.isEmpty()) {
                throw new FileNotFoundException(path);
            }
            for (String other : moved) {
                files.put(to + other.substring(path.length()), files.remove(other));
            }
        }
    }
}
