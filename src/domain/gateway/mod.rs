//! How much is given to a gateway: nothing while it is in trouble, no more than its rate, and less when others do better.

pub mod breaker;
pub mod bucket;
pub mod figures;
pub mod weight;
