//! The filesystem of a session.
