import io.github.codriver.ElicitationResult;
import io.github.codriver.HookOutput;
import io.github.codriver.PermissionDecision;
import io.github.codriver.ToolInvocation;
import io.github.codriver.UserInputResponse;
import io.github.codriver.java.Client;
import io.github.codriver.java.SessionConfig;
import io.github.codriver.java.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Turns the behaviours of a command into handlers of a session. */
final class Behave {
    private final Client client;
    private final String session;

    Behave(Client client, String session) {
        this.client = client;
        this.session = session;
    }

    private static RuntimeException thrown() {
        return new IllegalStateException("thrown on purpose");
    }

    private static <T> T hang() throws InterruptedException {
        new CountDownLatch(1).await();
        throw thrown();
    }

    private void say(Object... fields) {
        Map<String, Object> said = Say.object(fields);
        said.put("session", session);
        Say.line(said);
    }

    void hangOnto(SessionConfig.Builder builder, List<Map<String, Object>> declared, Map<String, Object> handlers) {
        onEvent(builder, (String) handlers.getOrDefault("on_event", "record"));
        builder.onHandlerError(failure -> say("obs", "handler_error", "where", failure.getPlace()));
        if (handlers.get("permission") instanceof String behaviour) {
            builder.onPermissionRequest(request -> {
                say("obs", "permission", "kind", request.getKind());
                return switch (behaviour) {
                    case "approve" -> PermissionDecision.approveOnce();
                    case "deny" -> PermissionDecision.reject();
                    case "hang" -> hang();
                    default -> throw thrown();
                };
            });
        }
        if (handlers.get("user_input") instanceof String behaviour) {
            builder.onUserInputRequest(request -> {
                say("obs", "user_input", "question", request.getQuestion());
                if (!behaviour.startsWith("answer:")) {
                    throw thrown();
                }
                return UserInputResponse.freeform(behaviour.substring(7));
            });
        }
        if (handlers.get("elicitation") instanceof String behaviour) {
            builder.onElicitationRequest(request -> switch (behaviour) {
                case "accept" -> ElicitationResult.accept();
                case "cancel" -> ElicitationResult.cancel();
                default -> throw thrown();
            });
        }
        Driver.map(handlers.get("hooks")).forEach((name, behaviour) -> builder.hook(name, asked -> {
            say("obs", "hook", "hook", name);
            return switch ((String) behaviour) {
                case "allow" -> HookOutput.allow();
                case "deny" -> HookOutput.deny("denied on purpose");
                case "empty" -> HookOutput.empty();
                default -> throw thrown();
            };
        }));
        tools(builder, declared, Driver.maps(handlers.get("tools")));
    }

    private void onEvent(SessionConfig.Builder builder, String behaviour) {
        builder.onEvent(event -> {
            if (!behaviour.equals("count")) {
                Say.event(session, event, null);
            }
            if (behaviour.startsWith("slow:")) {
                try {
                    Thread.sleep(Long.parseLong(behaviour.substring(5)));
                } catch (InterruptedException cancelled) {
                    Thread.currentThread().interrupt();
                }
            } else if (behaviour.equals("throw")) {
                throw thrown();
            } else if (behaviour.equals("call_ping")) {
                client.ping(null).join();
            }
        });
    }

    /** The declared tools, those that have a behaviour with a handler; a behaviour without a declaration declares. */
    private void tools(
            SessionConfig.Builder builder, List<Map<String, Object>> declared, List<Map<String, Object>> behaviours) {
        List<Map<String, Object>> left = new ArrayList<>(declared);
        for (Map<String, Object> wanted : behaviours) {
            Map<String, Object> there = declared.stream()
                    .filter(tool -> wanted.get("name").equals(tool.get("name")))
                    .findFirst()
                    .orElse(Map.of("name", wanted.get("name"), "description", "A tool of the driver"));
            left.remove(there);
            String name = (String) wanted.get("name");
            builder.tool(declaration(there).handler(call -> run(name, (String) wanted.get("behaviour"), call)));
        }
        left.forEach(tool -> builder.tool(declaration(tool).declared()));
    }

    private static Tool.Builder declaration(Map<String, Object> wire) {
        Tool.Builder tool = Tool.builder((String) wire.get("name"), (String) wire.getOrDefault("description", ""));
        wire.forEach((name, value) -> {
            switch (name) {
                case "parameters" -> tool.parameters(Driver.map(value));
                case "overridesBuiltInTool" -> tool.overridesBuiltInTool((Boolean) value);
                case "skipPermission" -> tool.skipPermission((Boolean) value);
                case "defer" -> tool.defer((String) value);
                case "isTerminal" -> tool.terminal((Boolean) value);
                case "metadata" -> tool.metadata(Driver.map(value));
                default -> { }
            }
        });
        return tool;
    }

    private Object run(String name, String behaviour, ToolInvocation call) throws InterruptedException {
        Object arguments = call.asMap().get("arguments");
        say("obs", "tool", "name", name, "arguments", arguments);
        if (behaviour.startsWith("text:")) {
            return behaviour.substring(5);
        }
        return switch (behaviour) {
            case "echo" -> Say.JSON.toJson(arguments);
            case "empty" -> "";
            case "hang" -> {
                try {
                    yield hang();
                } catch (InterruptedException cancelled) {
                    say("obs", "tool_cancelled", "name", name);
                    throw cancelled;
                }
            }
            default -> throw thrown();
        };
    }
}
