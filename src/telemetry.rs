//! Log lines and figures.
