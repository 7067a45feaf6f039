import io.github.codriver.java.SessionFs;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The stores of all sessions, written here, and how each behaves. */
final class ForeignStore {
    private final Map<String, Map<String, byte[]>> files = new ConcurrentHashMap<>();
    private final Map<String, String> behaviours = new ConcurrentHashMap<>();
    private volatile String latest = "memory";

    /** How the store of a session will behave; without an id, that of the next one nobody spoke of. */
    void expect(String sessionId, String behaviour) {
        if (sessionId == null) {
            latest = behaviour;
        } else {
            behaviours.put(sessionId, behaviour);
        }
    }

    SessionFs open(String sessionId) {
        String behaviour = behaviours.getOrDefault(sessionId, latest);
        return new ForeignFs(sessionId, behaviour, files.computeIfAbsent(sessionId, id -> new HashMap<>()));
    }
}
