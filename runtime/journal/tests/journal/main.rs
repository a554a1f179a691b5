//! What a store keeps, and what it says of damage.

mod common;
mod every_damage;
mod flips;
mod store;
mod suite;
mod torn;
