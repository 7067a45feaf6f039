package io.github.codriver.java;

import io.github.codriver.AutoModeSwitchRequest;
import io.github.codriver.AutoModeSwitchResponse;
import io.github.codriver.CommandInvocation;
import io.github.codriver.ElicitationRequest;
import io.github.codriver.ElicitationResult;
import io.github.codriver.ExitPlanModeRequest;
import io.github.codriver.ExitPlanModeResponse;
import io.github.codriver.HandlerFailure;
import io.github.codriver.HookInput;
import io.github.codriver.HookOutput;
import io.github.codriver.McpAuthRequest;
import io.github.codriver.McpAuthResponse;
import io.github.codriver.McpHeadersRequest;
import io.github.codriver.McpHeadersResponse;
import io.github.codriver.PermissionDecision;
import io.github.codriver.PermissionRequest;
import io.github.codriver.ProviderTokenRequest;
import io.github.codriver.SamplingRequest;
import io.github.codriver.SessionEvent;
import io.github.codriver.SessionLimitsRequest;
import io.github.codriver.SessionLimitsResponse;
import io.github.codriver.UserInputRequest;
import io.github.codriver.UserInputResponse;
import io.github.codriver.internal.JavaCalls;
import io.github.codriver.internal.JavaConfigs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a session, its handlers and its tools. They are there before the first byte is written. */
public final class SessionConfig {
    private final Builder told;

    private SessionConfig(Builder builder) {
        told = builder;
    }

    /**
     * Begins them.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    io.github.codriver.SessionConfig config(JavaCalls calls) {
        io.github.codriver.SessionConfig config = JavaConfigs.session(told.fields);
        for (BiConsumer<io.github.codriver.SessionConfig, JavaCalls> each : told.handlers) {
            each.accept(config, calls);
        }
        return config;
    }

    /** Makes a {@link SessionConfig}. Handlers may block; those that are {@code …Async} give futures. */
    public static final class Builder extends SessionOptionsBuilder<Builder> {
        private final List<BiConsumer<io.github.codriver.SessionConfig, JavaCalls>> handlers = new ArrayList<>();

        private Builder() {
        }

        @Override
        Builder self() {
            return this;
        }

        private Builder add(BiConsumer<io.github.codriver.SessionConfig, JavaCalls> handler) {
            handlers.add(handler);
            return this;
        }

