//! The CRM against a product in memory, over real HTTP.

mod control;
mod fake;
mod following;
mod properties;
mod pushing;
mod world;
