//! What is on the wire: method names, versions, requests and their answers, events.

pub mod event;
pub mod hooks;
pub mod methods;
pub mod requests;