        /**
         * Hears every event, from the first one on: in wire order, one at a time, after those that were named before.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onEvent(Consumer<? super SessionEvent> handler) {
            return add((config, calls) -> config.onEvent(calls.telling(handler)));
        }

        /**
         * Is told when a handler failed; default: the log is.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onHandlerError(Consumer<? super HandlerFailure> handler) {
            return add((config, calls) -> config.onHandlerError(calls.telling(handler)));
        }

        /**
         * Decides on permissions; without it nothing is approved.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onPermissionRequest(Handler<PermissionRequest, PermissionDecision> handler) {
            return add((config, calls) -> config.onPermissionRequest(calls.blocking(handler)));
        }

        /**
         * Decides on permissions; without it nothing is approved.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onPermissionRequestAsync(AsyncHandler<PermissionRequest, PermissionDecision> handler) {
            return add((config, calls) -> config.onPermissionRequest(calls.async(handler)));
        }

        /**
         * Answers what the model asks people.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onUserInputRequest(Handler<UserInputRequest, UserInputResponse> handler) {
            return add((config, calls) -> config.onUserInputRequest(calls.blocking(handler)));
        }

        /**
         * Answers what the model asks people.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onUserInputRequestAsync(AsyncHandler<UserInputRequest, UserInputResponse> handler) {
            return add((config, calls) -> config.onUserInputRequest(calls.async(handler)));
        }

        /**
         * Answers forms of MCP servers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onElicitationRequest(Handler<ElicitationRequest, ElicitationResult> handler) {
            return add((config, calls) -> config.onElicitationRequest(calls.blocking(handler)));
        }

        /**
         * Answers forms of MCP servers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onElicitationRequestAsync(AsyncHandler<ElicitationRequest, ElicitationResult> handler) {
            return add((config, calls) -> config.onElicitationRequest(calls.async(handler)));
        }

        /**
         * Decides whether a plan is good.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onExitPlanMode(Handler<ExitPlanModeRequest, ExitPlanModeResponse> handler) {
            return add((config, calls) -> config.onExitPlanMode(calls.blocking(handler)));
        }

        /**
         * Decides whether a plan is good.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onExitPlanModeAsync(AsyncHandler<ExitPlanModeRequest, ExitPlanModeResponse> handler) {
            return add((config, calls) -> config.onExitPlanMode(calls.async(handler)));
        }

        /**
         * Decides whether another model may be taken.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onAutoModeSwitch(Handler<AutoModeSwitchRequest, AutoModeSwitchResponse> handler) {
            return add((config, calls) -> config.onAutoModeSwitch(calls.blocking(handler)));
        }

        /**
         * Decides whether another model may be taken.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onAutoModeSwitchAsync(AsyncHandler<AutoModeSwitchRequest, AutoModeSwitchResponse> handler) {
            return add((config, calls) -> config.onAutoModeSwitch(calls.async(handler)));
        }

        /**
         * Logs in to MCP servers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onMcpAuthRequest(Handler<McpAuthRequest, McpAuthResponse> handler) {
            return add((config, calls) -> config.onMcpAuthRequest(calls.blocking(handler)));
        }

        /**
         * Logs in to MCP servers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onMcpAuthRequestAsync(AsyncHandler<McpAuthRequest, McpAuthResponse> handler) {
            return add((config, calls) -> config.onMcpAuthRequest(calls.async(handler)));
        }

        /**
         * Gives headers for MCP servers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onMcpHeadersRequest(Handler<McpHeadersRequest, McpHeadersResponse> handler) {
            return add((config, calls) -> config.onMcpHeadersRequest(calls.blocking(handler)));
        }

        /**
         * Gives headers for MCP servers.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onMcpHeadersRequestAsync(AsyncHandler<McpHeadersRequest, McpHeadersResponse> handler) {
            return add((config, calls) -> config.onMcpHeadersRequest(calls.async(handler)));
        }

        /**
         * Lets MCP servers ask the model: MCP's {@code CreateMessageResult}, or null to refuse.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onSamplingRequest(Handler<SamplingRequest, @Nullable Map<String, ?>> handler) {
            return add((config, calls) -> JavaConfigs.onSamplingRequest(config, calls.blocking(handler)));
        }

        /**
         * Lets MCP servers ask the model: MCP's {@code CreateMessageResult}, or null to refuse.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onSamplingRequestAsync(AsyncHandler<SamplingRequest, @Nullable Map<String, ?>> handler) {
            return add((config, calls) -> JavaConfigs.onSamplingRequest(config, calls.async(handler)));
        }

        /**
         * Decides when the session's limits are used up.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onSessionLimitsExhausted(Handler<SessionLimitsRequest, SessionLimitsResponse> handler) {
            return add((config, calls) -> config.onSessionLimitsExhausted(calls.blocking(handler)));
        }

        /**
         * Decides when the session's limits are used up.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onSessionLimitsExhaustedAsync(AsyncHandler<SessionLimitsRequest, SessionLimitsResponse> handler) {
            return add((config, calls) -> config.onSessionLimitsExhausted(calls.async(handler)));
        }

        /**
         * Gives the bearer token for each request to the model's provider.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onProviderToken(Handler<ProviderTokenRequest, String> handler) {
            return add((config, calls) -> config.onProviderToken(calls.blocking(handler)));
        }

        /**
         * Gives the bearer token for each request to the model's provider.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onProviderTokenAsync(AsyncHandler<ProviderTokenRequest, String> handler) {
            return add((config, calls) -> config.onProviderToken(calls.async(handler)));
        }

        /**
         * Answers a hook, e.g. {@code preToolUse}; one that fails there denies the tool.
         *
         * @param name the hook
         * @param handler the handler
         * @return this
         */
        public Builder hook(String name, Handler<HookInput, HookOutput> handler) {
            return add((config, calls) -> config.hook(name, calls.blocking(handler)));
        }

        /**
         * As {@link #hook}, with a future.
         *
         * @param name the hook
         * @param handler the handler
         * @return this
         */
        public Builder hookAsync(String name, AsyncHandler<HookInput, HookOutput> handler) {
            return add((config, calls) -> config.hook(name, calls.async(handler)));
        }

        /**
         * Runs a slash command.
         *
         * @param name the name without the slash
         * @param description what people are told about it
         * @param handler the handler
         * @return this
         */
        public Builder command(String name, String description, Consumer<? super CommandInvocation> handler) {
            return add((config, calls) -> config.command(name, description, calls.telling(handler)));
        }

        /**
         * Rewrites a section of the system message: text to text.
         *
         * @param id the section's id
         * @param rewrite the handler
         * @return this
         */
        public Builder systemMessageSection(String id, Handler<String, String> rewrite) {
            return add((config, calls) -> config.systemMessageSection(id, calls.blocking(rewrite)));
        }

        /**
         * A tool the model may call.
         *
         * @param tool the tool
         * @return this
         */
        public Builder tool(Tool tool) {
            return add((config, calls) -> config.tool(tool.made(calls)));
        }

        /**
         * An option by its name on the wire; the way to those that have no method yet.
         *
         * @param name the name
         * @param value maps, lists, texts, numbers, truth, or an option object
         * @return this
         */
        public Builder option(String name, Object value) {
            put(name, value);
            return this;
        }

        /**
         * Makes it.
         *
         * @return the config
         */
        public SessionConfig build() {
            return new SessionConfig(this);
        }
    }
}
