//! What a construct means: on both engines, line by line, and replayed; the standard library, and the events of vendors.

mod both;
mod cel;
mod config;
mod corpus;
mod engines;
mod enums;
mod expectations;
mod failures;
mod formatting;
mod fuzz;
mod labels;
mod passes;
mod procedures;
mod ranges;
mod regex_data;
mod stdlib;
mod stdlib_functions;
mod tables;
mod types;
mod vendors;
