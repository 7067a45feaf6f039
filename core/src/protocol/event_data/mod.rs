//! The `data` of events as Rust types, decoded only when somebody asks ([`SessionEvent::data`]).
//!
//! Nothing is lost by it: the event keeps the runtime's own JSON, so unknown fields and unknown types are in
//! [`SessionEvent::data_json`]. A known type hardly ever fails to decode (absent and `null` are defaults); where it
//! does, [`SessionEvent::data`] says [`EventData::Other`] and [`SessionEvent::try_data`] says why. Sets of words that
//! newer runtimes may extend (`mode`, `status`, …) are strings, with those known in the field's documentation.
//!
//! Source: the runtime's schemas of 1.0.57 and 1.0.85 and what 1.0.57, 1.0.85 and 1.0.102 send.

mod assistant;
mod catalog;
mod codriver;
mod compaction;
mod context;
mod hook;
mod mcp;
mod permission;
mod session;
mod settings;
mod shutdown;
mod subagent;
mod system;
#[cfg(test)]
mod tests;
mod tool;
mod ui;
mod usage;
mod user;
mod workspace;

pub use assistant::*;
pub use catalog::*;
pub use codriver::*;
pub use compaction::*;
pub use context::*;
pub use hook::*;
pub use mcp::*;
pub use permission::*;
pub use session::*;
pub use settings::*;
pub use shutdown::*;
pub use subagent::*;
pub use system::*;
pub use tool::*;
pub use ui::*;
pub use usage::*;
pub use user::*;
pub use workspace::*;

use super::event::{EventsLost, SessionEvent};

macro_rules! events {
    ($($type:literal => $variant:ident($data:ty),)*) => {
        /// The data of an event, by its type. Large ones are boxed.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum EventData {
            $(#[doc = concat!("Of `", $type, "`.")] $variant($data),)*
            /// Of any other type, or of a known one that did not decode ([`SessionEvent::try_data`]): see
            /// [`SessionEvent::data_json`].
            Other,
        }

        impl EventData {
            /// The event types that have a variant.
            pub const TYPES: &'static [&'static str] = &[$($type,)*];

            fn decode(event_type: &str, json: &str) -> Result<Self, serde_json::Error> {
                match event_type {
                    $($type => serde_json::from_str(json).map(EventData::$variant),)*
                    _ => Ok(EventData::Other),
                }
            }
        }
    };
}

