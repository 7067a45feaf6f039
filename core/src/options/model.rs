//! What the runtime should believe of a model.

use super::choice::choices;
use super::record::record;

choices! {
    /// How a model's reasoning is summarised.
    pub enum ReasoningSummary {
        /// Not at all.
        None = "none",
        /// In short.
        Concise = "concise",
        /// At length.
        Detailed = "detailed",
    }
    /// The context window of models that have two prices.
    pub enum ContextTier {
        /// The smaller one.
        Default = "default",
        /// The larger one.
        LongContext = "long_context",
    }
    /// What the model `auto` should be chosen for.
    pub enum AutoTier {
        /// Low cost.
        Efficiency = "efficiency",
        /// The middle.
        Balance = "balance",
        /// Good answers.
        Intelligence = "intelligence",
        /// Quick answers.
        Fast = "fast",
    }
}

record! {
    /// Overrides of what the runtime knows of a model (wire: `modelCapabilities`), merged deeply over it.
    pub struct ModelCapabilities {
        /// What the model can.
        is supports: ModelSupports;
        /// How much it takes and gives.
        is limits: ModelLimits;
    }

    /// What a model can (wire: `modelCapabilities.supports`).
    pub struct ModelSupports {
        /// Whether it sees images.
        is vision: bool;
        /// Whether its reasoning effort can be set.
        is reasoning_effort: bool;
    }

    /// How much a model takes and gives (wire: `modelCapabilities.limits`; these names are snake_case there).
    pub struct ModelLimits {
        /// Most tokens in a prompt.
        #[serde(rename = "max_prompt_tokens")]
        is max_prompt_tokens: u64;
        /// Most tokens in an answer.
        #[serde(rename = "max_output_tokens")]
        is max_output_tokens: u64;
        /// Most tokens in prompt and answer together.
        #[serde(rename = "max_context_window_tokens")]
        is max_context_window_tokens: u64;
        /// Limits of images.
        is vision: VisionLimits;
    }

    /// Limits of images (wire: `modelCapabilities.limits.vision`; these names are snake_case there).
    pub struct VisionLimits {
        /// MIME types the model takes.
        #[serde(rename = "supported_media_types")]
        list supported_media_types: String;
        /// Most images in a prompt.
        #[serde(rename = "max_prompt_images")]
        is max_prompt_images: u64;
        /// Most bytes of an image.
        #[serde(rename = "max_prompt_image_size")]
        is max_prompt_image_size: u64;
    }

    /// Options of the built-in Copilot provider (wire: `capi`).
    pub struct CapiOptions {
        /// What the model `auto` should be chosen for.
        into auto_tier: AutoTier;
        /// Whether responses may come over a WebSocket; default: where the model offers it.
        is enable_web_socket_responses: bool;
    }
}
