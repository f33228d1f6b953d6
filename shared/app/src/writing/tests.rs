//! The writer against the simulator, and its mapping by itself.

mod contacts;
mod documents;
mod faults;
mod mapping;
mod products;
mod world;
