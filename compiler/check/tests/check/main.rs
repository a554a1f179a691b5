//! What is found wrong, what is not, and what is mended.

#[macro_use]
mod say;

mod conditions;
mod ends;
mod fixes;
mod fixes_of_pages;
mod live;
mod mistakes;
mod narrowing;
mod overlap;
mod pages;
mod projects;
mod real;
mod robust;
mod said_of_broken;
mod said_of_labels;
mod said_of_options;
mod said_of_persons;
mod said_of_playbooks;
mod said_of_sources;
mod said_of_values;
mod typed;
