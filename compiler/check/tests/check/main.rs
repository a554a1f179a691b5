//! What is found wrong, what is not, and what is mended.

#[macro_use]
mod say;

mod conditions;
mod ends;
mod fixes;
mod fixes_of_pages;
mod live;
mod messages;
mod mistakes;
mod narrowing;
mod overlap;
mod pages;
mod projects;
mod real;
mod robust;
mod typed;
