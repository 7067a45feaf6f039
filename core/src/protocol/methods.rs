//! The method names of the wire, in one place.

macro_rules! methods {
    ($($name:ident = $text:literal;)*) => { $(pub(crate) const $name: &str = $text;)* };
}

// Ours to the runtime.
methods! {
    CONNECT = "connect";
    PING = "ping";
    STATUS_GET = "status.get";
    AUTH_GET_STATUS = "auth.getStatus";
    MODELS_LIST = "models.list";
    PLUGINS_BUILTIN_SET = "plugins.builtin.set";
    SESSION_FS_SET_PROVIDER = "sessionFs.setProvider";
    RUNTIME_SHUTDOWN = "runtime.shutdown";
    SESSION_CREATE = "session.create";
    SESSION_RESUME = "session.resume";
    SESSION_DESTROY = "session.destroy";
    SESSION_DELETE = "session.delete";
    SESSION_LIST = "session.list";
    SESSION_GET_METADATA = "session.getMetadata";
    SESSION_GET_LAST_ID = "session.getLastId";
    SESSION_GET_FOREGROUND = "session.getForeground";
    SESSION_SET_FOREGROUND = "session.setForeground";
    SESSION_GET_MESSAGES = "session.getMessages";
    SESSIONS_READ_PERSISTED_EVENTS = "sessions.readPersistedEvents";
    SESSION_SEND = "session.send";
    SESSION_SEND_AND_WAIT = "session.sendAndWait";
    SESSION_ABORT = "session.abort";
    SESSION_MODEL_SWITCH_TO = "session.model.switchTo";
    SESSION_LOG = "session.log";
    SESSION_UI_ELICITATION = "session.ui.elicitation";
    SESSION_OPTIONS_UPDATE = "session.options.update";
    SESSION_REGISTER_INTEREST = "session.eventLog.registerInterest";
    HANDLE_PENDING_PERMISSION = "session.permissions.handlePendingPermissionRequest";
    HANDLE_PENDING_TOOL_CALL = "session.tools.handlePendingToolCall";
    HANDLE_PENDING_USER_INPUT = "session.ui.handlePendingUserInput";
    HANDLE_PENDING_EXIT_PLAN_MODE = "session.ui.handlePendingExitPlanMode";
    HANDLE_PENDING_AUTO_MODE_SWITCH = "session.ui.handlePendingAutoModeSwitch";
    HANDLE_PENDING_ELICITATION = "session.ui.handlePendingElicitation";
    HANDLE_PENDING_COMMAND = "session.commands.handlePendingCommand";
    HANDLE_PENDING_MCP_OAUTH = "session.mcp.oauth.handlePendingRequest";
    HANDLE_PENDING_MCP_HEADERS = "session.mcp.headers.handlePendingHeadersRefreshRequest";
    HANDLE_PENDING_SAMPLING = "session.ui.handlePendingSampling";
    HANDLE_PENDING_SESSION_LIMITS = "session.ui.handlePendingSessionLimitsExhausted";
}

// The runtime's to us.
methods! {
    SESSION_EVENT = "session.event";
    SESSION_LIFECYCLE = "session.lifecycle";
    CANCEL_REQUEST = "$/cancelRequest";
    SESSION_FS_PREFIX = "sessionFs.";
    HOOKS_INVOKE = "hooks.invoke";
    USER_INPUT_REQUEST = "userInput.request";
    EXIT_PLAN_MODE_REQUEST = "exitPlanMode.request";
    AUTO_MODE_SWITCH_REQUEST = "autoModeSwitch.request";
    SYSTEM_MESSAGE_TRANSFORM = "systemMessage.transform";
    PROVIDER_TOKEN_GET = "providerToken.getToken";
}
