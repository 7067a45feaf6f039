//! The recorded requests of `tests/vectors/requests`: `{case: {runtime version: params or event data}}`.

use std::collections::BTreeMap;

use serde_json::Value;

macro_rules! vectors {
    ($($noun:ident),* $(,)?) => {$(
        pub(crate) fn $noun() -> Vectors {
            Vectors::parse(include_str!(concat!("../../../../tests/vectors/requests/", stringify!($noun), ".json")))
        }
    )*};
}

vectors!(
    command,
    elicitation,
    exit_plan_mode,
    hooks,
    mcp_auth,
    permission,
    provider_token,
    sampling,
    tool,
    user_input
);

pub(crate) struct Vectors(BTreeMap<String, BTreeMap<String, Value>>);

impl Vectors {
    fn parse(text: &str) -> Self {
        Vectors(serde_json::from_str(text).unwrap())
    }

    /// What runtime `version` sent in `case`.
    pub(crate) fn get(&self, case: &str, version: &str) -> Value {
        self.0[case][version].clone()
    }

    /// Every case and version.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.0
            .iter()
            .flat_map(|(case, by)| by.iter().map(move |(v, value)| (case.as_str(), v.as_str(), value)))
    }

    /// Reads every recording as `T` and writes it again: nothing may be lost.
    pub(crate) fn survive<T: serde::de::DeserializeOwned + serde::Serialize>(&self) {
        for (case, version, value) in self.all() {
            let read: T = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(&serde_json::to_value(&read).unwrap(), value, "{case} of {version}");
        }
    }
}