events! {
    "assistant.turn_start" => AssistantTurnStart(AssistantTurnStart),
    "assistant.turn_retry" => AssistantTurnRetry(AssistantTurnRetry),
    "assistant.turn_end" => AssistantTurnEnd(AssistantTurnEnd),
    "assistant.idle" => AssistantIdle(AssistantIdle),
    "assistant.intent" => AssistantIntent(AssistantIntent),
    "assistant.message_start" => AssistantMessageStart(AssistantMessageStart),
    "assistant.message_delta" => AssistantMessageDelta(AssistantMessageDelta),
    "assistant.message" => AssistantMessage(Box<AssistantMessage>),
    "assistant.reasoning" => AssistantReasoning(AssistantReasoning),
    "assistant.reasoning_delta" => AssistantReasoningDelta(AssistantReasoningDelta),
    "assistant.streaming_delta" => AssistantStreamingDelta(AssistantStreamingDelta),
    "assistant.tool_call_delta" => AssistantToolCallDelta(AssistantToolCallDelta),
    "assistant.server_tool_progress" => AssistantServerToolProgress(AssistantServerToolProgress),
    "assistant.usage" => AssistantUsage(Box<AssistantUsage>),
    "user.message" => UserMessage(Box<UserMessage>),
    "pending_messages.modified" => PendingMessagesModified(PendingMessagesModified),
    "abort" => Abort(Abort),
    "tool.user_requested" => ToolUserRequested(ToolUserRequested),
    "tool.execution_start" => ToolExecutionStart(Box<ToolExecutionStart>),
    "tool.execution_partial_result" => ToolExecutionPartialResult(ToolExecutionPartialResult),
    "tool.execution_progress" => ToolExecutionProgress(ToolExecutionProgress),
    "tool.shell_output" => ToolShellOutput(ToolShellOutput),
    "tool.execution_complete" => ToolExecutionComplete(Box<ToolExecutionComplete>),
    "external_tool.requested" => ExternalToolRequested(Box<ExternalToolRequested>),
    "external_tool.completed" => ExternalToolCompleted(ExternalToolCompleted),
    "permission.requested" => PermissionRequested(Box<PermissionRequested>),
    "permission.completed" => PermissionCompleted(Box<PermissionCompleted>),
    "system.message" => SystemMessage(SystemMessage),
    "system.notification" => SystemNotification(Box<SystemNotification>),
    "hook.start" => HookStart(HookStart),
    "hook.end" => HookEnd(Box<HookEnd>),
    "hook.progress" => HookProgress(HookProgress),
    "subagent.started" => SubagentStarted(Box<SubagentStarted>),
    "subagent.configured" => SubagentConfigured(SubagentConfigured),
    "subagent.completed" => SubagentCompleted(SubagentCompleted),
    "subagent.failed" => SubagentFailed(Box<SubagentFailed>),
    "subagent.selected" => SubagentSelected(SubagentSelected),
    "subagent.deselected" => SubagentDeselected(SubagentDeselected),
    "skill.invoked" => SkillInvoked(Box<SkillInvoked>),
    "user_input.requested" => UserInputRequested(UserInputRequested),
    "user_input.completed" => UserInputCompleted(UserInputCompleted),
    "elicitation.requested" => ElicitationRequested(Box<ElicitationRequested>),
    "elicitation.completed" => ElicitationCompleted(ElicitationCompleted),
    "command.queued" => CommandQueued(CommandQueued),
    "command.execute" => CommandExecute(CommandExecute),
    "command.completed" => CommandCompleted(CommandCompleted),
    "commands.changed" => CommandsChanged(CommandsChanged),
    "exit_plan_mode.requested" => ExitPlanModeRequested(ExitPlanModeRequested),
    "exit_plan_mode.completed" => ExitPlanModeCompleted(ExitPlanModeCompleted),
    "auto_mode_switch.requested" => AutoModeSwitchRequested(AutoModeSwitchRequested),
    "auto_mode_switch.completed" => AutoModeSwitchCompleted(AutoModeSwitchCompleted),
    "sampling.requested" => SamplingRequested(SamplingRequested),
    "sampling.completed" => SamplingCompleted(SamplingCompleted),
    "session_limits_exhausted.requested" => SessionLimitsExhaustedRequested(SessionLimitsExhaustedRequested),
    "session_limits_exhausted.completed" => SessionLimitsExhaustedCompleted(SessionLimitsExhaustedCompleted),
    "capabilities.changed" => CapabilitiesChanged(CapabilitiesChanged),
    "mcp.oauth_required" => McpOauthRequired(Box<McpOauthRequired>),
    "mcp.oauth_completed" => McpOauthCompleted(McpOauthCompleted),
    "mcp.headers_refresh_required" => McpHeadersRefreshRequired(McpHeadersRefreshRequired),
    "mcp.headers_refresh_completed" => McpHeadersRefreshCompleted(McpHeadersRefreshCompleted),
    "session.start" => SessionStart(Box<SessionStart>),
    "session.resume" => SessionResume(Box<SessionResume>),
    "session.remote_steerable_changed" => SessionRemoteSteerableChanged(SessionRemoteSteerableChanged),
    "session.idle" => SessionIdle(SessionIdle),
    "session.error" => SessionError(Box<SessionError>),
    "session.info" => SessionInfo(SessionInfo),
    "session.warning" => SessionWarning(SessionWarning),
    "session.title_changed" => SessionTitleChanged(SessionTitleChanged),
    "session.handoff" => SessionHandoff(Box<SessionHandoff>),
    "session.task_complete" => SessionTaskComplete(SessionTaskComplete),
    "session.completion_receipt" => SessionCompletionReceipt(SessionCompletionReceipt),
    "session.custom_notification" => SessionCustomNotification(Box<SessionCustomNotification>),
    "session.shutdown" => SessionShutdown(Box<SessionShutdown>),
    "session.usage_info" => SessionUsageInfo(SessionUsageInfo),
    "session.usage_checkpoint" => SessionUsageCheckpoint(SessionUsageCheckpoint),
    "session.context_changed" => SessionContextChanged(Box<SessionContextChanged>),
    "session.context_cleared" => SessionContextCleared(SessionContextCleared),
    "session.truncation" => SessionTruncation(SessionTruncation),
    "session.snapshot_rewind" => SessionSnapshotRewind(SessionSnapshotRewind),
    "session.compaction_start" => SessionCompactionStart(SessionCompactionStart),
    "session.compaction_complete" => SessionCompactionComplete(Box<SessionCompactionComplete>),
    "session.model_change" => SessionModelChange(SessionModelChange),
    "session.mode_changed" => SessionModeChanged(SessionModeChanged),
    "session.mode_notice_delivered" => SessionModeNoticeDelivered(SessionModeNoticeDelivered),
    "session.auto_mode_resolved" => SessionAutoModeResolved(SessionAutoModeResolved),
    "session.auto_tier_recommendation" => SessionAutoTierRecommendation(SessionAutoTierRecommendation),
    "session.auto_tier_switch_failed" => SessionAutoTierSwitchFailed(SessionAutoTierSwitchFailed),
    "session.session_limits_changed" => SessionLimitsChanged(SessionLimitsChanged),
    "session.permissions_changed" => SessionPermissionsChanged(SessionPermissionsChanged),
    "session.managed_settings_resolved" => SessionManagedSettingsResolved(SessionManagedSettingsResolved),
    "session.managed_settings_enforced" => SessionManagedSettingsEnforced(SessionManagedSettingsEnforced),
    "session.plan_changed" => SessionPlanChanged(SessionPlanChanged),
    "session.todos_changed" => SessionTodosChanged(SessionTodosChanged),
    "session.memory_changed" => SessionMemoryChanged(SessionMemoryChanged),
    "session.background_tasks_changed" => SessionBackgroundTasksChanged(SessionBackgroundTasksChanged),
    "session.workspace_file_changed" => SessionWorkspaceFileChanged(SessionWorkspaceFileChanged),
    "session.binary_asset" => SessionBinaryAsset(SessionBinaryAsset),
    "session.extensions.attachments_pushed" => SessionAttachmentsPushed(SessionAttachmentsPushed),
    "session.schedule_created" => SessionScheduleCreated(Box<SessionScheduleCreated>),
    "session.schedule_cancelled" => SessionScheduleCancelled(SessionScheduleCancelled),
    "session.schedule_rearmed" => SessionScheduleRearmed(SessionScheduleRearmed),
    "session.autopilot_objective_changed" => SessionAutopilotObjectiveChanged(SessionAutopilotObjectiveChanged),
    "session.tools_updated" => SessionToolsUpdated(SessionToolsUpdated),
    "session.skills_loaded" => SessionSkillsLoaded(SessionSkillsLoaded),
    "session.custom_agents_updated" => SessionCustomAgentsUpdated(SessionCustomAgentsUpdated),
    "session.extensions_loaded" => SessionExtensionsLoaded(SessionExtensionsLoaded),
    "session.mcp_servers_loaded" => SessionMcpServersLoaded(SessionMcpServersLoaded),
    "session.mcp_server_status_changed" => SessionMcpServerStatusChanged(SessionMcpServerStatusChanged),
    "session.mcp_server_removed" => SessionMcpServerRemoved(SessionMcpServerRemoved),
    "session.mcp_server_needs_reconnect" => SessionMcpServerNeedsReconnect(SessionMcpServerNeedsReconnect),
    "codriver.events_lost" => EventsLost(EventsLost),
    "codriver.session_repaired" => SessionRepaired(SessionRepaired),
}

impl SessionEvent {
    /// The data of this event, decoded now. [`EventData::Other`] where the type is not known or the data is not what
    /// its type promises; the JSON is in [`SessionEvent::data_json`] either way.
    pub fn data(&self) -> EventData {
        self.try_data().unwrap_or(EventData::Other)
    }

    /// As [`SessionEvent::data`], with the error where the data of a known type does not decode.
    pub fn try_data(&self) -> Result<EventData, serde_json::Error> {
        let json = self.data_json();
        EventData::decode(self.event_type(), if json == "null" { "{}" } else { json })
    }
}
