//! Ready-made stores.
