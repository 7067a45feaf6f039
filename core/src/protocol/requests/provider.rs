//! A model provider needs a bearer token.

use serde_json::{Map, Value};

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// Asks for the bearer token of a provider with `hasBearerTokenProvider` (request `providerToken.getToken`), before
    /// each request to the model: the runtime keeps none. 1.0.57 never asks.
    #[derive(serde::Serialize)]
    pub struct ProviderTokenRequest {
        /// The session.
        pub session_id: String,
        /// The provider; `default` where the session has only one.
        pub provider_name: String,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtime_asked_survives_whole() {
        vectors::provider_token().survive::<ProviderTokenRequest>();
    }
}
