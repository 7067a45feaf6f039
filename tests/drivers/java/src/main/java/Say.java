import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import io.github.codriver.CodriverException;
import io.github.codriver.SessionEvent;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Lines of JSON on standard output, each whole, in the order they were said. */
final class Say {
    static final Gson JSON = new GsonBuilder()
            .serializeNulls()
            .disableHtmlEscaping()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .create();

    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private Say() {
    }

    static synchronized void line(Map<String, ?> value) {
        try {
            OUT.write((JSON.toJson(value) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            // A runner that is gone hears nothing; the driver ends with its standard input.
        }
    }

    /** Names and values, without those that are null. */
    static Map<String, Object> object(Object... fields) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int at = 0; at < fields.length; at += 2) {
            if (fields[at + 1] != null) {
                object.put((String) fields[at], fields[at + 1]);
            }
        }
        return object;
    }

    static Map<String, Object> parse(String line) {
        return JSON.fromJson(line, new TypeToken<Map<String, Object>>() { });
    }

    static void event(String session, SessionEvent event, Object subscriber) {
        Map<String, Object> data = event.dataAsMap();
        if (event.getType().equals(SessionEvent.EVENTS_LOST)) {
            line(object("obs", "events_lost", "session", session, "count", data.get("count"), "subscriber", subscriber));
            return;
        }
        Object content = data.getOrDefault("content", data.get("deltaContent"));
        line(object(
                "obs", "event",
                "session", session,
                "seq", event.getSeq(),
                "type", event.getType(),
                "event_id", event.getId(),
                "ephemeral", event.getEphemeral(),
                "content", content,
                "subscriber", subscriber));
    }

    static Map<String, Object> error(Throwable failure) {
        if (failure instanceof CodriverException told) {
            Object code = told.getRpc() == null ? null : told.getRpc().getCode();
            return object("number", told.getNumber(), "name", told.getName(), "message", told.getReason(), "rpc_code", code);
        }
        // A call that was not made right.
        return object("number", 1, "name", "INVALID_ARGUMENT", "message", failure.toString());
    }
}
