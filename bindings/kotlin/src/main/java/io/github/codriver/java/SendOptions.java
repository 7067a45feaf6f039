package io.github.codriver.java;

import io.github.codriver.internal.JavaConfigs;
import java.util.List;
import java.util.Map;

/** What can be said with a prompt. */
public final class SendOptions extends OptionBuilder {
    private SendOptions() {
    }

    /**
     * None yet.
     *
     * @return options
     */
    public static SendOptions create() {
        return new SendOptions();
    }

    io.github.codriver.SendOptions options() {
        return JavaConfigs.send(fields);
    }

    /**
     * What people see in place of the prompt.
     *
     * @param text the option
     * @return this
     */
    public SendOptions displayPrompt(String text) {
        return option("displayPrompt", text);
    }

    /**
     * Files, directories and the like, as on the wire.
     *
     * @param attachments the option
     * @return this
     */
    public SendOptions attachments(List<? extends Map<String, ?>> attachments) {
        return option("attachments", attachments);
    }

    /**
     * Whether it waits for its turn: {@code enqueue} or {@code immediate}.
     *
     * @param mode the option
     * @return this
     */
    public SendOptions mode(String mode) {
        return option("mode", mode);
    }

    /**
     * The agent's mode, e.g. {@code plan}.
     *
     * @param mode the option
     * @return this
     */
    public SendOptions agentMode(String mode) {
        return option("agentMode", mode);
    }

    /**
     * Headers of the requests to the model.
     *
     * @param headers the option
     * @return this
     */
    public SendOptions requestHeaders(Map<String, String> headers) {
        return option("requestHeaders", headers);
    }

    /**
     * An option by its name on the wire.
     *
     * @param name the name
     * @param value maps, lists, texts, numbers, truth
     * @return this
     */
    public SendOptions option(String name, Object value) {
        put(name, value);
        return this;
    }
}
