//! What is on the wire: method names, versions, requests and their answers, events.

pub mod capabilities;
pub mod event;
pub mod event_data;
pub mod hooks;
pub mod lifecycle;
pub mod methods;
pub mod model_info;
pub mod requests;
pub mod results;
pub(crate) mod tolerant;
