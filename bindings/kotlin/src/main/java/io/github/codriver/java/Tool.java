package io.github.codriver.java;

import io.github.codriver.ToolInvocation;
import io.github.codriver.internal.JavaCalls;
import io.github.codriver.internal.JavaConfigs;
import io.github.codriver.internal.Records;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tool: what the model is told of it, and what it does.
 *
 * <pre>{@code
 * record Weather(@Description("the city's name") String city, int days) {}
 *
 * Tool weather = Tool.builder("get_weather", "Tells the weather.").record(Weather.class, asked -> "22 °C in " + asked.city());
 * }</pre>
 *
 * <p>What a handler gives is what the model reads: text as it is, an {@link io.github.codriver.ToolResult}, anything else of maps,
 * lists and numbers as JSON.
 */
public final class Tool {
    private final String name;
    private final String description;
    private final Map<String, Object> options;
    private final @Nullable Handler<ToolInvocation, ? extends @Nullable Object> handler;
    private final @Nullable AsyncHandler<ToolInvocation, ? extends @Nullable Object> asyncHandler;

    private Tool(
            Builder builder,
            @Nullable Handler<ToolInvocation, ? extends @Nullable Object> handler,
            @Nullable AsyncHandler<ToolInvocation, ? extends @Nullable Object> asyncHandler) {
        name = builder.name;
        description = builder.description;
        options = Map.copyOf(builder.fields);
        this.handler = handler;
        this.asyncHandler = asyncHandler;
    }

    /**
     * Begins one.
     *
     * @param name the name the model calls; unique in a session
     * @param description what the model is told about it
     * @return a builder
     */
    public static Builder builder(String name, String description) {
        return new Builder(name, description);
    }

    io.github.codriver.Tool made(JavaCalls calls) {
        if (handler != null) {
            return JavaConfigs.tool(name, description, options, calls.blocking(handler));
        }
        if (asyncHandler != null) {
            return JavaConfigs.tool(name, description, options, calls.async(asyncHandler));
        }
        return JavaConfigs.tool(name, description, options, null);
    }

    @Override
    public String toString() {
        return "Tool(" + name + ")";
    }

    /** Makes a {@link Tool}. */
    public static final class Builder extends OptionBuilder {
        private final String name;
        private final String description;

        private Builder(String name, String description) {
            this.name = name;
            this.description = description;
        }

        /**
         * JSON schema of the arguments, an object schema.
         *
         * @param schema maps, lists, texts, numbers, truth
         * @return this
         */
        public Builder parameters(Map<String, ?> schema) {
            put("parameters", schema);
            return this;
        }

        /**
         * Whether it replaces a built-in tool of the same name.
         *
         * @param overrides the option
         * @return this
         */
        public Builder overridesBuiltInTool(boolean overrides) {
            put("overridesBuiltInTool", overrides);
            return this;
        }

        /**
         * Whether it is called without asking for a permission.
         *
         * @param skip the option
         * @return this
         */
        public Builder skipPermission(boolean skip) {
            put("skipPermission", skip);
            return this;
        }

        /**
         * Whether the runtime may hide it behind tool search: {@code auto} or {@code never}.
         *
         * @param defer the option
         * @return this
         */
        public Builder defer(String defer) {
            put("defer", defer);
            return this;
        }

        /**
         * Whether a call of it ends the turn.
         *
         * @param terminal the option
         * @return this
         */
        public Builder terminal(boolean terminal) {
            put("isTerminal", terminal);
            return this;
        }

        /**
         * Sent as is.
         *
         * @param metadata maps, lists, texts, numbers, truth
         * @return this
         */
        public Builder metadata(Map<String, ?> metadata) {
            put("metadata", metadata);
            return this;
        }

        /**
         * A tool that reads its arguments by itself, and may block.
         *
         * @param handler what it does
         * @return the tool
         */
        public Tool handler(Handler<ToolInvocation, ? extends @Nullable Object> handler) {
            return new Tool(this, handler, null);
        }

        /**
         * A tool that reads its arguments by itself, and gives a future.
         *
         * @param handler what it does
         * @return the tool
         */
        public Tool asyncHandler(AsyncHandler<ToolInvocation, ? extends @Nullable Object> handler) {
            return new Tool(this, null, handler);
        }

        /**
         * A tool whose arguments are a record, which makes the schema: texts, numbers, truth, enums, lists, maps, optionals and
         * records in it. Arguments that do not fit are told to the model, which tries again.
         *
         * @param arguments the record
         * @param handler what it does; it may block
         * @param <A> the record
         * @return the tool
         * @throws IllegalArgumentException JSON has no place for a component
         */
        public <A extends Record> Tool record(Class<A> arguments, Handler<A, ? extends @Nullable Object> handler) {
            put("parameters", Records.schema(arguments, "tool " + name));
            return new Tool(this, call -> Records.call(arguments, call, handler), null);
        }

        /**
         * A tool that is declared only: somebody else answers it.
         *
         * @return the tool
         */
        public Tool declared() {
            return new Tool(this, null, null);
        }
    }
}
