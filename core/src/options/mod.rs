//! Client and session options.
