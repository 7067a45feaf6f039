//! The models of the account: `models.list`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::tolerant::tolerant;

tolerant! {
    /// A model that the account can use.
    #[derive(Serialize)]
    pub struct ModelInfo {
        /// What to give as `model`, e.g. `claude-sonnet-4.5`.
        pub id: String,
        /// Its name for people.
        pub name: String,
        /// What it can do, and how much of it.
        pub capabilities: ModelCapabilities,
        /// Whether policy allows it; `None` where there is no policy.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub policy: Option<ModelPolicy>,
        /// What it costs.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub billing: Option<ModelBilling>,
        /// What to give as `reasoningEffort`; empty where it does not reason.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub supported_reasoning_efforts: Vec<String>,
        /// The one it has by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub default_reasoning_effort: Option<String>,
        /// What to give as `contextTier`, where it has tiers.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub supported_context_tiers: Vec<String>,
        /// `lightweight`, `versatile`, `powerful`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub model_picker_category: Option<String>,
        /// `low`, `medium`, `high`, `very_high`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub model_picker_price_category: Option<String>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// What a model can do, and how much of it.
    #[derive(Serialize)]
    pub struct ModelCapabilities {
        /// What it can do.
        pub supports: ModelSupports,
        /// How much of it.
        pub limits: ModelLimits,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// What a model can do.
    #[derive(Serialize)]
    pub struct ModelSupports {
        /// Whether it takes images.
        pub vision: bool,
        /// Whether its effort of reasoning can be set.
        pub reasoning_effort: bool,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// How much a model takes and gives, in tokens. These names are `snake_case` on the wire.
    #[derive(Serialize)]
    pub struct ModelLimits {
        /// The longest prompt.
        #[serde(rename = "max_prompt_tokens", skip_serializing_if = "Option::is_none")]
        pub max_prompt_tokens: Option<u64>,
        /// The longest answer.
        #[serde(rename = "max_output_tokens", skip_serializing_if = "Option::is_none")]
        pub max_output_tokens: Option<u64>,
        /// The whole window.
        #[serde(rename = "max_context_window_tokens", skip_serializing_if = "Option::is_none")]
        pub max_context_window_tokens: Option<u64>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// Whether policy allows a model.
    #[derive(Serialize)]
    pub struct ModelPolicy {
        /// `enabled`, `disabled`, `unconfigured`.
        pub state: String,
        /// What to agree to.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub terms: Option<String>,
    }

    /// What a model costs.
    #[derive(Serialize)]
    pub struct ModelBilling {
        /// Premium requests a request counts for.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub multiplier: Option<f64>,
        /// Prices of tokens as sent, in AI credits a batch of `batchSize` tokens.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub token_prices: BTreeMap<String, Value>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_model_is_read_with_its_mixed_naming_and_comes_back_with_what_is_unknown() {
        let wire = json!({"id": "m-1", "name": "M 1",
            "capabilities": {
                "supports": {"vision": true, "reasoningEffort": false, "adaptive_thinking": "optional"},
                "limits": {"max_prompt_tokens": 100, "max_context_window_tokens": 128, "vision": {"max_images": 1}}},
            "policy": {"state": "enabled"}, "billing": {"multiplier": 0.33, "tokenPrices": {"inputPrice": 1}},
            "supportedReasoningEfforts": ["low"], "warningText": {"dataRetention": "30 d"}});
        let model: ModelInfo = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(model.capabilities.limits.max_prompt_tokens, Some(100));
        assert_eq!(model.billing.as_ref().unwrap().multiplier, Some(0.33));
        assert_eq!(model.extra["warningText"]["dataRetention"], "30 d");
        assert_eq!(serde_json::to_value(&model).unwrap(), wire);
    }

    #[test]
    fn a_model_with_nothing_but_its_id_is_read() {
        let model: ModelInfo = serde_json::from_value(json!({"id": "m", "capabilities": null})).unwrap();
        assert_eq!((model.id.as_str(), model.capabilities), ("m", ModelCapabilities::default()));
    }
}
