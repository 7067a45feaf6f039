//! What a session runs with: model, mode, limits, permissions, policy.

use serde_json::Value;

use super::session::SessionLimits;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.model_change`: it has another model, or the same with other settings.
    pub struct SessionModelChange {
        /// The model before.
        pub previous_model: Option<String>,
        /// The model now.
        pub new_model: String,
        /// Effort of reasoning before.
        pub previous_reasoning_effort: Option<String>,
        /// Effort of reasoning now.
        pub reasoning_effort: Option<String>,
        /// Tier of the context window now.
        pub context_tier: Option<String>,
        /// Why, where the user did not ask for it, e.g. `rate_limit_auto_switch`.
        pub cause: Option<String>,
        /// Who asked for it: `sdk`, `model_picker`, `managed_settings`, `automatic`, …
        pub source: Option<String>,
    }

    /// `session.mode_changed`: the agent works in another mode: `interactive`, `plan`, `autopilot`.
    pub struct SessionModeChanged {
        /// The mode before.
        pub previous_mode: String,
        /// The mode now.
        pub new_mode: String,
    }

    /// `session.mode_notice_delivered`: the model was told of another mode.
    pub struct SessionModeNoticeDelivered {
        /// The mode.
        pub mode: String,
        /// The words, where told within a turn.
        pub content: Option<String>,
    }

    /// `session.auto_mode_resolved`: auto mode has picked a model.
    pub struct SessionAutoModeResolved {
        /// The model.
        pub chosen_model: String,
        /// How hard the request looks: `low`, `medium`, `high`.
        pub reasoning_bucket: Option<String>,
        /// The models it could pick from, best first.
        pub candidate_models: Vec<String>,
        /// Whether it fell back to the usual choice.
        pub fallback: Option<bool>,
        /// Why it fell back.
        pub fallback_reason: Option<String>,
    }

    /// `session.auto_tier_recommendation`: auto mode suggests another preference.
    pub struct SessionAutoTierRecommendation {
        /// `efficiency`, `balance`, `intelligence`.
        pub recommended_auto_tier: String,
    }

    /// `session.auto_tier_switch_failed`: auto mode could not take another preference.
    pub struct SessionAutoTierSwitchFailed {
        /// The one that stays.
        pub effective_auto_tier: Option<String>,
        /// The one that was asked for; `None` for the provider's own.
        pub requested_auto_tier: Option<String>,
        /// `policy_rejected`, `request_failed`, `setup_failed`, `unsupported`.
        pub reason: String,
    }

    /// `session.session_limits_changed`: it may use more or less.
    pub struct SessionLimitsChanged {
        /// The limits now; `None` for no limits.
        pub session_limits: Option<SessionLimits>,
    }

    /// `session.permissions_changed`: permissions are handled in another way.
    pub struct SessionPermissionsChanged {
        /// The mode before: `manual`, `assisted`, `allow-all`. `None` on 1.0.57.
        pub previous_mode: Option<String>,
        /// The mode now.
        pub mode: Option<String>,
        /// Whether all was allowed before; only on 1.0.57.
        pub previous_allow_all_permissions: Option<bool>,
        /// Whether all is allowed now; only on 1.0.57.
        pub allow_all_permissions: Option<bool>,
    }

    /// `session.managed_settings_resolved`: what an organisation's policy fixes.
    pub struct SessionManagedSettingsResolved {
        /// Where it comes from: `server`, `device`, `client`, `policyHelper`, `mixed`, `none`.
        pub source: String,
        /// Whether the account's organisation has a say.
        pub server_managed: bool,
        /// Whether the machine's management has a say.
        pub device_managed: bool,
        /// Whether the policy could not be read and the strictest holds.
        pub fail_closed: bool,
        /// Whether allowing everything is forbidden.
        pub bypass_permissions_disabled: bool,
        /// The settings it fixes.
        pub managed_keys: Vec<String>,
        /// Their values, as sent.
        pub settings: Option<Value>,
    }

    /// `session.managed_settings_enforced`: policy has kept something from happening.
    pub struct SessionManagedSettingsEnforced {
        /// What: `bypass_permissions_blocked`, …
        pub action: String,
        /// Which right was asked for: `allow_all`, `unrestricted_paths`, …
        pub escalation: Option<String>,
        /// The setting that forbids it.
        pub setting: String,
        /// Whether only because the policy could not be read.
        pub fail_closed: bool,
        /// For people.
        pub message: String,
    }
}
